import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { checkQuantity, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import {
  ATM_CELL_PAYLOAD,
  ATM_CELL_SIZE,
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
import { millisecondsOf, transmissionTicks } from '../rate/psched-ticks.js';
import {
  BEYOND_32_BITS,
  checkLinkLayer,
  readRateSpec,
  type TableRate,
  tableRate,
  writeRateSpec,
  writeRateTable,
} from '../rate/rate-table.js';
import type { QdiscKind } from './kind.js';

/** Token bucket filter: nothing goes out faster than a rate; tc-tbf(8). */
export interface TbfAttributes {
  /** Bits per second. */
  readonly rate: number;
  /** Size of the bucket, bytes: what may be sent at once. */
  readonly burst: number;
  /** How long a packet may wait, ms. It and `limit` are two ways to say the same; if both are given, they must agree. */
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
/** What numbers with fractions may be wrong by, in bytes. */
const ROUNDING = 1e-4;
/** What a latency that was read may be wrong by, in milliseconds. */
const ROUNDING_MS = 2e-3;

/** What follows from a spec: the numbers of the kernel. */
interface TbfParameters {
  readonly main: TableRate;
  readonly peak: TableRate | undefined;
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
  const rateOf = (bits: number): TableRate =>
    tableRate(Math.floor(bits / 8), { mpu: minimumPacketUnit, overhead, mtu: peakBurst, atm });
  const main = rateOf(rate);
  const peak = peakRate === undefined ? undefined : rateOf(peakRate);
  // Where both are given they agree.
  let { limit } = qdisc;
  if (limit === undefined) {
    limit = Math.floor((main.rate * latency) / 1000 + burst);
    if (peak !== undefined) limit = Math.min(limit, Math.floor((peak.rate * latency) / 1000 + peakBurst));
  }
  const buffer = transmissionTicks(burst, main.rate);
  const mtu = peak === undefined ? 0 : transmissionTicks(peakBurst, peak.rate);
  return { main, peak, burst, peakBurst, limit, buffer, mtu };
}

/** For how long a packet may wait, in milliseconds: the two ways to say the same agree as far as whole bytes allow. */
function latencyOf({
  main,
  peak,
  limit,
  buffer,
  mtu,
}: Pick<TbfParameters, 'limit' | 'buffer' | 'mtu'> & {
  readonly main: { readonly rate: number };
  readonly peak: { readonly rate: number } | undefined;
}): number {
  const wait = (rate: number, ticks: number): number =>
    rate === 0 ? 0 : (limit / rate) * 1000 - millisecondsOf(ticks);
  const latency = Math.max(wait(main.rate, buffer), peak === undefined ? 0 : wait(peak.rate, mtu));
  // A bucket that counts overheads may last longer than the queue.
  return Math.max(0, Math.round(latency * 1000) / 1000);
}

/** The same with buckets as the kernel tells them: it counts what every packet counts more, and whole cells. */
function asTold(
  { burst = 0, peakBurst = 0, overhead = 0, linklayer }: Partial<TbfAttributes>,
  parameters: TbfParameters,
): TbfParameters {
  const onWire = (bytes: number): number =>
    linklayer === 'atm' ? Math.ceil((bytes + overhead) / ATM_CELL_PAYLOAD) * ATM_CELL_SIZE : bytes + overhead;
  const { main, peak } = parameters;
  return {
    ...parameters,
    buffer: transmissionTicks(onWire(burst), main.rate),
    mtu: peak === undefined ? 0 : transmissionTicks(onWire(peakBurst), peak.rate),
  };
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
    checkLinkLayer('linklayer', linklayer);
    if (limit === undefined && latency === undefined)
      refuse('latency', 'tbf needs a `latency` in milliseconds, or a `limit` in bytes');
    const parameters = parametersOf(qdisc);
    if (parameters.limit > 0xffffffff)
      refuse('limit', `limit, which follows from rate, latency and burst, cannot be ${parameters.limit} bytes`);
    if (limit !== undefined && latency !== undefined) {
      const told = latencyOf(parameters);
      const tolerance = 1000 / parameters.main.rate + ROUNDING_MS;
      const [least, most] = [latencyOf(asTold(qdisc, parameters)), told].sort((a, b) => a - b);
      if (latency < (least ?? told) - tolerance || latency > (most ?? told) + tolerance)
        refuse(
          'limit',
          `a limit of ${limit} bytes means a latency of ${told} ms, not ${latency}: leave out \`limit\` or \`latency\``,
        );
    }
    if (parameters.buffer > 0xffffffff) refuse('burst', `burst ${burst} lasts too long at a rate of ${rate}`);
    if (parameters.mtu > 0xffffffff) refuse('peakBurst', `peakBurst ${peakBurst} lasts too long at ${peakRate}`);
  },
  write(writer, qdisc) {
    const { main, peak, burst, peakBurst, limit, buffer, mtu } = parametersOf(qdisc);
    writer.struct(TCA_TBF_PARMS, TC_TBF_QOPT_SIZE, (view, at) => {
      writeRateSpec(view, at, main);
      if (peak !== undefined) writeRateSpec(view, at + PEAK_OFFSET, peak);
      view.setUint32(at + LIMIT_OFFSET, limit, LITTLE_ENDIAN);
      view.setUint32(at + BUFFER_OFFSET, buffer, LITTLE_ENDIAN);
      view.setUint32(at + MTU_OFFSET, mtu, LITTLE_ENDIAN);
    });
    writer.u32(TCA_TBF_BURST, burst);
    if (main.rate >= BEYOND_32_BITS) writer.u64(TCA_TBF_RATE64, BigInt(main.rate));
    writeRateTable(writer, TCA_TBF_RTAB, main);
    if (peak !== undefined) {
      if (peak.rate >= BEYOND_32_BITS) writer.u64(TCA_TBF_PRATE64, BigInt(peak.rate));
      writer.u32(TCA_TBF_PBURST, peakBurst);
      writeRateTable(writer, TCA_TBF_PTAB, peak);
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
        case TCA_TBF_PARMS: {
          const { mpu, overhead, linkLayer, ...spec } = readRateSpec(attributes, 0);
          rate ||= spec.rate;
          peak ||= readRateSpec(attributes, PEAK_OFFSET).rate;
          qdisc.limit = attributes.u32At(LIMIT_OFFSET);
          buffer = attributes.u32At(BUFFER_OFFSET);
          mtu = attributes.u32At(MTU_OFFSET);
          if (linkLayer !== undefined) qdisc.linklayer = linkLayer;
          if (mpu !== undefined) qdisc.minimumPacketUnit = mpu;
          if (overhead !== undefined) qdisc.overhead = overhead;
          break;
        }
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
    if (peak !== 0) {
      qdisc.peakRate = peak * 8;
      qdisc.peakBurst = carried((peak * millisecondsOf(mtu)) / 1000);
    }
    qdisc.latency = latencyOf({
      main: { rate },
      peak: peak === 0 ? undefined : { rate: peak },
      limit: qdisc.limit ?? 0,
      buffer,
      mtu,
    });
  },
};
