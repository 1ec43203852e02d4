import { u32 } from '../../message/fields.js';
import { qdiscOfFields } from '../../qdisc/kinds/kind.js';
import { TCA_DRR_QUANTUM } from '../../uapi/pkt-sched.js';
import type { ClassKind } from './kind.js';

/** A class of drr; tc-drr(8). */
export interface DrrClassAttributes {
  /** Bytes that are sent before it is another class's turn; the MTU of the link if left out. */
  readonly quantum?: number;
}

export const drr: ClassKind<DrrClassAttributes> = qdiscOfFields('drr', { quantum: u32(TCA_DRR_QUANTUM, 1) }, {});
