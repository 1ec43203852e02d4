import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { checkQuantity, mustBe, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import type { MessageWriter } from '../../message/message-writer.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import {
  ATM_CELL_PAYLOAD,
  ATM_CELL_SIZE,
  TC_LINKLAYER_ATM,
  TC_LINKLAYER_ETHERNET,
  TC_LINKLAYER_MASK,
  TC_TBF_QOPT_SIZE,
  TCA_TBF_BURST,
  TCA_TBF_PAD,
  TCA_TBF_PARMS,
  TCA_TBF_PBURST,
  TCA_TBF_PRATE64,
  TCA_TBF_PTAB,
  TCA_TBF_RATE64,
  TCA_TBF_RTAB,
} from '../../uapi/pkt-sched.js';
import type { QdiscKind } from './kind.js';
import { millisecondsOf, transmissionTicks } from './psched-ticks.js';

/** Token bucket filter: nothing goes out faster than a rate; tc-tbf(8). */
export interface TbfAttributes {
  /** Bits per second. */
  readonly rate: number;
  /** Size of the bucket, bytes: what may be sent at once. */
  readonly burst: number;
  /** How long a packet may wait, ms. It and `limit` are two ways to say the same; only one can be set. */
  readonly latency: number;
  /** Length of the queue, bytes. */
  readonly limit: number;
  /** The most at which the bucket is emptied, bits per second. */
  readonly peakRate?: number;
  /** Size of the bucket for the peak rate, bytes. */
  readonly peakBurst?: number;
  /** Bytes that the smallest packet counts. */
  readonly minimumPacketUnit?: number;
  /** Bytes that every packet counts more. */
  readonly overhead?: number;
  /** `'atm'` counts whole cells, of 48 bytes in 53; `'ethernet'` if left out. */
  readonly linklayer?: 'ethernet' | 'atm';
}

const properties = propertiesOf<TbfAttributes>(
  {
    rate: 'set',
    burst: 'set',
    latency: 'set',
    limit: 'set',
    peakRate: 'set',
    peakBurst: 'set',
    minimumPacketUnit: 'set',
    overhead: 'set',
    linklayer: 'set',
  },
  {
    buffer: 'burst',
    maxburst: 'burst',
    mtu: 'peakBurst',
    minburst: 'peakBurst',
    peakrate: 'peakRate',
    mpu: 'minimumPacketUnit',
  },
);

// Offsets in `struct tc_tbf_qopt`.
const PEAK_OFFSET = 12;
const LIMIT_OFFSET = 24;
const BUFFER_OFFSET = 28;
const MTU_OFFSET = 32;
// Offsets in `struct tc_ratespec`.
const LINKLAYER_OFFSET = 1;
const OVERHEAD_OFFSET = 2;
const CELL_ALIGN_OFFSET = 4;
const MPU_OFFSET = 6;
const RATE_OFFSET = 8;
/** The 32-bit rate that stands for "see the 64-bit one". */
const BEYOND_32_BITS = 0xffffffff;
const TABLE_ENTRIES = 256;
/** What numbers with fractions may be wrong by, in bytes. */
const ROUNDING = 1e-4;
/** The packet size that the table must reach, where none is given. */
const DEFAULT_MTU = 2047;

interface Bucket {
  /** Bytes per second. */
  readonly rate: number;
  readonly mpu: number;
  readonly overhead: number;
  readonly cellLog: number;
  readonly atm: boolean;
}

function bucket(rate: number, mpu: number, overhead: number, mtu: number, atm: boolean): Bucket {
  let cellLog = 0;
  while ((mtu || DEFAULT_MTU) >> cellLog > TABLE_ENTRIES - 1) cellLog += 1;
  return { rate, mpu, overhead, cellLog, atm };
}

function writeRate(view: DataView, at: number, { rate, mpu, overhead, cellLog, atm }: Bucket): void {
  view.setUint8(at, cellLog);
  view.setUint8(at + LINKLAYER_OFFSET, atm ? TC_LINKLAYER_ATM : TC_LINKLAYER_ETHERNET);
  view.setUint16(at + OVERHEAD_OFFSET, overhead, LITTLE_ENDIAN);
  view.setInt16(at + CELL_ALIGN_OFFSET, -1, LITTLE_ENDIAN);
  view.setUint16(at + MPU_OFFSET, mpu, LITTLE_ENDIAN);
  view.setUint32(at + RATE_OFFSET, Math.min(rate, BEYOND_32_BITS), LITTLE_ENDIAN);
}

/** How long packets of 256 sizes take; kernels before 3.8 look it up there, later ones want it to be there. */
function writeTable(writer: MessageWriter, type: number, { rate, mpu, cellLog, atm }: Bucket): void {
  writer.struct(type, TABLE_ENTRIES * 4, (view, at) => {
    for (let index = 0; index < TABLE_ENTRIES; index += 1) {
      const length = Math.max((index + 1) << cellLog, mpu);
      const size = atm ? Math.ceil(length / ATM_CELL_PAYLOAD) * ATM_CELL_SIZE : length;
      view.setUint32(at + index * 4, Math.min(transmissionTicks(size, rate), 0xffffffff), LITTLE_ENDIAN);
    }
  });
}

/** What follows from a spec: the numbers of the kernel. */
interface TbfParameters {
  readonly main: Bucket;
  readonly peak: Bucket | undefined;
  readonly burst: number;
  readonly peakBurst: number;
  readonly limit: number;
  /** How long the bucket and the one for the peak rate last, in ticks. */
  readonly buffer: number;
  readonly mtu: number;
}

/** The numbers of a spec whose properties have been checked one by one. */
function parametersOf(qdisc: Partial<TbfAttributes>): TbfParameters {
  const { rate = 0, burst = 0, latency = 0, peakRate, peakBurst = 0, minimumPacketUnit = 0, overhead = 0 } = qdisc;
  const atm = qdisc.linklayer === 'atm';
  const bucketOf = (bits: number): Bucket => bucket(Math.floor(bits / 8), minimumPacketUnit, overhead, peakBurst, atm);
  const main = bucketOf(rate);
  const peak = peakRate === undefined ? undefined : bucketOf(peakRate);
  // A limit that was read agrees with the latency that was read with it, so it wins; a new tbf has one of the two.
  let { limit } = qdisc;
  if (limit === undefined) {
    limit = Math.floor((main.rate * latency) / 1000 + burst);
    if (peak !== undefined) limit = Math.min(limit, Math.floor((peak.rate * latency) / 1000 + peakBurst));
  }
  const buffer = transmissionTicks(burst, main.rate);
  const mtu = peak === undefined ? 0 : transmissionTicks(peakBurst, peak.rate);
  return { main, peak, burst, peakBurst, limit, buffer, mtu };
}

function refuse(property: string, message: string): never {
  throw new InvalidOptionError(property, message);
}

export const tbf: QdiscKind<TbfAttributes> = {
  kernelName: 'tbf',
  properties,
  holdsAttributes: true,
  check(qdisc) {
    const { rate, burst, latency, limit, peakRate, peakBurst, linklayer } = qdisc;
    if (rate === undefined || burst === undefined)
      refuse(rate === undefined ? 'rate' : 'burst', 'tbf needs a `rate` in bits per second and a `burst` in bytes');
    checkQuantity('rate', rate, 8, Number.MAX_SAFE_INTEGER, 'bits per second');
    checkInteger('burst', burst, 1, 0xffffffff);
    checkQuantity('latency', latency, 0, 0xffffffff / 1000, 'ms');
    checkInteger('limit', limit, 0, 0xffffffff);
    checkQuantity('peakRate', peakRate, 8, Number.MAX_SAFE_INTEGER, 'bits per second');
    checkInteger('peakBurst', peakBurst, 0, 0xffffffff);
    checkInteger('minimumPacketUnit', qdisc.minimumPacketUnit, 0, 0xffff);
    checkInteger('overhead', qdisc.overhead, 0, 0xffff);
    if (peakRate !== undefined && (peakBurst ?? 0) === 0)
      refuse('peakBurst', 'a `peakRate` needs a `peakBurst`: the MTU of the link or more');
    if (linklayer !== undefined && linklayer !== 'ethernet' && linklayer !== 'atm')
      throw mustBe('linklayer', "'ethernet' or 'atm'", linklayer);
    if (limit === undefined && latency === undefined)
      refuse('latency', 'tbf needs a `latency` in milliseconds, or a `limit` in bytes');
    const parameters = parametersOf(qdisc);
    if (parameters.limit > 0xffffffff)
      refuse('limit', `limit, which follows from rate, latency and burst, cannot be ${parameters.limit} bytes`);
    if (parameters.buffer > 0xffffffff) refuse('burst', `burst ${burst} lasts too long at a rate of ${rate}`);
    if (parameters.mtu > 0xffffffff) refuse('peakBurst', `peakBurst ${peakBurst} lasts too long at ${peakRate}`);
  },
  write(writer, qdisc) {
    const { main, peak, burst, peakBurst, limit, buffer, mtu } = parametersOf(qdisc);
    writer.struct(TCA_TBF_PARMS, TC_TBF_QOPT_SIZE, (view, at) => {
      writeRate(view, at, main);
      if (peak !== undefined) writeRate(view, at + PEAK_OFFSET, peak);
      view.setUint32(at + LIMIT_OFFSET, limit, LITTLE_ENDIAN);
      view.setUint32(at + BUFFER_OFFSET, buffer, LITTLE_ENDIAN);
      view.setUint32(at + MTU_OFFSET, mtu, LITTLE_ENDIAN);
    });
    writer.u32(TCA_TBF_BURST, burst);
    if (main.rate >= BEYOND_32_BITS) writer.u64(TCA_TBF_RATE64, BigInt(main.rate));
    writeTable(writer, TCA_TBF_RTAB, main);
    if (peak !== undefined) {
      if (peak.rate >= BEYOND_32_BITS) writer.u64(TCA_TBF_PRATE64, BigInt(peak.rate));
      writer.u32(TCA_TBF_PBURST, peakBurst);
      writeTable(writer, TCA_TBF_PTAB, peak);
    }
  },
  read(options, qdisc) {
    const attributes = options.nested();
    let rate = 0;
    let peak = 0;
    let buffer = 0;
    let mtu = 0;
    while (attributes.next())
      switch (attributes.type) {
        case TCA_TBF_PARMS:
          rate ||= attributes.u32At(RATE_OFFSET);
          peak ||= attributes.u32At(PEAK_OFFSET + RATE_OFFSET);
          qdisc.limit = attributes.u32At(LIMIT_OFFSET);
          buffer = attributes.u32At(BUFFER_OFFSET);
          mtu = attributes.u32At(MTU_OFFSET);
          if ((attributes.u8At(LINKLAYER_OFFSET) & TC_LINKLAYER_MASK) === TC_LINKLAYER_ATM) qdisc.linklayer = 'atm';
          if (attributes.u16At(MPU_OFFSET) !== 0) qdisc.minimumPacketUnit = attributes.u16At(MPU_OFFSET);
          if (attributes.u16At(OVERHEAD_OFFSET) !== 0) qdisc.overhead = attributes.u16At(OVERHEAD_OFFSET);
          break;
        case TCA_TBF_RATE64:
          rate = Number(attributes.u64());
          break;
        case TCA_TBF_PRATE64:
          peak = Number(attributes.u64());
          break;
        // What they hold follows from the others, which the kernel tells.
        case TCA_TBF_RTAB:
        case TCA_TBF_PTAB:
        case TCA_TBF_BURST:
        case TCA_TBF_PBURST:
        case TCA_TBF_PAD:
          break;
        default:
          keepUnknown(attributes, qdisc);
      }
    qdisc.rate = rate * 8;
    // The kernel keeps how long the bucket lasts, in ticks.
    const lasts = millisecondsOf(buffer);
    // Ticks are cut off: of the sizes that last so long it is the smallest, which lasts as long when it is given back.
    const carried = (bytes: number): number =>
      (qdisc.linklayer === 'atm' ? Math.round(bytes / ATM_CELL_SIZE) * ATM_CELL_PAYLOAD : Math.ceil(bytes - ROUNDING)) -
      (qdisc.overhead ?? 0);
    qdisc.burst = carried((rate * lasts) / 1000);
    let latency = rate === 0 ? 0 : ((qdisc.limit ?? 0) / rate) * 1000 - lasts;
    if (peak !== 0) {
      qdisc.peakRate = peak * 8;
      qdisc.peakBurst = carried((peak * millisecondsOf(mtu)) / 1000);
      latency = Math.max(latency, ((qdisc.limit ?? 0) / peak) * 1000 - millisecondsOf(mtu));
    }
    // A bucket that counts overheads may last longer than the queue.
    qdisc.latency = Math.max(0, Math.round(latency * 1000) / 1000);
  },
};
