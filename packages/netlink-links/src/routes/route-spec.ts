import { NetnsError } from 'netns-core';
import type { Scope } from '../addresses/address.js';
import { checkInteger, checkQuantity } from '../codec/checked-number.js';
import { describeNetwork } from '../codec/describe-network.js';
import {
  type AddressFamily,
  hostBitsAreZero,
  type IpNetwork,
  parseIpAddress,
  parseIpNetwork,
} from '../codec/ip-address.js';
import { checkProperties, propertiesOf } from '../codec/properties.js';
import { scopeNumber } from '../codec/scope.js';
import type { OperationIdentity } from '../errors.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../links/link-reference.js';
import type { Program } from '../operation.js';
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTN_ANYCAST,
  RTN_BLACKHOLE,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_NAT,
  RTN_THROW,
  RTN_UNICAST,
  RTPROT_BOOT,
} from '../uapi/route.js';
import type { Nexthop, Route, RouteEncap } from './route.js';
import { checkRouteMetrics, type RouteMetrics } from './route-metrics.js';
import {
  type RouteFlag,
  type RoutePreference,
  type RouteProtocol,
  type RouteType,
  routeEncapTypes,
  routeFlagMask,
  routePreferences,
  routeProtocols,
  routeTypes,
} from './route-numbers.js';
import { type RouteTable, routeTables } from './route-table.js';

/**
 * A route to be made, or removed. Only the destination is needed, and a way there; a route as it was read will do.
 * What is left out gets what `ip route` gives it.
 */
export interface RouteSpec {
  /** Needed only where no address tells it: for `'default'` over a link alone, it is IPv4 otherwise. */
  readonly family?: AddressFamily | undefined;
  /** `'unicast'`. */
  readonly type?: RouteType | number | undefined;
  /** `'198.51.100.0/24'`, `'2001:db8::1'`, `'default'`. */
  readonly dst: string;
  /** Source addresses that it is for (IPv6 only, and only where the kernel has subtrees). */
  readonly src?: string | undefined;
  readonly gateway?: string | undefined;
  readonly prefSrc?: string | undefined;
  /** The link that packets leave by. */
  readonly oif?: LinkReference | undefined;
  /** `'main'`; the table `'local'` for types that belong there. */
  readonly table?: RouteTable | undefined;
  /** `'boot'`. */
  readonly protocol?: RouteProtocol | number | undefined;
  readonly scope?: Scope | undefined;
  /** What `ip` calls metric. */
  readonly priority?: number | undefined;
  readonly tos?: number | undefined;
  /** `['onlink']`: the gateway is reached over the link even if no address of it says so. */
  readonly flags?: readonly RouteFlag[] | undefined;
  readonly metrics?: RouteMetrics | undefined;
  /** Several ways, in place of `gateway` and `oif`. */
  readonly nexthops?: readonly NexthopSpec[] | undefined;
  readonly encap?: RouteEncap | undefined;
  readonly preference?: RoutePreference | number | undefined;
  /** Seconds after which the kernel removes it (IPv6 only). */
  readonly expires?: number | undefined;
  /** Id of a nexthop object, ip-nexthop(8). It stands for `gateway`, `oif` and `nexthops`, which are ignored beside it. */
  readonly nexthopId?: number | undefined;
  readonly flow?: number | undefined;
}

/** One of several ways. */
export interface NexthopSpec {
  readonly gateway?: string | undefined;
  readonly oif?: LinkReference | undefined;
  /** 1 to 256; 1 if left out. */
  readonly weight?: number | undefined;
  readonly flags?: readonly RouteFlag[] | undefined;
  readonly encap?: RouteEncap | undefined;
  readonly flow?: number | undefined;
}

/** The properties of a route, with what `ip route` calls them. */
const ROUTE_PROPERTIES = propertiesOf<RouteSpec, Route>(
  {
    family: 'set',
    type: 'set',
    dst: 'set',
    src: 'set',
    gateway: 'set',
    prefSrc: 'set',
    oif: 'set',
    table: 'set',
    protocol: 'set',
    scope: 'set',
    priority: 'set',
    tos: 'set',
    flags: 'set',
    metrics: 'set',
    nexthops: 'set',
    encap: 'set',
    preference: 'set',
    expires: 'set',
    nexthopId: 'set',
    flow: 'set',
    iif: 'told',
    mark: 'told',
    uid: 'told',
  },
  {
    to: 'dst',
    destination: 'dst',
    from: 'src',
    via: 'gateway',
    gw: 'gateway',
    nexthop: 'gateway',
    dev: 'oif',
    link: 'oif',
    interface: 'oif',
    ifindex: 'oif',
    source: 'prefSrc',
    metric: 'priority',
    pref: 'preference',
    proto: 'protocol',
    dsfield: 'tos',
    nhid: 'nexthopId',
    realm: 'flow',
    realms: 'flow',
    mtu: 'metrics',
    advmss: 'metrics',
    onlink: 'flags',
    vrf: 'table',
  },
);

/** The properties of one of several ways. */
const NEXTHOP_PROPERTIES = propertiesOf<NexthopSpec, Nexthop>(
  { gateway: 'set', oif: 'set', weight: 'set', flags: 'set', encap: 'set', flow: 'set' },
  { via: 'gateway', gw: 'gateway', dev: 'oif', link: 'oif', interface: 'oif', onlink: 'flags', realm: 'flow' },
);

const ENCAP_PROPERTIES = propertiesOf<RouteEncap>({ type: 'set', data: 'set' });

/** A spec whose values were checked and are the kernel's numbers. */
export interface CheckedRoute {
  readonly family: AddressFamily;
  readonly type: number;
  readonly dst: IpNetwork;
  readonly src: IpNetwork | undefined;
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  readonly tos: number;
  readonly flags: number;
  readonly way: CheckedWay;
  readonly prefSrc: Uint8Array | undefined;
  readonly nexthops: readonly (CheckedWay & { readonly weight: number })[] | undefined;
  readonly priority: number | undefined;
  readonly metrics: RouteMetrics | undefined;
  readonly preference: number | undefined;
  readonly expires: number | undefined;
  readonly nexthopId: number | undefined;
}

/** Where a packet goes next. */
export interface CheckedWay {
  readonly gateway: Uint8Array | undefined;
  /** Index of a link, or a name that is still to be looked up. */
  readonly oif: number | string | undefined;
  readonly flags: number;
  readonly encap: { readonly type: number; readonly data: Uint8Array } | undefined;
  readonly flow: number | undefined;
}

function refuse(message: string): never {
  throw new NetnsError(message, { code: 'ERR_INVALID_ARGUMENT' });
}

const familyOf = (bytes: Uint8Array): AddressFamily => (bytes.length === 4 ? 'ipv4' : 'ipv6');

/** The family that the addresses of a spec tell, if any does. */
function familyToldBy(spec: RouteSpec): AddressFamily | undefined {
  if (spec.dst !== 'default') return parseIpNetwork(spec.dst).family;
  // A gateway may be of the other family: it tells only where nothing else does.
  if (spec.family !== undefined) return spec.family;
  const address =
    spec.src?.split('/')[0] ?? spec.prefSrc ?? spec.gateway ?? spec.nexthops?.find((way) => way.gateway)?.gateway;
  return address === undefined ? undefined : familyOf(parseIpAddress(address));
}

/** The network that a route leads to, or comes from. */
function prefix(text: string, family: AddressFamily): IpNetwork {
  if (text === 'default') return parseIpNetwork(family === 'ipv4' ? '0.0.0.0/0' : '::/0');
  const network = parseIpNetwork(text);
  if (network.family !== family) refuse(`'${text}' is no ${family} network, and the route is one of ${family}`);
  if (!hostBitsAreZero(network))
    refuse(
      `'${text}' can not be the destination of a route: bits behind the prefix of ${network.prefixLength} are set`,
    );
  return network;
}

function checkWay(way: NexthopSpec, what: string): CheckedWay {
  checkInteger(`realm of ${what} (\`flow\`)`, way.flow, 0, 0xffffffff);
  if (way.encap !== undefined) checkProperties(way.encap, `the encap of ${what}`, ENCAP_PROPERTIES);
  return {
    gateway: way.gateway === undefined ? undefined : parseIpAddress(way.gateway),
    oif: way.oif === undefined ? undefined : checkLinkReference(way.oif),
    flags: routeFlagMask(way.flags ?? []),
    encap: way.encap === undefined ? undefined : { type: routeEncapTypes.number(way.encap.type), data: way.encap.data },
    flow: way.flow,
  };
}

/** The scope that `ip route` chooses where none is given; the kernel ignores that of IPv6. */
function defaultScope(family: AddressFamily, type: number, removing: boolean, direct: boolean): number {
  if (family === 'ipv6') return RT_SCOPE_UNIVERSE;
  if (type === RTN_LOCAL || type === RTN_NAT) return RT_SCOPE_HOST;
  if (type === RTN_BROADCAST || type === RTN_MULTICAST || type === RTN_ANYCAST) return RT_SCOPE_LINK;
  if (removing) return RT_SCOPE_NOWHERE;
  return type === RTN_UNICAST && direct ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

/**
 * Checks a route before anything is sent.
 *
 * @param removing what is left out then matches anything, instead of getting a default
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function checkRoute(spec: RouteSpec, removing: boolean, callee: string, nexthopId?: number): CheckedRoute {
  checkProperties(spec, callee, ROUTE_PROPERTIES);
  if (typeof spec?.dst !== 'string')
    refuse("a route needs a destination: `dst`, such as '198.51.100.0/24' or 'default'");
  const family = familyToldBy(spec) ?? spec.family ?? 'ipv4';
  if (spec.family !== undefined && spec.family !== family)
    refuse(`the route to '${spec.dst}' is one of ${family}, and ${String(spec.family)} is asked for`);
  // What a nexthop object stands for is read along with it, the type that follows from it too; it can be written by its
  // id alone.
  if (spec.nexthopId !== undefined)
    return checkRoute(byNexthopObject(spec, removing), removing, callee, spec.nexthopId);
  const type = spec.type === undefined ? (removing ? 0 : RTN_UNICAST) : routeTypes.number(spec.type);
  const way = checkWay(spec, 'a route');
  checkInteger('metric of a route (`priority`)', spec.priority, 0, 0xffffffff);
  checkInteger('TOS of a route', spec.tos, 0, 0xff);
  checkInteger('id of a nexthop (`nexthopId`)', nexthopId, 1, 0xffffffff);
  checkQuantity('lifetime of a route (`expires`)', spec.expires, 0, 0xffffffff, 'seconds');
  const prefSrc = spec.prefSrc === undefined ? undefined : parseIpAddress(spec.prefSrc);
  if (prefSrc !== undefined && familyOf(prefSrc) !== family)
    refuse(`'${spec.prefSrc}' can not be the source address of a route of ${family}`);
  if (spec.nexthops !== undefined && (spec.gateway !== undefined || spec.oif !== undefined))
    refuse('a route has either `nexthops` or one `gateway` and `oif`, not both');
  if (spec.nexthops?.length === 0) refuse('`nexthops` is empty: a route needs at least one');
  if (type >= RTN_BLACKHOLE && type <= RTN_THROW && (way.gateway !== undefined || spec.nexthops !== undefined))
    refuse(`a route of the type ${String(spec.type)} leads nowhere: it can have no gateway and no nexthops`);
  if (spec.metrics !== undefined) checkRouteMetrics(spec.metrics);
  const nexthops = spec.nexthops?.map((nexthop) => {
    checkProperties(nexthop, 'a nexthop', NEXTHOP_PROPERTIES);
    checkInteger('weight of a nexthop', nexthop.weight, 1, 256);
    return { ...checkWay(nexthop, 'a nexthop'), weight: nexthop.weight ?? 1 };
  });
  const direct = way.gateway === undefined && nexthops === undefined && nexthopId === undefined;
  const belongsToLocal = type === RTN_LOCAL || type === RTN_BROADCAST || type === RTN_NAT || type === RTN_ANYCAST;
  const table =
    spec.table === undefined ? (belongsToLocal ? RT_TABLE_LOCAL : RT_TABLE_MAIN) : routeTables.number(spec.table);
  if (table === 0) refuse('0 is no routing table that a route can be in: tables count from 1');
  return {
    family,
    type,
    dst: prefix(spec.dst, family),
    src: spec.src === undefined ? undefined : prefix(spec.src, family),
    table,
    protocol: spec.protocol === undefined ? (removing ? 0 : RTPROT_BOOT) : routeProtocols.number(spec.protocol),
    scope: spec.scope === undefined ? defaultScope(family, type, removing, direct) : scopeNumber(spec.scope),
    tos: spec.tos ?? 0,
    flags: way.flags,
    way,
    prefSrc,
    nexthops,
    priority: spec.priority,
    metrics: spec.metrics,
    preference: spec.preference === undefined ? undefined : routePreferences.number(spec.preference),
    expires: spec.expires === undefined ? undefined : Math.ceil(spec.expires),
    nexthopId,
  };
}

/** A route by its nexthop object, without what the object stands for. */
function byNexthopObject(spec: RouteSpec, removing: boolean): RouteSpec {
  const { nexthopId: _, gateway: __, oif: ___, nexthops, encap: ____, flags: _____, ...rest } = spec;
  for (const nexthop of nexthops ?? []) checkProperties(nexthop, 'a nexthop', NEXTHOP_PROPERTIES);
  const { type } = spec;
  // The kernel tells of a route by a blackhole nexthop as a blackhole, and keeps it as unicast.
  return { ...rest, type: type === 'blackhole' ? (removing ? undefined : 'unicast') : type };
}

/** How a route reads in an error: `198.51.100.0/24 via 203.0.113.9 table 100`. */
export function describeRoute(spec: RouteSpec, { dst, table, type }: CheckedRoute): string {
  const words = [describeNetwork(dst)];
  if (type !== 0 && type !== RTN_UNICAST) words.unshift(String(routeTypes.name(type)));
  if (spec.gateway !== undefined) words.push(`via ${spec.gateway}`);
  else if (spec.oif !== undefined) words.push(`dev ${describeLink(spec.oif)}`);
  for (const { gateway, oif } of spec.nexthops ?? [])
    words.push(`nexthop ${gateway ?? (oif === undefined ? '' : `dev ${describeLink(oif)}`)}`);
  if (table !== RT_TABLE_MAIN && table !== RT_TABLE_LOCAL) words.push(`table ${table}`);
  return words.join(' ');
}

/** The same route with the names of its links looked up. */
export type ResolvedRoute = CheckedRoute & {
  readonly way: ResolvedWay;
  readonly nexthops: readonly (ResolvedWay & { readonly weight: number })[] | undefined;
};
/** A way whose link is known by its index. */
export type ResolvedWay = CheckedWay & { readonly oif: number | undefined };

/** Whether no name of a link has to be looked up. */
export function isResolved(route: CheckedRoute): route is ResolvedRoute {
  return typeof route.way.oif !== 'string' && (route.nexthops?.every(({ oif }) => typeof oif !== 'string') ?? true);
}

/** Looks up the names of links in a route, as a part of another operation's program. */
export function* resolveRoute(identity: OperationIdentity, route: CheckedRoute): Program<ResolvedRoute> {
  function* resolve<W extends CheckedWay>(way: W): Program<W & ResolvedWay> {
    return { ...way, oif: way.oif === undefined ? undefined : yield* resolveLinkIndex(identity, way.oif) };
  }
  const nexthops: (ResolvedWay & { weight: number })[] = [];
  for (const nexthop of route.nexthops ?? []) nexthops.push(yield* resolve(nexthop));
  return { ...route, way: yield* resolve(route.way), nexthops: route.nexthops === undefined ? undefined : nexthops };
}
