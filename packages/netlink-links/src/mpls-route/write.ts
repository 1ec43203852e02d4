import { labelStack } from '../encap/mpls.js';
import type { MessageWriter } from '../message/message-writer.js';
import { writeUnknown } from '../message/unknown-attribute.js';
import { writeNexthop, writeRouteHeader, writeVia } from '../route/write.js';
import { AF_MPLS, MPLS_LABEL_BITS } from '../uapi/mpls.js';
import {
  RT_TABLE_MAIN,
  RTA_DST,
  RTA_MULTIPATH,
  RTA_NEWDST,
  RTA_OIF,
  RTA_TTL_PROPAGATE,
  RTN_UNICAST,
} from '../uapi/route.js';
import type { CheckedMplsRoute, CheckedMplsWay } from './check.js';

const LABEL = labelStack(RTA_DST);
const LABELS = labelStack(RTA_NEWDST);

/** Writes `struct rtmsg` of the family. @param protocol 0 in a removal, which ignores it */
export function writeMplsHeader(message: MessageWriter, label: number | undefined, protocol = 0): void {
  writeRouteHeader(message, {
    family: AF_MPLS,
    ...(label !== undefined && {
      dstLength: MPLS_LABEL_BITS,
      table: RT_TABLE_MAIN,
      protocol,
      type: RTN_UNICAST,
    }),
  });
  if (label !== undefined) LABEL.write?.(message, RTA_DST, [label]);
}

/** Writes a route. */
export function writeMplsRoute(message: MessageWriter, route: CheckedMplsRoute<number>): void {
  writeMplsHeader(message, route.label, route.protocol);
  writeWay(message, route.way);
  if (route.way.oif !== undefined) message.u32(RTA_OIF, route.way.oif);
  if (route.ttlPropagate !== undefined) message.u8(RTA_TTL_PROPAGATE, route.ttlPropagate ? 1 : 0);
  const { nexthops } = route;
  if (nexthops !== undefined)
    message.nest(RTA_MULTIPATH, (nested) => {
      for (const nexthop of nexthops) writeNexthop(nested, nexthop, (way) => writeWay(way, nexthop));
    });
}

function writeWay(message: MessageWriter, { swapTo, via, unknown }: CheckedMplsWay<number>): void {
  if (swapTo !== undefined) LABELS.write?.(message, RTA_NEWDST, swapTo);
  if (via !== undefined) writeVia(message, via.family, via.address);
  writeUnknown(message, unknown);
}
