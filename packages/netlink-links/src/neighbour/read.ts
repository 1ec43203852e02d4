import { AF_INET, AF_INET6 } from 'netns-core/sys';
import { AttributeReader } from '../message/attribute-reader.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { keepUnknown } from '../message/unknown-attribute.js';
import { routeProtocols } from '../route/numbers.js';
import {
  AF_BRIDGE,
  NDA_CACHEINFO,
  NDA_DST,
  NDA_FLAGS_EXT,
  NDA_IFINDEX,
  NDA_LINK_NETNSID,
  NDA_LLADDR,
  NDA_MASTER,
  NDA_NH_ID,
  NDA_PORT,
  NDA_PROBES,
  NDA_PROTOCOL,
  NDA_SRC_VNI,
  NDA_VLAN,
  NDA_VNI,
  NDMSG_SIZE,
  NTF_EXT_SHIFT,
} from '../uapi/neighbour.js';
import type { Neighbour } from './neighbour.js';
import { neighbourFlagNames, neighbourStates } from './numbers.js';

/** The kernel counts ages in hundredths of a second (USER_HZ) everywhere that Node runs. */
const USER_HZ = 100;

/** Reads the payload of `RTM_NEWNEIGH` or `RTM_DELNEIGH`; nothing for families that have no entry here. */
export function readNeighbour(bytes: MessageBytes, start: number, end: number): Neighbour | undefined {
  if (end - start < NDMSG_SIZE) {
    bytes.fail('a message about a neighbour is shorter than its header');
    return undefined;
  }
  const { u8, u16 } = bytes;
  const family = u8[start];
  if (family !== AF_INET && family !== AF_INET6 && family !== AF_BRIDGE) return undefined;
  let flags = u8[start + 10] ?? 0;
  const neighbour: Mutable<Neighbour> = {
    family: family === AF_INET ? 'ipv4' : family === AF_INET6 ? 'ipv6' : 'bridge',
    ifindex: bytes.i32[(start + 4) >> 2] ?? 0,
    state: neighbourStates.name(u16[(start + 8) >> 1] ?? 0),
    flags: [],
  };
  const attributes = new AttributeReader(bytes, start + NDMSG_SIZE, end);
  while (attributes.next())
    switch (attributes.type) {
      case NDA_DST:
        neighbour.dst = attributes.ipAddress();
        break;
      case NDA_LLADDR:
        neighbour.lladdr = attributes.hardwareAddress();
        break;
      case NDA_CACHEINFO:
        neighbour.age = {
          confirmed: attributes.u32At(0) / USER_HZ,
          used: attributes.u32At(4) / USER_HZ,
          updated: attributes.u32At(8) / USER_HZ,
        };
        break;
      case NDA_PROBES:
        neighbour.probes = attributes.u32();
        break;
      case NDA_VLAN:
        neighbour.vlan = attributes.u16();
        break;
      case NDA_PORT:
        neighbour.port = attributes.u16be();
        break;
      case NDA_VNI:
        neighbour.vni = attributes.u32();
        break;
      case NDA_SRC_VNI:
        neighbour.sourceVni = attributes.u32();
        break;
      case NDA_IFINDEX:
        neighbour.viaIndex = attributes.u32();
        break;
      case NDA_MASTER:
        neighbour.masterIndex = attributes.u32();
        break;
      case NDA_PROTOCOL:
        neighbour.protocol = routeProtocols.name(attributes.u8());
        break;
      case NDA_NH_ID:
        neighbour.nexthopId = attributes.u32();
        break;
      case NDA_FLAGS_EXT: {
        const extended = attributes.u32();
        // 24 of its 32 bits fit above the others. If more are used some day, it is kept as it is.
        if (extended >>> (32 - NTF_EXT_SHIFT) === 0) flags |= extended << NTF_EXT_SHIFT;
        else keepUnknown(attributes, neighbour);
        break;
      }
      case NDA_LINK_NETNSID:
        neighbour.linkNetnsId = attributes.i32();
        break;
      default:
        keepUnknown(attributes, neighbour);
    }
  neighbour.flags = neighbourFlagNames(flags >>> 0);
  return neighbour;
}
