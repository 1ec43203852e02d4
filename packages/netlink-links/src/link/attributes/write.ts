import { AF_INET6 } from 'netns-core/sys';
import { parseIpAddress } from '../../message/ip-address.js';
import type { MessageWriter } from '../../message/message-writer.js';
import { type UnknownAttribute, writeUnknown } from '../../message/unknown-attribute.js';
import {
  IFF_ALLMULTI,
  IFF_DYNAMIC,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_PROMISC,
  IFF_UP,
} from '../../uapi/if.js';
import {
  IFLA_ADDRESS,
  IFLA_AF_SPEC,
  IFLA_BROADCAST,
  IFLA_CARRIER,
  IFLA_GRO_IPV4_MAX_SIZE,
  IFLA_GRO_MAX_SIZE,
  IFLA_GROUP,
  IFLA_GSO_IPV4_MAX_SIZE,
  IFLA_GSO_MAX_SEGS,
  IFLA_GSO_MAX_SIZE,
  IFLA_IFALIAS,
  IFLA_IFNAME,
  IFLA_INET6_ADDR_GEN_MODE,
  IFLA_INET6_TOKEN,
  IFLA_LINK,
  IFLA_LINK_NETNSID,
  IFLA_LINKINFO,
  IFLA_LINKMODE,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  IFLA_NET_NS_PID,
  IFLA_NUM_RX_QUEUES,
  IFLA_NUM_TX_QUEUES,
  IFLA_PROTO_DOWN,
  IFLA_PROTO_DOWN_REASON,
  IFLA_PROTO_DOWN_REASON_MASK,
  IFLA_PROTO_DOWN_REASON_VALUE,
  IFLA_TXQLEN,
  IN6_ADDR_GEN_MODE_EUI64,
  IN6_ADDR_GEN_MODE_NONE,
  IN6_ADDR_GEN_MODE_RANDOM,
  IN6_ADDR_GEN_MODE_STABLE_PRIVACY,
} from '../../uapi/if-link.js';
import { linkAddresses } from './addresses.js';
import { LINK_MODES } from './attributes.js';
import type { LinkSettings, NewLinkSettings } from './settings.js';

const ADDR_GEN_MODES = {
  eui64: IN6_ADDR_GEN_MODE_EUI64,
  none: IN6_ADDR_GEN_MODE_NONE,
  stable_secret: IN6_ADDR_GEN_MODE_STABLE_PRIVACY,
  random: IN6_ADDR_GEN_MODE_RANDOM,
} as const;

/** Reasons that are not given are taken away. */
const ALL_REASONS = 0xffffffff;

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
  addressLength?: number,
): void {
  const addresses = linkAddresses(link, addressLength);
  for (const [property, attribute] of NUMBERS_BEFORE_ADDRESSES) writeNumber(writer, link, property, attribute);
  if (addresses.hardwareAddr !== undefined) writer.bytes(IFLA_ADDRESS, addresses.hardwareAddr);
  if (addresses.broadcast !== undefined) writer.bytes(IFLA_BROADCAST, addresses.broadcast);
  for (const [property, attribute] of NUMBERS) writeNumber(writer, link, property, attribute);
  if (link.alias !== undefined) writer.about('alias').bareString(IFLA_IFALIAS, link.alias);
  writeNumber(writer, link, 'group', IFLA_GROUP);
  if (link.linkMode !== undefined) writer.u8(IFLA_LINKMODE, LINK_MODES.indexOf(link.linkMode));
  if (link.carrier !== undefined) writer.u8(IFLA_CARRIER, link.carrier ? 1 : 0);
  if (link.protoDown !== undefined) writer.u8(IFLA_PROTO_DOWN, link.protoDown ? 1 : 0);
  const { ipv6AddrGenMode: mode, ipv6Token: token, unknownCommon = [] } = link;
  const reason = link.protoDownReason;
  writer.nest(
    IFLA_PROTO_DOWN_REASON,
    (nested) => {
      if (reason !== undefined)
        nested.u32(IFLA_PROTO_DOWN_REASON_MASK, ALL_REASONS).u32(IFLA_PROTO_DOWN_REASON_VALUE, reason);
      writeUnknownInside(nested, IFLA_PROTO_DOWN_REASON, unknownCommon);
    },
    true,
    false,
  );
  if (link.linkNetnsId !== undefined) writer.about('linkNetnsId').i32(IFLA_LINK_NETNSID, link.linkNetnsId);
  writer.nest(
    IFLA_AF_SPEC,
    (spec) => {
      spec.nest(
        AF_INET6,
        (inet6) => {
          if (token !== undefined) inet6.about('ipv6Token').bytes(IFLA_INET6_TOKEN, parseIpAddress(token));
          if (mode !== undefined) inet6.u8(IFLA_INET6_ADDR_GEN_MODE, ADDR_GEN_MODES[mode]);
        },
        false,
        false,
      );
      writeUnknownInside(spec, IFLA_AF_SPEC, unknownCommon);
    },
    false,
    false,
  );
  if (master !== undefined) writer.u32(IFLA_MASTER, master);
  if (parent !== undefined) writer.u32(IFLA_LINK, parent);
  if (link.name !== undefined) writer.about('name').string(IFLA_IFNAME, link.name);
  writer.about(undefined);
  writeUnknown(
    writer,
    unknownCommon.filter(({ attribute }) => !HOLDING.includes(attribute)),
  );
}

/** Attributes that hold others, of which some are known. */
const HOLDING: readonly number[] = [IFLA_AF_SPEC, IFLA_LINKINFO, IFLA_PROTO_DOWN_REASON];

/** Writes what of the unknown belongs into an attribute that holds others, on which the writer stands. */
export function writeUnknownInside(
  writer: MessageWriter,
  attribute: number,
  unknownCommon: readonly UnknownAttribute[],
): void {
  for (const unknown of unknownCommon) if (unknown.attribute === attribute) writer.raw(unknown.data);
}

/** In the order in which they are written. */
const NUMBERS_BEFORE_ADDRESSES = [
  ['netnsFd', IFLA_NET_NS_FD],
  ['netnsPid', IFLA_NET_NS_PID],
  ['mtu', IFLA_MTU],
] as const;
const NUMBERS = [
  ['txQLen', IFLA_TXQLEN],
  ['numTxQueues', IFLA_NUM_TX_QUEUES],
  ['numRxQueues', IFLA_NUM_RX_QUEUES],
  ['gsoMaxSize', IFLA_GSO_MAX_SIZE],
  ['gsoMaxSegs', IFLA_GSO_MAX_SEGS],
  ['groMaxSize', IFLA_GRO_MAX_SIZE],
  ['gsoIpv4MaxSize', IFLA_GSO_IPV4_MAX_SIZE],
  ['groIpv4MaxSize', IFLA_GRO_IPV4_MAX_SIZE],
] as const;

type NumberSetting = (typeof NUMBERS_BEFORE_ADDRESSES | typeof NUMBERS)[number][0] | 'group';

function writeNumber(
  writer: MessageWriter,
  link: { readonly [P in NumberSetting]?: number | undefined },
  property: NumberSetting,
  attribute: number,
): void {
  const value = link[property];
  if (value !== undefined) writer.about(property).u32(attribute, value);
}

/** Where the settings of a link as it was read have the flags of `<linux/if.h>` that no setting stands for. */
export const OTHER_FLAGS = Symbol('other flags');

export interface WithOtherFlags {
  readonly [OTHER_FLAGS]?: { readonly flags: number; readonly change: number } | undefined;
}

/** The flags to set and the flags that are meant, for `struct ifinfomsg`. */
export function flagChanges(link: LinkSettings & WithOtherFlags): { flags: number; change: number } {
  let { flags, change } = link[OTHER_FLAGS] ?? { flags: 0, change: 0 };
  const say = (flag: number, value: boolean | undefined): void => {
    if (value === undefined) return;
    change |= flag;
    if (value) flags |= flag;
  };
  say(IFF_UP, link.up);
  say(IFF_PROMISC, link.promisc);
  say(IFF_ALLMULTI, typeof link.allMulticast === 'boolean' ? link.allMulticast : undefined);
  say(IFF_MULTICAST, link.multicast);
  say(IFF_NOARP, link.arp === undefined ? undefined : !link.arp);
  say(IFF_DYNAMIC, link.dynamic);
  say(IFF_NOTRAILERS, link.trailers === undefined ? undefined : !link.trailers);
  return { flags: flags >>> 0, change: change >>> 0 };
}
