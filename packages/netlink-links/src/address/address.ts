import type { AddressFamily } from '../message/ip-address.js';
import type { Scope } from '../message/scope.js';
import type { UnknownAttribute } from '../message/unknown-attribute.js';

/** A flag of an address, `IFA_F_…` of `<linux/if_addr.h>` in small letters; the bit itself where it has no name here. */
export type AddressFlag = (typeof ADDRESS_FLAGS)[number] | number;

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
  readonly family: AddressFamily;
  /** The link's own address with the length of its prefix, `'192.0.2.1/24'`. */
  readonly address: string;
  /** The same without the prefix. */
  readonly local: string;
  /** The other end of a point-to-point connection with the length of the prefix, where it is another than `address`. */
  readonly peer?: string;
  readonly prefixLength: number;
  readonly broadcast?: string;
  readonly anycast?: string;
  readonly multicast?: string;
  /** The label of IPv4 addresses, the link's name or `name:label`. */
  readonly label?: string;
  readonly scope: Scope;
  readonly flags: readonly AddressFlag[];
  /** Index of its link. */
  readonly ifindex: number;
  /** Seconds; Infinity for ever. */
  readonly validLifetime: number;
  /** Seconds; Infinity for ever. */
  readonly preferredLifetime: number;
  /** Metric of the route that the address makes. */
  readonly metric?: number;
  /** `IFAPROT_…`: who made it. */
  readonly protocol?: number;
  /** Attributes that this package does not know. They are written as they were read. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}
