import { bool32, u32 } from '../../message/fields.js';
import {
  TCA_PIE_ALPHA,
  TCA_PIE_BETA,
  TCA_PIE_BYTEMODE,
  TCA_PIE_DQ_RATE_ESTIMATOR,
  TCA_PIE_ECN,
  TCA_PIE_LIMIT,
  TCA_PIE_TARGET,
  TCA_PIE_TUPDATE,
} from '../../uapi/pkt-sched.js';
import { consecutive, qdiscOfFields } from './kind.js';
import { microseconds } from './time-fields.js';

/** Proportional integral controller: packets are dropped by chance so that the delay stays at a target; tc-pie(8). */
export interface PieAttributes {
  /** Packets. */
  readonly limit?: number;
  /** Delay that is aimed at, ms. */
  readonly target?: number;
  /** How often the probability of drops is calculated, ms. */
  readonly updateInterval?: number;
  /** Weight of the difference to the target, from 0 to 32. */
  readonly alpha?: number;
  /** Weight of the delay's trend, from 0 to 32. */
  readonly beta?: number;
  /** Mark packets that can be marked instead of dropping them. */
  readonly ecn?: boolean;
  /** Large packets are dropped more often than small ones. */
  readonly byteMode?: boolean;
  /** The delay is estimated from the rate at which packets leave, instead of being measured. */
  readonly dequeueRateEstimator?: boolean;
}

/** Counters of a pie; `struct tc_pie_xstats`. */
export interface PieStatistics {
  /** The probability that a packet is dropped, per cent. */
  readonly probability: number;
  /** Delay now, ms. */
  readonly delay: number;
  /** Average rate at which packets leave, bits per second; 0 unless it is estimated. */
  readonly averageDequeueRate: number;
  readonly packetsIn: number;
  /** Dropped by chance. */
  readonly dropped: number;
  /** Dropped because the queue was full. */
  readonly overlimit: number;
  /** The longest that the queue has been, packets. */
  readonly maxQueue: number;
  readonly ecnMark: number;
}

/** What the kernel has for the weights. */
export const MAX_WEIGHT = 32;
/** 64 bits of a probability: certainty. */
const CERTAIN = 2 ** 64;

export const pie = qdiscOfFields<PieAttributes>(
  'pie',
  {
    limit: u32(TCA_PIE_LIMIT),
    updateInterval: microseconds(TCA_PIE_TUPDATE),
    target: microseconds(TCA_PIE_TARGET),
    alpha: u32(TCA_PIE_ALPHA, 0, MAX_WEIGHT),
    beta: u32(TCA_PIE_BETA, 0, MAX_WEIGHT),
    ecn: bool32(TCA_PIE_ECN),
    byteMode: bool32(TCA_PIE_BYTEMODE),
    dequeueRateEstimator: bool32(TCA_PIE_DQ_RATE_ESTIMATOR),
  },
  { tupdate: 'updateInterval', bytemode: 'byteMode', dq_rate_estimator: 'dequeueRateEstimator' },
  {
    readStatistics: (counters): PieStatistics => ({
      probability: (Number(counters.u64At(0)) / CERTAIN) * 100,
      delay: counters.u32At(8) / 1000,
      // Without the estimator the kernel tells nothing of it, or what is left from before.
      averageDequeueRate: counters.u32At(16) === 0 ? 0 : counters.u32At(12) * 8,
      ...consecutive(counters, 20, ['packetsIn', 'dropped', 'overlimit', 'maxQueue', 'ecnMark']),
    }),
  },
);
