import type { LookupAddress } from 'node:dns';
import type { SocketOptions } from 'netns-core';
import { checkLookupTarget, lookupIn } from '../resolve/index.js';
import type { VrfTarget } from '../target/target.js';

/** An address in the form that undici's `dns` interceptor takes. */
export interface OriginAddress {
  readonly address: string;
  readonly family: 4 | 6;
  readonly ttl: number;
}

/** The `lookup` of undici's `dns` interceptor. */
export type OriginLookup = (
  origin: { readonly hostname: string },
  options: { readonly family?: number | string | null | undefined },
  callback: (error: NodeJS.ErrnoException | null, addresses: OriginAddress[]) => void,
) => void;

/** For how long the interceptor may keep an address, in milliseconds; the resolver's own cache knows the real time. */
const TTL = 1000;

/**
 * Makes the `lookup` option of undici's `interceptors.dns`, whose default asks at home:
 * `agent.compose(interceptors.dns({ lookup: createVrfOriginLookup({ vrf: 'red' }) }))`. A VrfAgent needs no such
 * interceptor: it resolves names in its VRF by itself.
 *
 * @throws InvalidOptionError
 */
export function createVrfOriginLookup(target: VrfTarget & SocketOptions): OriginLookup {
  const lookup = lookupIn(checkLookupTarget(target, 'createVrfOriginLookup'));
  return ({ hostname }, { family }, callback) => {
    const wanted = family === 4 || family === 6 ? family : 0;
    lookup(hostname, { all: true, family: wanted }, (error, found) => {
      if (error) return callback(error, []);
      const addresses = found as LookupAddress[];
      callback(
        null,
        addresses.map((entry) => ({ address: entry.address, family: entry.family === 6 ? 6 : 4, ttl: TTL })),
      );
    });
  };
}
