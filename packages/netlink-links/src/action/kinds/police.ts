import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { checkQuantity, propertiesOf } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { keepUnknown } from '../../message/unknown-attribute.js';
import { bytesSentIn, transmissionTicks } from '../../qdisc/rate/psched-ticks.js';
import {
  BEYOND_32_BITS,
  checkLinkLayer,
  readRateSpec,
  type TableRate,
  tableRate,
  writeRateSpec,
  writeRateTable,
} from '../../qdisc/rate/rate-table.js';
import {
  TC_POLICE_SIZE,
  TCA_POLICE_AVRATE,
  TCA_POLICE_PAD,
  TCA_POLICE_PEAKRATE,
  TCA_POLICE_PEAKRATE64,
  TCA_POLICE_PKTBURST64,
  TCA_POLICE_PKTRATE64,
  TCA_POLICE_RATE,
  TCA_POLICE_RATE64,
  TCA_POLICE_RESULT,
  TCA_POLICE_TBF,
  TCA_POLICE_TM,
} from '../../uapi/tc-act.js';
import { type ActionControl, checkControl, controlNumber, readControl } from './control.js';
import { type ActionKind, readTimes } from './kind.js';

/**
 * Limits a rate by what it does with packets beyond it, which it drops or marks but never delays; tc-police(8). Its `control` is
 * the one of packets within the rate: `conform`.
 */
export interface PoliceAttributes {
  /** Bits per second. */
  readonly rate?: number;
  /** What may come at once, bytes; needed with `rate`. */
  readonly burst?: number;
  /** The largest packet, bytes: larger ones are beyond the rate; 2047 if left out, and a rate is given. */
  readonly mtu?: number;
  /** The most at which the bucket is emptied, bits per second; it needs an `mtu`. */
  readonly peakRate?: number;
  /** Bits per second on the average, as an estimator measures them that the kernel has been told to have. */
  readonly averageRate?: number;
  /** Packets per second. Linux 5.12. */
  readonly packetRate?: number;
  /** Packets that may come at once; needed with `packetRate`. */
  readonly packetBurst?: number;
  /** What happens with packets beyond the rate; `'reclassify'` if left out. */
  readonly exceed?: ActionControl;
  /** What happens with the others; `'pass'` of the kernel's if left out. */
  readonly conform?: ActionControl;
  /** Bytes that the smallest packet counts. */
  readonly mpu?: number;
  /** Bytes that every packet counts more. */
  readonly overhead?: number;
  /** `'atm'` counts whole cells, of 48 bytes in 53; `'ethernet'` if left out. */
  readonly linkLayer?: 'ethernet' | 'atm';
}

const properties = propertiesOf<PoliceAttributes>(
  {
    rate: 'set',
    burst: 'set',
    mtu: 'set',
    peakRate: 'set',
    averageRate: 'set',
    packetRate: 'set',
    packetBurst: 'set',
    exceed: 'set',
    conform: 'set',
    mpu: 'set',
    overhead: 'set',
    linkLayer: 'set',
  },
  {
    avrate: 'averageRate',
    pkts_rate: 'packetRate',
    pkts_burst: 'packetBurst',
    maxburst: 'burst',
    linklayer: 'linkLayer',
  },
);

// Offsets in `struct tc_police`.
const ACTION_OFFSET = 4;
const BURST_OFFSET = 12;
const MTU_OFFSET = 16;
const RATE_OFFSET = 20;
const PEAKRATE_OFFSET = 32;
const REFCNT_OFFSET = 44;
const BINDCNT_OFFSET = 48;
const MAX_RATE = Number.MAX_SAFE_INTEGER;

function ratesOf(action: Partial<PoliceAttributes>): { main: TableRate | undefined; peak: TableRate | undefined } {
  const { rate, peakRate, mpu = 0, overhead = 0, mtu = 0, linkLayer } = action;
  const of = (bits: number | undefined): TableRate | undefined =>
    bits === undefined ? undefined : tableRate(Math.floor(bits / 8), { mpu, overhead, mtu, atm: linkLayer === 'atm' });
  return { main: of(rate), peak: of(peakRate) };
}

export const police: ActionKind<PoliceAttributes> = {
  kernelName: 'police',
  properties,
  holdsAttributes: true,
  check(action) {
    const { rate, burst, mtu, peakRate, averageRate, packetRate, packetBurst, linkLayer, control } = action;
    if (rate === undefined && packetRate === undefined && averageRate === undefined)
      throw new InvalidOptionError(
        'rate',
        'police needs a `rate` in bits per second, a `packetRate` in packets per second or an `averageRate`',
      );
    if (control !== undefined)
      throw new InvalidOptionError('control', 'police has `conform` and `exceed` in the place of `control`');
    checkQuantity('rate', rate, 8, MAX_RATE, 'bits per second');
    checkQuantity('peakRate', peakRate, 8, MAX_RATE, 'bits per second');
    checkQuantity('averageRate', averageRate, 8, 0xffffffff * 8, 'bits per second');
    checkInteger('burst', burst, 1, 0xffffffff);
    checkInteger('mtu', mtu, 1, 0x7fffffff);
    checkInteger('packetRate', packetRate, 1, MAX_RATE);
    checkInteger('packetBurst', packetBurst, 1, 0xffffffff);
    checkInteger('mpu', action.mpu, 0, 0xffff);
    checkInteger('overhead', action.overhead, 0, 0xffff);
    checkControl('exceed', action.exceed);
    checkControl('conform', action.conform);
    checkLinkLayer('linkLayer', linkLayer);
    if ((rate === undefined) !== (burst === undefined))
      throw new InvalidOptionError(rate === undefined ? 'rate' : 'burst', 'rate and burst belong together');
    if ((packetRate === undefined) !== (packetBurst === undefined))
      throw new InvalidOptionError(
        packetRate === undefined ? 'packetRate' : 'packetBurst',
        'packetRate and packetBurst belong together',
      );
    if (rate !== undefined && packetRate !== undefined)
      throw new InvalidOptionError('packetRate', 'rate and packetRate exclude each other: an action has one of them');
    if (peakRate !== undefined && (rate === undefined || mtu === undefined))
      throw new InvalidOptionError('peakRate', 'peakRate needs a `rate` and an `mtu`');
    if (rate !== undefined && burst !== undefined && transmissionTicks(burst, Math.floor(rate / 8)) > 0xffffffff)
      throw new InvalidOptionError('burst', `burst lasts longer than 274 s at a rate of ${rate} bits per second`);
  },
  write(writer, action) {
    const { burst = 0, mtu = 0, averageRate, packetRate, packetBurst, exceed = 'reclassify', conform } = action;
    const { main, peak } = ratesOf(action);
    writer.struct(TCA_POLICE_TBF, TC_POLICE_SIZE, (view, at) => {
      view.setUint32(at, action.index ?? 0, LITTLE_ENDIAN);
      view.setInt32(at + ACTION_OFFSET, controlNumber(exceed), LITTLE_ENDIAN);
      if (main !== undefined) {
        view.setUint32(at + BURST_OFFSET, transmissionTicks(burst, main.rate), LITTLE_ENDIAN);
        writeRateSpec(view, at + RATE_OFFSET, main);
      }
      view.setUint32(at + MTU_OFFSET, mtu, LITTLE_ENDIAN);
      if (peak !== undefined) writeRateSpec(view, at + PEAKRATE_OFFSET, peak);
    });
    if (main !== undefined) {
      writeRateTable(writer, TCA_POLICE_RATE, main);
      if (main.rate > BEYOND_32_BITS) writer.u64(TCA_POLICE_RATE64, BigInt(main.rate));
    }
    if (peak !== undefined) {
      writeRateTable(writer, TCA_POLICE_PEAKRATE, peak);
      if (peak.rate > BEYOND_32_BITS) writer.u64(TCA_POLICE_PEAKRATE64, BigInt(peak.rate));
    }
    if (packetRate !== undefined) writer.u64(TCA_POLICE_PKTRATE64, BigInt(packetRate));
    if (packetBurst !== undefined)
      // How long they take, as that of bytes.
      writer.u64(TCA_POLICE_PKTBURST64, BigInt(transmissionTicks(packetBurst, packetRate ?? 1)));
    if (averageRate !== undefined) writer.u32(TCA_POLICE_AVRATE, Math.floor(averageRate / 8));
    if (conform !== undefined) writer.u32(TCA_POLICE_RESULT, controlNumber(conform) >>> 0);
  },
  read(options, action) {
    let rate = 0;
    let peak = 0;
    let burst = 0;
    let packetBurst = 0;
    while (options.next())
      switch (options.type) {
        case TCA_POLICE_TBF: {
          action.index = options.u32At(0);
          action.exceed = readControl(options.u32At(ACTION_OFFSET) | 0);
          burst = options.u32At(BURST_OFFSET);
          // The kernel's largest number stands for any size.
          if (options.u32At(MTU_OFFSET) !== 0 && options.u32At(MTU_OFFSET) !== 0xffffffff)
            action.mtu = options.u32At(MTU_OFFSET);
          const { mpu, overhead, linkLayer, ...spec } = readRateSpec(options, RATE_OFFSET);
          rate ||= spec.rate;
          peak ||= readRateSpec(options, PEAKRATE_OFFSET).rate;
          if (mpu !== undefined) action.mpu = mpu;
          if (overhead !== undefined) action.overhead = overhead;
          if (linkLayer !== undefined) action.linkLayer = linkLayer;
          action.references = options.u32At(REFCNT_OFFSET);
          action.bindings = options.u32At(BINDCNT_OFFSET);
          break;
        }
        case TCA_POLICE_RATE64:
          rate = Number(options.u64());
          break;
        case TCA_POLICE_PEAKRATE64:
          peak = Number(options.u64());
          break;
        case TCA_POLICE_PKTRATE64:
          action.packetRate = Number(options.u64());
          break;
        case TCA_POLICE_PKTBURST64:
          packetBurst = Number(options.u64());
          break;
        case TCA_POLICE_AVRATE:
          action.averageRate = options.u32() * 8;
          break;
        case TCA_POLICE_RESULT:
          action.conform = readControl(options.u32() | 0);
          break;
        case TCA_POLICE_TM:
          action.times = readTimes(options);
          break;
        case TCA_POLICE_RATE:
        case TCA_POLICE_PEAKRATE:
        case TCA_POLICE_PAD:
          break;
        default:
          keepUnknown(options, action);
      }
    if (rate !== 0) {
      action.rate = rate * 8;
      action.burst = bytesSentIn(burst, rate);
    }
    if (peak !== 0) action.peakRate = peak * 8;
    if (action.packetRate) action.packetBurst = bytesSentIn(packetBurst, action.packetRate);
  },
};
