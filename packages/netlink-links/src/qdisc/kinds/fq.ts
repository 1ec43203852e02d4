import type { AttributeReader } from '../../message/attribute-reader.js';
import { checkQuantity, mustBe } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { bool, bool32, type Field, u32 } from '../../message/fields.js';
import { withJson } from '../../message/json.js';
import {
  TC_PRIO_QOPT_SIZE,
  TCA_FQ_BUCKETS_LOG,
  TCA_FQ_CE_THRESHOLD,
  TCA_FQ_FLOW_MAX_RATE,
  TCA_FQ_FLOW_PLIMIT,
  TCA_FQ_FLOW_REFILL_DELAY,
  TCA_FQ_HORIZON,
  TCA_FQ_HORIZON_DROP,
  TCA_FQ_INITIAL_QUANTUM,
  TCA_FQ_LOW_RATE_THRESHOLD,
  TCA_FQ_OFFLOAD_HORIZON,
  TCA_FQ_ORPHAN_MASK,
  TCA_FQ_PLIMIT,
  TCA_FQ_PRIOMAP,
  TCA_FQ_QUANTUM,
  TCA_FQ_RATE_ENABLE,
  TCA_FQ_TIMER_SLACK,
  TCA_FQ_WEIGHTS,
} from '../../uapi/pkt-sched.js';
import { consecutive, qdiscOfFields } from './kind.js';
import { checkPriomap, readPriomap, writePriomap } from './priomap.js';
import { microseconds, nanoseconds, threshold } from './time-fields.js';

/** A queue for each flow, with pacing; tc-fq(8). */
export interface FqAttributes {
  /** Packets in all queues. */
  readonly limit?: number;
  /** Packets in the queue of a flow. */
  readonly flowLimit?: number;
  /** Bytes that a flow may send when it is its turn. */
  readonly quantum?: number;
  readonly initialQuantum?: number;
  readonly pacing?: boolean;
  /** The most that a flow may send, in bits per second; Infinity is without a limit. */
  readonly maxRate?: number;
  /** Number of buckets, a power of two. */
  readonly buckets?: number;
  /** Milliseconds. */
  readonly refillDelay?: number;
  readonly orphanMask?: number;
  /** Bits per second up to which packets are not held back. */
  readonly lowRateThreshold?: number;
  /** Delay from which packets are marked, ms. */
  readonly ceThreshold?: number;
  /** How far ahead packets may ask to be sent, ms. */
  readonly horizon?: number;
  /** Drop packets beyond the horizon instead of capping their time. */
  readonly horizonDrop?: boolean;
  /** By how much timers may be late, ms. */
  readonly timerSlack?: number;
  /** For each of the sixteen priorities of packets the band, 0 to 2, that it goes to. */
  readonly priomap?: readonly number[];
  /** For each of the three bands its weight. */
  readonly weights?: readonly number[];
  /** How far ahead packets may be handed to the device, ms. */
  readonly offloadHorizon?: number;
}

const UNLIMITED = 0xffffffff;
const MAX_RATE = 0xffffffff * 8;

/** Bits per second here, bytes per second in the kernel. */
const rate = (attribute: number): Field<number> => ({
  attribute,
  read: (data) => {
    const bytes = data.u32();
    return bytes === UNLIMITED ? Number.POSITIVE_INFINITY : bytes * 8;
  },
  check(property, value) {
    if (value !== Number.POSITIVE_INFINITY) checkQuantity(property, value, 0, MAX_RATE, 'bits per second, or Infinity');
  },
  write: (writer, type, value) =>
    void writer.u32(type, value === Number.POSITIVE_INFINITY ? UNLIMITED : Math.floor(value / 8)),
});

const MAX_BUCKETS_LOG = 18;

/** The kernel has the logarithm. */
const powerOfTwo = (attribute: number): Field<number> => ({
  attribute,
  read: (data) => 2 ** data.u32(),
  check(property, value) {
    const log = typeof value === 'number' ? Math.log2(value) : Number.NaN;
    if (!Number.isInteger(log) || log < 0 || log > MAX_BUCKETS_LOG)
      throw mustBe(property, `a power of two up to ${2 ** MAX_BUCKETS_LOG}`, value);
  },
  write: (writer, type, value) => void writer.u32(type, Math.log2(value)),
});

const BANDS = 3;

/** `struct tc_prio_qopt` */
const priomap: Field<readonly number[]> = {
  attribute: TCA_FQ_PRIOMAP,
  read: (data) => readPriomap(data),
  check: (property, value) => checkPriomap(property, value, BANDS),
  write: (writer, type, map) =>
    void writer.struct(type, TC_PRIO_QOPT_SIZE, (view, at) => writePriomap(view, at, BANDS, map)),
};

/** A number (i32) for each band. */
const weights: Field<readonly number[]> = {
  attribute: TCA_FQ_WEIGHTS,
  read: (data) => Array.from({ length: BANDS }, (_, band) => data.u32At(band * 4)),
  check(property, value) {
    const fit = (weight: unknown): boolean =>
      Number.isInteger(weight) && Number(weight) >= 1 && Number(weight) <= 0x7fffffff;
    if (!Array.isArray(value) || value.length !== BANDS || !value.every(fit))
      throw mustBe(property, `an array of ${BANDS} integers from 1 on`, value);
  },
  write: (writer, type, values) =>
    void writer.struct(type, BANDS * 4, (view, at) => {
      for (const [band, weight] of values.entries()) view.setInt32(at + band * 4, weight, LITTLE_ENDIAN);
    }),
};

/** Counters of an fq; `struct tc_fq_qd_stats`. */
export interface FqStatistics {
  /** Flows that were forgotten. */
  readonly gcFlows: bigint;
  readonly highPriorityPackets: bigint;
  readonly tcpRetransmits: bigint;
  /** How often a flow was held back. */
  readonly throttled: bigint;
  /** Dropped because their flow had too many. */
  readonly flowsLimit: bigint;
  readonly packetsTooLong: bigint;
  readonly allocationErrors: bigint;
  /** When the next flow that is held back may send, nanoseconds; 0 if there is none. */
  readonly timeNextDelayedFlow: bigint;
  readonly flows: number;
  readonly inactiveFlows: number;
  readonly throttledFlows: number;
  /** By how much flows were let go too late, ms. */
  readonly unthrottleLatency: number;
  /** Marked because of `ceThreshold`. */
  readonly ceMark: bigint;
  /** Packets beyond the horizon, dropped and capped. */
  readonly horizonDrops: bigint;
  readonly horizonCaps: bigint;
}

function readStatistics(counters: AttributeReader): FqStatistics {
  return withJson({
    gcFlows: counters.u64At(0),
    highPriorityPackets: counters.u64At(8),
    tcpRetransmits: counters.u64At(16),
    throttled: counters.u64At(24),
    flowsLimit: counters.u64At(32),
    packetsTooLong: counters.u64At(40),
    allocationErrors: counters.u64At(48),
    timeNextDelayedFlow: BigInt.asIntN(64, counters.u64At(56)),
    ...consecutive(counters, 64, ['flows', 'inactiveFlows', 'throttledFlows']),
    unthrottleLatency: counters.u32At(76) / 1e6,
    // Kernels before 4.19 and 5.8 end earlier.
    ceMark: counters.length < 88 ? 0n : counters.u64At(80),
    horizonDrops: counters.length < 104 ? 0n : counters.u64At(88),
    horizonCaps: counters.length < 104 ? 0n : counters.u64At(96),
  });
}

export const fq = qdiscOfFields<FqAttributes>(
  'fq',
  {
    buckets: powerOfTwo(TCA_FQ_BUCKETS_LOG),
    limit: u32(TCA_FQ_PLIMIT),
    flowLimit: u32(TCA_FQ_FLOW_PLIMIT),
    quantum: u32(TCA_FQ_QUANTUM),
    initialQuantum: u32(TCA_FQ_INITIAL_QUANTUM),
    pacing: bool32(TCA_FQ_RATE_ENABLE),
    maxRate: rate(TCA_FQ_FLOW_MAX_RATE),
    lowRateThreshold: rate(TCA_FQ_LOW_RATE_THRESHOLD),
    refillDelay: microseconds(TCA_FQ_FLOW_REFILL_DELAY),
    orphanMask: u32(TCA_FQ_ORPHAN_MASK),
    ceThreshold: threshold(TCA_FQ_CE_THRESHOLD),
    timerSlack: nanoseconds(TCA_FQ_TIMER_SLACK),
    horizon: microseconds(TCA_FQ_HORIZON),
    horizonDrop: bool(TCA_FQ_HORIZON_DROP),
    priomap,
    weights,
    offloadHorizon: microseconds(TCA_FQ_OFFLOAD_HORIZON),
  },
  {
    flow_limit: 'flowLimit',
    maxrate: 'maxRate',
    refill_delay: 'refillDelay',
    ce_threshold: 'ceThreshold',
    timer_slack: 'timerSlack',
    orphan_mask: 'orphanMask',
    low_rate_threshold: 'lowRateThreshold',
    offload_horizon: 'offloadHorizon',
  },
  { readStatistics },
);
