import { checkBoolean } from 'netns-core/checks';
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
import { keepUnknown } from '../../message/unknown-attribute.js';
import {
  TCA_BPF_ACT,
  TCA_BPF_CLASSID,
  TCA_BPF_FD,
  TCA_BPF_FLAG_ACT_DIRECT,
  TCA_BPF_FLAGS,
  TCA_BPF_FLAGS_GEN,
  TCA_BPF_ID,
  TCA_BPF_NAME,
  TCA_BPF_OPS,
  TCA_BPF_OPS_LEN,
  TCA_BPF_TAG,
} from '../../uapi/pkt-cls.js';
import { type FilterKind, readShared, writeClassid, writeFilterActions, writeFilterFlags } from './kind.js';

/**
 * A filter that is a BPF program; tc-bpf(8). It returns 0 for a packet that does not match, -1 for one that does, and any other
 * number for a class. A program of eBPF is of the type `BPF_PROG_TYPE_SCHED_CLS`.
 */
export interface BpfFilterAttributes extends BpfAttachment {
  /** Whether what the program returns is what happens with the packet (`TC_ACT_…`), without actions. */
  readonly directAction?: boolean;
}

const SHARED = { classid: TCA_BPF_CLASSID, actions: TCA_BPF_ACT, flags: TCA_BPF_FLAGS_GEN };
const ATTRIBUTES = {
  opsLength: TCA_BPF_OPS_LEN,
  ops: TCA_BPF_OPS,
  fd: TCA_BPF_FD,
  name: TCA_BPF_NAME,
  tag: TCA_BPF_TAG,
  id: TCA_BPF_ID,
};

export const bpf: FilterKind<BpfFilterAttributes> = {
  kernelName: 'bpf',
  properties: propertiesOf<BpfFilterAttributes>(
    { ...BPF_PROPERTIES, directAction: 'set' },
    { ...BPF_SYNONYMS, direct_action: 'directAction', da: 'directAction' },
  ),
  shared: SHARED,
  program: attachedProgram,
  check(filter) {
    checkBpfAttachment('a bpf filter', filter);
    checkBoolean('directAction', filter.directAction);
  },
  write(writer, filter, found) {
    writeClassid(writer, SHARED, filter);
    writeFilterActions(writer, SHARED, filter, found);
    // tc loads a program when it has read everything else.
    writeBpfAttachment(writer, ATTRIBUTES, filter, (program) => found.fd(program));
    writeFilterFlags(writer, SHARED, filter);
    if (filter.directAction === true) writer.u32(TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
  },
  read(options, filter) {
    while (options.next()) {
      if (readShared(options, SHARED, filter) || takeBpfAttachment(options, ATTRIBUTES, filter)) continue;
      if (options.type !== TCA_BPF_FLAGS) keepUnknown(options, filter);
      else if ((options.u32() & TCA_BPF_FLAG_ACT_DIRECT) !== 0) filter.directAction = true;
    }
  },
};
