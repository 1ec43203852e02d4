import type { AttributeReader } from '../../message/attribute-reader.js';
import type { Field, Fields } from '../../message/fields.js';
import { fieldReader, readOnly, u32 } from '../../message/fields.js';
import { withJson } from '../../message/json.js';
import type { Mutable } from '../../message/mutable.js';
import * as uapi from '../../uapi/pkt-sched.js';
import { microseconds } from './time-fields.js';

/** Counters of a cake. */
export interface CakeStatistics {
  /** The bandwidth that `autorateIngress` has found, bits per second. */
  readonly capacityEstimate?: number;
  /** Bytes that the queues may use, and those used at most. */
  readonly memoryLimit?: number;
  readonly memoryUsed?: number;
  /** Average offset of the network header, bytes. */
  readonly averageNetworkOffset?: number;
  /** The shortest and the longest packet, bytes, as they came, and with overheads. */
  readonly minNetworkLength?: number;
  readonly maxNetworkLength?: number;
  readonly minAdjustedLength?: number;
  readonly maxAdjustedLength?: number;
  /** Those of each tin. */
  readonly tins?: readonly CakeTinStatistics[];
}

/** Counters of a tin, the packets of a class of the DS field. */
export interface CakeTinStatistics {
  readonly sentPackets?: number;
  readonly sentBytes?: bigint;
  readonly droppedPackets?: number;
  readonly droppedBytes?: bigint;
  readonly acksDroppedPackets?: number;
  readonly acksDroppedBytes?: bigint;
  readonly ecnMarkedPackets?: number;
  readonly ecnMarkedBytes?: bigint;
  /** In the queues now. */
  readonly backlogPackets?: number;
  readonly backlogBytes?: number;
  /** The rate from which on it comes after others, bits per second. */
  readonly thresholdRate?: number;
  /** Times, ms. */
  readonly target?: number;
  readonly interval?: number;
  readonly peakDelay?: number;
  readonly averageDelay?: number;
  readonly baseDelay?: number;
  /** How flows found their queues. */
  readonly wayIndirectHits?: number;
  readonly wayMisses?: number;
  readonly wayCollisions?: number;
  /** Flows with little to send, with much, and that do not respond. */
  readonly sparseFlows?: number;
  readonly bulkFlows?: number;
  readonly unresponsiveFlows?: number;
  /** The longest packet, bytes. */
  readonly maxPacketLength?: number;
  /** Bytes that a flow may send when it is its turn. */
  readonly flowQuantum?: number;
}

const counter = (attribute: number): Field<number> => readOnly(u32(attribute));
const milliseconds = (attribute: number): Field<number> => readOnly(microseconds(attribute));
const bytes64 = (attribute: number): Field<bigint> => ({ attribute, read: (data) => data.u64() });
/** Bits per second here, bytes per second in the kernel. */
const rate64 = (attribute: number): Field<number> => ({ attribute, read: (data) => Number(data.u64()) * 8 });

const TIN: Fields<CakeTinStatistics> = {
  sentPackets: counter(uapi.TCA_CAKE_TIN_STATS_SENT_PACKETS),
  sentBytes: bytes64(uapi.TCA_CAKE_TIN_STATS_SENT_BYTES64),
  droppedPackets: counter(uapi.TCA_CAKE_TIN_STATS_DROPPED_PACKETS),
  droppedBytes: bytes64(uapi.TCA_CAKE_TIN_STATS_DROPPED_BYTES64),
  acksDroppedPackets: counter(uapi.TCA_CAKE_TIN_STATS_ACKS_DROPPED_PACKETS),
  acksDroppedBytes: bytes64(uapi.TCA_CAKE_TIN_STATS_ACKS_DROPPED_BYTES64),
  ecnMarkedPackets: counter(uapi.TCA_CAKE_TIN_STATS_ECN_MARKED_PACKETS),
  ecnMarkedBytes: bytes64(uapi.TCA_CAKE_TIN_STATS_ECN_MARKED_BYTES64),
  backlogPackets: counter(uapi.TCA_CAKE_TIN_STATS_BACKLOG_PACKETS),
  backlogBytes: counter(uapi.TCA_CAKE_TIN_STATS_BACKLOG_BYTES),
  thresholdRate: rate64(uapi.TCA_CAKE_TIN_STATS_THRESHOLD_RATE64),
  target: milliseconds(uapi.TCA_CAKE_TIN_STATS_TARGET_US),
  interval: milliseconds(uapi.TCA_CAKE_TIN_STATS_INTERVAL_US),
  peakDelay: milliseconds(uapi.TCA_CAKE_TIN_STATS_PEAK_DELAY_US),
  averageDelay: milliseconds(uapi.TCA_CAKE_TIN_STATS_AVG_DELAY_US),
  baseDelay: milliseconds(uapi.TCA_CAKE_TIN_STATS_BASE_DELAY_US),
  wayIndirectHits: counter(uapi.TCA_CAKE_TIN_STATS_WAY_INDIRECT_HITS),
  wayMisses: counter(uapi.TCA_CAKE_TIN_STATS_WAY_MISSES),
  wayCollisions: counter(uapi.TCA_CAKE_TIN_STATS_WAY_COLLISIONS),
  sparseFlows: counter(uapi.TCA_CAKE_TIN_STATS_SPARSE_FLOWS),
  bulkFlows: counter(uapi.TCA_CAKE_TIN_STATS_BULK_FLOWS),
  unresponsiveFlows: counter(uapi.TCA_CAKE_TIN_STATS_UNRESPONSIVE_FLOWS),
  maxPacketLength: counter(uapi.TCA_CAKE_TIN_STATS_MAX_SKBLEN),
  flowQuantum: counter(uapi.TCA_CAKE_TIN_STATS_FLOW_QUANTUM),
};
const readTin = fieldReader(TIN, [], [uapi.TCA_CAKE_TIN_STATS_PAD]);

const tins: Field<readonly CakeTinStatistics[]> = {
  attribute: uapi.TCA_CAKE_STATS_TIN_STATS,
  read(data) {
    const all: CakeTinStatistics[] = [];
    const each = data.nested();
    while (each.next()) {
      const tin: Mutable<CakeTinStatistics> = {};
      readTin(each.nested(), tin);
      all.push(withJson(tin));
    }
    return all;
  },
};

const WHOLE: Fields<CakeStatistics> = {
  capacityEstimate: rate64(uapi.TCA_CAKE_STATS_CAPACITY_ESTIMATE64),
  memoryLimit: counter(uapi.TCA_CAKE_STATS_MEMORY_LIMIT),
  memoryUsed: counter(uapi.TCA_CAKE_STATS_MEMORY_USED),
  averageNetworkOffset: counter(uapi.TCA_CAKE_STATS_AVG_NETOFF),
  minNetworkLength: counter(uapi.TCA_CAKE_STATS_MIN_NETLEN),
  maxNetworkLength: counter(uapi.TCA_CAKE_STATS_MAX_NETLEN),
  minAdjustedLength: counter(uapi.TCA_CAKE_STATS_MIN_ADJLEN),
  maxAdjustedLength: counter(uapi.TCA_CAKE_STATS_MAX_ADJLEN),
  tins,
};
const readWhole = fieldReader(WHOLE, [], [uapi.TCA_CAKE_STATS_PAD]);

/** Reads the counters, on which the reader stands. */
export function readCakeStatistics(counters: AttributeReader): CakeStatistics {
  const statistics: Mutable<CakeStatistics> = {};
  readWhole(counters.nested(), statistics);
  return statistics;
}
