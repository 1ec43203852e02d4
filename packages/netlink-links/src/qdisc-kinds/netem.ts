import { NetnsError } from 'netns-core';
import { AttributeReader } from '../codec/attribute-reader.js';
import { checkInteger, checkQuantity } from '../codec/checked-number.js';
import { LITTLE_ENDIAN } from '../codec/endianness.js';
import { propertiesOf } from '../codec/properties.js';
import { millisecondsOf, ticksOf } from '../qdiscs/psched-ticks.js';
import type { QdiscKind } from './kind.js';

/** Emulates a network that delays, loses, repeats and damages packets; tc-netem(8). */
export interface NetemAttributes {
  /** Delay, ms. */
  latency: number;
  /** By how much the delay varies, ms. */
  jitter: number;
  /** How much the delay of a packet depends on that of the one before, per cent. */
  latencyCorrelation?: number;
  /** Packets that are lost, per cent. */
  loss: number;
  lossCorrelation?: number;
  /** Packets that are sent twice, per cent. */
  duplicate: number;
  duplicateCorrelation?: number;
  /** Packets that overtake those before them, per cent; it takes a latency. */
  reorder?: number;
  reorderCorrelation?: number;
  /** Only every so many packets overtake. */
  gap: number;
  /** Packets that have a bit flipped, per cent. */
  corrupt?: number;
  corruptCorrelation?: number;
  /** Bits per second. */
  rate?: number;
  /** Bytes that every packet counts more (or less) for the rate. */
  packetOverhead?: number;
  /** Bytes of a cell that packets are cut into for the rate. */
  cellSize?: number;
  cellOverhead?: number;
  /** Mark packets instead of losing them. */
  ecn?: boolean;
  /** Packets that the queue holds. */
  limit: number;
}

const properties = propertiesOf<NetemAttributes>(
  {
    latency: 'set',
    jitter: 'set',
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
  },
  {
    delay: 'latency',
    limitpackets: 'limit',
    corruption: 'corrupt',
    duplication: 'duplicate',
    correlation: 'latencyCorrelation',
  },
);

const TCA_NETEM_CORR = 1;
const TCA_NETEM_REORDER = 3;
const TCA_NETEM_CORRUPT = 4;
const TCA_NETEM_RATE = 6;
const TCA_NETEM_ECN = 7;
const TCA_NETEM_RATE64 = 8;
const TCA_NETEM_LATENCY64 = 10;
const TCA_NETEM_JITTER64 = 11;

/** `struct tc_netem_qopt`: latency, limit, loss, gap, duplicate, jitter (u32 each). Attributes follow it. */
const TC_NETEM_QOPT_SIZE = 24;
const USUAL_LIMIT = 1000;
const ALWAYS = 0xffffffff;
const BEYOND_32_BITS = 0xffffffff;
/** 64 bits of nanoseconds, with sign, in milliseconds that a number holds exactly. */
const LONGEST = Number.MAX_SAFE_INTEGER / 1e6;

/** The kernel's probability of a number of per cent. */
const probability = (percent: number): number => Math.round((percent / 100) * ALWAYS);
/** Per cent of the kernel's probability, without the digits that 32 bits do not hold. */
const percent = (value: number): number => Math.round((value / ALWAYS) * 1e9) / 1e7;

/** Whether 32 bits of ticks hold a time exactly. */
const fitsTicks = (ticks: number): boolean => Number.isInteger(ticks) && ticks <= 0xffffffff;

export const netem: QdiscKind<NetemAttributes> = {
  kernelName: 'netem',
  properties,
  encode(writer, qdisc) {
    const { latency = 0, jitter = 0, loss = 0, duplicate = 0, reorder = 0, corrupt = 0, limit = USUAL_LIMIT } = qdisc;
    const { latencyCorrelation = 0, lossCorrelation = 0, duplicateCorrelation = 0 } = qdisc;
    const { reorderCorrelation = 0, corruptCorrelation = 0, rate } = qdisc;
    const { packetOverhead = 0, cellSize = 0, cellOverhead = 0 } = qdisc;
    checkQuantity('latency', latency, 0, LONGEST, 'ms');
    checkQuantity('jitter', jitter, 0, LONGEST, 'ms');
    checkQuantity('loss', loss, 0, 100, 'per cent');
    checkQuantity('share of duplicates', duplicate, 0, 100, 'per cent');
    checkQuantity('share of packets that overtake', reorder, 0, 100, 'per cent');
    checkQuantity('share of damaged packets', corrupt, 0, 100, 'per cent');
    for (const correlation of [
      latencyCorrelation,
      lossCorrelation,
      duplicateCorrelation,
      reorderCorrelation,
      corruptCorrelation,
    ])
      checkQuantity('correlation', correlation, 0, 100, 'per cent');
    checkQuantity('rate', rate, 8, Number.MAX_SAFE_INTEGER, 'bits per second');
    checkInteger('overhead of a packet', packetOverhead, -0x80000000, 0x7fffffff);
    checkInteger('size of a cell', cellSize, 0, 0xffffffff);
    checkInteger('overhead of a cell', cellOverhead, -0x80000000, 0x7fffffff);
    checkInteger('limit', limit, 0, 0xffffffff);
    checkInteger('gap', qdisc.gap, 0, 0xffffffff);
    if (reorder > 0 && latency === 0)
      throw new NetnsError('packets can only overtake others that are delayed: `reorder` needs a `latency`', {
        code: 'ERR_INVALID_ARGUMENT',
      });
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
    // Only where ticks do not do: kernels before 4.16 do not know these.
    if (!fitsTicks(latencyTicks)) writer.u64(TCA_NETEM_LATENCY64, BigInt(Math.round(latency * 1e6)));
    if (!fitsTicks(jitterTicks)) writer.u64(TCA_NETEM_JITTER64, BigInt(Math.round(jitter * 1e6)));
  },
  decode(options, qdisc) {
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
      }
    if (rate64 !== 0) qdisc.rate = rate64 * 8;
  },
};
