import type { Scope } from '../message/scope.js';
import type { UnknownAttribute } from '../message/unknown-attribute.js';
import type { AddressFlag } from './address.js';

/** An address to add, replace or delete. An `Address` that was read is one, too. */
export interface AddressSpec {
  /** With the length of its prefix, `'192.0.2.1/24'`; without, the address stands alone (32 or 128). */
  address: string;
  /** The other end of a point-to-point connection with the length of the prefix, `'192.0.2.2/32'`. */
  peer?: string | undefined;
  /** IPv4: the broadcast address; `true` computes it (networks of /31 and /32 have none). Without it there is none, as with `ip addr add`. */
  broadcast?: string | boolean | undefined;
  /** IPv4: the link's name, or `name:label`, up to 15 bytes. */
  label?: string | undefined;
  /** `'global'`, but `'host'` for 127.0.0.0/8. */
  scope?: Scope | undefined;
  /** `'nodad'`, `'noprefixroute'`, … or bits as numbers; those that only the kernel sets are left out. */
  flags?: readonly AddressFlag[] | undefined;
  /** Seconds; Infinity for ever. */
  validLifetime?: number | undefined;
  /** Seconds; Infinity for ever. */
  preferredLifetime?: number | undefined;
  /** Metric of the route that the address makes. */
  metric?: number | undefined;
  /** `IFAPROT_…`: who makes it. */
  protocol?: number | undefined;
  /** As read: attributes that this package does not know. */
  unknown?: readonly UnknownAttribute[] | undefined;
}
