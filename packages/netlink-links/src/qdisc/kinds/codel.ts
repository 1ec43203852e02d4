import { bool32, u32 } from '../../message/fields.js';
import {
  TCA_CODEL_CE_THRESHOLD,
  TCA_CODEL_ECN,
  TCA_CODEL_INTERVAL,
  TCA_CODEL_LIMIT,
  TCA_CODEL_TARGET,
} from '../../uapi/pkt-sched.js';
import { qdiscOfFields } from './kind.js';
import { microseconds, threshold } from './time-fields.js';

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

export const codel = qdiscOfFields<CodelAttributes>(
  'codel',
  {
    limit: u32(TCA_CODEL_LIMIT),
    interval: microseconds(TCA_CODEL_INTERVAL),
    target: microseconds(TCA_CODEL_TARGET),
    ecn: bool32(TCA_CODEL_ECN),
    ceThreshold: threshold(TCA_CODEL_CE_THRESHOLD),
  },
  { ce_threshold: 'ceThreshold' },
);
