import { bool32, u32 } from '../../message/fields.js';
import {
  TCA_FQ_PIE_ALPHA,
  TCA_FQ_PIE_BETA,
  TCA_FQ_PIE_BYTEMODE,
  TCA_FQ_PIE_DQ_RATE_ESTIMATOR,
  TCA_FQ_PIE_ECN,
  TCA_FQ_PIE_ECN_PROB,
  TCA_FQ_PIE_FLOWS,
  TCA_FQ_PIE_LIMIT,
  TCA_FQ_PIE_MEMORY_LIMIT,
  TCA_FQ_PIE_QUANTUM,
  TCA_FQ_PIE_TARGET,
  TCA_FQ_PIE_TUPDATE,
} from '../../uapi/pkt-sched.js';
import { consecutive, qdiscOfFields } from './kind.js';
import { MAX_WEIGHT, type PieAttributes } from './pie.js';
import { microseconds } from './time-fields.js';

/** The controller of pie for each of many flows; tc-fq_pie(8). */
export interface FqPieAttributes extends PieAttributes {
  /** Number of flows, from 1 to 65536; only when it is made. */
  readonly flows?: number;
  /** Bytes that a flow may send when it is its turn. */
  readonly quantum?: number;
  /** Bytes. */
  readonly memoryLimit?: number;
  /** Up to which probability of a drop packets are marked instead, per cent. */
  readonly ecnProbability?: number;
}

/** Counters of an fq_pie; `struct tc_fq_pie_xstats`. */
export interface FqPieStatistics {
  readonly packetsIn: number;
  /** Dropped by chance. */
  readonly dropped: number;
  /** Dropped because the queue was full. */
  readonly overlimit: number;
  /** Dropped because the memory was used up. */
  readonly overmemory: number;
  readonly ecnMark: number;
  readonly newFlowCount: number;
  /** Flows in the list of new ones, and in that of old ones. */
  readonly newFlowsLength: number;
  readonly oldFlowsLength: number;
  /** Bytes. */
  readonly memoryUsage: number;
}

export const fqPie = qdiscOfFields<FqPieAttributes>(
  'fq_pie',
  {
    limit: u32(TCA_FQ_PIE_LIMIT),
    flows: u32(TCA_FQ_PIE_FLOWS, 1, 0x10000),
    target: microseconds(TCA_FQ_PIE_TARGET),
    updateInterval: microseconds(TCA_FQ_PIE_TUPDATE),
    alpha: u32(TCA_FQ_PIE_ALPHA, 0, MAX_WEIGHT),
    beta: u32(TCA_FQ_PIE_BETA, 0, MAX_WEIGHT),
    quantum: u32(TCA_FQ_PIE_QUANTUM),
    memoryLimit: u32(TCA_FQ_PIE_MEMORY_LIMIT),
    ecnProbability: u32(TCA_FQ_PIE_ECN_PROB, 0, 100),
    ecn: bool32(TCA_FQ_PIE_ECN),
    byteMode: bool32(TCA_FQ_PIE_BYTEMODE),
    dequeueRateEstimator: bool32(TCA_FQ_PIE_DQ_RATE_ESTIMATOR),
  },
  {
    tupdate: 'updateInterval',
    memory_limit: 'memoryLimit',
    ecn_prob: 'ecnProbability',
    bytemode: 'byteMode',
    dq_rate_estimator: 'dequeueRateEstimator',
  },
  {
    marked: true,
    readStatistics: (counters): FqPieStatistics =>
      consecutive(counters, 0, [
        'packetsIn',
        'dropped',
        'overlimit',
        'overmemory',
        'ecnMark',
        'newFlowCount',
        'newFlowsLength',
        'oldFlowsLength',
        'memoryUsage',
      ]),
  },
);
