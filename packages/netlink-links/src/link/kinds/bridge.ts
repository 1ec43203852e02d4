import { checkBoolean } from 'netns-core/checks';
import { bridgeId } from '../../message/bridge-id.js';
import { LITTLE_ENDIAN } from '../../message/endianness.js';
import { bool, hardwareAddress, readOnly, type Spread, u8, u16, u16be, u32, u64Number } from '../../message/fields.js';
import {
  BR_BOOLOPT_FDB_LOCAL_VLAN_0,
  BR_BOOLOPT_MCAST_VLAN_SNOOPING,
  BR_BOOLOPT_MDB_OFFLOAD_FAIL_NOTIFICATION,
  BR_BOOLOPT_MST_ENABLE,
  BR_BOOLOPT_MULTI_SIZE,
  BR_BOOLOPT_NO_LL_LEARN,
} from '../../uapi/if-bridge.js';
import {
  IFLA_BR_AGEING_TIME,
  IFLA_BR_BRIDGE_ID,
  IFLA_BR_FDB_MAX_LEARNED,
  IFLA_BR_FDB_N_LEARNED,
  IFLA_BR_FORWARD_DELAY,
  IFLA_BR_GC_TIMER,
  IFLA_BR_GROUP_ADDR,
  IFLA_BR_GROUP_FWD_MASK,
  IFLA_BR_HELLO_TIME,
  IFLA_BR_HELLO_TIMER,
  IFLA_BR_MAX_AGE,
  IFLA_BR_MCAST_HASH_ELASTICITY,
  IFLA_BR_MCAST_HASH_MAX,
  IFLA_BR_MCAST_IGMP_VERSION,
  IFLA_BR_MCAST_LAST_MEMBER_CNT,
  IFLA_BR_MCAST_LAST_MEMBER_INTVL,
  IFLA_BR_MCAST_MEMBERSHIP_INTVL,
  IFLA_BR_MCAST_MLD_VERSION,
  IFLA_BR_MCAST_QUERIER,
  IFLA_BR_MCAST_QUERIER_INTVL,
  IFLA_BR_MCAST_QUERIER_STATE,
  IFLA_BR_MCAST_QUERY_INTVL,
  IFLA_BR_MCAST_QUERY_RESPONSE_INTVL,
  IFLA_BR_MCAST_QUERY_USE_IFADDR,
  IFLA_BR_MCAST_ROUTER,
  IFLA_BR_MCAST_SNOOPING,
  IFLA_BR_MCAST_STARTUP_QUERY_CNT,
  IFLA_BR_MCAST_STARTUP_QUERY_INTVL,
  IFLA_BR_MCAST_STATS_ENABLED,
  IFLA_BR_MULTI_BOOLOPT,
  IFLA_BR_NF_CALL_ARPTABLES,
  IFLA_BR_NF_CALL_IP6TABLES,
  IFLA_BR_NF_CALL_IPTABLES,
  IFLA_BR_PAD,
  IFLA_BR_PRIORITY,
  IFLA_BR_ROOT_ID,
  IFLA_BR_ROOT_PATH_COST,
  IFLA_BR_ROOT_PORT,
  IFLA_BR_STP_STATE,
  IFLA_BR_TCN_TIMER,
  IFLA_BR_TOPOLOGY_CHANGE,
  IFLA_BR_TOPOLOGY_CHANGE_DETECTED,
  IFLA_BR_TOPOLOGY_CHANGE_TIMER,
  IFLA_BR_VLAN_DEFAULT_PVID,
  IFLA_BR_VLAN_FILTERING,
  IFLA_BR_VLAN_PROTOCOL,
  IFLA_BR_VLAN_STATS_ENABLED,
  IFLA_BR_VLAN_STATS_PER_PORT,
} from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';

/**
 * A bridge. Times are in hundredths of a second (`USER_HZ`), as the kernel and `ip -d` have them.
 * What is marked "told" can be read, not set.
 */
export interface BridgeAttributes {
  readonly forwardDelay?: number;
  readonly helloTime?: number;
  readonly maxAge?: number;
  /** How long a learnt address is kept; 0 keeps none, so that the bridge floods like a hub. */
  readonly ageingTime?: number;
  /** Spanning tree: 0 off, 1 the kernel's, 2 a user's program. */
  readonly stpState?: number;
  readonly priority?: number;
  readonly vlanFiltering?: boolean;
  /** EtherType of VLAN tags: 0x8100 (802.1Q) or 0x88a8 (802.1ad). */
  readonly vlanProtocol?: number;
  readonly groupFwdMask?: number;
  readonly groupAddr?: string;
  readonly multicastRouter?: number;
  readonly multicastSnooping?: boolean;
  readonly multicastQueryUseIfaddr?: boolean;
  readonly multicastQuerier?: boolean;
  readonly multicastHashElasticity?: number;
  readonly multicastHashMax?: number;
  readonly multicastLastMemberCount?: number;
  readonly multicastStartupQueryCount?: number;
  readonly multicastLastMemberInterval?: number;
  readonly multicastMembershipInterval?: number;
  readonly multicastQuerierInterval?: number;
  readonly multicastQueryInterval?: number;
  readonly multicastQueryResponseInterval?: number;
  readonly multicastStartupQueryInterval?: number;
  readonly nfCallIptables?: boolean;
  readonly nfCallIp6tables?: boolean;
  readonly nfCallArptables?: boolean;
  /** The VLAN of untagged frames; 0 for none. */
  readonly vlanDefaultPvid?: number;
  readonly vlanStatsEnabled?: boolean;
  readonly vlanStatsPerPort?: boolean;
  readonly multicastStatsEnabled?: boolean;
  readonly multicastIgmpVersion?: number;
  readonly multicastMldVersion?: number;
  /** Do not learn from link-local frames. */
  readonly noLinkLocalLearn?: boolean;
  readonly multicastVlanSnooping?: boolean;
  readonly mstEnabled?: boolean;
  /** Tell when the hardware cannot take a multicast entry; Linux 6.15 and later. */
  readonly mdbOffloadFailNotification?: boolean;
  /** Keep the bridge's own addresses without a VLAN alone; Linux 6.18 and later. */
  readonly fdbLocalVlan0?: boolean;
  /** How many addresses may be learnt, 0 for no limit; Linux 6.8 and later. */
  readonly fdbMaxLearned?: number;
  /** Told: how many addresses have been learnt. */
  readonly fdbLearned?: number;
  /** Told: `'8000.02:00:00:00:00:01'`. */
  readonly bridgeId?: string;
  /** Told. */
  readonly rootId?: string;
  /** Told. */
  readonly rootPort?: number;
  /** Told. */
  readonly rootPathCost?: number;
  /** Told. */
  readonly topologyChange?: boolean;
  /** Told. */
  readonly topologyChangeDetected?: boolean;
  /** Told. */
  readonly helloTimer?: number;
  /** Told. */
  readonly tcnTimer?: number;
  /** Told. */
  readonly topologyChangeTimer?: number;
  /** Told. */
  readonly gcTimer?: number;
}

/** Several switches in one attribute, `struct br_boolopt_multi`: how they stand, and which are meant. */
const SWITCHES = [
  ['noLinkLocalLearn', BR_BOOLOPT_NO_LL_LEARN],
  ['multicastVlanSnooping', BR_BOOLOPT_MCAST_VLAN_SNOOPING],
  ['mstEnabled', BR_BOOLOPT_MST_ENABLE],
  ['mdbOffloadFailNotification', BR_BOOLOPT_MDB_OFFLOAD_FAIL_NOTIFICATION],
  ['fdbLocalVlan0', BR_BOOLOPT_FDB_LOCAL_VLAN_0],
] as const;
const switches: Spread<BridgeAttributes> = {
  properties: SWITCHES.map(([name]) => name),
  attributes: [IFLA_BR_MULTI_BOOLOPT],
  read(data, into) {
    const values = data.u32At(0);
    const known = data.u32At(4);
    for (const [name, bit] of SWITCHES) if (((known >>> bit) & 1) === 1) into[name] = ((values >>> bit) & 1) === 1;
  },
  check(link) {
    for (const [name] of SWITCHES) checkBoolean(name, link[name]);
  },
  write(writer, link) {
    let values = 0;
    let meant = 0;
    for (const [name, bit] of SWITCHES) {
      const value = link[name];
      if (value === undefined) continue;
      meant |= 1 << bit;
      if (value) values |= 1 << bit;
    }
    if (meant !== 0)
      writer.struct(IFLA_BR_MULTI_BOOLOPT, BR_BOOLOPT_MULTI_SIZE, (view, at) => {
        view.setUint32(at, values, LITTLE_ENDIAN);
        view.setUint32(at + 4, meant, LITTLE_ENDIAN);
      });
  },
};

/**
 * A kernel without VLAN filtering says that it is off, and the switches that go with it; it refuses even to switch them
 * off. It says no protocol of VLANs.
 */
function asRead(link: Partial<BridgeAttributes>): Partial<BridgeAttributes> {
  if (link.vlanProtocol !== undefined) return link;
  const { vlanFiltering: _, multicastVlanSnooping: __, mstEnabled: ___, fdbLocalVlan0: ____, ...rest } = link;
  return rest;
}

/** `<linux/if_link.h>`, `IFLA_BR_…` */
export const bridge = kindOfFields<BridgeAttributes>(
  'bridge',
  {
    forwardDelay: u32(IFLA_BR_FORWARD_DELAY),
    helloTime: u32(IFLA_BR_HELLO_TIME),
    maxAge: u32(IFLA_BR_MAX_AGE),
    ageingTime: u32(IFLA_BR_AGEING_TIME),
    stpState: u32(IFLA_BR_STP_STATE),
    priority: u16(IFLA_BR_PRIORITY),
    vlanFiltering: bool(IFLA_BR_VLAN_FILTERING),
    vlanProtocol: u16be(IFLA_BR_VLAN_PROTOCOL),
    groupFwdMask: u16(IFLA_BR_GROUP_FWD_MASK),
    groupAddr: hardwareAddress(IFLA_BR_GROUP_ADDR),
    multicastRouter: u8(IFLA_BR_MCAST_ROUTER),
    multicastSnooping: bool(IFLA_BR_MCAST_SNOOPING),
    multicastQueryUseIfaddr: bool(IFLA_BR_MCAST_QUERY_USE_IFADDR),
    multicastQuerier: bool(IFLA_BR_MCAST_QUERIER),
    multicastHashElasticity: u32(IFLA_BR_MCAST_HASH_ELASTICITY),
    multicastHashMax: u32(IFLA_BR_MCAST_HASH_MAX),
    multicastLastMemberCount: u32(IFLA_BR_MCAST_LAST_MEMBER_CNT),
    multicastStartupQueryCount: u32(IFLA_BR_MCAST_STARTUP_QUERY_CNT),
    multicastLastMemberInterval: u64Number(IFLA_BR_MCAST_LAST_MEMBER_INTVL),
    multicastMembershipInterval: u64Number(IFLA_BR_MCAST_MEMBERSHIP_INTVL),
    multicastQuerierInterval: u64Number(IFLA_BR_MCAST_QUERIER_INTVL),
    multicastQueryInterval: u64Number(IFLA_BR_MCAST_QUERY_INTVL),
    multicastQueryResponseInterval: u64Number(IFLA_BR_MCAST_QUERY_RESPONSE_INTVL),
    multicastStartupQueryInterval: u64Number(IFLA_BR_MCAST_STARTUP_QUERY_INTVL),
    nfCallIptables: bool(IFLA_BR_NF_CALL_IPTABLES),
    nfCallIp6tables: bool(IFLA_BR_NF_CALL_IP6TABLES),
    nfCallArptables: bool(IFLA_BR_NF_CALL_ARPTABLES),
    vlanDefaultPvid: u16(IFLA_BR_VLAN_DEFAULT_PVID),
    vlanStatsEnabled: bool(IFLA_BR_VLAN_STATS_ENABLED),
    vlanStatsPerPort: bool(IFLA_BR_VLAN_STATS_PER_PORT),
    multicastStatsEnabled: bool(IFLA_BR_MCAST_STATS_ENABLED),
    multicastIgmpVersion: u8(IFLA_BR_MCAST_IGMP_VERSION),
    multicastMldVersion: u8(IFLA_BR_MCAST_MLD_VERSION),
    fdbMaxLearned: u32(IFLA_BR_FDB_MAX_LEARNED),
    fdbLearned: readOnly(u32(IFLA_BR_FDB_N_LEARNED)),
    rootId: bridgeId(IFLA_BR_ROOT_ID),
    bridgeId: bridgeId(IFLA_BR_BRIDGE_ID),
    rootPort: readOnly(u16(IFLA_BR_ROOT_PORT)),
    rootPathCost: readOnly(u32(IFLA_BR_ROOT_PATH_COST)),
    topologyChange: readOnly(bool(IFLA_BR_TOPOLOGY_CHANGE)),
    topologyChangeDetected: readOnly(bool(IFLA_BR_TOPOLOGY_CHANGE_DETECTED)),
    helloTimer: readOnly(u64Number(IFLA_BR_HELLO_TIMER)),
    tcnTimer: readOnly(u64Number(IFLA_BR_TCN_TIMER)),
    topologyChangeTimer: readOnly(u64Number(IFLA_BR_TOPOLOGY_CHANGE_TIMER)),
    gcTimer: readOnly(u64Number(IFLA_BR_GC_TIMER)),
  },
  { last: [switches], asRead, passedOver: [IFLA_BR_MCAST_QUERIER_STATE, IFLA_BR_PAD] },
);
