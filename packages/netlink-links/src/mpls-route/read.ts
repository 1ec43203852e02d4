import { AF_INET, AF_INET6, AF_PACKET } from 'netns-core/sys';
import { labelStack } from '../encap/mpls.js';
import { AttributeReader } from '../message/attribute-reader.js';
import { ETHERNET_ADDRESS_LENGTH, formatHardwareAddress } from '../message/hardware-address.js';
import { formatAddressBytes } from '../message/ip-address.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { keepUnknown } from '../message/unknown-attribute.js';
import { routeFlagNames, routeProtocols } from '../route/numbers.js';
import { forEachNexthop } from '../route/read.js';
import { AF_MPLS, MPLS_LS_LABEL_SHIFT } from '../uapi/mpls.js';
import {
  RTA_DST,
  RTA_MULTIPATH,
  RTA_NEWDST,
  RTA_OIF,
  RTA_TABLE,
  RTA_TTL_PROPAGATE,
  RTA_VIA,
  RTMSG_SIZE,
} from '../uapi/route.js';
import type { MplsNexthop, MplsRoute, MplsWay } from './mpls-route.js';

const LABELS = labelStack(RTA_NEWDST);

/** `struct rtvia`: a family and an address of it; `undefined` for one that cannot be written as it is read. */
function readVia(attribute: AttributeReader): string | undefined {
  const family = attribute.u16At(0);
  const length = attribute.length - 2;
  const at = attribute.start + 2;
  const { bytes } = attribute;
  if ((family === AF_INET && length === 4) || (family === AF_INET6 && length === 16))
    return formatAddressBytes(bytes, at, length);
  return family === AF_PACKET && length === ETHERNET_ADDRESS_LENGTH
    ? formatHardwareAddress(bytes.u8, at, at + length)
    : undefined;
}

/** Reads an attribute of a way; whether it is one. */
function readWay(attribute: AttributeReader, way: Mutable<MplsWay>): boolean {
  switch (attribute.type) {
    case RTA_NEWDST:
      way.swapTo = LABELS.read(attribute);
      if (way.swapTo === undefined) keepUnknown(attribute, way);
      return true;
    case RTA_VIA:
      way.via = readVia(attribute);
      if (way.via === undefined) keepUnknown(attribute, way);
      return true;
    case RTA_OIF:
      way.oif = attribute.u32();
      return true;
  }
  return false;
}

/** Reads an `RTM_NEWROUTE` or `RTM_DELROUTE` of MPLS. Routes of other families are left out. */
export function readMplsRoute(bytes: MessageBytes, start: number, end: number): MplsRoute | undefined {
  const { u8, u32 } = bytes;
  if (end - start < RTMSG_SIZE) {
    bytes.fail('a route shorter than its header');
    return undefined;
  }
  if (u8[start] !== AF_MPLS) return undefined;
  const way: Mutable<MplsWay> = {};
  let label = 0;
  let nexthops: MplsNexthop[] | undefined;
  let ttlPropagate: boolean | undefined;
  const attributes = new AttributeReader(bytes, start + RTMSG_SIZE, end);
  while (attributes.next())
    switch (attributes.type) {
      case RTA_DST:
        label = attributes.u32be() >>> MPLS_LS_LABEL_SHIFT;
        break;
      case RTA_TTL_PROPAGATE:
        ttlPropagate = attributes.u8() !== 0;
        break;
      case RTA_MULTIPATH:
        nexthops = readNexthops(attributes);
        break;
      // There is one table of labels.
      case RTA_TABLE:
        break;
      default:
        if (!readWay(attributes, way)) keepUnknown(attributes, way);
    }
  return {
    label,
    ...way,
    ...(nexthops !== undefined && { nexthops }),
    protocol: routeProtocols.name(u8[start + 5] ?? 0),
    flags: routeFlagNames(u32[(start + 8) >> 2] ?? 0),
    ...(ttlPropagate !== undefined && { ttlPropagate }),
  };
}

function readNexthops({ bytes, start, end }: AttributeReader): MplsNexthop[] {
  const nexthops: MplsNexthop[] = [];
  forEachNexthop(bytes, start, end, ({ oif, weight, flags }, attributes) => {
    const way: Mutable<MplsWay> = {};
    while (attributes.next()) if (!readWay(attributes, way)) keepUnknown(attributes, way);
    nexthops.push({ ...way, ...(oif !== undefined && { oif }), weight, flags });
  });
  return nexthops;
}
