import { type AttributeSpec, attr } from 'netlink-links/attributes';
import { ACTION_KINDS } from '../src/action/kinds/index.js';
import { readActionMessage } from '../src/action/list.js';
import { readAddress } from '../src/address/read.js';
import { readBridgeVlans } from '../src/bridge-vlan/read.js';
import { readVlanRanges } from '../src/bridge-vlan/read-database.js';
import { readBridgeVnis } from '../src/bridge-vni/read.js';
import { readChain } from '../src/chain/read.js';
import { CLASS_KINDS } from '../src/class/kinds/index.js';
import { readClass } from '../src/class/read.js';
import { readDevice } from '../src/devlink/devices.js';
import { readEswitch } from '../src/devlink/eswitch.js';
import { readInfo as readDevlinkInfo } from '../src/devlink/info.js';
import { readPort } from '../src/devlink/ports.js';
import { readEncap } from '../src/encap/encap.js';
import { readFeatures, readRefused } from '../src/ethtool/features.js';
import { readInfo, readModes, readState } from '../src/ethtool/link.js';
import { namedStats, readGroups } from '../src/ethtool/stats.js';
import { readStrings } from '../src/ethtool/strings.js';
import { readTimestamping } from '../src/ethtool/timestamping.js';
import { FILTER_KINDS } from '../src/filter/kinds/index.js';
import { readFilter } from '../src/filter/read.js';
import { readFamily } from '../src/generic/read-family.js';
import { LINK_KINDS } from '../src/link/kinds/index.js';
import { readLink } from '../src/link/read.js';
import { readLinkStats } from '../src/link-stats/read.js';
import { readMdb } from '../src/mdb/read.js';
import { AttributeReader } from '../src/message/attribute-reader.js';
import type { MessageBytes } from '../src/message/message-bytes.js';
import { readMplsRoute } from '../src/mpls-route/read.js';
import { readNeighbour } from '../src/neighbour/read.js';
import { readNeighbourTable } from '../src/neighbour-table/read.js';
import { readNetconf } from '../src/netconf/read.js';
import { readBucket, readNexthop } from '../src/nexthop/read.js';
import { readNsid } from '../src/nsid/request.js';
import { QDISC_KINDS } from '../src/qdisc/kinds/index.js';
import { readQdisc } from '../src/qdisc/read.js';
import { readRoute } from '../src/route/read.js';
import { readRule } from '../src/rule/read.js';
import { LOCAL_FAMILIES } from '../src/sockets/families/index.js';
import { readInternetSocket } from '../src/sockets/families/read-internet.js';
import { readNotification } from '../src/subscription/ethtool-subscribe.js';
import * as ethtool from '../src/uapi/ethtool-netlink.js';
import { readDevicePart } from '../src/wireguard/read.js';

/** Messages of one kind: what reads their payload, and what such payloads are. */
export interface KnownMessages {
  read(bytes: MessageBytes, start: number, end: number): unknown;
  /** Bytes before the attributes. */
  readonly header: Uint8Array;
  /** Each list of attributes is one message. Together they have all that the reader looks into. */
  readonly messages: Readonly<Record<string, readonly AttributeSpec[]>>;
  /** Where an attribute that is not known has no place to be kept in, and why: the numbers of the attributes that hold it, behind the name of the message where others have it there. */
  readonly lost?: Readonly<Record<string, string>>;
}

const LIST = 'what a list has beside its objects belongs to none of them';
const ARRAY = 'what an array has are values of one type';
const TEXT = 'it is read as a text, a number or a set of names';

const { u8, u16, u32, u64, string, bytes, nested } = attr;
const zeros = (length: number): Uint8Array => new Uint8Array(length);
/** A header of a size, with its first byte. */
const header = (size: number, first = 0): Uint8Array => Uint8Array.of(first, ...zeros(size - 1));
/** A structure with attributes behind it. */
const structured = (type: number, size: number, list: readonly AttributeSpec[] = []): AttributeSpec =>
  bytes(type, Uint8Array.of(...zeros(size), ...nested(1, [...list]).data));
const of = (read: (attributes: AttributeReader) => unknown) => (from: MessageBytes, start: number, end: number) =>
  read(new AttributeReader(from, start, end));
const NOTIFICATIONS = [
  ethtool.ETHTOOL_MSG_LINKINFO_NTF,
  ethtool.ETHTOOL_MSG_LINKMODES_NTF,
  ethtool.ETHTOOL_MSG_FEATURES_NTF,
  ethtool.ETHTOOL_MSG_RINGS_NTF,
  ethtool.ETHTOOL_MSG_CHANNELS_NTF,
  ethtool.ETHTOOL_MSG_COALESCE_NTF,
  ethtool.ETHTOOL_MSG_PAUSE_NTF,
];
const ALL_DETAILS = new Set(['memory', 'tcp', 'congestion', 'tos', 'mark', 'shutdown', 'cgroup', 'ulp'] as const);
const kernelNames = (kinds: object): string[] =>
  Object.values(kinds as Readonly<Record<string, { kernelName: string }>>).map(
    ({ kernelName }) => kernelName || 'other',
  );

const AF_INET = 2;
const AF_BRIDGE = 7;
const AF_INET6 = 10;
const AF_MPLS = 28;

/** Inside `IFLA_INFO_DATA`, of kinds that have lists in it. */
const INSIDE_KINDS: Readonly<Record<string, readonly AttributeSpec[]>> = {
  bond: [nested(8, [bytes(0, zeros(4))]), nested(23, [u16(1, 1)]), nested(31, [bytes(0, zeros(16))])],
  can: [nested(16, [u32(4, 1), u32(8, 1)])],
  vlan: [nested(3, [bytes(1, zeros(8))]), nested(4, [bytes(1, zeros(8))])],
  macvlan: [nested(5, [bytes(4, zeros(6))])],
  macvtap: [nested(5, [bytes(4, zeros(6))])],
};

/** `TCA_OPTIONS` of kinds of queueing disciplines that have more than one list. */
const INSIDE_QDISCS: Readonly<Record<string, AttributeSpec>> = {
  netem: structured(2, 24, [nested(5, [bytes(2, zeros(16))])]),
  mqprio: structured(2, 84, [nested(3, [u64(3, 1n)]), nested(4, [u64(4, 1n)])]),
  taprio: nested(2, [
    bytes(1, zeros(82)),
    nested(2, [nested(1, [u32(3, 1), u32(4, 5)])]),
    nested(7, [nested(2, [nested(1, [u32(3, 1), u32(4, 5)])])]),
    nested(12, [u32(1, 0), u32(2, 300)]),
  ]),
  ets: nested(2, [u8(1, 3), nested(3, [u32(4, 5)]), nested(5, [u8(6, 1)])]),
};

/** `TCA_ACT_OPTIONS` of kinds of actions that have more than one list. */
const INSIDE_ACTIONS: Readonly<Record<string, readonly (readonly AttributeSpec[])[]>> = {
  gate: [[nested(5, [nested(1, [u32(3, 5)])])]],
  pedit: [[bytes(4, zeros(52)), nested(5, [nested(6, [u16(1, 1), u16(2, 1)])])]],
  tunnel_key: [
    [nested(11, [nested(1, [u16(1, 1), u8(2, 1), bytes(3, zeros(4))])])],
    [nested(11, [nested(2, [u32(1, 1)])])],
    [nested(11, [nested(3, [u8(1, 1)])])],
  ],
};

/** `TCA_OPTIONS` of kinds of filters that have more than one list. */
const INSIDE_FILTERS: Readonly<Record<string, readonly (readonly AttributeSpec[])[]>> = {
  flower: [
    [nested(3, [nested(1, [string(1, 'gact'), nested(2, [bytes(2, zeros(20))])])])],
    [nested(84, [nested(1, [u16(1, 1), u8(2, 1), bytes(3, zeros(4))])])],
    [nested(84, [nested(2, [u32(1, 1)])]), nested(85, [nested(2, [u32(1, 0xffffffff)])])],
    [nested(84, [nested(3, [u8(1, 1)])])],
    [nested(96, [nested(1, [u8(1, 1)])])],
  ],
};

const STATISTICS = nested(7, [bytes(1, zeros(16)), bytes(3, zeros(20))]);
const BITSET = (type: number): AttributeSpec =>
  nested(type, [u32(2, 1), nested(3, [nested(1, [u32(1, 0), string(2, 'a')])])]);

const messages: Record<string, KnownMessages> = {
  links: {
    read: readLink,
    header: header(16),
    lost: {
      '22': LIST,
      '22/1/12': ARRAY,
      '18/2/8': ARRAY,
      '18/2/31': ARRAY,
      '18/2/5': ARRAY,
      '18/2/3': ARRAY,
      '18/2/4': ARRAY,
    },
    messages: {
      'with what all have': [
        nested(52, [string(53, 'a')]),
        nested(43, [u8(2, 1)]),
        nested(55, [u32(2, 1)]),
        nested(26, [nested(AF_INET, []), nested(AF_INET6, [u8(8, 0)]), nested(AF_MPLS, [])]),
        nested(22, [nested(1, [bytes(1, zeros(36)), nested(12, [bytes(1, zeros(16))]), nested(8, [u64(0, 1n)])])]),
      ],
      ...Object.fromEntries(
        kernelNames(LINK_KINDS).map((name) => [
          name,
          [nested(18, [string(1, name), nested(2, [...(INSIDE_KINDS[name] ?? [])])])],
        ]),
      ),
      ...Object.fromEntries(
        ['bridge', 'bond', 'vrf', 'other'].map((name) => [
          `as a port of ${name}`,
          [nested(18, [string(4, name), nested(5, [])])],
        ]),
      ),
    },
  },
  addresses: {
    read: readAddress,
    header: header(8, AF_INET),
    messages: { IPv4: [bytes(1, zeros(4)), bytes(2, zeros(4))] },
  },
  routes: {
    read: readRoute,
    header: header(12, AF_INET),
    messages: {
      IPv4: [bytes(1, zeros(4)), nested(8, [u32(2, 1400)])],
    },
  },
  'routes of MPLS': { read: readMplsRoute, header: header(12, AF_MPLS), messages: { one: [bytes(1, zeros(4))] } },
  neighbours: { read: readNeighbour, header: header(12, AF_INET), messages: { one: [bytes(1, zeros(4))] } },
  'neighbour tables': {
    read: readNeighbourTable,
    header: header(4, AF_INET),
    messages: { one: [string(1, 'arp_cache'), nested(6, [u32(1, 1)])] },
  },
  rules: { read: readRule, header: header(12, AF_INET), messages: { one: [u32(6, 1)] } },
  'settings of links': { read: readNetconf, header: header(4, AF_INET), messages: { one: [u32(1, 1)] } },
  'identifiers of namespaces': {
    read: readNsid,
    header: header(4),
    lost: { outside: TEXT },
    messages: { one: [u32(1, 1)] },
  },
  'nexthop objects': {
    read: readNexthop,
    header: header(8, AF_INET),
    messages: { one: [u32(1, 1), u32(5, 1)], group: [u32(1, 1), bytes(2, zeros(8)), nested(12, [u16(1, 4)])] },
  },
  'buckets of nexthop objects': {
    read: readBucket,
    header: header(8),
    messages: { one: [u32(1, 1), nested(13, [u16(1, 1)])] },
  },
  'multicast groups': {
    read: readMdb,
    header: header(8, AF_BRIDGE),
    lost: { outside: LIST, '1': LIST, '1/1': LIST },
    messages: { one: [nested(1, [nested(1, [structured(1, 28, [nested(2, [nested(1, [bytes(1, zeros(4))])])])])])] },
  },
  'VLANs of ports': {
    read: readBridgeVlans,
    header: header(16, AF_BRIDGE),
    lost: { outside: LIST, '26': LIST, '26/3': TEXT },
    messages: {
      one: [nested(26, [bytes(2, Uint8Array.of(0, 0, 5, 0)), nested(3, [u32(1, 7), u16(2, 5), u16(3, 0)])])],
    },
  },
  'VLANs of the database': {
    read: readVlanRanges,
    header: header(8, AF_BRIDGE),
    lost: { outside: LIST, '1': TEXT, '1/4': TEXT },
    messages: { one: [nested(1, [bytes(1, Uint8Array.of(0, 0, 5, 0)), nested(4, [u32(1, 7)])])] },
  },
  'VNIs of a VXLAN': {
    read: readBridgeVnis,
    header: header(8, AF_BRIDGE),
    lost: { outside: LIST },
    messages: { one: [nested(1, [u32(1, 5)])] },
  },
  'queueing disciplines': {
    read: readQdisc,
    lost: { 'ets 2/3': ARRAY, 'ets 2/5': ARRAY, 'mqprio 2/3': ARRAY, 'mqprio 2/4': ARRAY },
    header: header(20),
    messages: {
      'with what all have': [
        string(1, 'cake'),
        nested(7, [bytes(1, zeros(16)), nested(4, [nested(10, [nested(1, [u32(2, 1)])])])]),
        nested(8, [bytes(1, zeros(24))]),
      ],
      ...Object.fromEntries(
        Object.values(QDISC_KINDS)
          .filter(({ holdsAttributes }) => holdsAttributes === true)
          .map(({ kernelName }) => [kernelName, [string(1, kernelName), INSIDE_QDISCS[kernelName] ?? nested(2, [])]]),
      ),
      sfb: [string(1, 'sfb'), nested(2, [bytes(1, zeros(36))])],
    },
  },
  classes: {
    read: readClass,
    header: header(20),
    messages: Object.fromEntries(
      kernelNames(CLASS_KINDS).map((name) => [name, [string(1, name), nested(2, []), STATISTICS]]),
    ),
  },
  filters: {
    read: readFilter,
    header: header(20),
    messages: {
      ...Object.fromEntries(kernelNames(FILTER_KINDS).map((name) => [name, [string(1, name), nested(2, [])]])),
      ...Object.fromEntries(
        Object.entries(INSIDE_FILTERS).flatMap(([name, all]) =>
          all.map((options, index) => [`${name} ${index}`, [string(1, name), nested(2, [...options])]]),
        ),
      ),
    },
  },
  actions: {
    read: readActionMessage,
    header: header(4),
    lost: { outside: LIST },
    messages: Object.fromEntries(
      kernelNames(ACTION_KINDS).flatMap((name) =>
        (INSIDE_ACTIONS[name] ?? [[]]).map((options, index) => [
          `${name} ${index}`,
          [nested(1, [nested(1, [string(1, name), nested(2, [...options]), nested(4, [bytes(1, zeros(16))])])])],
        ]),
      ),
    ),
  },
  chains: { read: readChain, header: header(20), messages: { one: [u32(11, 1)] } },
  'statistics of links': {
    read: readLinkStats,
    header: header(12),
    messages: {
      one: [
        bytes(1, zeros(200)),
        nested(2, [nested(1, [bytes(4, zeros(48))]), nested(2, [nested(1, [u64(0, 1n)])])]),
        nested(3, [nested(1, [bytes(4, zeros(48))]), nested(2, [nested(1, [u64(0, 1n)])])]),
        nested(4, [nested(2, [nested(3, [u8(1, 1)])])]),
        nested(5, [nested(AF_MPLS, [bytes(1, zeros(72))])]),
      ],
    },
  },
  WireGuard: {
    read: readDevicePart,
    header: header(4),
    lost: { '8/0/9': ARRAY, '8/0/9/0': TEXT },
    messages: {
      one: [nested(8, [nested(0, [bytes(1, zeros(32)), nested(9, [nested(0, [bytes(2, zeros(4)), u8(3, 24)])])])])],
    },
  },
  'families of generic netlink': {
    read: readFamily,
    header: header(4),
    messages: { one: [nested(6, [nested(1, [u32(1, 1)])]), nested(7, [nested(1, [string(1, 'a'), u32(2, 1)])])] },
  },
  'features of ethtool': {
    read: of((attributes) => readFeatures(attributes)),
    header: zeros(0),
    lost: {
      outside: TEXT,
      '2': TEXT,
      '2/3': TEXT,
      '2/3/1': TEXT,
      '3': TEXT,
      '3/3': TEXT,
      '3/3/1': TEXT,
      '4': TEXT,
      '4/3': TEXT,
      '4/3/1': TEXT,
      '5': TEXT,
      '5/3': TEXT,
      '5/3/1': TEXT,
    },
    messages: { one: [nested(1, [u32(1, 1)]), BITSET(2), BITSET(3), BITSET(4), BITSET(5)] },
  },
  'features that ethtool could not set': {
    read: of((attributes) => readRefused(attributes)),
    header: zeros(0),
    lost: { outside: TEXT, '3': TEXT, '3/3': TEXT, '3/3/1': TEXT },
    messages: { one: [nested(1, [u32(1, 1)]), BITSET(3), BITSET(4)] },
  },
  'plugs of ethtool': {
    read: of((attributes) => intoObject(readInfo, attributes)),
    header: zeros(0),
    messages: { one: [u8(2, 1)] },
  },
  'link modes of ethtool': {
    read: of((attributes) => intoObject(readModes, attributes)),
    header: zeros(0),
    messages: { one: [BITSET(3), BITSET(4)] },
  },
  'link states of ethtool': {
    read: of((attributes) => intoObject(readState, attributes)),
    header: zeros(0),
    messages: { one: [u8(2, 1)] },
  },
  'counters of ethtool': {
    read: of((attributes) => readGroups(attributes).map((group) => namedStats(group, []))),
    header: zeros(0),
    lost: { outside: LIST, '4/4': ARRAY },
    messages: {
      one: [nested(4, [u32(2, 1), nested(4, [u64(0, 1n)]), nested(5, [u32(7, 1)]), nested(6, [u32(7, 1)])])],
    },
  },
  'texts of ethtool': {
    read: of(readStrings),
    header: zeros(0),
    lost: { outside: TEXT, '2': TEXT, '2/1': TEXT, '2/1/3': ARRAY, '2/1/3/1': TEXT },
    messages: { one: [nested(2, [nested(1, [u32(1, 1), nested(3, [nested(1, [u32(1, 0), string(2, 'a')])])])])] },
  },
  'timestamping of ethtool': {
    read: of(readTimestamping),
    header: zeros(0),
    messages: { one: [BITSET(2), BITSET(3), BITSET(4)] },
  },
  ...Object.fromEntries(
    NOTIFICATIONS.map((command): [string, KnownMessages] => [
      `notification ${command} of ethtool`,
      {
        read: (...at) => readNotification(...at, 21, { features: ['a'], linkModes: ['a'] }),
        header: header(4, command),
        lost: { '1': TEXT, ...(command === ethtool.ETHTOOL_MSG_FEATURES_NTF && { outside: TEXT }) },
        messages: { one: [nested(1, [u32(1, 1)])] },
      },
    ]),
  ),
  'devices of devlink': { read: of(readDevice), header: zeros(0), messages: { one: [string(1, 'pci')] } },
  'switches of devlink': { read: of(readEswitch), header: zeros(0), messages: { one: [string(1, 'pci')] } },
  'ports of devlink': {
    read: of(readPort),
    header: zeros(0),
    messages: { one: [string(1, 'pci'), nested(145, [u8(2, 1)])] },
  },
  'information of devlink': {
    read: of(readDevlinkInfo),
    header: zeros(0),
    messages: { one: [string(1, 'pci'), nested(100, [string(103, 'a'), string(104, 'b')])] },
  },
  'sockets of the Internet': {
    read: (...at) => readInternetSocket(...at, 'tcp', ALL_DETAILS),
    header: header(72, AF_INET),
    messages: { one: [u8(5, 1), nested(19, [string(1, 'tls')])] },
  },
  ...Object.fromEntries(
    Object.entries(LOCAL_FAMILIES).map(([family, kind]): [string, KnownMessages] => [
      `sockets of ${family}`,
      {
        read: (...at) => kind.read(...at, new Set(kind.details)),
        header: header({ unix: 16, netlink: 28, packet: 16, vsock: 32, xdp: 16 }[family] ?? 16, kind.number),
        messages: { one: [] },
      },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries({
      mpls: [1, [bytes(1, Uint8Array.of(0, 0, 0x41, 0))]],
      ip: [2, []],
      ip6: [4, []],
      seg6: [5, []],
      bpf: [6, [nested(1, [string(2, 'a')])]],
      seg6local: [7, [u32(1, 1), nested(10, [u64(2, 1n)]), nested(11, [u32(1, 2)])]],
      xfrm: [10, [u32(1, 1)]],
    } satisfies Record<string, [number, AttributeSpec[]]>).map(([type, [number, list]]): [string, KnownMessages] => [
      `encapsulation ${type}`,
      {
        read: ({ u8: all }, start, end) => readEncap(number, all.slice(start, end)),
        header: zeros(0),
        messages: { one: list },
      },
    ]),
  ),
};

function intoObject(read: (attributes: AttributeReader, into: never) => void, attributes: AttributeReader): object {
  const into = {};
  read(attributes, into as never);
  return into;
}

export const KNOWN_MESSAGES: Readonly<Record<string, KnownMessages>> = messages;
