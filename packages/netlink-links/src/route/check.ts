import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { type CheckedEncap, checkEncap } from '../encap/encap.js';
import { checkArray, checkProperties, checkQuantity, propertiesOf } from '../message/checks.js';
import {
  type AddressFamily,
  checkHostBits,
  describeNetwork,
  familyNumber,
  type IpNetwork,
  parseIpAddress,
  parseIpNetwork,
} from '../message/ip-address.js';
import { scopeNumber } from '../message/scope.js';
import { checkUnknown, type UnknownAttribute } from '../message/unknown-attribute.js';
import type { OperationIdentity } from '../operation/errors.js';
import { checkOptionalLink, describeLink, resolveLinkIndex } from '../operation/link-reference.js';
import type { Program } from '../operation/operation.js';
import {
  RT_SCOPE_HOST,
  RT_SCOPE_LINK,
  RT_SCOPE_NOWHERE,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RT_TABLE_UNSPEC,
  RTN_ANYCAST,
  RTN_BLACKHOLE,
  RTN_BROADCAST,
  RTN_LOCAL,
  RTN_MULTICAST,
  RTN_NAT,
  RTN_THROW,
  RTN_UNICAST,
  RTN_UNSPEC,
  RTPROT_BOOT,
  RTPROT_UNSPEC,
} from '../uapi/route.js';
import { checkRouteMetrics, type RouteMetrics } from './metrics.js';
import { routeFlagMask, routePreferences, routeProtocols, routeTypes } from './numbers.js';
import type { Nexthop, Route } from './route.js';
import type { NexthopSpec, RouteSpec } from './spec.js';
import { routeTables } from './table.js';

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
    unknown: 'set',
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
  { gateway: 'set', oif: 'set', weight: 'set', flags: 'set', encap: 'set', flow: 'set', unknown: 'set' },
  { via: 'gateway', gw: 'gateway', dev: 'oif', link: 'oif', interface: 'oif', onlink: 'flags', realm: 'flow' },
);

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
  readonly encap: CheckedEncap | undefined;
  readonly flow: number | undefined;
  readonly unknown: readonly UnknownAttribute[];
}

function refuse(property: string, message: string): never {
  throw new InvalidOptionError(property, message);
}

const familyOf = (bytes: Uint8Array): AddressFamily => (bytes.length === 4 ? 'ipv4' : 'ipv6');

/** The family that the addresses of a spec tell, if any does. */
function familyToldBy(spec: RouteSpec): AddressFamily | undefined {
  if (spec.dst !== 'default') return parseIpNetwork(spec.dst, 'dst').family;
  // A gateway may be of the other family: it tells only where nothing else does.
  if (spec.family !== undefined) return spec.family;
  if (spec.src !== undefined) return parseIpNetwork(spec.src, 'src').family;
  if (spec.prefSrc !== undefined) return familyOf(parseIpAddress(spec.prefSrc, 'prefSrc'));
  if (spec.gateway !== undefined) return familyOf(parseIpAddress(spec.gateway, 'gateway'));
  const gateway = spec.nexthops?.find((way) => way?.gateway)?.gateway;
  return gateway === undefined ? undefined : familyOf(parseIpAddress(gateway, 'gateway'));
}

/** The network that a route leads to, or comes from. */
function prefix(property: 'dst' | 'src', text: string, family: AddressFamily): IpNetwork {
  if (text === 'default') return parseIpNetwork(family === 'ipv4' ? '0.0.0.0/0' : '::/0');
  const network = parseIpNetwork(text, property);
  if (network.family !== family)
    refuse(property, `${property} '${text}' is not an ${family} network, and the route is one of ${family}`);
  checkHostBits(network, property);
  return network;
}

/** @param prefixed what stands before the property in an error: `'nexthops[0].'`, or nothing */
function checkWay(way: NexthopSpec, prefixed: string, removing: boolean): CheckedWay {
  checkInteger(`${prefixed}flow`, way.flow, 0, 0xffffffff);
  checkUnknown(way.unknown, `${prefixed}unknown`);
  return {
    gateway: way.gateway === undefined ? undefined : parseIpAddress(way.gateway, `${prefixed}gateway`),
    oif: checkOptionalLink(way.oif, `${prefixed}oif`),
    flags: routeFlagMask(way.flags === undefined ? [] : way.flags, `${prefixed}flags`, prefixed !== ''),
    encap: checkEncap(way.encap, `${prefixed}encap`, removing),
    flow: way.flow,
    unknown: way.unknown ?? [],
  };
}

function checkNexthops(nexthops: readonly NexthopSpec[] | undefined, removing: boolean): CheckedRoute['nexthops'] {
  checkArray('nexthops', nexthops, 'next hops');
  if (nexthops?.length === 0) refuse('nexthops', '`nexthops` is empty: a route needs at least one');
  return nexthops?.map((nexthop, index) => {
    const prefixed = `nexthops[${index}].`;
    checkProperties(nexthop, `nexthops[${index}]`, NEXTHOP_PROPERTIES);
    checkInteger(`${prefixed}weight`, nexthop.weight, 1, 256);
    return { ...checkWay(nexthop, prefixed, removing), weight: nexthop.weight ?? 1 };
  });
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
 * @throws InvalidOptionError
 */
export function checkRoute(callee: string, spec: RouteSpec, removing: boolean): CheckedRoute {
  checkProperties(spec, callee, ROUTE_PROPERTIES);
  if (spec.dst === undefined)
    refuse('dst', "a route needs a destination: `dst`, such as '198.51.100.0/24' or 'default'");
  if (spec.family !== undefined) familyNumber(spec.family);
  const { nexthopId } = spec;
  checkInteger('nexthopId', nexthopId, 1, 0xffffffff);
  checkArray('nexthops', spec.nexthops, 'next hops');
  const family = familyToldBy(spec) ?? spec.family ?? 'ipv4';
  if (spec.family !== undefined && spec.family !== family)
    refuse('family', `family is '${spec.family}', but the route to '${spec.dst}' is one of ${family}`);
  checkFamilyHas(spec, family);
  // What a nexthop object stands for is read along with it, the type that follows from it too; it can be written by its
  // id alone.
  const own = nexthopId === undefined ? spec : withoutNexthops(spec, removing);
  const type = own.type === undefined ? (removing ? RTN_UNSPEC : RTN_UNICAST) : routeTypes.number(own.type);
  const way = checkWay(own, '', removing);
  checkInteger('priority', own.priority, 0, 0xffffffff);
  checkInteger('tos', own.tos, 0, 0xff);
  checkQuantity('expires', own.expires, 0, 0xffffffff, 'seconds');
  const prefSrc = own.prefSrc === undefined ? undefined : parseIpAddress(own.prefSrc, 'prefSrc');
  if (prefSrc !== undefined && familyOf(prefSrc) !== family)
    refuse('prefSrc', `prefSrc '${own.prefSrc}' cannot be the source address of a route of ${family}`);
  if (own.nexthops !== undefined && (own.gateway !== undefined || own.oif !== undefined))
    refuse('nexthops', 'a route has either `nexthops` or one `gateway` and `oif`, not both');
  const nexthops = checkNexthops(own.nexthops, removing);
  if (type >= RTN_BLACKHOLE && type <= RTN_THROW && (way.gateway !== undefined || nexthops !== undefined))
    refuse('type', `a route of the type ${String(own.type)} leads nowhere: it can have no gateway and no nexthops`);
  if (own.metrics !== undefined) checkRouteMetrics(own.metrics);
  const direct = way.gateway === undefined && nexthops === undefined && nexthopId === undefined;
  const belongsToLocal = type === RTN_LOCAL || type === RTN_BROADCAST || type === RTN_NAT || type === RTN_ANYCAST;
  const table =
    own.table === undefined ? (belongsToLocal ? RT_TABLE_LOCAL : RT_TABLE_MAIN) : routeTables.number(own.table);
  if (table === RT_TABLE_UNSPEC) refuse('table', 'table cannot be 0 for a route: tables count from 1');
  return {
    family,
    type,
    dst: prefix('dst', own.dst, family),
    src: own.src === undefined ? undefined : prefix('src', own.src, family),
    table,
    protocol:
      own.protocol === undefined ? (removing ? RTPROT_UNSPEC : RTPROT_BOOT) : routeProtocols.number(own.protocol),
    scope: own.scope === undefined ? defaultScope(family, type, removing, direct) : scopeNumber(own.scope),
    tos: own.tos ?? 0,
    flags: way.flags,
    way,
    prefSrc,
    nexthops,
    priority: own.priority,
    metrics: own.metrics,
    preference: own.preference === undefined ? undefined : routePreferences.number(own.preference),
    expires: own.expires === undefined ? undefined : Math.ceil(own.expires),
    nexthopId,
  };
}

/** What the kernel ignores in routes of one family. */
const OF_OTHER_FAMILY = { ipv4: ['src', 'expires', 'preference'], ipv6: ['flow'] } as const;

/** @throws InvalidOptionError for what a route of the family would be made without */
function checkFamilyHas(spec: RouteSpec, family: AddressFamily): void {
  for (const property of OF_OTHER_FAMILY[family])
    if (spec[property] !== undefined)
      refuse(property, `${property} cannot be given for a route of ${family}: the kernel ignores it`);
}

/** A route by its nexthop object, without what the object stands for. */
function withoutNexthops(spec: RouteSpec, removing: boolean): RouteSpec {
  const { nexthopId: _, gateway: __, oif: ___, nexthops, encap: ____, flags: _____, ...rest } = spec;
  for (const [index, nexthop] of (nexthops ?? []).entries())
    checkProperties(nexthop, `nexthops[${index}]`, NEXTHOP_PROPERTIES);
  const { type } = spec;
  // The kernel tells of a route by a blackhole nexthop as a blackhole, and keeps it as unicast.
  return { ...rest, type: type === 'blackhole' ? (removing ? undefined : 'unicast') : type };
}

/** How a route reads in an error: `198.51.100.0/24 via 203.0.113.9 table 100`. */
export function describeRoute(spec: RouteSpec, { dst, table, type }: CheckedRoute): string {
  const words = [describeNetwork(dst)];
  if (type !== RTN_UNSPEC && type !== RTN_UNICAST) words.unshift(String(routeTypes.name(type)));
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
