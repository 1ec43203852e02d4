import { NetnsError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { flagBits, flagNames } from '../codec/flag-names.js';
import { NamedNumbers } from '../codec/named-numbers.js';
import { RTNH_F_ONLINK, RTNH_F_PERVASIVE } from '../uapi/route.js';

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

export const routeTypes = new NamedNumbers<RouteType>('route type', {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
  nat: 10,
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

export const routeProtocols = new NamedNumbers<RouteProtocol>('routing protocol', {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  gated: 8,
  ra: 9,
  mrt: 10,
  zebra: 11,
  bird: 12,
  dnrouted: 13,
  xorp: 14,
  ntk: 15,
  dhcp: 16,
  mrouted: 17,
  keepalived: 18,
  babel: 42,
  openr: 99,
  bgp: 186,
  isis: 187,
  ospf: 188,
  rip: 189,
  eigrp: 192,
});

/**
 * State of a route or of one of its nexthops, `RTNH_F_…` and `RTM_F_…`. Only `'onlink'` and `'pervasive'` can be set;
 * the others are the kernel's, and are left out when a route that was read is written again.
 */
export type RouteFlag = Exclude<(typeof ROUTE_FLAGS)[number], undefined>;

/** In the order of their bits: a nexthop's come first, the route's own from the eighth on. */
const ROUTE_FLAGS = [
  'dead',
  'pervasive',
  'onlink',
  'offload',
  'linkdown',
  'unresolved',
  'trap',
  ...([undefined, undefined] as const),
  'cloned',
  ...([undefined, undefined, undefined, undefined] as const),
  'rt-offload',
  'rt-trap',
] as const;

/** The flags that can be asked for. */
const SETTABLE_ROUTE_FLAGS = RTNH_F_ONLINK | RTNH_F_PERVASIVE;

export const routeFlagNames = flagNames<RouteFlag>(ROUTE_FLAGS);
const bits = flagBits<RouteFlag>(ROUTE_FLAGS);

/**
 * The mask of the flags that can be set.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT` for a name that is no flag of a route
 */
export function routeFlagMask(flags: readonly RouteFlag[]): number {
  const mask = Array.isArray(flags) ? bits(flags) : undefined;
  if (mask === undefined)
    throw new NetnsError(
      `${Array.isArray(flags) ? `[${flags.map(shown).join(', ')}]` : shown(flags)} has what is no flag of a route: onlink and pervasive can be set`,
      {
        code: 'ERR_INVALID_ARGUMENT',
      },
    );
  return mask & SETTABLE_ROUTE_FLAGS;
}

/** Preference of an IPv6 route (RFC 4191). */
export type RoutePreference = 'low' | 'medium' | 'high';

/** Signed two-bit numbers in an unsigned byte: 0 is medium, 1 high, 3 low. */
export const routePreferences = new NamedNumbers<RoutePreference>(
  'route preference',
  { medium: 0, high: 1, low: 3 },
  3,
);

/** How packets on a route are wrapped; `LWTUNNEL_ENCAP_*` of `<linux/lwtunnel.h>`. */
export type RouteEncapType = 'mpls' | 'ip' | 'ila' | 'ip6' | 'seg6' | 'bpf' | 'seg6local' | 'rpl' | 'ioam6' | 'xfrm';

export const routeEncapTypes = new NamedNumbers<RouteEncapType>(
  'type of encapsulation',
  { mpls: 1, ip: 2, ila: 3, ip6: 4, seg6: 5, bpf: 6, seg6local: 7, rpl: 8, ioam6: 9, xfrm: 10 },
  0xffff,
);
