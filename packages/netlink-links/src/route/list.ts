import { checkInteger } from 'netns-core/checks';
import { Errno } from 'netns-core/sys';
import { checkProperties, propertiesOf } from '../message/checks.js';
import {
  type AddressFamily,
  describeNetwork,
  familyNumber,
  formatIp,
  parseIpAddress,
  parseIpNetwork,
} from '../message/ip-address.js';
import type { MessageBytes } from '../message/message-bytes.js';
import { MessageWriter } from '../message/message-writer.js';
import { type Scope, scopeName, scopeNumber } from '../message/scope.js';
import { checkOptionalLink, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { DumpOperation } from '../operation/operation.js';
import { type DumpRequest, dump } from '../operation/request.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RT_TABLE_MAIN, RTA_OIF, RTA_TABLE } from '../uapi/route.js';
import { RTM_GETROUTE } from '../uapi/rtnetlink.js';
import { type RouteProtocol, type RouteType, routeProtocols, routeTypes } from './numbers.js';
import { readRoute } from './read.js';
import type { Route } from './route.js';
import { type RouteTable, routeTables } from './table.js';
import { tableInHeader, writeRouteHeader } from './write.js';

/** Which routes to list; what is left out does not matter, but for the table. */
export interface RouteFilter {
  family?: AddressFamily | undefined;
  /** `'main'` if left out, as for `ip route`; `'all'` for every table, those of VRF devices included. */
  table?: RouteTable | 'all' | undefined;
  protocol?: RouteProtocol | number | undefined;
  type?: RouteType | number | undefined;
  /** The link that packets leave by; also one of several. */
  oif?: LinkReference | undefined;
  /** The destination, exactly. */
  dst?: string | undefined;
  gateway?: string | undefined;
  prefSrc?: string | undefined;
  scope?: Scope | undefined;
  priority?: number | undefined;
  tos?: number | undefined;
  /** Id of the nexthop object that it uses. */
  nexthopId?: number | undefined;
}

const FILTER = propertiesOf<RouteFilter>(
  {
    family: 'set',
    table: 'set',
    protocol: 'set',
    type: 'set',
    oif: 'set',
    dst: 'set',
    gateway: 'set',
    prefSrc: 'set',
    scope: 'set',
    priority: 'set',
    tos: 'set',
    nexthopId: 'set',
  },
  {
    to: 'dst',
    destination: 'dst',
    via: 'gateway',
    dev: 'oif',
    link: 'oif',
    interface: 'oif',
    src: 'prefSrc',
    source: 'prefSrc',
    metric: 'priority',
    proto: 'protocol',
    vrf: 'table',
    nhid: 'nexthopId',
  },
);

/**
 * Lists routes of IPv4 and IPv6, of the table `'main'` unless told otherwise; those of MPLS are what `mplsRouteList`
 * lists. The kernel filters by family, table, protocol, type and link; the rest is sorted out here.
 *
 * A route with more next hops than fit into 32 KiB (about 2,000) ends the kernel's list where it stands, and the kernel
 * says nothing of it.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function routeList(filter: RouteFilter = {}): DumpOperation<Route> {
  checkProperties(filter, 'routeList', FILTER);
  const { oif } = filter;
  const identity = {
    name: 'routeList',
    description: oif === undefined ? 'list the routes' : `list the routes over ${describeLink(oif)}`,
    target: oif === undefined ? 'routes' : describeLink(oif),
  };
  const checked = check(filter);
  const link = checkOptionalLink(oif, 'oif');
  if (typeof link !== 'string') return new DumpOperation(identity, routeDump(checked, link));
  return new DumpOperation(identity, function* () {
    return routeDump(checked, yield* resolveLinkIndex(identity, link));
  });
}

/** A filter in the form in which routes are read, so that comparing is enough. */
interface CheckedFilter {
  readonly family: number;
  readonly table: number;
  readonly protocol: number;
  readonly type: number;
  readonly rest: readonly (readonly [keyof Route, unknown])[];
  readonly wanted: Pick<RouteFilter, 'protocol' | 'type'>;
}

function check(filter: RouteFilter): CheckedFilter {
  const rest: [keyof Route, unknown][] = [];
  let { family } = filter;
  if (family !== undefined) familyNumber(family);
  if (filter.dst === 'default') {
    // Both families have one.
    rest.push(['dst', family === undefined ? undefined : family === 'ipv4' ? '0.0.0.0/0' : '::/0']);
  } else if (filter.dst !== undefined) {
    const network = parseIpNetwork(filter.dst, 'dst');
    family ??= network.family;
    rest.push(['dst', describeNetwork(network)]);
  }
  for (const key of ['gateway', 'prefSrc'] as const) {
    const address = filter[key];
    if (address !== undefined) rest.push([key, formatIp(parseIpAddress(address, key))]);
  }
  if (filter.scope !== undefined) rest.push(['scope', scopeName(scopeNumber(filter.scope))]);
  checkInteger('priority', filter.priority, 0, 0xffffffff);
  checkInteger('tos', filter.tos, 0, 0xff);
  checkInteger('nexthopId', filter.nexthopId, 1, 0xffffffff);
  if (filter.priority !== undefined) rest.push(['priority', filter.priority]);
  if (filter.tos !== undefined) rest.push(['tos', filter.tos]);
  if (filter.nexthopId !== undefined) rest.push(['nexthopId', filter.nexthopId]);
  const protocol = filter.protocol === undefined ? 0 : routeProtocols.number(filter.protocol);
  const type = filter.type === undefined ? 0 : routeTypes.number(filter.type);
  return {
    family: family === undefined ? 0 : familyNumber(family),
    table: filter.table === undefined ? RT_TABLE_MAIN : filter.table === 'all' ? 0 : routeTables.number(filter.table),
    protocol,
    type,
    rest,
    wanted: {
      ...(protocol !== 0 && { protocol: routeProtocols.name(protocol) }),
      ...(type !== 0 && { type: routeTypes.name(type) }),
    },
  };
}

function routeDump(filter: CheckedFilter, oif: number | undefined): DumpRequest<Route> {
  const { family, table, protocol, type, rest, wanted } = filter;
  const message = new MessageWriter(RTM_GETROUTE, NLM_F_DUMP);
  writeRouteHeader(message, { family, table: tableInHeader(table), protocol, type });
  if (oif !== undefined) message.u32(RTA_OIF, oif);
  if (table >= 256) message.u32(RTA_TABLE, table);
  const nothingElse = protocol === 0 && type === 0 && oif === undefined && rest.length === 0;
  // A table is there only as long as there is a route in it.
  const emptyOn = Errno.ENOENT;
  if (nothingElse && table === 0) return { ...dump(message.finish(), readRoute), emptyOn };
  // A kernel without strict checking sends everything: what is too much is left out here.
  const decode = (bytes: MessageBytes, start: number, end: number): Route | undefined => {
    const route = readRoute(bytes, start, end);
    if (route === undefined || (table !== 0 && route.table !== table)) return undefined;
    if (nothingElse) return route;
    if (wanted.protocol !== undefined && route.protocol !== wanted.protocol) return undefined;
    if (wanted.type !== undefined && route.type !== wanted.type) return undefined;
    if (oif !== undefined && route.oif !== oif && route.nexthops?.some((way) => way.oif === oif) !== true)
      return undefined;
    for (const [key, value] of rest)
      if (value === undefined ? !route.dst.endsWith('/0') : route[key] !== value) return undefined;
    return route;
  };
  return { ...dump(message.finish(), decode), emptyOn };
}
