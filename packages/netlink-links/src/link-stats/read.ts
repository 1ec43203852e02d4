import { readStatistics } from '../link/read.js';
import { AttributeReader } from '../message/attribute-reader.js';
import { readCounters } from '../message/counters.js';
import { withJson } from '../message/json.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { keepUnknown, readInside, type WithUnknown } from '../message/unknown-attribute.js';
import {
  BOND_XSTATS_3AD,
  BRIDGE_VLAN_XSTATS_FLAGS,
  BRIDGE_VLAN_XSTATS_VID,
  BRIDGE_XSTATS_MCAST,
  BRIDGE_XSTATS_PAD,
  BRIDGE_XSTATS_STP,
  BRIDGE_XSTATS_VLAN,
  IF_STATS_MSG_IFINDEX,
  IF_STATS_MSG_SIZE,
  IFLA_OFFLOAD_XSTATS_CPU_HIT,
  IFLA_OFFLOAD_XSTATS_HW_S_INFO,
  IFLA_OFFLOAD_XSTATS_HW_S_INFO_REQUEST,
  IFLA_OFFLOAD_XSTATS_HW_S_INFO_USED,
  IFLA_OFFLOAD_XSTATS_L3_STATS,
  IFLA_STATS_AF_SPEC,
  IFLA_STATS_LINK_64,
  IFLA_STATS_LINK_OFFLOAD_XSTATS,
  IFLA_STATS_LINK_XSTATS,
  IFLA_STATS_LINK_XSTATS_SLAVE,
  LINK_XSTATS_TYPE_BOND,
  LINK_XSTATS_TYPE_BRIDGE,
  MPLS_STATS_LINK,
} from '../uapi/if-stats.js';
import { AF_MPLS } from '../uapi/mpls.js';
import type {
  BondCounters,
  BridgeCounters,
  BridgeMulticastCounters,
  BridgeVlanCounters,
  HardwareCounters,
  LinkStats,
  MplsCounters,
  OffloadCounters,
  RxTx,
} from './link-stats.js';

const VLAN = ['rxBytes', 'rxPackets', 'txBytes', 'txPackets'] as const;
const STP = ['transitionsToBlocking', 'transitionsToForwarding', 'rxBpdu', 'txBpdu', 'rxTcn', 'txTcn'] as const;
/** What `struct rtnl_hw_stats64` and `struct mpls_link_stats` begin with. */
const PACKETS = [
  'rxPackets',
  'txPackets',
  'rxBytes',
  'txBytes',
  'rxErrors',
  'txErrors',
  'rxDropped',
  'txDropped',
] as const satisfies readonly (keyof HardwareCounters & keyof MplsCounters)[];
const HARDWARE = [...PACKETS, 'multicast'] as const;
const MPLS = [...PACKETS, 'rxNoRoute'] as const;
/** In the order of `struct br_mcast_stats`: one number for errors, two for everything else. */
const MULTICAST = [
  'igmpV1Queries',
  'igmpV2Queries',
  'igmpV3Queries',
  'igmpLeaves',
  'igmpV1Reports',
  'igmpV2Reports',
  'igmpV3Reports',
  'igmpParseErrors',
  'mldV1Queries',
  'mldV2Queries',
  'mldLeaves',
  'mldV1Reports',
  'mldV2Reports',
  'mldParseErrors',
  'bytes',
  'packets',
] as const satisfies readonly (keyof BridgeMulticastCounters)[];
/** By the number of their attribute, from 0 on. */
const BOND = [
  'lacpduRx',
  'lacpduTx',
  'lacpduUnknownRx',
  'lacpduIllegalRx',
  'markerRx',
  'markerTx',
  'markerResponseRx',
  'markerResponseTx',
  'markerUnknownRx',
] as const satisfies readonly (keyof BondCounters)[];

function readVlan(data: AttributeReader): BridgeVlanCounters {
  return withJson({
    vid: data.u16At(BRIDGE_VLAN_XSTATS_VID),
    flags: data.u16At(BRIDGE_VLAN_XSTATS_FLAGS),
    ...readCounters(data, VLAN),
  });
}

function readMulticast(data: AttributeReader): BridgeMulticastCounters {
  let offset = 0;
  const next = (): bigint => {
    const value = data.u64At(offset);
    offset += 8;
    return value;
  };
  const pair = (): RxTx => withJson({ rx: next(), tx: next() });
  const counters = MULTICAST.map((name) => [name, name.endsWith('Errors') ? next() : pair()]);
  return withJson(Object.fromEntries(counters) as BridgeMulticastCounters);
}

function readBridge(data: AttributeReader): BridgeCounters {
  const vlans: BridgeVlanCounters[] = [];
  const read: Mutable<BridgeCounters> = { vlans };
  while (data.next())
    switch (data.type) {
      case BRIDGE_XSTATS_VLAN:
        vlans.push(readVlan(data));
        break;
      case BRIDGE_XSTATS_MCAST:
        read.multicast = readMulticast(data);
        break;
      case BRIDGE_XSTATS_STP:
        read.stp = readCounters(data, STP);
        break;
      case BRIDGE_XSTATS_PAD:
        break;
      default:
        keepUnknown(data, read);
    }
  return read;
}

function readBond(data: AttributeReader, notKnown: () => void): BondCounters | undefined {
  let read: Mutable<BondCounters> | undefined;
  while (data.next()) {
    if (data.type !== BOND_XSTATS_3AD) {
      notKnown();
      continue;
    }
    const none = Object.fromEntries(BOND.map((name) => [name, 0n])) as unknown as Mutable<BondCounters>;
    read = withJson(none);
    const counters = data.nested();
    while (counters.next()) {
      const name = BOND[counters.type];
      if (name !== undefined) read[name] = counters.u64();
      // What has no bytes only fills up to an address that is a multiple of eight.
      else if (counters.length > 0) keepUnknown(counters, read);
    }
  }
  return read;
}

function readOffload(data: AttributeReader): OffloadCounters {
  const read: Mutable<OffloadCounters> = {};
  let state = { requested: false, used: false };
  let isThere = false;
  let statistics: HardwareCounters | undefined;
  while (data.next())
    switch (data.type) {
      case IFLA_OFFLOAD_XSTATS_CPU_HIT:
        read.cpuHit = readStatistics(data);
        break;
      case IFLA_OFFLOAD_XSTATS_HW_S_INFO:
        readInside(data, read, (info, notKnown) => {
          while (info.next()) {
            if (info.type !== IFLA_OFFLOAD_XSTATS_L3_STATS) {
              notKnown();
              continue;
            }
            isThere = true;
            state = readState(info.nested(), notKnown);
          }
        });
        break;
      case IFLA_OFFLOAD_XSTATS_L3_STATS:
        statistics = readCounters(data, HARDWARE);
        isThere = true;
        break;
      default:
        keepUnknown(data, read);
    }
  if (isThere) read.l3 = { ...state, ...(statistics !== undefined && { statistics }) };
  return read;
}

function readState(info: AttributeReader, notKnown: () => void): { requested: boolean; used: boolean } {
  const state = { requested: false, used: false };
  while (info.next())
    if (info.type === IFLA_OFFLOAD_XSTATS_HW_S_INFO_REQUEST) state.requested = info.u8() !== 0;
    else if (info.type === IFLA_OFFLOAD_XSTATS_HW_S_INFO_USED) state.used = info.u8() !== 0;
    else notKnown();
  return state;
}

type InProgress = Mutable<LinkStats>;

/** What the kinds of links count besides, as a link or as a port. */
function readExtended(data: AttributeReader, into: InProgress, of: '' | 'Port'): void {
  while (data.next())
    if (data.type === LINK_XSTATS_TYPE_BRIDGE) into[`bridge${of}`] = readBridge(data.nested());
    else if (data.type === LINK_XSTATS_TYPE_BOND) {
      readInside(data, into, (counters, notKnown) => {
        const read = readBond(counters, notKnown);
        if (read !== undefined) into[`bond${of}`] = read;
      });
    } else keepUnknown(data, into);
}

function readFamilies(data: AttributeReader, into: InProgress, notKnown: () => void): void {
  while (data.next()) {
    if (data.type !== AF_MPLS) {
      notKnown();
      continue;
    }
    const mpls = data.nested();
    while (mpls.next())
      if (mpls.type === MPLS_STATS_LINK) into.mpls = readCounters(mpls, MPLS);
      else notKnown();
  }
}

/** Reads an `RTM_NEWSTATS`. */
export function readLinkStats(bytes: MessageBytes, start: number, end: number): LinkStats | undefined {
  if (end - start < IF_STATS_MSG_SIZE) {
    bytes.fail('statistics of a link shorter than their header');
    return undefined;
  }
  const stats: InProgress = { ifindex: bytes.u32[(start + IF_STATS_MSG_IFINDEX) >> 2] ?? 0 };
  const attributes = new AttributeReader(bytes, start + IF_STATS_MSG_SIZE, end);
  while (attributes.next())
    switch (attributes.type) {
      case IFLA_STATS_LINK_64:
        stats.link = readStatistics(attributes);
        break;
      case IFLA_STATS_LINK_XSTATS:
        readExtended(attributes.nested(), stats, '');
        break;
      case IFLA_STATS_LINK_XSTATS_SLAVE:
        readExtended(attributes.nested(), stats, 'Port');
        break;
      case IFLA_STATS_LINK_OFFLOAD_XSTATS:
        stats.offload = readOffload(attributes.nested());
        break;
      case IFLA_STATS_AF_SPEC:
        readInside(attributes, stats, (families, notKnown) => readFamilies(families, stats, notKnown));
        break;
      default:
        keepUnknown(attributes, stats);
    }
  return stats;
}

/** Puts together what the kernel has told of one link in several messages: the VLANs of a bridge may take many. */
export function joinLinkStats(parts: readonly LinkStats[]): LinkStats[] {
  const joined = new Map<number, LinkStats>();
  for (const part of parts) {
    const before = joined.get(part.ifindex);
    joined.set(part.ifindex, before === undefined ? part : join(before, part));
  }
  return [...joined.values()];
}

function join(a: LinkStats, b: LinkStats): LinkStats {
  const both: InProgress = { ...a, ...b };
  for (const key of ['bridge', 'bridgePort'] as const) {
    const [first, second] = [a[key], b[key]];
    if (first !== undefined && second !== undefined)
      both[key] = { ...first, ...second, vlans: [...first.vlans, ...second.vlans], ...unknownOf(first, second) };
  }
  return { ...both, ...unknownOf(a, b) };
}

function unknownOf(a: WithUnknown, b: WithUnknown): WithUnknown {
  const unknown = [...(a.unknown ?? []), ...(b.unknown ?? [])];
  return unknown.length === 0 ? {} : { unknown };
}
