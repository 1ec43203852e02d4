import { AF_INET, AF_INET6 } from 'netns-core/sys';
import { readEncap } from '../encap/encap.js';
import { AttributeReader } from '../message/attribute-reader.js';
import { formatIpv4Network, formatIpv4Word, formatIpv6 } from '../message/ip-address.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { scopeName } from '../message/scope.js';
import { addUnknown, type UnknownAttribute } from '../message/unknown-attribute.js';
import { NLA_HDRLEN, NLA_TYPE_MASK } from '../uapi/netlink.js';
import {
  RTA_CACHEINFO,
  RTA_CACHEINFO_EXPIRES,
  RTA_CACHEINFO_SIZE,
  RTA_DST,
  RTA_ENCAP,
  RTA_ENCAP_TYPE,
  RTA_FLOW,
  RTA_GATEWAY,
  RTA_IIF,
  RTA_MARK,
  RTA_METRICS,
  RTA_MULTIPATH,
  RTA_NH_ID,
  RTA_OIF,
  RTA_PREF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_SRC,
  RTA_TABLE,
  RTA_UID,
  RTA_VIA,
  RTMSG_SIZE,
  RTNEXTHOP_SIZE,
} from '../uapi/route.js';
import { type RouteMetrics, readRouteMetrics } from './metrics.js';
import { routeFlagNames, routePreferences, routeProtocols, routeTypes } from './numbers.js';
import type { Nexthop, Route } from './route.js';

/** `sysconf(_SC_CLK_TCK)`, which the interface to programs has fixed at 100 everywhere that Node runs. */
const USER_HZ = 100;

/** An address of the length that its attribute has; anything but 4 and 16 bytes is noted as an error. */
function address(bytes: MessageBytes, at: number, length: number): string | undefined {
  if (length === 4) return formatIpv4Word(bytes, at);
  if (length === 16) return formatIpv6(bytes, at);
  bytes.fail(`an address of ${length} bytes in a route`);
  return undefined;
}

/**
 * Reads an `RTM_NEWROUTE` or `RTM_DELROUTE`. Routes of other families than IPv4 and IPv6 (multicast routing, MPLS)
 * are left out.
 *
 * This is the hot path of large dumps: it reads words in place instead of going through an AttributeReader, makes no
 * object but the route, and the usual fields always in the same order, so that most routes share one shape.
 */
export function readRoute(bytes: MessageBytes, start: number, limit: number): Route | undefined {
  const { u8, u16, u32 } = bytes;
  const end = Math.min(limit, u8.byteLength);
  if (end - start < RTMSG_SIZE) {
    bytes.fail('a route shorter than its header');
    return undefined;
  }
  const familyNumber = u8[start] ?? 0;
  if (familyNumber !== AF_INET && familyNumber !== AF_INET6) return undefined;
  const ipv4 = familyNumber === AF_INET;

  let dst: string | undefined;
  let src: string | undefined;
  let gateway: string | undefined;
  let prefSrc: string | undefined;
  let oif: number | undefined;
  let iif: number | undefined;
  let table = u8[start + 4] ?? 0;
  let priority: number | undefined;
  let metrics: RouteMetrics | undefined;
  let nexthops: Nexthop[] | undefined;
  let encapType: number | undefined;
  let encapData: Uint8Array | undefined;
  let preference: Route['preference'];
  let expires: number | undefined;
  let nexthopId: number | undefined;
  let flow: number | undefined;
  let mark: number | undefined;
  let uid: number | undefined;
  let unknown: UnknownAttribute[] | undefined;

  let at = start + RTMSG_SIZE;
  while (end - at >= NLA_HDRLEN) {
    const size = u16[at >> 1] ?? 0;
    if (size < NLA_HDRLEN || size > end - at) {
      bytes.fail(`an attribute of a route claims ${size} bytes where ${end - at} are left`);
      break;
    }
    const value = at + NLA_HDRLEN;
    const length = size - NLA_HDRLEN;
    const type = (u16[(at >> 1) + 1] ?? 0) & NLA_TYPE_MASK;
    at += (size + 3) & ~3;
    switch (type) {
      case RTA_DST:
        dst =
          length === 4
            ? formatIpv4Network(u8, value, u8[start + 1] ?? 0)
            : `${address(bytes, value, length) ?? '::'}/${u8[start + 1] ?? 0}`;
        continue;
      case RTA_SRC:
        src = address(bytes, value, length);
        continue;
      case RTA_GATEWAY:
        gateway = address(bytes, value, length);
        continue;
      case RTA_PREFSRC:
        prefSrc = address(bytes, value, length);
        continue;
      case RTA_VIA:
        gateway = via(bytes, value, length);
        continue;
      case RTA_METRICS:
        metrics = readRouteMetrics(new AttributeReader(bytes, value, value + length));
        continue;
      case RTA_MULTIPATH:
        nexthops = readNexthops(bytes, value, value + length);
        continue;
      case RTA_ENCAP:
        encapData = u8.slice(value, value + length);
        continue;
      case RTA_ENCAP_TYPE:
        if (length >= 2) encapType = u16[value >> 1];
        continue;
      case RTA_PREF:
        if (length >= 1) preference = routePreferences.name((u8[value] ?? 0) & 3);
        continue;
    }
    if (type > RTA_NH_ID) {
      unknown = addUnknown(unknown, bytes, value, length);
      continue;
    }
    // The rest are 32-bit numbers, or structures that begin with some.
    if (length < 4) {
      bytes.fail(`attribute ${type} of a route has ${length} bytes`);
      continue;
    }
    const number = u32[value >> 2] ?? 0;
    switch (type) {
      case RTA_OIF:
        oif = number;
        break;
      case RTA_TABLE:
        table = number;
        break;
      case RTA_PRIORITY:
        priority = number;
        break;
      case RTA_IIF:
        iif = number;
        break;
      case RTA_CACHEINFO: {
        const left = length >= RTA_CACHEINFO_SIZE ? (bytes.i32[(value + RTA_CACHEINFO_EXPIRES) >> 2] ?? 0) : 0;
        if (left !== 0) expires = left / USER_HZ;
        break;
      }
      case RTA_NH_ID:
        nexthopId = number;
        break;
      case RTA_FLOW:
        flow = number;
        break;
      case RTA_MARK:
        mark = number;
        break;
      case RTA_UID:
        uid = number;
        break;
    }
  }

  const route: Mutable<Route> = {
    family: ipv4 ? 'ipv4' : 'ipv6',
    type: routeTypes.name(u8[start + 7] ?? 0),
    dst: dst ?? (ipv4 ? ANY_IPV4 : ANY_IPV6),
    gateway,
    prefSrc,
    oif,
    table,
    protocol: routeProtocols.name(u8[start + 5] ?? 0),
    scope: scopeName(u8[start + 6] ?? 0),
    priority,
    tos: u8[start + 3] ?? 0,
    flags: routeFlagNames(u32[(start + 8) >> 2] ?? 0),
  };
  // Most routes have none of these; to give every route room for all of them would double what a dump takes.
  if (src !== undefined) route.src = `${src}/${u8[start + 2] ?? 0}`;
  if (iif !== undefined) route.iif = iif;
  if (metrics !== undefined) route.metrics = metrics;
  if (nexthops !== undefined) route.nexthops = nexthops;
  if (encapType !== undefined) route.encap = readEncap(encapType, encapData);
  if (preference !== undefined) route.preference = preference;
  if (expires !== undefined) route.expires = expires;
  if (nexthopId !== undefined) route.nexthopId = nexthopId;
  if (flow !== undefined) route.flow = flow;
  if (mark !== undefined) route.mark = mark;
  if (uid !== undefined) route.uid = uid;
  if (unknown !== undefined) route.unknown = unknown;
  return route;
}

const ANY_IPV4 = '0.0.0.0/0';
const ANY_IPV6 = '::/0';

/** `struct rtvia`: a family (u16) and an address of that family. */
function via(bytes: MessageBytes, at: number, length: number): string | undefined {
  return address(bytes, at + 2, length - 2);
}

/** An array of `struct rtnexthop`, each with attributes of its own. */
function readNexthops(bytes: MessageBytes, start: number, end: number): Nexthop[] {
  const nexthops: Nexthop[] = [];
  forEachNexthop(bytes, start, end, (header, attributes) => {
    let gateway: string | undefined;
    let flow: number | undefined;
    let encapType: number | undefined;
    let encapData: Uint8Array | undefined;
    let unknown: UnknownAttribute[] | undefined;
    while (attributes.next())
      switch (attributes.type) {
        case RTA_GATEWAY:
          gateway = attributes.ipAddress();
          break;
        case RTA_VIA:
          gateway = via(bytes, attributes.start, attributes.length);
          break;
        case RTA_FLOW:
          flow = attributes.u32();
          break;
        case RTA_ENCAP_TYPE:
          encapType = attributes.u16();
          break;
        case RTA_ENCAP:
          encapData = attributes.copy();
          break;
        default:
          if (attributes.type > RTA_NH_ID) unknown = addUnknown(unknown, bytes, attributes.start, attributes.length);
      }
    nexthops.push({
      gateway,
      oif: header.oif,
      weight: header.weight,
      flags: header.flags,
      encap: readEncap(encapType, encapData),
      flow,
      ...(unknown !== undefined && { unknown }),
    });
  });
  return nexthops;
}

/** Reads an array of `struct rtnexthop`: the header of each, and a reader of its attributes. */
export function forEachNexthop(
  bytes: MessageBytes,
  start: number,
  end: number,
  read: (header: Pick<Nexthop, 'oif' | 'weight' | 'flags'>, attributes: AttributeReader) => void,
): void {
  const { u8, u16, i32 } = bytes;
  let at = start;
  while (end - at >= RTNEXTHOP_SIZE) {
    const size = u16[at >> 1] ?? 0;
    if (size < RTNEXTHOP_SIZE || size > end - at) {
      bytes.fail(`a nexthop claims ${size} bytes where ${end - at} are left`);
      break;
    }
    read(
      {
        oif: i32[(at + 4) >> 2] || undefined,
        weight: (u8[at + 3] ?? 0) + 1,
        flags: routeFlagNames(u8[at + 2] ?? 0),
      },
      new AttributeReader(bytes, at + RTNEXTHOP_SIZE, at + size),
    );
    at += (size + 3) & ~3;
  }
}
