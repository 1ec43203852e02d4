import { bool32, u8, u32 } from '../../message/fields.js';
import {
  TCA_FQ_CODEL_CE_THRESHOLD,
  TCA_FQ_CODEL_CE_THRESHOLD_MASK,
  TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR,
  TCA_FQ_CODEL_DROP_BATCH_SIZE,
  TCA_FQ_CODEL_ECN,
  TCA_FQ_CODEL_FLOWS,
  TCA_FQ_CODEL_INTERVAL,
  TCA_FQ_CODEL_LIMIT,
  TCA_FQ_CODEL_MEMORY_LIMIT,
  TCA_FQ_CODEL_QUANTUM,
  TCA_FQ_CODEL_TARGET,
} from '../../uapi/pkt-sched.js';
import { consecutive, qdiscOfFields } from './kind.js';
import { codelMilliseconds, codelThreshold } from './time-fields.js';

/** Controlled delay for each of many flows; tc-fq_codel(8). */
export interface FqCodelAttributes {
  /** Packets. */
  readonly limit?: number;
  /** Number of flows; only when it is made. */
  readonly flows?: number;
  /** Bytes that a flow may send when it is its turn. */
  readonly quantum?: number;
  /** How long the delay must last, ms. */
  readonly interval?: number;
  /** Delay that is accepted, ms. */
  readonly target?: number;
  readonly ecn?: boolean;
  /** Delay from which packets are marked, ms. */
  readonly ceThreshold?: number;
  /** What `ceThreshold` is for: packets whose DS field has these bits. */
  readonly ceThresholdSelector?: number;
  /** The bits of the DS field that are compared. */
  readonly ceThresholdMask?: number;
  /** Bytes. */
  readonly memoryLimit?: number;
  readonly dropBatch?: number;
}

/** Counters of an fq_codel; `struct tc_fq_codel_qd_stats`. */
export interface FqCodelStatistics {
  /** The longest packet, bytes. */
  readonly maxPacket: number;
  /** Dropped because the queue was full. */
  readonly dropOverlimit: number;
  readonly ecnMark: number;
  readonly newFlowCount: number;
  /** Flows in the list of new ones, and in that of old ones. */
  readonly newFlowsLength: number;
  readonly oldFlowsLength: number;
  /** Marked because of `ceThreshold`. */
  readonly ceMark: number;
  /** Bytes. */
  readonly memoryUsage: number;
  /** Dropped because the memory was used up. */
  readonly dropOvermemory: number;
}

export const fqCodel = qdiscOfFields<FqCodelAttributes>(
  'fq_codel',
  {
    limit: u32(TCA_FQ_CODEL_LIMIT),
    flows: u32(TCA_FQ_CODEL_FLOWS),
    quantum: u32(TCA_FQ_CODEL_QUANTUM),
    interval: codelMilliseconds(TCA_FQ_CODEL_INTERVAL),
    target: codelMilliseconds(TCA_FQ_CODEL_TARGET),
    ecn: bool32(TCA_FQ_CODEL_ECN),
    ceThreshold: codelThreshold(TCA_FQ_CODEL_CE_THRESHOLD),
    ceThresholdSelector: u8(TCA_FQ_CODEL_CE_THRESHOLD_SELECTOR),
    ceThresholdMask: u8(TCA_FQ_CODEL_CE_THRESHOLD_MASK),
    memoryLimit: u32(TCA_FQ_CODEL_MEMORY_LIMIT),
    dropBatch: u32(TCA_FQ_CODEL_DROP_BATCH_SIZE),
  },
  { memory_limit: 'memoryLimit', ce_threshold: 'ceThreshold', drop_batch: 'dropBatch' },
  {
    // Behind a number that says whether they are of the queueing discipline or of a class.
    readStatistics: (counters): FqCodelStatistics =>
      consecutive(counters, 4, [
        'maxPacket',
        'dropOverlimit',
        'ecnMark',
        'newFlowCount',
        'newFlowsLength',
        'oldFlowsLength',
        'ceMark',
        'memoryUsage',
        'dropOvermemory',
      ]),
  },
);
