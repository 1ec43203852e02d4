import type { AttributeReader } from '../../message/attribute-reader.js';
import { mustBe } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import type { MessageWriter } from '../../message/message-writer.js';
import {
  ATM_CELL_PAYLOAD,
  ATM_CELL_SIZE,
  TC_LINKLAYER_ATM,
  TC_LINKLAYER_ETHERNET,
  TC_LINKLAYER_MASK,
} from '../../uapi/pkt-sched.js';
import { transmissionTicks } from './psched-ticks.js';

// What tbf, the classes of htb and the action police have in common: `struct tc_ratespec` and the table of times that
// goes with it, `tc_calc_rtable` of iproute2.

// Offsets in `struct tc_ratespec`.
const RATESPEC_LINKLAYER = 1;
const RATESPEC_OVERHEAD = 2;
const RATESPEC_CELL_ALIGN = 4;
const RATESPEC_MPU = 6;
const RATESPEC_RATE = 8;
/** The 32-bit rate that stands for "see the 64-bit one". */
export const BEYOND_32_BITS = 0xffffffff;
const TABLE_ENTRIES = 256;
/** The packet size that the table must reach, where none is given. */
const DEFAULT_MTU = 2047;

/** A rate and how packets are measured for it. */
export interface TableRate {
  /** Bytes per second. */
  readonly rate: number;
  readonly mpu: number;
  readonly overhead: number;
  readonly cellLog: number;
  readonly atm: boolean;
}

/** @param rate bytes per second */
export function tableRate(
  rate: number,
  { mpu = 0, overhead = 0, mtu = 0, atm = false }: { mpu?: number; overhead?: number; mtu?: number; atm?: boolean },
): TableRate {
  let cellLog = 0;
  while ((mtu || DEFAULT_MTU) >> cellLog > TABLE_ENTRIES - 1) cellLog += 1;
  return { rate, mpu, overhead, cellLog, atm };
}

/** Writes `struct tc_ratespec`. */
export function writeRateSpec(view: DataView, at: number, { rate, mpu, overhead, cellLog, atm }: TableRate): void {
  view.setUint8(at, cellLog);
  view.setUint8(at + RATESPEC_LINKLAYER, atm ? TC_LINKLAYER_ATM : TC_LINKLAYER_ETHERNET);
  view.setUint16(at + RATESPEC_OVERHEAD, overhead, LITTLE_ENDIAN);
  view.setInt16(at + RATESPEC_CELL_ALIGN, -1, LITTLE_ENDIAN);
  view.setUint16(at + RATESPEC_MPU, mpu, LITTLE_ENDIAN);
  view.setUint32(at + RATESPEC_RATE, Math.min(rate, BEYOND_32_BITS), LITTLE_ENDIAN);
}

/** How packets are measured, as read; what is nothing, or Ethernet, is absent. */
interface RateSpec {
  /** Bytes per second; {@link BEYOND_32_BITS} where the 64-bit one counts. */
  readonly rate: number;
  readonly mpu: number | undefined;
  readonly overhead: number | undefined;
  readonly linkLayer: 'atm' | undefined;
}

/** Reads `struct tc_ratespec`, so many bytes from the beginning of an attribute. */
export function readRateSpec(data: AttributeReader, at: number): RateSpec {
  const isAtm = (data.u8At(at + RATESPEC_LINKLAYER) & TC_LINKLAYER_MASK) === TC_LINKLAYER_ATM;
  return {
    rate: data.u32At(at + RATESPEC_RATE),
    mpu: data.u16At(at + RATESPEC_MPU) || undefined,
    overhead: data.u16At(at + RATESPEC_OVERHEAD) || undefined,
    linkLayer: isAtm ? 'atm' : undefined,
  };
}

/** Checks how packets are measured; `undefined` passes. @throws InvalidOptionError */
export function checkLinkLayer(property: string, value: unknown): void {
  if (value !== undefined && value !== 'ethernet' && value !== 'atm')
    throw mustBe(property, "'ethernet' or 'atm'", value);
}

/** How long packets of 256 sizes take; kernels before 3.8 look it up there, later ones want it to be there. */
export function writeRateTable(writer: MessageWriter, type: number, { rate, mpu, cellLog, atm }: TableRate): void {
  writer.struct(type, TABLE_ENTRIES * 4, (view, at) => {
    for (let index = 0; index < TABLE_ENTRIES; index += 1) {
      const length = Math.max((index + 1) << cellLog, mpu);
      const size = atm ? Math.ceil(length / ATM_CELL_PAYLOAD) * ATM_CELL_SIZE : length;
      view.setUint32(at + index * 4, Math.min(transmissionTicks(size, rate), 0xffffffff), LITTLE_ENDIAN);
    }
  });
}
