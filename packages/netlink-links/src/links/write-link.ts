import { AF_INET6 } from 'netns-core/sys';
import { parseHardwareAddress, parseLinkAddress } from '../codec/hardware-address.js';
import { parseIpAddress } from '../codec/ip-address.js';
import type { MessageWriter } from '../codec/message-writer.js';
import { IFF_ALLMULTI, IFF_DYNAMIC, IFF_MULTICAST, IFF_NOARP, IFF_PROMISC, IFF_UP } from '../uapi/if.js';
import {
  IFLA_ADDRESS,
  IFLA_AF_SPEC,
  IFLA_BROADCAST,
  IFLA_CARRIER,
  IFLA_GRO_MAX_SIZE,
  IFLA_GROUP,
  IFLA_GSO_MAX_SEGS,
  IFLA_GSO_MAX_SIZE,
  IFLA_IFALIAS,
  IFLA_IFNAME,
  IFLA_LINK,
  IFLA_LINK_NETNSID,
  IFLA_LINKMODE,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  IFLA_NET_NS_PID,
  IFLA_NUM_RX_QUEUES,
  IFLA_NUM_TX_QUEUES,
  IFLA_PROTO_DOWN,
  IFLA_TXQLEN,
} from '../uapi/if-link.js';
import type { LinkSettings, NewLinkSettings } from './link-spec.js';

/** Inside `IFLA_AF_SPEC`, `AF_INET6`; `<linux/if_link.h>`. */
const IFLA_INET6_ADDR_GEN_MODE = 8;
const ADDR_GEN_MODES = { eui64: 0, none: 1, stable_secret: 2, random: 3 } as const;

/** The bytes of a link layer address; tunnels have IP addresses in its place. */
function linkLayerAddress(text: string): Uint8Array {
  return /^[\da-f]{1,2}([:-][\da-f]{1,2}){5}$/i.test(text) ? parseLinkAddress(text) : parseIpAddress(text);
}

/** Links that a message names by index: the numbers, once the names are resolved. */
export interface Related {
  /** 0 means none. */
  master?: number;
  parent?: number;
}

/**
 * Writes what links of every kind have, in the order in which iproute2 writes it when its options are given in this
 * one, the name last.
 */
export function writeCommonAttributes(
  writer: MessageWriter,
  link: Omit<NewLinkSettings, 'master' | 'parent'>,
  { master, parent }: Related = {},
): void {
  if (link.netnsFd !== undefined) writer.u32(IFLA_NET_NS_FD, link.netnsFd);
  if (link.netnsPid !== undefined) writer.u32(IFLA_NET_NS_PID, link.netnsPid);
  if (link.mtu !== undefined) writer.u32(IFLA_MTU, link.mtu);
  if (link.hardwareAddr !== undefined) writer.bytes(IFLA_ADDRESS, linkLayerAddress(link.hardwareAddr));
  if (link.broadcast !== undefined)
    writer.bytes(
      IFLA_BROADCAST,
      link.broadcast.length === 17 ? parseHardwareAddress(link.broadcast) : parseIpAddress(link.broadcast),
    );
  if (link.txQLen !== undefined) writer.u32(IFLA_TXQLEN, link.txQLen);
  if (link.numTxQueues !== undefined) writer.u32(IFLA_NUM_TX_QUEUES, link.numTxQueues);
  if (link.numRxQueues !== undefined) writer.u32(IFLA_NUM_RX_QUEUES, link.numRxQueues);
  if (link.gsoMaxSize !== undefined) writer.u32(IFLA_GSO_MAX_SIZE, link.gsoMaxSize);
  if (link.gsoMaxSegs !== undefined) writer.u32(IFLA_GSO_MAX_SEGS, link.gsoMaxSegs);
  if (link.groMaxSize !== undefined) writer.u32(IFLA_GRO_MAX_SIZE, link.groMaxSize);
  if (link.alias !== undefined) writer.bareString(IFLA_IFALIAS, link.alias);
  if (link.group !== undefined) writer.u32(IFLA_GROUP, link.group);
  if (link.linkMode !== undefined) writer.u8(IFLA_LINKMODE, link.linkMode === 'dormant' ? 1 : 0);
  if (link.carrier !== undefined) writer.u8(IFLA_CARRIER, link.carrier ? 1 : 0);
  if (link.protoDown !== undefined) writer.u8(IFLA_PROTO_DOWN, link.protoDown ? 1 : 0);
  if (link.linkNetnsId !== undefined) writer.i32(IFLA_LINK_NETNSID, link.linkNetnsId);
  const mode = link.ipv6AddrGenMode;
  if (mode !== undefined) {
    const number = ADDR_GEN_MODES[mode];
    if (number === undefined)
      writer.fail(`'${mode}' is no way of making addresses: ${Object.keys(ADDR_GEN_MODES).join(', ')} are`);
    else
      writer.nest(IFLA_AF_SPEC, (spec) => spec.nest(AF_INET6, (inet6) => inet6.u8(IFLA_INET6_ADDR_GEN_MODE, number)));
  }
  if (master !== undefined) writer.u32(IFLA_MASTER, master);
  if (parent !== undefined) writer.u32(IFLA_LINK, parent);
  if (link.name !== undefined) writer.string(IFLA_IFNAME, link.name);
}

/** The flags to set and the flags that are meant, for `struct ifinfomsg`. */
export function flagChanges(link: LinkSettings): { flags: number; change: number } {
  let flags = 0;
  let change = 0;
  const say = (flag: number, value: boolean | undefined): void => {
    if (value === undefined) return;
    change |= flag;
    if (value) flags |= flag;
  };
  say(IFF_UP, link.up);
  say(IFF_PROMISC, link.promisc);
  say(IFF_ALLMULTI, link.allMulticast);
  say(IFF_MULTICAST, link.multicast);
  say(IFF_NOARP, link.arp === undefined ? undefined : !link.arp);
  say(IFF_DYNAMIC, link.dynamic);
  return { flags, change };
}
