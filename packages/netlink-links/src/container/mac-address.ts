import { randomBytes } from 'node:crypto';

/**
 * Makes a random hardware address: unicast, locally administered, `02:65:02` and three random bytes (the prefix that
 * rkt has chosen and Virtlet has taken over).
 */
export function generateMacAddress(): string {
  const random = [...randomBytes(3)].map((byte) => byte.toString(16).padStart(2, '0'));
  return `02:65:02:${random.join(':')}`;
}
