import { InvalidOptionError } from 'netns-core';
import { checkBoolean } from 'netns-core/checks';
import { propertiesOf } from '../../message/checks.js';
import { type Field, named, u16, u32 } from '../../message/fields.js';
import type { QdiscHandle } from '../../qdisc/handle.js';
import { formatHandle, parseHandle } from '../../qdisc/handle.js';
import {
  SKBEDIT_F_INHERITDSFIELD,
  TC_GEN_SIZE,
  TCA_SKBEDIT_FLAGS,
  TCA_SKBEDIT_MARK,
  TCA_SKBEDIT_MASK,
  TCA_SKBEDIT_PAD,
  TCA_SKBEDIT_PARMS,
  TCA_SKBEDIT_PRIORITY,
  TCA_SKBEDIT_PTYPE,
  TCA_SKBEDIT_QUEUE_MAPPING,
  TCA_SKBEDIT_TM,
} from '../../uapi/tc-act.js';
import { type ActionKind, structuredKind } from './kind.js';

/** Changes what goes with a packet inside the kernel; tc-skbedit(8). Its control is `'pipe'` if it is left out. */
export interface SkbeditAttributes {
  /** The firewall mark. */
  readonly mark?: number;
  /** Which bits of the mark it sets; all if left out. */
  readonly mask?: number;
  /** The priority: the class of a queueing discipline, `'1:10'`. */
  readonly priority?: QdiscHandle;
  /** The transmit queue. */
  readonly queueMapping?: number;
  /** What the kernel takes it for: `'host'` is for this host. */
  readonly packetType?: 'host' | 'broadcast' | 'multicast' | 'otherhost' | number;
  /** Whether the priority is made of the packet's DS field. */
  readonly inheritDsfield?: boolean;
}

const PACKET_TYPES = { host: 0, broadcast: 1, multicast: 2, otherhost: 3 } as const;

const handle = (attribute: number): Field<QdiscHandle> => ({
  attribute,
  read: (data) => formatHandle(data.u32()),
  check: (property, value) => void parseHandle(value as QdiscHandle, property),
  write: (writer, type, value) => void writer.u32(type, parseHandle(value)),
});

export const skbedit: ActionKind<SkbeditAttributes> = structuredKind<SkbeditAttributes>({
  kernelName: 'skbedit',
  parms: TCA_SKBEDIT_PARMS,
  size: TC_GEN_SIZE,
  tm: TCA_SKBEDIT_TM,
  pad: TCA_SKBEDIT_PAD,
  fields: {
    queueMapping: u16(TCA_SKBEDIT_QUEUE_MAPPING),
    priority: handle(TCA_SKBEDIT_PRIORITY),
    mark: u32(TCA_SKBEDIT_MARK),
    mask: u32(TCA_SKBEDIT_MASK),
    packetType: named(u16(TCA_SKBEDIT_PTYPE), PACKET_TYPES),
    inheritDsfield: {
      attribute: TCA_SKBEDIT_FLAGS,
      read: (data) => ((data.u64() & BigInt(SKBEDIT_F_INHERITDSFIELD)) === 0n ? undefined : true),
      check: checkBoolean,
      write: (writer, type, value) => {
        if (value) writer.u64(type, BigInt(SKBEDIT_F_INHERITDSFIELD));
      },
    },
  },
  properties: propertiesOf<SkbeditAttributes>(
    {
      mark: 'set',
      mask: 'set',
      priority: 'set',
      queueMapping: 'set',
      packetType: 'set',
      inheritDsfield: 'set',
    },
    { ptype: 'packetType', queue_mapping: 'queueMapping' },
  ),
  defaultControl: 'pipe',
  check({ mark, mask }) {
    if (mask !== undefined && mark === undefined)
      throw new InvalidOptionError('mask', 'mask says which bits of `mark` are set: the mark has to be there as well');
  },
});
