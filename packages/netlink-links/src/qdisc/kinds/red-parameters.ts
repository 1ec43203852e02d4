import { checkInteger } from 'netns-core/checks';
import type { AttributeReader } from '../../message/attribute-reader.js';
import { checkQuantity, mustBe } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import type { MessageWriter } from '../../message/message-writer.js';
import type { Mutable } from '../../message/mutable.js';
import { TC_RED_QOPT_SIZE } from '../../uapi/pkt-sched.js';
import { transmissionTicks } from '../rate/psched-ticks.js';

/**
 * What random early detection is told by: the sizes that people think in, and the logarithms that the kernel keeps of
 * them. The kernel tells the logarithms alone.
 */
export interface RedParameters {
  /** Average length of the queue from which packets may be dropped. */
  readonly min?: number;
  /** Average length of the queue from which every packet is dropped. */
  readonly max?: number;
  /** Size of an average packet, bytes. Never told by the kernel. */
  readonly averagePacket?: number;
  /** How many packets may come at once before the average follows; it makes `wlog`. Never told by the kernel. */
  readonly burst?: number;
  /** Rate of the link, bits per second, for how the average falls while it is idle. Never told by the kernel. */
  readonly bandwidth?: number;
  /** The probability at `max`, per cent. */
  readonly probability?: number;
  /** Logarithm of the weight of the average; it follows from `burst` if left out. */
  readonly wlog?: number;
  /** Logarithm of the slope of the probability; it follows from `min`, `max` and `probability` if left out. */
  readonly plog?: number;
  /** Logarithm of a cell of time when idle; it follows from `averagePacket` and `bandwidth` if left out. */
  readonly scellLog?: number;
}

/** What is written. */
export interface RedNumbers {
  readonly limit: number;
  readonly min: number;
  readonly max: number;
  readonly wlog: number;
  readonly plog: number;
  readonly scellLog: number;
  readonly maxProbability: number;
  /** By how much the average falls in times of 256 lengths. */
  readonly table: Uint8Array;
}

const DEFAULT_AVERAGE_PACKET = 1000;
/** Bits per second. */
const DEFAULT_BANDWIDTH = 10_000_000;
/** Per cent. */
const DEFAULT_PROBABILITY = 2;
const PROBABILITY_ONE = 2 ** 32;
const MAX_LOG = 31;
const TABLE_ENTRIES = 256;
/** The average that is shifted by as much is gone. */
const MAX_SHIFT = 31;
/** The largest number of cells that the time may have until the average is gone. */
const MAX_CELLS = 512;

/** The kernel's number of a probability in per cent. What was read comes out as it was. */
const probabilityNumber = (percent: number): number =>
  Math.min(Math.floor((percent / 100) * PROBABILITY_ONE + 1e-4), PROBABILITY_ONE - 1);

/** Per cent of the kernel's number. */
export const probabilityOf = (number: number): number => (number / PROBABILITY_ONE) * 100;

/** The weight (its logarithm) for which a burst that begins with an empty queue ends with the average at `min`. */
function weightLog(minPackets: number, burst: number): number | undefined {
  const wanted = burst + 1 - minPackets;
  for (let log = 1; log <= MAX_LOG; log += 1) {
    const weight = 2 ** -log;
    if (wanted <= (1 - (1 - weight) ** burst) / weight) return log;
  }
  return undefined;
}

/** The logarithm for which the probability grows from 0 at `min` to what it is at `max`. */
function slopeLog(range: number, probability: number): number | undefined {
  if (range === 0) return 0;
  let slope = probability / range;
  for (let log = 0; log <= MAX_LOG; log += 1) {
    if (slope > 1) return log;
    slope *= 2;
  }
  return undefined;
}

/** The table, made from how many bits the average loses in a cell of time. */
function idleTable(bitsPerCell: number): Uint8Array {
  return Uint8Array.from({ length: TABLE_ENTRIES }, (_, cells) =>
    cells === TABLE_ENTRIES - 1 ? MAX_SHIFT : Math.min(Math.floor(cells * bitsPerCell), MAX_SHIFT),
  );
}

/** Of the tables that can belong to a logarithm, one in the middle: 256 to 512 cells make the average vanish. */
const middleTable = (): Uint8Array => idleTable(MAX_SHIFT / Math.sqrt((MAX_CELLS / 2) * MAX_CELLS));

/** Checks the parameters one by one. @throws InvalidOptionError */
export function checkRedParameters(of: RedParameters): void {
  checkInteger('min', of.min, 0, 0xffffffff);
  checkInteger('max', of.max, 0, 0xffffffff);
  checkInteger('averagePacket', of.averagePacket, 1, 0xffffffff);
  checkInteger('burst', of.burst, 0, 0xffffffff);
  checkQuantity('bandwidth', of.bandwidth, 8, Number.MAX_SAFE_INTEGER, 'bits per second');
  checkQuantity('probability', of.probability, 0, 100, 'per cent');
  for (const name of ['wlog', 'plog', 'scellLog'] as const) checkInteger(name, of[name], 0, MAX_LOG);
}

/**
 * The kernel's numbers, as `tc` makes them; tc-red(8) has the formulas.
 *
 * @param limit in the unit of `min` and `max`
 * @param inPackets whether that is packets, not bytes
 * @throws InvalidOptionError where they cannot follow from what is given
 */
export function redNumbers(limit: number, of: RedParameters, inPackets: boolean): RedNumbers {
  const {
    averagePacket = DEFAULT_AVERAGE_PACKET,
    bandwidth = DEFAULT_BANDWIDTH,
    probability = DEFAULT_PROBABILITY,
  } = of;
  const max = of.max ?? (of.min === undefined ? Math.floor(limit / 4) : of.min * 3);
  const min = of.min ?? Math.floor(max / 3);
  if (max < min || max > 0xffffffff) throw mustBe('max', `an integer from min (${min}) to ${0xffffffff}`, max);
  const unit = inPackets ? averagePacket : 1;
  const packets = (size: number): number => (size * unit) / averagePacket;
  const burst = of.burst ?? Math.floor(packets(2 * min + max) / 3);
  const wlog = of.wlog ?? weightLog(packets(min), burst);
  if (wlog === undefined) throw mustBe('burst', 'larger: no average can follow it, or give `wlog`', burst);
  const plog = of.plog ?? slopeLog((max - min) * unit, probability / 100);
  if (plog === undefined) throw mustBe('probability', 'larger for so wide a range, or give `plog`', probability);
  const maxProbability = probabilityNumber(probability);
  const numbers = { limit, min, max, wlog, plog, maxProbability };
  if (of.scellLog !== undefined && of.averagePacket === undefined && of.bandwidth === undefined)
    return { ...numbers, scellLog: of.scellLog, table: middleTable() };
  // The average falls while nothing is sent as if packets of average size had gone out all the time.
  const bitsPerTick = -Math.log(1 - 2 ** -wlog) / transmissionTicks(averagePacket, bandwidth / 8);
  let { scellLog = 0 } = of;
  if (of.scellLog === undefined)
    while (MAX_SHIFT / bitsPerTick / 2 ** scellLog >= MAX_CELLS && scellLog <= MAX_LOG) scellLog += 1;
  if (scellLog > MAX_LOG || !Number.isFinite(bitsPerTick))
    throw mustBe('bandwidth', 'one at which a packet takes time, and not too long', bandwidth);
  return { ...numbers, scellLog, table: idleTable(2 ** scellLog * bitsPerTick) };
}

/** Writes `struct tc_red_qopt` (or tc_choke_qopt, which is the same), the table, and the probability. */
export function writeRedNumbers(
  writer: MessageWriter,
  { limit, min, max, wlog, plog, scellLog, maxProbability, table }: RedNumbers,
  flags: number,
  attributes: { readonly parameters: number; readonly table: number; readonly maxProbability: number },
): void {
  writer.struct(attributes.parameters, TC_RED_QOPT_SIZE, (view, at) => {
    view.setUint32(at, limit, LITTLE_ENDIAN);
    view.setUint32(at + 4, min, LITTLE_ENDIAN);
    view.setUint32(at + 8, max, LITTLE_ENDIAN);
    view.setUint8(at + 12, wlog);
    view.setUint8(at + 13, plog);
    view.setUint8(at + 14, scellLog);
    view.setUint8(at + 15, flags);
  });
  writer.bytes(attributes.table, table);
  writer.u32(attributes.maxProbability, maxProbability);
}

/** Reads the structure. */
export function readRedQopt(data: AttributeReader, into: Mutable<RedParameters & { readonly limit?: number }>): number {
  into.limit = data.u32At(0);
  into.min = data.u32At(4);
  into.max = data.u32At(8);
  into.wlog = data.u8At(12);
  into.plog = data.u8At(13);
  into.scellLog = data.u8At(14);
  return data.u8At(15);
}
