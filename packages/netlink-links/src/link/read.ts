import { AF_INET, AF_INET6, AF_UNSPEC } from 'netns-core/sys';
import { AttributeReader } from '../message/attribute-reader.js';
import { flagNames } from '../message/flag-names.js';
import { formatHardwareAddress, hardwareAddressLength } from '../message/hardware-address.js';
import { withJson } from '../message/json.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { addUnknown, keepUnknown, unknownBytes, type WithUnknown } from '../message/unknown-attribute.js';
import * as a from '../uapi/if-link.js';
import { IFINFOMSG_SIZE } from '../uapi/rtnetlink.js';
import {
  LINK_FLAGS,
  LINK_MODES,
  type LinkAttributes,
  type LinkStatistics,
  type LinkXdp,
  OPER_STATES,
  XDP_MODES,
} from './attributes/attributes.js';
import { LINK_KINDS } from './kinds/index.js';
import type { LinkKind } from './kinds/kind.js';
import type { Link } from './link.js';
import { readPort } from './ports/read.js';
import { readVfs } from './vf/read.js';

const flagsOf = flagNames(LINK_FLAGS);
const NO_NAMES: readonly string[] = Object.freeze([]);
/** In the order of `enum in6_addr_gen_mode`. */
const ADDR_GEN_MODES = ['eui64', 'none', 'stable_secret', 'random'] as const;

/** What the kernel tells and does not take, or tells of other objects: counters, virtual functions, ports of bridges. */
const PASSED_OVER: ReadonlySet<number> = new Set([
  a.IFLA_STATS,
  a.IFLA_COST,
  a.IFLA_PRIORITY,
  a.IFLA_WIRELESS,
  a.IFLA_PROTINFO,
  a.IFLA_MAP,
  a.IFLA_WEIGHT,
  a.IFLA_NUM_VF,
  a.IFLA_VF_PORTS,
  a.IFLA_PORT_SELF,
  a.IFLA_EXT_MASK,
  a.IFLA_PAD,
  a.IFLA_EVENT,
  a.IFLA_NEW_NETNSID,
  a.IFLA_IF_NETNSID,
  a.IFLA_CARRIER_UP_COUNT,
  a.IFLA_CARRIER_DOWN_COUNT,
  a.IFLA_NEW_IFINDEX,
  a.IFLA_DEVLINK_PORT,
  a.IFLA_DPLL_PIN,
  a.IFLA_MAX_PACING_OFFLOAD_HORIZON,
  a.IFLA_NETNS_IMMUTABLE,
  a.IFLA_HEADROOM,
  a.IFLA_TAILROOM,
]);

type LinkInProgress = Mutable<LinkAttributes> & { type: string };
type AnyLink = LinkInProgress & Record<string, unknown>;

const byKernelName = new Map<string, { type: string; kind: LinkKind<Record<string, unknown>> }>();
for (const [type, kind] of Object.entries(LINK_KINDS))
  if (kind.kernelName !== '')
    byKernelName.set(kind.kernelName, { type, kind: kind as unknown as LinkKind<Record<string, unknown>> });

/** Reads the payload of `RTM_NEWLINK` or `RTM_DELLINK`; nothing for those about bridge ports (`AF_BRIDGE`). */
export function readLink(bytes: MessageBytes, start: number, end: number): Link | undefined {
  if (end - start < IFINFOMSG_SIZE) {
    bytes.fail('a message about a link is shorter than its header');
    return undefined;
  }
  if (bytes.u8[start] !== AF_UNSPEC) return undefined;
  const rawFlags = bytes.u32[(start + 8) >> 2] ?? 0;
  const link: LinkInProgress = {
    type: 'device',
    name: '',
    index: bytes.i32[(start + 4) >> 2] ?? 0,
    hardwareType: bytes.u16[(start + 2) >> 1] ?? 0,
    mtu: 0,
    flags: flagsOf(rawFlags),
    rawFlags,
    hardwareAddr: '',
    broadcast: '',
    operState: 'unknown',
    linkMode: 'default',
    carrier: false,
    carrierChanges: 0,
    altNames: NO_NAMES,
    txQLen: 0,
    qdisc: '',
    group: 0,
    promiscuity: 0,
    allMulticast: 0,
    numTxQueues: 0,
    numRxQueues: 0,
    gsoMaxSize: 0,
    gsoMaxSegs: 0,
    groMaxSize: 0,
    tsoMaxSize: 0,
    tsoMaxSegs: 0,
    minMtu: 0,
    maxMtu: 0,
    protoDown: false,
  };
  let kindName: string | undefined;
  let kindData: AttributeReader | undefined;
  let portData: AttributeReader | undefined;
  let vfs: AttributeReader | undefined;
  const attributes = new AttributeReader(bytes, start + IFINFOMSG_SIZE, end);
  while (attributes.next())
    switch (attributes.type) {
      case a.IFLA_IFNAME:
        link.name = attributes.string();
        break;
      case a.IFLA_ADDRESS:
        link.hardwareAddr = attributes.hardwareAddress();
        break;
      case a.IFLA_BROADCAST:
        link.broadcast = attributes.hardwareAddress();
        break;
      case a.IFLA_PERM_ADDRESS:
        link.permanentHardwareAddr = attributes.hardwareAddress();
        break;
      case a.IFLA_MTU:
        link.mtu = attributes.u32();
        break;
      case a.IFLA_LINK:
        link.parentIndex = attributes.u32();
        break;
      case a.IFLA_LINK_NETNSID:
        link.linkNetnsId = attributes.i32();
        break;
      case a.IFLA_MASTER:
        link.masterIndex = attributes.u32();
        break;
      case a.IFLA_QDISC:
        link.qdisc = attributes.string();
        break;
      case a.IFLA_TXQLEN:
        link.txQLen = attributes.u32();
        break;
      case a.IFLA_OPERSTATE:
        link.operState = OPER_STATES[attributes.u8()] ?? 'unknown';
        break;
      case a.IFLA_LINKMODE:
        link.linkMode = LINK_MODES[attributes.u8()] ?? 'default';
        break;
      case a.IFLA_CARRIER:
        link.carrier = attributes.u8() !== 0;
        break;
      case a.IFLA_CARRIER_CHANGES:
        link.carrierChanges = attributes.u32();
        break;
      case a.IFLA_IFALIAS:
        link.alias = attributes.string();
        break;
      case a.IFLA_GROUP:
        link.group = attributes.u32();
        break;
      case a.IFLA_PROMISCUITY:
        link.promiscuity = attributes.u32();
        break;
      case a.IFLA_ALLMULTI:
        link.allMulticast = attributes.u32();
        break;
      case a.IFLA_NUM_TX_QUEUES:
        link.numTxQueues = attributes.u32();
        break;
      case a.IFLA_NUM_RX_QUEUES:
        link.numRxQueues = attributes.u32();
        break;
      case a.IFLA_GSO_MAX_SIZE:
        link.gsoMaxSize = attributes.u32();
        break;
      case a.IFLA_GSO_MAX_SEGS:
        link.gsoMaxSegs = attributes.u32();
        break;
      case a.IFLA_GRO_MAX_SIZE:
        link.groMaxSize = attributes.u32();
        break;
      case a.IFLA_GSO_IPV4_MAX_SIZE:
        link.gsoIpv4MaxSize = attributes.u32();
        break;
      case a.IFLA_GRO_IPV4_MAX_SIZE:
        link.groIpv4MaxSize = attributes.u32();
        break;
      case a.IFLA_TSO_MAX_SIZE:
        link.tsoMaxSize = attributes.u32();
        break;
      case a.IFLA_TSO_MAX_SEGS:
        link.tsoMaxSegs = attributes.u32();
        break;
      case a.IFLA_MIN_MTU:
        link.minMtu = attributes.u32();
        break;
      case a.IFLA_MAX_MTU:
        link.maxMtu = attributes.u32();
        break;
      case a.IFLA_PROTO_DOWN:
        link.protoDown = attributes.u8() !== 0;
        break;
      case a.IFLA_PROTO_DOWN_REASON: {
        const reason = attributes.nested();
        const other: Kept = {};
        while (reason.next())
          if (reason.type === a.IFLA_PROTO_DOWN_REASON_VALUE) link.protoDownReason = reason.u32();
          else if (reason.type !== a.IFLA_PROTO_DOWN_REASON_MASK) keepUnknown(reason, other);
        keepInside(a.IFLA_PROTO_DOWN_REASON, other, link);
        break;
      }
      case a.IFLA_PHYS_PORT_NAME:
        link.physPortName = attributes.string();
        break;
      case a.IFLA_PHYS_PORT_ID:
        link.physPortId = hexadecimal(attributes);
        break;
      case a.IFLA_PHYS_SWITCH_ID:
        link.physSwitchId = hexadecimal(attributes);
        break;
      case a.IFLA_PARENT_DEV_NAME:
        link.parentDeviceName = attributes.string();
        break;
      case a.IFLA_PARENT_DEV_BUS_NAME:
        link.parentDeviceBus = attributes.string();
        break;
      case a.IFLA_STATS64:
        link.statistics = readStatistics(attributes);
        break;
      case a.IFLA_PROP_LIST:
        readProperties(attributes.nested(), link);
        break;
      case a.IFLA_XDP:
        readXdp(attributes.nested(), link);
        break;
      case a.IFLA_VFINFO_LIST:
        vfs = attributes.nested();
        break;
      case a.IFLA_AF_SPEC:
        readFamilies(attributes.nested(), link);
        break;
      case a.IFLA_LINKINFO: {
        const info = attributes.nested();
        const other: Kept = {};
        while (info.next())
          switch (info.type) {
            case a.IFLA_INFO_KIND:
              kindName = info.string();
              break;
            case a.IFLA_INFO_DATA:
              kindData = info.nested();
              break;
            case a.IFLA_INFO_SLAVE_KIND:
              link.slaveKind = info.string();
              break;
            case a.IFLA_INFO_SLAVE_DATA:
              portData = info.nested();
              break;
            case a.IFLA_INFO_XSTATS:
              break;
            default:
              keepUnknown(info, other);
          }
        keepInside(a.IFLA_LINKINFO, other, link);
        break;
      }
      default:
        if (!PASSED_OVER.has(attributes.type)) keepUnknownCommon(attributes, link);
    }
  if (vfs !== undefined)
    link.vfs = readVfs(vfs, link.hardwareAddr === '' ? undefined : hardwareAddressLength(link.hardwareAddr));
  if (link.slaveKind !== undefined) link.masterPort = readPort(link.slaveKind, portData);
  if (kindName !== undefined) {
    const known = byKernelName.get(kindName);
    if (known === undefined) {
      const unknown = link as AnyLink & { kind: string };
      unknown.type = 'generic';
      unknown.kind = kindName;
      LINK_KINDS.generic.read(kindData, unknown);
    } else {
      link.type = known.type;
      known.kind.read(kindData, link as AnyLink);
    }
  }
  return link as Link;
}

/** `struct rtnl_link_stats64`; older kernels send fewer counters. */
export function readStatistics(value: AttributeReader): LinkStatistics {
  return withJson({
    rxPackets: value.u64At(0),
    txPackets: value.u64At(8),
    rxBytes: value.u64At(16),
    txBytes: value.u64At(24),
    rxErrors: value.u64At(32),
    txErrors: value.u64At(40),
    rxDropped: value.u64At(48),
    txDropped: value.u64At(56),
    multicast: value.u64At(64),
    collisions: value.u64At(72),
    rxLengthErrors: value.u64At(80),
    rxOverErrors: value.u64At(88),
    rxCrcErrors: value.u64At(96),
    rxFrameErrors: value.u64At(104),
    rxFifoErrors: value.u64At(112),
    rxMissedErrors: value.u64At(120),
    txAbortedErrors: value.u64At(128),
    txCarrierErrors: value.u64At(136),
    txFifoErrors: value.u64At(144),
    txHeartbeatErrors: value.u64At(152),
    txWindowErrors: value.u64At(160),
    rxCompressed: value.u64At(168),
    txCompressed: value.u64At(176),
    rxNohandler: value.length >= 192 ? value.u64At(184) : 0n,
    rxOtherhostDropped: value.length >= 200 ? value.u64At(192) : 0n,
  });
}

function keepUnknownCommon({ bytes, start, length, type }: AttributeReader, link: LinkInProgress): void {
  // Number 0 is that of no attribute.
  if (type !== 0) link.unknownCommon = addUnknown(link.unknownCommon, bytes, start, length);
}

function readProperties(list: AttributeReader, link: LinkInProgress): void {
  const names: string[] = [];
  const other: Kept = {};
  while (list.next())
    if (list.type === a.IFLA_ALT_IFNAME) names.push(list.string());
    else keepUnknown(list, other);
  link.altNames = names;
  keepInside(a.IFLA_PROP_LIST, other, link);
}

function readXdp(xdp: AttributeReader, link: LinkInProgress): void {
  const read: Mutable<LinkXdp> = { mode: 'none' };
  while (xdp.next())
    switch (xdp.type) {
      case a.IFLA_XDP_ATTACHED:
        read.mode = XDP_MODES[xdp.u8()] ?? xdp.u8();
        break;
      case a.IFLA_XDP_PROG_ID:
        read.programId = xdp.u32();
        break;
      case a.IFLA_XDP_DRV_PROG_ID:
        read.driverProgramId = xdp.u32();
        break;
      case a.IFLA_XDP_SKB_PROG_ID:
        read.genericProgramId = xdp.u32();
        break;
      case a.IFLA_XDP_HW_PROG_ID:
        read.hardwareProgramId = xdp.u32();
        break;
      default:
        keepUnknown(xdp, read as Kept);
    }
  if (read.mode !== 'none' || read.unknown !== undefined) link.xdp = read;
}

/** Settings for IPv4 and IPv6 that `sysctl` has, and counters. */
const TOLD_OF_IPV4: readonly number[] = [a.IFLA_INET_CONF];
const TOLD_OF_IPV6: readonly number[] = [
  a.IFLA_INET6_FLAGS,
  a.IFLA_INET6_CONF,
  a.IFLA_INET6_STATS,
  a.IFLA_INET6_MCAST,
  a.IFLA_INET6_CACHEINFO,
  a.IFLA_INET6_ICMP6STATS,
  a.IFLA_INET6_RA_MTU,
];

function readFamilies(families: AttributeReader, link: LinkInProgress): void {
  const other: Kept = {};
  while (families.next()) {
    const { type } = families;
    if (type !== AF_INET && type !== AF_INET6) {
      keepUnknown(families, other);
      continue;
    }
    const inside: Kept = {};
    const family = families.nested();
    while (family.next())
      if (type === AF_INET6 && family.type === a.IFLA_INET6_ADDR_GEN_MODE) {
        const mode = ADDR_GEN_MODES[family.u8()];
        if (mode !== undefined) link.ipv6AddrGenMode = mode;
      } else if (type === AF_INET6 && family.type === a.IFLA_INET6_TOKEN) {
        const token = family.ipAddress();
        if (token !== NO_TOKEN) link.ipv6Token = token;
      } else if (!(type === AF_INET ? TOLD_OF_IPV4 : TOLD_OF_IPV6).includes(family.type)) keepUnknown(family, inside);
    if (inside.unknown !== undefined)
      other.unknown = [...(other.unknown ?? []), { attribute: type, data: unknownBytes(inside.unknown) }];
  }
  keepInside(a.IFLA_AF_SPEC, other, link);
}

/** What the kernel tells where no token has been set. */
const NO_TOKEN = '::';

/** Where unknown attributes are kept while others are read. */
type Kept = { -readonly [P in keyof WithUnknown]: WithUnknown[P] };

/** Keeps an attribute that holds others, with those in it that are not known. */
function keepInside(attribute: number, { unknown }: Kept, link: LinkInProgress): void {
  if (unknown !== undefined)
    link.unknownCommon = [...(link.unknownCommon ?? []), { attribute, data: unknownBytes(unknown) }];
}

function hexadecimal(value: AttributeReader): string {
  return formatHardwareAddress(value.bytes.u8, value.start, value.end).replaceAll(':', '');
}
