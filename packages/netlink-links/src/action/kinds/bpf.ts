import {
  attachedProgram,
  BPF_PROPERTIES,
  BPF_SYNONYMS,
  type BpfAttachment,
  checkBpfAttachment,
  takeBpfAttachment,
  writeBpfAttachment,
} from '../../bpf/attachment.js';
import { propertiesOf } from '../../message/checks.js';
import {
  TC_GEN_SIZE,
  TCA_ACT_BPF_FD,
  TCA_ACT_BPF_ID,
  TCA_ACT_BPF_NAME,
  TCA_ACT_BPF_OPS,
  TCA_ACT_BPF_OPS_LEN,
  TCA_ACT_BPF_PAD,
  TCA_ACT_BPF_PARMS,
  TCA_ACT_BPF_TAG,
  TCA_ACT_BPF_TM,
} from '../../uapi/tc-act.js';
import { type ActionKind, structuredKind } from './kind.js';

/**
 * Has a BPF program do something with the packet, and decide what comes next; tc-bpf(8). A program of eBPF is of the type
 * `BPF_PROG_TYPE_SCHED_ACT`. `control` is for where the program returns -1; `'pipe'` if it is left out.
 */
export interface BpfActionAttributes extends BpfAttachment {}

const ATTRIBUTES = {
  opsLength: TCA_ACT_BPF_OPS_LEN,
  ops: TCA_ACT_BPF_OPS,
  fd: TCA_ACT_BPF_FD,
  name: TCA_ACT_BPF_NAME,
  tag: TCA_ACT_BPF_TAG,
  id: TCA_ACT_BPF_ID,
};

export const bpf: ActionKind<BpfActionAttributes> = structuredKind<BpfActionAttributes>({
  kernelName: 'bpf',
  parms: TCA_ACT_BPF_PARMS,
  size: TC_GEN_SIZE,
  tm: TCA_ACT_BPF_TM,
  pad: TCA_ACT_BPF_PAD,
  parmsLast: true,
  properties: propertiesOf<BpfActionAttributes>(BPF_PROPERTIES, BPF_SYNONYMS),
  defaultControl: 'pipe',
  program: attachedProgram,
  check: (action) => checkBpfAttachment('a bpf action', action),
  more: (writer, action, found) => writeBpfAttachment(writer, ATTRIBUTES, action, (program) => found.fd(program)),
  takeMore: (attribute, action) => takeBpfAttachment(attribute, ATTRIBUTES, action),
});
