import { hexadecimal } from './random.js';

/**
 * Makes a random hardware address: unicast, locally administered, `02:65:02` and three random bytes (the prefix that
 * rkt has chosen and Virtlet has taken over).
 */
export function generateMacAddress(): string {
  return `02:65:02:${hexadecimal(1)}:${hexadecimal(1)}:${hexadecimal(1)}`;
}
