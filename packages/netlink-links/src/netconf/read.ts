import { AttributeReader } from '../message/attribute-reader.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { keepUnknown } from '../message/unknown-attribute.js';
import * as a from '../uapi/netconf.js';
import type { Netconf } from './netconf.js';
import { netconfFamilies, rpFilters } from './numbers.js';

/** Reads the payload of `RTM_NEWNETCONF` or `RTM_DELNETCONF`; nothing for families that are not known here. */
export function readNetconf(bytes: MessageBytes, start: number, end: number): Netconf | undefined {
  if (end - start < a.NETCONFMSG_SIZE) {
    bytes.fail('a message about settings of a link is shorter than its header');
    return undefined;
  }
  const family = netconfFamilies.name(bytes.u8[start] ?? 0);
  if (typeof family === 'number') return undefined;
  const read: Mutable<Netconf> = { family, ifindex: 0 };
  const attributes = new AttributeReader(bytes, start + a.NETCONFMSG_SIZE, end);
  while (attributes.next())
    switch (attributes.type) {
      case a.NETCONFA_IFINDEX: {
        const index = attributes.i32();
        if (index === a.NETCONFA_IFINDEX_ALL) read.ifindex = 'all';
        else if (index === a.NETCONFA_IFINDEX_DEFAULT) read.ifindex = 'default';
        else read.ifindex = index;
        break;
      }
      case a.NETCONFA_RP_FILTER:
        read.rpFilter = rpFilters.name(attributes.u32());
        break;
      case a.NETCONFA_FORWARDING:
        read.forwarding = attributes.u32() !== 0;
        break;
      case a.NETCONFA_MC_FORWARDING:
        read.multicastForwarding = attributes.u32() !== 0;
        break;
      case a.NETCONFA_PROXY_NEIGH:
        read.proxyNeigh = attributes.u32() !== 0;
        break;
      case a.NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN:
        read.ignoreRoutesWithLinkdown = attributes.u32() !== 0;
        break;
      case a.NETCONFA_INPUT:
        read.input = attributes.u32() !== 0;
        break;
      case a.NETCONFA_BC_FORWARDING:
        read.broadcastForwarding = attributes.u32() !== 0;
        break;
      case a.NETCONFA_FORCE_FORWARDING:
        read.forceForwarding = attributes.u32() !== 0;
        break;
      default:
        keepUnknown(attributes, read);
    }
  return read;
}
