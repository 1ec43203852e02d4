import { u32 } from '../../message/fields.js';
import {
  TCA_HHF_ADMIT_BYTES,
  TCA_HHF_BACKLOG_LIMIT,
  TCA_HHF_EVICT_TIMEOUT,
  TCA_HHF_HH_FLOWS_LIMIT,
  TCA_HHF_NON_HH_WEIGHT,
  TCA_HHF_QUANTUM,
  TCA_HHF_RESET_TIMEOUT,
} from '../../uapi/pkt-sched.js';
import { consecutive, qdiscOfFields } from './kind.js';
import { microseconds } from './time-fields.js';

/** Heavy-hitter filter: small flows go before those that send much; tc-hhf(8). */
export interface HhfAttributes {
  /** Packets. */
  readonly limit?: number;
  /** Bytes that a band may send when it is its turn. */
  readonly quantum?: number;
  /** Number of heavy hitters that are kept; only when it is made. */
  readonly heavyFlowsLimit?: number;
  /** How often the counters are reset, ms. */
  readonly resetTimeout?: number;
  /** Bytes after which a flow counts as heavy. */
  readonly admitBytes?: number;
  /** Silence after which a flow is no longer heavy, ms. */
  readonly evictTimeout?: number;
  /** Weight of the flows that are not heavy. */
  readonly lightWeight?: number;
}

/** Counters of an hhf; `struct tc_hhf_xstats`. */
export interface HhfStatistics {
  /** Dropped because the queue was full. */
  readonly dropOverlimit: number;
  /** How often there were more heavy hitters than are kept. */
  readonly heavyOverlimit: number;
  /** Heavy hitters so far, and now. */
  readonly heavyTotal: number;
  readonly heavyCurrent: number;
}

export const hhf = qdiscOfFields<HhfAttributes>(
  'hhf',
  {
    limit: u32(TCA_HHF_BACKLOG_LIMIT),
    quantum: u32(TCA_HHF_QUANTUM),
    heavyFlowsLimit: u32(TCA_HHF_HH_FLOWS_LIMIT),
    resetTimeout: microseconds(TCA_HHF_RESET_TIMEOUT),
    admitBytes: u32(TCA_HHF_ADMIT_BYTES),
    evictTimeout: microseconds(TCA_HHF_EVICT_TIMEOUT),
    lightWeight: u32(TCA_HHF_NON_HH_WEIGHT),
  },
  {
    hh_limit: 'heavyFlowsLimit',
    reset_timeout: 'resetTimeout',
    admit_bytes: 'admitBytes',
    evict_timeout: 'evictTimeout',
    non_hh_weight: 'lightWeight',
  },
  {
    readStatistics: (counters): HhfStatistics =>
      consecutive(counters, 0, ['dropOverlimit', 'heavyOverlimit', 'heavyTotal', 'heavyCurrent']),
  },
);
