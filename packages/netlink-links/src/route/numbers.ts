import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { checkArray } from '../message/checks.js';
import { flagBits, flagNames } from '../message/flag-names.js';
import { NamedNumbers } from '../message/named-numbers.js';
import { ICMPV6_ROUTER_PREF_HIGH, ICMPV6_ROUTER_PREF_LOW, ICMPV6_ROUTER_PREF_MEDIUM } from '../uapi/icmpv6.js';
import {
  RTM_F_CLONED,
  RTM_F_OFFLOAD,
  RTM_F_OFFLOAD_FAILED,
  RTM_F_PREFIX,
  RTM_F_TRAP,
  RTN_ANYCAST,
  RTN_BLACKHOLE,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_NAT,
  RTN_PROHIBIT,
  RTN_THROW,
  RTN_UNICAST,
  RTN_UNREACHABLE,
  RTNH_F_DEAD,
  RTNH_F_LINKDOWN,
  RTNH_F_OFFLOAD,
  RTNH_F_TRAP,
  RTNH_F_UNRESOLVED,
  RTPROT_BABEL,
  RTPROT_BGP,
  RTPROT_BIRD,
  RTPROT_BOOT,
  RTPROT_DHCP,
  RTPROT_DNROUTED,
  RTPROT_EIGRP,
  RTPROT_GATED,
  RTPROT_ISIS,
  RTPROT_KEEPALIVED,
  RTPROT_KERNEL,
  RTPROT_MROUTED,
  RTPROT_MRT,
  RTPROT_NTK,
  RTPROT_OPENR,
  RTPROT_OSPF,
  RTPROT_RA,
  RTPROT_REDIRECT,
  RTPROT_RIP,
  RTPROT_STATIC,
  RTPROT_UNSPEC,
  RTPROT_XORP,
  RTPROT_ZEBRA,
} from '../uapi/route.js';

/** What a route does with a packet; `<linux/rtnetlink.h>`, `RTN_*`. */
export type RouteType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'anycast'
  | 'multicast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'throw'
  | 'nat';

export const routeTypes = new NamedNumbers<RouteType>('type', {
  unicast: RTN_UNICAST,
  local: RTN_LOCAL,
  broadcast: RTN_BROADCAST,
  anycast: RTN_ANYCAST,
  multicast: RTN_MULTICAST,
  blackhole: RTN_BLACKHOLE,
  unreachable: RTN_UNREACHABLE,
  prohibit: RTN_PROHIBIT,
  throw: RTN_THROW,
  nat: RTN_NAT,
});

/** Who made a route, or a rule; `RTPROT_*`. */
export type RouteProtocol =
  | 'unspec'
  | 'redirect'
  | 'kernel'
  | 'boot'
  | 'static'
  | 'gated'
  | 'ra'
  | 'mrt'
  | 'zebra'
  | 'bird'
  | 'dnrouted'
  | 'xorp'
  | 'ntk'
  | 'dhcp'
  | 'mrouted'
  | 'keepalived'
  | 'babel'
  | 'openr'
  | 'bgp'
  | 'isis'
  | 'ospf'
  | 'rip'
  | 'eigrp';

export const routeProtocols = new NamedNumbers<RouteProtocol>('protocol', {
  unspec: RTPROT_UNSPEC,
  redirect: RTPROT_REDIRECT,
  kernel: RTPROT_KERNEL,
  boot: RTPROT_BOOT,
  static: RTPROT_STATIC,
  gated: RTPROT_GATED,
  ra: RTPROT_RA,
  mrt: RTPROT_MRT,
  zebra: RTPROT_ZEBRA,
  bird: RTPROT_BIRD,
  dnrouted: RTPROT_DNROUTED,
  xorp: RTPROT_XORP,
  ntk: RTPROT_NTK,
  dhcp: RTPROT_DHCP,
  mrouted: RTPROT_MROUTED,
  keepalived: RTPROT_KEEPALIVED,
  babel: RTPROT_BABEL,
  openr: RTPROT_OPENR,
  bgp: RTPROT_BGP,
  isis: RTPROT_ISIS,
  ospf: RTPROT_OSPF,
  rip: RTPROT_RIP,
  eigrp: RTPROT_EIGRP,
});

/**
 * Flags of a route or of one of its nexthops, `RTNH_F_…` and `RTM_F_…`; the bit itself where it has no name here.
 * `'onlink'`, `'pervasive'`, `'notify'`, `'equalize'` and bits without a name can be set; the others tell of state, and
 * are left out when a route that was read is written again.
 */
export type RouteFlag = Exclude<(typeof ROUTE_FLAGS)[number], undefined> | number;

/** In the order of their bits: a nexthop's come first, the route's own from the eighth on. */
const ROUTE_FLAGS = [
  'dead',
  'pervasive',
  'onlink',
  'offload',
  'linkdown',
  'unresolved',
  'trap',
  undefined,
  'notify',
  'cloned',
  'equalize',
  'prefix',
  ...([undefined, undefined] as const),
  'rt-offload',
  'rt-trap',
  ...Array.from({ length: 13 }, () => undefined),
  'rt-offload-failed',
] as const;

/** The flags that tell of state. */
const STATE =
  RTNH_F_DEAD |
  RTNH_F_OFFLOAD |
  RTNH_F_LINKDOWN |
  RTNH_F_UNRESOLVED |
  RTNH_F_TRAP |
  RTM_F_CLONED |
  RTM_F_PREFIX |
  RTM_F_OFFLOAD |
  RTM_F_TRAP |
  RTM_F_OFFLOAD_FAILED;

const namesOf = flagNames(ROUTE_FLAGS);
const bitsOf = flagBits(ROUTE_FLAGS);
const bitsOfNexthop = flagBits(ROUTE_FLAGS, 0xff);

/** The names of the flags of a route or of a nexthop. */
export function routeFlagNames(flags: number): readonly RouteFlag[] {
  // What `routeGet` finds has flags of the route cache above the 16th bit (RTCF_…), which no route has.
  return namesOf((flags & RTM_F_CLONED) === 0 ? flags : flags & 0xffff);
}

/**
 * The mask of the flags without those that tell of state.
 *
 * @param property that has them, for the error
 * @param ofNexthop whether there are eight bits for them
 * @throws InvalidOptionError for what is neither the name of a flag nor a number
 */
export function routeFlagMask(flags: readonly RouteFlag[], property: string, ofNexthop: boolean): number {
  checkArray(property, flags, 'flags: onlink and pervasive can be set');
  const mask = (ofNexthop ? bitsOfNexthop : bitsOf)(flags);
  if (mask === undefined)
    throw new InvalidOptionError(
      property,
      `${property} must be an array of flags, of which onlink and pervasive can be set, or numbers of ${ofNexthop ? 8 : 32} bits, got [${flags.map(shown).join(', ')}]`,
    );
  return (mask & ~STATE) >>> 0;
}

/** Preference of an IPv6 route (RFC 4191). */
export type RoutePreference = 'low' | 'medium' | 'high';

/** Signed two-bit numbers in an unsigned byte: 0 is medium, 1 high, 3 low. */
export const routePreferences = new NamedNumbers<RoutePreference>(
  'preference',
  { medium: ICMPV6_ROUTER_PREF_MEDIUM, high: ICMPV6_ROUTER_PREF_HIGH, low: ICMPV6_ROUTER_PREF_LOW },
  3,
);
