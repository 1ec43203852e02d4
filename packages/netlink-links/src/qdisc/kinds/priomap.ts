import type { AttributeReader } from '../../message/attribute-reader.js';
import { mustBe } from '../../message/checks.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { TC_PRIORITIES } from '../../uapi/pkt-sched.js';

// `struct tc_prio_qopt`: bands (u32), and a band (u8) for each of the sixteen priorities of packets.

/** The map in the structure that the reader stands on. */
export function readPriomap(options: AttributeReader): number[] {
  return Array.from({ length: TC_PRIORITIES }, (_, priority) => options.u8At(4 + priority));
}

/** Checks a map; `undefined` passes. @throws InvalidOptionError */
export function checkPriomap(property: string, map: unknown, bands: number): void {
  if (map === undefined) return;
  const isBand = (band: unknown): boolean => Number.isInteger(band) && Number(band) >= 0 && Number(band) < bands;
  if (!Array.isArray(map) || map.length !== TC_PRIORITIES || !Array.from(map).every(isBand))
    throw mustBe(property, `an array of ${TC_PRIORITIES} bands from 0 to ${bands - 1}`, map);
}

export function writePriomap(view: DataView, at: number, bands: number, map: readonly number[]): void {
  view.setUint32(at, bands, LITTLE_ENDIAN);
  for (const [priority, band] of map.entries()) view.setUint8(at + 4 + priority, band);
}
