import { u32 } from '../../message/fields.js';
import { qdiscOfFields } from '../../qdisc/kinds/kind.js';
import { QFQ_MAX_LMAX, QFQ_MAX_WEIGHT, QFQ_MIN_LMAX, TCA_QFQ_LMAX, TCA_QFQ_WEIGHT } from '../../uapi/pkt-sched.js';
import type { ClassKind } from './kind.js';

/** A class of qfq; tc-qfq(8). */
export interface QfqClassAttributes {
  /** Its share, 1 to 1024; 1 if left out. */
  readonly weight?: number;
  /** The largest packet, bytes, 512 to 65536; the MTU of the link if left out. */
  readonly maxPacket?: number;
}

export const qfq: ClassKind<QfqClassAttributes> = qdiscOfFields(
  'qfq',
  { weight: u32(TCA_QFQ_WEIGHT, 1, QFQ_MAX_WEIGHT), maxPacket: u32(TCA_QFQ_LMAX, QFQ_MIN_LMAX, QFQ_MAX_LMAX) },
  { maxpkt: 'maxPacket', lmax: 'maxPacket' },
);
