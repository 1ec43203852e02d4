/** The largest value of the last part of an address with as many parts before it. */
const MAX_LAST: readonly number[] = [0xffffffff, 0xffffff, 0xffff, 0xff];
/** Four octal numbers of eleven digits are shorter. */
const MAX_LENGTH = 64;

/**
 * Reads an IPv4 address in the forms of `inet_aton(3)`, which the C library takes in place of a host name: one to four
 * numbers, decimal, octal (`010`) or hexadecimal (`0x7f`), the last of which fills the rest: `127.1`, `0x7f.1`,
 * `2130706433`.
 *
 * @returns the address with four decimal numbers, `undefined` for anything else
 */
export function readNumericAddress(text: string): string | undefined {
  const first = text.charCodeAt(0);
  // This runs for every name, and most begin with a letter.
  if (!(first >= 0x30 && first <= 0x39) || text.length > MAX_LENGTH) return undefined;
  const parts = text.split('.');
  const max = MAX_LAST[parts.length - 1];
  if (max === undefined) return undefined;
  const numbers = parts.map(readNumber);
  const last = numbers.pop();
  if (last === undefined || last > max) return undefined;
  let value = last;
  for (const [index, number] of numbers.entries()) {
    if (number === undefined || number > 0xff) return undefined;
    value += number * 2 ** (24 - 8 * index);
  }
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

function readNumber(text: string): number | undefined {
  if (/^0x[0-9a-f]+$/i.test(text)) return Number.parseInt(text, 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9][0-9]*$/.test(text) ? Number(text) : undefined;
}
