import { checkInteger } from 'netns-core/checks';
import { checkProperties, mustBe, propertiesOf } from './checks.js';

/** A number of which some bits count: the number where all do. */
export type MaskedNumber = number | { readonly value: number; readonly mask: number };

const PROPERTIES = propertiesOf<{ value: number; mask: number }>({ value: 'set', mask: 'set' });

/** The greatest number of so many bits, at most 32. */
const full = (bits: number): number => 2 ** bits - 1;

/** Checks a number of so many bits. @throws InvalidOptionError */
export function checkMaskedNumber(property: string, value: unknown, bits: number): void {
  if (typeof value === 'object' && value !== null) {
    checkProperties(value, property, PROPERTIES);
    const { value: number, mask } = value as { value: unknown; mask: unknown };
    if (number === undefined || mask === undefined) throw mustBe(property, 'a number or { value, mask }', value);
    checkInteger(`${property}.value`, number, 0, full(bits));
    checkInteger(`${property}.mask`, mask, 1, full(bits));
  } else checkInteger(property, value, 0, full(bits));
}

/** The number, and which of its bits count. */
export function maskedParts(number: MaskedNumber, bits: number): { readonly value: number; readonly mask: number } {
  return typeof number === 'number' ? { value: number, mask: full(bits) } : number;
}

/** A number that was read with its mask. */
export function maskedNumber(value: number, mask: number, bits: number): MaskedNumber {
  return mask === full(bits) ? value : { value, mask };
}
