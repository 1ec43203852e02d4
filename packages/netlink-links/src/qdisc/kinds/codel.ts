import { bool32, u32 } from '../../message/fields.js';
import {
  TCA_CODEL_CE_THRESHOLD,
  TCA_CODEL_ECN,
  TCA_CODEL_INTERVAL,
  TCA_CODEL_LIMIT,
  TCA_CODEL_TARGET,
} from '../../uapi/pkt-sched.js';
import { consecutive, qdiscOfFields } from './kind.js';
import { codelMilliseconds, codelThreshold } from './time-fields.js';

/** Controlled delay; tc-codel(8). */
export interface CodelAttributes {
  /** Delay that is accepted, ms. */
  readonly target?: number;
  /** Packets. */
  readonly limit?: number;
  /** How long the delay must last, ms. */
  readonly interval?: number;
  readonly ecn?: boolean;
  /** Delay from which packets are marked, ms. */
  readonly ceThreshold?: number;
}

/** Counters of a codel; `struct tc_codel_xstats`. */
export interface CodelStatistics {
  /** The longest packet, bytes. */
  readonly maxPacket: number;
  /** Packets dropped since it began to drop, and as many the time before. */
  readonly count: number;
  readonly lastCount: number;
  /** Delay of the packet that went out last, ms. */
  readonly delay: number;
  /** Time until the next packet is dropped, ms; negative where it has passed. */
  readonly dropNext: number;
  /** Dropped because the queue was full. */
  readonly dropOverlimit: number;
  readonly ecnMark: number;
  /** Whether it drops packets now. */
  readonly dropping: boolean;
  /** Marked because of `ceThreshold`. */
  readonly ceMark: number;
}

export const codel = qdiscOfFields<CodelAttributes>(
  'codel',
  {
    limit: u32(TCA_CODEL_LIMIT),
    interval: codelMilliseconds(TCA_CODEL_INTERVAL),
    target: codelMilliseconds(TCA_CODEL_TARGET),
    ecn: bool32(TCA_CODEL_ECN),
    ceThreshold: codelThreshold(TCA_CODEL_CE_THRESHOLD),
  },
  { ce_threshold: 'ceThreshold' },
  {
    readStatistics: (counters): CodelStatistics => ({
      ...consecutive(counters, 0, ['maxPacket', 'count', 'lastCount']),
      delay: counters.u32At(12) / 1000,
      dropNext: (counters.u32At(16) | 0) / 1000,
      ...consecutive(counters, 20, ['dropOverlimit', 'ecnMark']),
      dropping: counters.u32At(28) !== 0,
      ceMark: counters.u32At(32),
    }),
  },
);
