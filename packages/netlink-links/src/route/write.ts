import { AF_INET, AF_INET6 } from 'netns-core/sys';
import { writeEncap } from '../encap/encap.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { familyNumber } from '../message/ip-address.js';
import { MessageWriter } from '../message/message-writer.js';
import { writeUnknown } from '../message/unknown-attribute.js';
import { NLMSG_HDRLEN } from '../uapi/netlink.js';
import {
  RT_TABLE_UNSPEC,
  RTA_DST,
  RTA_ENCAP,
  RTA_ENCAP_TYPE,
  RTA_EXPIRES,
  RTA_FLOW,
  RTA_GATEWAY,
  RTA_MULTIPATH,
  RTA_NH_ID,
  RTA_OIF,
  RTA_PREF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_SRC,
  RTA_TABLE,
  RTA_VIA,
  RTMSG_SIZE,
  RTNEXTHOP_SIZE,
} from '../uapi/route.js';
import type { ResolvedRoute, ResolvedWay } from './check.js';
import { writeRouteMetrics } from './metrics.js';

/** The numbers of `struct rtmsg`; what is left out is 0. */
export interface RouteHeader {
  readonly family: number;
  readonly dstLength?: number;
  readonly srcLength?: number;
  readonly tos?: number;
  readonly table?: number;
  readonly protocol?: number;
  readonly scope?: number;
  readonly type?: number;
  readonly flags?: number;
}

/** Writes `struct rtmsg`. */
export function writeRouteHeader(message: MessageWriter, header: RouteHeader): void {
  message.header(RTMSG_SIZE, (view, at) => {
    view.setUint8(at, header.family);
    view.setUint8(at + 1, header.dstLength ?? 0);
    view.setUint8(at + 2, header.srcLength ?? 0);
    view.setUint8(at + 3, header.tos ?? 0);
    view.setUint8(at + 4, header.table ?? 0);
    view.setUint8(at + 5, header.protocol ?? 0);
    view.setUint8(at + 6, header.scope ?? 0);
    view.setUint8(at + 7, header.type ?? 0);
    view.setUint32(at + 8, header.flags ?? 0, LITTLE_ENDIAN);
  });
}

/** The table as it goes into the header, which has eight bits for it; larger ones need `RTA_TABLE`. */
export function tableInHeader(table: number): number {
  return table < 256 ? table : RT_TABLE_UNSPEC;
}

/** Writes `struct rtmsg` and the attributes of a route. */
export function writeRoute(message: MessageWriter, route: ResolvedRoute): void {
  const { dst, src } = route;
  writeRouteHeader(message, {
    family: familyNumber(route.family),
    dstLength: dst.prefixLength,
    srcLength: src?.prefixLength ?? 0,
    tos: route.tos,
    table: tableInHeader(route.table),
    protocol: route.protocol,
    scope: route.scope,
    type: route.type,
    flags: route.flags,
  });
  // A default route has no destination at all.
  if (dst.prefixLength > 0) message.bytes(RTA_DST, dst.bytes);
  if (src !== undefined && src.prefixLength > 0) message.bytes(RTA_SRC, src.bytes);
  writeWay(message, route.way, route);
  if (route.prefSrc !== undefined) message.bytes(RTA_PREFSRC, route.prefSrc);
  if (route.table >= 256) message.u32(RTA_TABLE, route.table);
  if (route.priority !== undefined) message.u32(RTA_PRIORITY, route.priority);
  if (route.metrics !== undefined) writeRouteMetrics(message, route.metrics);
  if (route.nexthops !== undefined) writeNexthops(message, route.nexthops, route);
  if (route.preference !== undefined) message.u8(RTA_PREF, route.preference);
  if (route.expires !== undefined) message.u32(RTA_EXPIRES, route.expires);
  if (route.nexthopId !== undefined) message.u32(RTA_NH_ID, route.nexthopId);
}

function writeWay(message: MessageWriter, way: ResolvedWay, { family }: ResolvedRoute): void {
  const { gateway, encap } = way;
  if (gateway !== undefined) {
    if ((gateway.length === 4) === (family === 'ipv4')) message.bytes(RTA_GATEWAY, gateway);
    else writeVia(message, gateway.length === 4 ? AF_INET : AF_INET6, gateway);
  }
  if (way.oif !== undefined) message.u32(RTA_OIF, way.oif);
  if (way.flow !== undefined) message.u32(RTA_FLOW, way.flow);
  if (encap !== undefined) writeEncap(message, encap, { type: RTA_ENCAP_TYPE, data: RTA_ENCAP });
  writeUnknown(message, way.unknown);
}

function writeNexthops(
  message: MessageWriter,
  nexthops: NonNullable<ResolvedRoute['nexthops']>,
  route: ResolvedRoute,
): void {
  message.nest(RTA_MULTIPATH, (nested) => {
    for (const nexthop of nexthops)
      writeNexthop(nested, nexthop, (way) => writeWay(way, { ...nexthop, oif: undefined }, route));
  });
}

/** Writes `struct rtnexthop`, one of several ways, and its attributes. */
export function writeNexthop(
  message: MessageWriter,
  { flags, weight, oif }: { readonly flags: number; readonly weight: number; readonly oif: number | undefined },
  fill: (way: MessageWriter) => void,
): void {
  // A nexthop is a header with attributes behind it; its length covers both.
  const way = new MessageWriter(0, 0);
  fill(way);
  const attributes = way.finish().subarray(NLMSG_HDRLEN);
  message.header(RTNEXTHOP_SIZE, (view, at) => {
    view.setUint16(at, RTNEXTHOP_SIZE + attributes.length, LITTLE_ENDIAN);
    view.setUint8(at + 2, flags);
    view.setUint8(at + 3, weight - 1);
    view.setInt32(at + 4, oif ?? 0, LITTLE_ENDIAN);
  });
  message.raw(attributes);
}

/** Writes `struct rtvia`: an address with its family, which is another than that of the route. */
export function writeVia(message: MessageWriter, family: number, address: Uint8Array): void {
  message.struct(RTA_VIA, 2 + address.length, (view, at) => {
    view.setUint16(at, family, LITTLE_ENDIAN);
    for (const [index, byte] of address.entries()) view.setUint8(at + 2 + index, byte);
  });
}
