import type { AddressFamily } from '../message/ip-address.js';
import type { Scope } from '../message/scope.js';

/** A flag of an address, `IFA_F_…` of `<linux/if_addr.h>` in small letters. */
export type AddressFlag = (typeof ADDRESS_FLAGS)[number];

/** In the order of their bits. `'secondary'` is called temporary in IPv6. */
export const ADDRESS_FLAGS = [
  'secondary',
  'nodad',
  'optimistic',
  'dadfailed',
  'homeaddress',
  'deprecated',
  'tentative',
  'permanent',
  'mngtmpaddr',
  'noprefixroute',
  'autojoin',
  'stable-privacy',
] as const;

/** An address of a link. */
export interface Address {
  family: AddressFamily;
  /** The link's own address with the length of its prefix, `'192.0.2.1/24'`. */
  address: string;
  /** The same without the prefix. */
  local: string;
  /** The other end of a point-to-point connection with the length of the prefix, where it is another than `address`. */
  peer?: string;
  prefixLength: number;
  broadcast?: string;
  anycast?: string;
  multicast?: string;
  /** The label of IPv4 addresses, the link's name or `name:label`. */
  label?: string;
  scope: Scope;
  flags: readonly AddressFlag[];
  /** Index of its link. */
  ifindex: number;
  /** Seconds; Infinity for ever. */
  validLifetime: number;
  /** Seconds; Infinity for ever. */
  preferredLifetime: number;
  /** Metric of the route that the address makes. */
  metric?: number;
  /** `IFAPROT_…`: who made it. */
  protocol?: number;
}
