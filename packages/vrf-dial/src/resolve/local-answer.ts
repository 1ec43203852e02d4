import { isIP } from 'node:net';
import type { ResolvedAddress } from './context.js';
import { NameResolutionError } from './errors.js';
import { ofFamily, type WantedFamily } from './families.js';
import { readNumericAddress } from './numeric-address.js';

const LOCALHOST: readonly ResolvedAddress[] = [
  { address: '::1', family: 6, ttl: 0 },
  { address: '127.0.0.1', family: 4, ttl: 0 },
];

/**
 * IP addresses in all their forms, and `localhost` with everything below it (RFC 6761 section 6.3), need no source.
 *
 * @returns `undefined` for every other name
 * @throws NameResolutionError for an address of the other family
 */
export function localAnswer(hostname: string, family: WantedFamily): readonly ResolvedAddress[] | undefined {
  const literal = isIP(hostname);
  const address = literal === 0 ? readNumericAddress(hostname) : hostname;
  if (address !== undefined) {
    const of = literal === 6 ? 6 : 4;
    if (family === 0 || family === of) return [{ address, family: of, ttl: 0 }];
    throw new NameResolutionError('EAI_ADDRFAMILY', hostname, `it is an IPv${of} address, and IPv${family} is wanted`);
  }
  // The length first: this runs for every name.
  if (hostname.length < 9 || !/(?:^|\.)localhost\.?$/i.test(hostname)) return undefined;
  return ofFamily(LOCALHOST, family);
}
