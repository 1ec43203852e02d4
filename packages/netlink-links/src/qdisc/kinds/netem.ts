import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import { AttributeReader } from '../../message/attribute-reader.js';
import { checkBigint, checkProperties, checkQuantity, mustBe, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { withJson } from '../../message/json.js';
import type { MessageWriter } from '../../message/message-writer.js';
import type { Mutable } from '../../message/mutable.js';
import { keepUnknown, readInside } from '../../message/unknown-attribute.js';
import {
  NETEM_LOSS_GE,
  NETEM_LOSS_GI,
  TC_NETEM_GEMODEL_SIZE,
  TC_NETEM_GIMODEL_SIZE,
  TC_NETEM_QOPT_SIZE,
  TC_NETEM_SLOT_SIZE,
  TCA_NETEM_CORR,
  TCA_NETEM_CORRUPT,
  TCA_NETEM_DELAY_DIST,
  TCA_NETEM_ECN,
  TCA_NETEM_JITTER64,
  TCA_NETEM_LATENCY64,
  TCA_NETEM_LOSS,
  TCA_NETEM_PAD,
  TCA_NETEM_PRNG_SEED,
  TCA_NETEM_RATE,
  TCA_NETEM_RATE64,
  TCA_NETEM_REORDER,
  TCA_NETEM_SLOT,
  TCA_NETEM_SLOT_DIST,
} from '../../uapi/pkt-sched.js';
import { millisecondsOf, ticksOf } from '../rate/psched-ticks.js';
import type { QdiscKind } from './kind.js';
import { distributionTable, type NetemDistribution, tableBytes } from './netem-distribution.js';

/**
 * Emulates a network that delays, loses, repeats and damages packets; tc-netem(8).
 *
 * The kernel never tells of a `distribution`: a netem that was read has none, and is given back with delays that vary
 * evenly, unless it is said beside: `{ ...read, distribution: 'normal' }`.
 */
export interface NetemAttributes {
  /** Delay, ms. */
  readonly latency: number;
  /** By how much the delay varies, ms. */
  readonly jitter: number;
  /** How it varies; evenly if left out. Never told by the kernel. */
  readonly distribution?: NetemDistribution;
  /** How much the delay of a packet depends on that of the one before, per cent. */
  readonly latencyCorrelation?: number;
  /** Packets that are lost, per cent. */
  readonly loss: number;
  readonly lossCorrelation?: number;
  /** Packets that are sent twice, per cent. */
  readonly duplicate: number;
  readonly duplicateCorrelation?: number;
  /** Packets that overtake those before them, per cent; it takes a latency. */
  readonly reorder?: number;
  readonly reorderCorrelation?: number;
  /** Only every so many packets overtake. */
  readonly gap: number;
  /** Packets that have a bit flipped, per cent. */
  readonly corrupt?: number;
  readonly corruptCorrelation?: number;
  /** Bits per second. */
  readonly rate?: number;
  /** Bytes that every packet counts more (or less) for the rate. */
  readonly packetOverhead?: number;
  /** Bytes of a cell that packets are cut into for the rate. */
  readonly cellSize?: number;
  readonly cellOverhead?: number;
  /** Mark packets instead of losing them. */
  readonly ecn?: boolean;
  /** Packets that the queue holds. */
  readonly limit: number;
  /** Losses that come in bursts, by a model with states, in place of `loss`; tc-netem(8). */
  readonly lossModel?: NetemLossModel;
  /** Packets are held back and sent in slots. */
  readonly slot?: NetemSlot;
  /** What the random numbers begin with; Linux 6.6 and later, where one is always told. */
  readonly seed?: bigint;
}

/** How losses come in bursts. All numbers are probabilities in per cent. */
export type NetemLossModel =
  /**
   * Gilbert and Elliott: good and bad times, `p` and `r` being the probabilities to go from the one to the other and
   * back, `k1` and `h` those that a packet is lost in a good time, and that it arrives in a bad one. (`tc` shows `h`
   * as 1-h.)
   */
  | { readonly type: 'gemodel'; readonly p: number; readonly r: number; readonly h: number; readonly k1: number }
  /** Four states, with the probabilities to go from one to another. */
  | {
      readonly type: 'state';
      readonly p13: number;
      readonly p31: number;
      readonly p32: number;
      readonly p14: number;
      readonly p23: number;
    };

/** The slots in which packets are sent. Times are in ms. */
export interface NetemSlot {
  /** Time between two slots, from `minDelay` to `maxDelay`. */
  readonly minDelay?: number;
  readonly maxDelay?: number;
  /** In place of these: the mean time and by how much it varies. */
  readonly distributionDelay?: number;
  readonly distributionJitter?: number;
  /** How it varies; evenly if left out. Never told by the kernel. */
  readonly distribution?: NetemDistribution;
  /** Packets and bytes of a slot; without a limit if left out. */
  readonly maxPackets?: number;
  readonly maxBytes?: number;
}

const properties = propertiesOf<NetemAttributes>(
  {
    latency: 'set',
    jitter: 'set',
    distribution: 'set',
    latencyCorrelation: 'set',
    loss: 'set',
    lossCorrelation: 'set',
    duplicate: 'set',
    duplicateCorrelation: 'set',
    reorder: 'set',
    reorderCorrelation: 'set',
    gap: 'set',
    corrupt: 'set',
    corruptCorrelation: 'set',
    rate: 'set',
    packetOverhead: 'set',
    cellSize: 'set',
    cellOverhead: 'set',
    ecn: 'set',
    limit: 'set',
    lossModel: 'set',
    slot: 'set',
    seed: 'set',
  },
  {
    delay: 'latency',
    limitpackets: 'limit',
    corruption: 'corrupt',
    duplication: 'duplicate',
    correlation: 'latencyCorrelation',
    gemodel: 'lossModel',
    slots: 'slot',
  },
);

const DEFAULT_LIMIT = 1000;
const CERTAIN = 0xffffffff;
const BEYOND_32_BITS = 0xffffffff;
/** 64 bits of nanoseconds, with sign, in milliseconds that a number holds exactly. */
const MAX_MS = Number.MAX_SAFE_INTEGER / 1e6;

/** The kernel's probability of a number of per cent. */
const probability = (percent: number): number => Math.round((percent / 100) * CERTAIN);
/** Per cent of the kernel's probability, without the digits that 32 bits do not hold. */
const percent = (value: number): number => Math.round((value / CERTAIN) * 1e9) / 1e7;

/** Whether 32 bits of ticks hold a time exactly. */
const fitsTicks = (ticks: number): boolean => Number.isInteger(ticks) && ticks <= 0xffffffff;

const MODELS = {
  gemodel: ['p', 'r', 'h', 'k1'],
  state: ['p13', 'p31', 'p32', 'p14', 'p23'],
} as const;

function checkLossModel(model: unknown, loss: number): void {
  if (model === undefined) return;
  const { type } = (typeof model === 'object' && model !== null ? model : {}) as { type?: unknown };
  if (type !== 'gemodel' && type !== 'state')
    throw mustBe('lossModel', "an object with the type 'gemodel' or 'state'", type === undefined ? model : type);
  checkProperties(model, 'lossModel', { names: ['type', ...MODELS[type]] });
  for (const name of MODELS[type]) {
    const value = (model as Readonly<Record<string, unknown>>)[name];
    if (value === undefined) throw mustBe(`lossModel.${name}`, 'given', value);
    checkQuantity(`lossModel.${name}`, value, 0, 100, 'per cent');
  }
  if (loss > 0)
    throw new InvalidOptionError('loss', 'loss cannot be given beside `lossModel`, which says when packets are lost');
}

const SLOT = propertiesOf<NetemSlot>({
  minDelay: 'set',
  maxDelay: 'set',
  distributionDelay: 'set',
  distributionJitter: 'set',
  distribution: 'set',
  maxPackets: 'set',
  maxBytes: 'set',
});

function checkSlot(slot: unknown): void {
  if (slot === undefined) return;
  checkProperties(slot, 'slot', SLOT);
  const { minDelay = 0, maxDelay = minDelay, distributionDelay, distributionJitter, ...most } = slot as NetemSlot;
  checkQuantity('slot.minDelay', minDelay, 0, MAX_MS, 'ms');
  checkQuantity('slot.maxDelay', maxDelay, 0, MAX_MS, 'ms');
  checkQuantity('slot.distributionDelay', distributionDelay, 0, MAX_MS, 'ms');
  checkQuantity('slot.distributionJitter', distributionJitter, 0, MAX_JITTER_MS, 'ms');
  checkInteger('slot.maxPackets', most.maxPackets, 0, MAX_I32);
  checkInteger('slot.maxBytes', most.maxBytes, 0, MAX_I32);
  if (
    distributionTable(most.distribution, 'slot.distribution') !== undefined &&
    (distributionDelay ?? 0) === 0 &&
    (distributionJitter ?? 0) === 0
  )
    throw new InvalidOptionError(
      'slot.distribution',
      'slot.distribution spreads the times between slots: it needs `distributionDelay` and `distributionJitter`',
    );
  if (maxDelay < minDelay) throw mustBe('slot.maxDelay', `at least slot.minDelay (${minDelay} ms)`, maxDelay);
}

const MAX_I32 = 0x7fffffff;
/** The kernel cuts off what is more nanoseconds than 31 bits hold. */
const MAX_JITTER_MS = MAX_I32 / 1e6;

function writeLossModel(writer: MessageWriter, model: NetemLossModel): void {
  const [type, size] =
    model.type === 'gemodel' ? [NETEM_LOSS_GE, TC_NETEM_GEMODEL_SIZE] : [NETEM_LOSS_GI, TC_NETEM_GIMODEL_SIZE];
  const numbers = model as unknown as Readonly<Record<string, number>>;
  writer.nest(
    TCA_NETEM_LOSS,
    (nested) =>
      void nested.struct(type, size, (view, at) => {
        for (const [index, name] of MODELS[model.type].entries())
          view.setUint32(at + index * 4, probability(numbers[name] ?? 0), LITTLE_ENDIAN);
      }),
    true,
  );
}

function readLossModel(models: AttributeReader, qdisc: Mutable<Partial<NetemAttributes>>, notKnown: () => void): void {
  while (models.next())
    if (models.type === NETEM_LOSS_GE) {
      const [p, r, h, k1] = [0, 4, 8, 12].map((at) => percent(models.u32At(at))) as [number, number, number, number];
      qdisc.lossModel = { type: 'gemodel', p, r, h, k1 };
    } else if (models.type === NETEM_LOSS_GI) {
      const at = (offset: number): number => percent(models.u32At(offset));
      qdisc.lossModel = { type: 'state', p13: at(0), p31: at(4), p32: at(8), p14: at(12), p23: at(16) };
    } else notKnown();
}

// Offsets in `struct tc_netem_slot`.
const MAX_DELAY_OFFSET = 8;
const MAX_PACKETS_OFFSET = 16;
const MAX_BYTES_OFFSET = 20;
const DIST_DELAY_OFFSET = 24;
const DIST_JITTER_OFFSET = 32;

function writeSlot(writer: MessageWriter, slot: NetemSlot): void {
  const { minDelay = 0, maxDelay = minDelay, distributionDelay = 0, distributionJitter = 0 } = slot;
  writer.struct(TCA_NETEM_SLOT, TC_NETEM_SLOT_SIZE, (view, at) => {
    const time = (offset: number, ms: number): void =>
      view.setBigInt64(at + offset, BigInt(Math.round(ms * 1e6)), LITTLE_ENDIAN);
    time(0, minDelay);
    time(MAX_DELAY_OFFSET, maxDelay);
    view.setInt32(at + MAX_PACKETS_OFFSET, slot.maxPackets ?? 0, LITTLE_ENDIAN);
    view.setInt32(at + MAX_BYTES_OFFSET, slot.maxBytes ?? 0, LITTLE_ENDIAN);
    time(DIST_DELAY_OFFSET, distributionDelay);
    time(DIST_JITTER_OFFSET, distributionJitter);
  });
}

function readSlot(value: AttributeReader): NetemSlot {
  const time = (offset: number): number => Number(value.u64At(offset)) / 1e6;
  const [maxPackets, maxBytes] = [value.u32At(MAX_PACKETS_OFFSET), value.u32At(MAX_BYTES_OFFSET)];
  const [distributionDelay, distributionJitter] = [time(DIST_DELAY_OFFSET), time(DIST_JITTER_OFFSET)];
  return {
    ...(distributionDelay === 0 && distributionJitter === 0
      ? { minDelay: time(0), maxDelay: time(MAX_DELAY_OFFSET) }
      : { distributionDelay, distributionJitter }),
    ...(maxPackets !== 0 && { maxPackets }),
    ...(maxBytes !== 0 && { maxBytes }),
  };
}

export const netem: QdiscKind<NetemAttributes> = {
  kernelName: 'netem',
  properties,
  holdsAttributes: true,
  check(qdisc) {
    checkQuantity('latency', qdisc.latency, 0, MAX_MS, 'ms');
    checkQuantity('jitter', qdisc.jitter, 0, MAX_MS, 'ms');
    for (const share of ['loss', 'duplicate', 'reorder', 'corrupt'] as const)
      checkQuantity(share, qdisc[share], 0, 100, 'per cent');
    for (const correlation of [
      'latencyCorrelation',
      'lossCorrelation',
      'duplicateCorrelation',
      'reorderCorrelation',
      'corruptCorrelation',
    ] as const)
      checkQuantity(correlation, qdisc[correlation], 0, 100, 'per cent');
    checkQuantity('rate', qdisc.rate, 8, Number.MAX_SAFE_INTEGER, 'bits per second');
    checkInteger('packetOverhead', qdisc.packetOverhead, -0x80000000, MAX_I32);
    checkInteger('cellSize', qdisc.cellSize, 0, 0xffffffff);
    checkInteger('cellOverhead', qdisc.cellOverhead, -0x80000000, MAX_I32);
    checkInteger('limit', qdisc.limit, 0, 0xffffffff);
    checkInteger('gap', qdisc.gap, 0, 0xffffffff);
    checkBoolean('ecn', qdisc.ecn);
    checkLossModel(qdisc.lossModel, qdisc.loss ?? 0);
    checkSlot(qdisc.slot);
    if (
      distributionTable(qdisc.distribution, 'distribution') !== undefined &&
      ((qdisc.latency ?? 0) === 0 || (qdisc.jitter ?? 0) === 0)
    )
      throw new InvalidOptionError(
        'distribution',
        'distribution spreads delays around `latency`, by `jitter`: it needs both',
      );
    checkBigint('seed', qdisc.seed);
    if ((qdisc.reorder ?? 0) > 0 && (qdisc.latency ?? 0) === 0)
      throw new InvalidOptionError(
        'reorder',
        'packets can only overtake others that are delayed: `reorder` needs a `latency`',
      );
  },
  write(writer, qdisc) {
    const { latency = 0, jitter = 0, loss = 0, duplicate = 0, reorder = 0, corrupt = 0, limit = DEFAULT_LIMIT } = qdisc;
    const { latencyCorrelation = 0, lossCorrelation = 0, duplicateCorrelation = 0 } = qdisc;
    const { reorderCorrelation = 0, corruptCorrelation = 0, rate } = qdisc;
    const { packetOverhead = 0, cellSize = 0, cellOverhead = 0 } = qdisc;
    const gap = qdisc.gap ?? (reorder > 0 ? 1 : 0);
    const latencyTicks = ticksOf(latency);
    const jitterTicks = ticksOf(jitter);
    writer.header(TC_NETEM_QOPT_SIZE, (view, at) => {
      view.setUint32(at, Math.min(Math.round(latencyTicks), 0xffffffff), LITTLE_ENDIAN);
      view.setUint32(at + 4, limit, LITTLE_ENDIAN);
      view.setUint32(at + 8, probability(loss), LITTLE_ENDIAN);
      view.setUint32(at + 12, gap, LITTLE_ENDIAN);
      view.setUint32(at + 16, probability(duplicate), LITTLE_ENDIAN);
      view.setUint32(at + 20, Math.min(Math.round(jitterTicks), 0xffffffff), LITTLE_ENDIAN);
    });
    const pair = (type: number, first: number, second: number): void =>
      void writer.struct(type, 8, (view, at) => {
        view.setUint32(at, probability(first), LITTLE_ENDIAN);
        view.setUint32(at + 4, probability(second), LITTLE_ENDIAN);
      });
    if (latencyCorrelation > 0 || lossCorrelation > 0 || duplicateCorrelation > 0)
      writer.struct(TCA_NETEM_CORR, 12, (view, at) => {
        view.setUint32(at, probability(latencyCorrelation), LITTLE_ENDIAN);
        view.setUint32(at + 4, probability(lossCorrelation), LITTLE_ENDIAN);
        view.setUint32(at + 8, probability(duplicateCorrelation), LITTLE_ENDIAN);
      });
    if (reorder > 0) pair(TCA_NETEM_REORDER, reorder, reorderCorrelation);
    if (qdisc.ecn === true) writer.u32(TCA_NETEM_ECN, 1);
    if (corrupt > 0) pair(TCA_NETEM_CORRUPT, corrupt, corruptCorrelation);
    if (qdisc.slot !== undefined) writeSlot(writer, qdisc.slot);
    if (qdisc.lossModel !== undefined) writeLossModel(writer, qdisc.lossModel);
    if (rate !== undefined && rate > 0) {
      const bytes = Math.floor(rate / 8);
      if (bytes >= BEYOND_32_BITS) writer.u64(TCA_NETEM_RATE64, BigInt(bytes));
      writer.struct(TCA_NETEM_RATE, 16, (view, at) => {
        view.setUint32(at, Math.min(bytes, BEYOND_32_BITS), LITTLE_ENDIAN);
        view.setInt32(at + 4, packetOverhead, LITTLE_ENDIAN);
        view.setUint32(at + 8, cellSize, LITTLE_ENDIAN);
        view.setInt32(at + 12, cellOverhead, LITTLE_ENDIAN);
      });
    }
    const delays = distributionTable(qdisc.distribution, 'distribution');
    if (delays !== undefined) writer.bytes(TCA_NETEM_DELAY_DIST, tableBytes(delays));
    const slots = distributionTable(qdisc.slot?.distribution, 'slot.distribution');
    if (slots !== undefined) writer.bytes(TCA_NETEM_SLOT_DIST, tableBytes(slots));
    if (qdisc.seed !== undefined) writer.u64(TCA_NETEM_PRNG_SEED, qdisc.seed);
    // Only where ticks do not do: kernels before 4.16 do not know these.
    if (!fitsTicks(latencyTicks)) writer.u64(TCA_NETEM_LATENCY64, BigInt(Math.round(latency * 1e6)));
    if (!fitsTicks(jitterTicks)) writer.u64(TCA_NETEM_JITTER64, BigInt(Math.round(jitter * 1e6)));
  },
  read(options, qdisc) {
    qdisc.latency = millisecondsOf(options.u32At(0));
    qdisc.limit = options.u32At(4);
    qdisc.loss = percent(options.u32At(8));
    qdisc.gap = options.u32At(12);
    qdisc.duplicate = percent(options.u32At(16));
    qdisc.jitter = millisecondsOf(options.u32At(20));
    const attributes = new AttributeReader(options.bytes, options.start + TC_NETEM_QOPT_SIZE, options.end);
    let rate64 = 0;
    while (attributes.next())
      switch (attributes.type) {
        case TCA_NETEM_CORR:
          qdisc.latencyCorrelation = percent(attributes.u32At(0));
          qdisc.lossCorrelation = percent(attributes.u32At(4));
          qdisc.duplicateCorrelation = percent(attributes.u32At(8));
          break;
        case TCA_NETEM_REORDER:
          qdisc.reorder = percent(attributes.u32At(0));
          qdisc.reorderCorrelation = percent(attributes.u32At(4));
          break;
        case TCA_NETEM_CORRUPT:
          qdisc.corrupt = percent(attributes.u32At(0));
          qdisc.corruptCorrelation = percent(attributes.u32At(4));
          break;
        case TCA_NETEM_RATE: {
          const rate = attributes.u32At(0);
          // The kernel always tells the rate; 0 is none.
          if (rate !== 0) {
            qdisc.rate = rate * 8;
            qdisc.packetOverhead = attributes.u32At(4) | 0;
            qdisc.cellSize = attributes.u32At(8);
            qdisc.cellOverhead = attributes.u32At(12) | 0;
          }
          break;
        }
        case TCA_NETEM_RATE64:
          rate64 = Number(attributes.u64());
          break;
        case TCA_NETEM_ECN:
          qdisc.ecn = attributes.u32() !== 0;
          break;
        case TCA_NETEM_LATENCY64:
          qdisc.latency = Number(attributes.u64()) / 1e6;
          break;
        case TCA_NETEM_JITTER64:
          qdisc.jitter = Number(attributes.u64()) / 1e6;
          break;
        case TCA_NETEM_LOSS:
          readInside(attributes, qdisc, (models, notKnown) => readLossModel(models, qdisc, notKnown));
          break;
        case TCA_NETEM_SLOT:
          qdisc.slot = readSlot(attributes);
          break;
        case TCA_NETEM_PRNG_SEED:
          qdisc.seed = attributes.u64();
          withJson(qdisc);
          break;
        case TCA_NETEM_DELAY_DIST:
        case TCA_NETEM_SLOT_DIST:
        case TCA_NETEM_PAD:
          break;
        default:
          keepUnknown(attributes, qdisc);
      }
    if (rate64 !== 0) qdisc.rate = rate64 * 8;
  },
};
