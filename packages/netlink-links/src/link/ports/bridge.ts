import { bridgeId } from '../../message/bridge-id.js';
import { bool, named, readOnly, u8, u16, u32, u64Number } from '../../message/fields.js';
import type { UnknownAttribute } from '../../message/unknown-attribute.js';
import type { LinkReference } from '../../operation/link-reference.js';
import {
  BR_STATE_BLOCKING,
  BR_STATE_DISABLED,
  BR_STATE_FORWARDING,
  BR_STATE_LEARNING,
  BR_STATE_LISTENING,
} from '../../uapi/if-bridge.js';
import * as a from '../../uapi/if-link.js';
import { portOfFields } from './kind.js';

/** The state of spanning tree that a port of a bridge is in. */
export type BridgePortState = 'disabled' | 'listening' | 'learning' | 'forwarding' | 'blocking' | number;

/** The numbers of {@link BridgePortState}. */
export const BRIDGE_PORT_STATES = {
  disabled: BR_STATE_DISABLED,
  listening: BR_STATE_LISTENING,
  learning: BR_STATE_LEARNING,
  forwarding: BR_STATE_FORWARDING,
  blocking: BR_STATE_BLOCKING,
} as const;

/**
 * A link as a port of a bridge, `IFLA_BRPORT_…` of `<linux/if_link.h>`. Times are in hundredths of a second. What is
 * marked "told" can be read, not set. Older kernels ignore the settings of newer ones.
 */
export interface BridgePort {
  /**
   * The kernel takes another one for a port that has a signal, unless it runs spanning tree itself. Without spanning tree
   * it makes `forwarding` of `blocking` at once.
   */
  readonly state: BridgePortState;
  /** Cost of the path through the port for spanning tree, 1 to 65535. */
  readonly cost: number;
  /** Priority of the port for spanning tree, 0 to 63. */
  readonly priority: number;
  /** Whether a frame may leave by the port that it came in by. */
  readonly hairpin: boolean;
  /** Whether frames go only to ports that are not isolated. */
  readonly isolated: boolean;
  /** Whether addresses are learnt from the frames that come in. */
  readonly learning: boolean;
  /** Whether frames to unknown addresses are sent by it. */
  readonly flood: boolean;
  /** The same of multicast without a group. */
  readonly multicastFlood: boolean;
  /** The same of broadcasts. */
  readonly broadcastFlood: boolean;
  /** Whether a port that receives messages of spanning tree is disabled (BPDU guard). */
  readonly guard: boolean;
  /** Whether a group ends with the first message that leaves it. */
  readonly fastLeave: boolean;
  /** Whether the port may not become the root port. */
  readonly rootBlock: boolean;
  readonly proxyArp: boolean;
  readonly proxyArpWifi: boolean;
  /** Whether ARP and neighbour discovery are answered by the bridge where it knows the answer. */
  readonly neighSuppress: boolean;
  /** Whether VLANs are mapped to identifiers of VXLANs: `tunnelId` of `bridgeVlanAdd`. */
  readonly vlanTunnel: boolean;
  /** Whether multicast is sent to each member by itself. */
  readonly multicastToUnicast: boolean;
  /** Whether frames from addresses that are not in the database of the port are dropped. */
  readonly locked: boolean;
  /** 0 never, 1 as queries tell, 2 always, 3 for a time: whether a router for multicast is behind it. */
  readonly multicastRouter: number;
  /** Which link-local frames are forwarded, a bit for the end of each address; the kernel refuses 2, pause frames. */
  readonly groupFwdMask: number;
  /** Index of the port that takes over when this one has no signal; absent for none. */
  readonly backupPortIndex?: number;
  /** How many hosts of a group are followed for `fastLeave`, for IGMPv3 and MLDv2. */
  readonly multicastEhtHostsLimit?: number;
  /** Whether addresses that a locked port does not know are noted; Linux 6.2 and later. */
  readonly mab?: boolean;
  /** How many groups the port may be in, 0 for no limit; Linux 6.3 and later. */
  readonly multicastMaxGroups?: number;
  /** Whether `neighSuppress` is said of each VLAN (`bridgeVlanSet`); Linux 6.4 and later. */
  readonly neighVlanSuppress?: boolean;
  /** Id of the nexthop object that packets get which go by the backup port, 0 for none; Linux 6.6 and later. */
  readonly backupNexthopId?: number;
  /** Told. */
  readonly id: number;
  /** Told: the number of the port in its bridge. */
  readonly number: number;
  /** Told. */
  readonly designatedPort: number;
  /** Told. */
  readonly designatedCost: number;
  /** Told: `'8000.02:00:00:00:00:01'`. */
  readonly rootId: string;
  /** Told. */
  readonly bridgeId: string;
  /** Told. */
  readonly topologyChangeAck: boolean;
  /** Told. */
  readonly configPending: boolean;
  /** Told. */
  readonly messageAgeTimer: number;
  /** Told. */
  readonly forwardDelayTimer: number;
  /** Told. */
  readonly holdTimer: number;
  /** Told: how many hosts are followed. */
  readonly multicastEhtHosts?: number;
  /** Told: how many groups the port is in; Linux 6.3 and later. */
  readonly multicastGroups?: number;
  /** Attributes that this package does not know. They are written as they were read. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}

/** What can be said of a port of a bridge; what is left out stays. One that was read will do. */
export type BridgePortSettings = { [P in keyof BridgePort]?: BridgePort[P] | undefined } & {
  type?: 'bridge' | undefined;
  /** The port that takes over when this one has no signal; `null` for none. */
  backupPort?: LinkReference | null | undefined;
  /** Forgets the addresses that were learnt from the port. */
  flushFdb?: true | undefined;
};

/** `<linux/if_link.h>`, `IFLA_BRPORT_…` */
export const bridgePort = portOfFields<BridgePort>(
  'bridge',
  'a bridge',
  {
    state: named(u8(a.IFLA_BRPORT_STATE), BRIDGE_PORT_STATES),
    cost: u32(a.IFLA_BRPORT_COST, 1, 0xffff),
    priority: u16(a.IFLA_BRPORT_PRIORITY, 0, 63),
    hairpin: bool(a.IFLA_BRPORT_MODE),
    isolated: bool(a.IFLA_BRPORT_ISOLATED),
    learning: bool(a.IFLA_BRPORT_LEARNING),
    flood: bool(a.IFLA_BRPORT_UNICAST_FLOOD),
    multicastFlood: bool(a.IFLA_BRPORT_MCAST_FLOOD),
    broadcastFlood: bool(a.IFLA_BRPORT_BCAST_FLOOD),
    guard: bool(a.IFLA_BRPORT_GUARD),
    fastLeave: bool(a.IFLA_BRPORT_FAST_LEAVE),
    rootBlock: bool(a.IFLA_BRPORT_PROTECT),
    proxyArp: bool(a.IFLA_BRPORT_PROXYARP),
    proxyArpWifi: bool(a.IFLA_BRPORT_PROXYARP_WIFI),
    neighSuppress: bool(a.IFLA_BRPORT_NEIGH_SUPPRESS),
    vlanTunnel: bool(a.IFLA_BRPORT_VLAN_TUNNEL),
    multicastToUnicast: bool(a.IFLA_BRPORT_MCAST_TO_UCAST),
    locked: bool(a.IFLA_BRPORT_LOCKED),
    multicastRouter: u8(a.IFLA_BRPORT_MULTICAST_ROUTER, 0, 3),
    groupFwdMask: u16(a.IFLA_BRPORT_GROUP_FWD_MASK),
    backupPortIndex: u32(a.IFLA_BRPORT_BACKUP_PORT, 0, 0x7fffffff),
    multicastEhtHostsLimit: u32(a.IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT),
    mab: bool(a.IFLA_BRPORT_MAB),
    multicastMaxGroups: u32(a.IFLA_BRPORT_MCAST_MAX_GROUPS),
    neighVlanSuppress: bool(a.IFLA_BRPORT_NEIGH_VLAN_SUPPRESS),
    backupNexthopId: u32(a.IFLA_BRPORT_BACKUP_NHID),
    id: readOnly(u16(a.IFLA_BRPORT_ID)),
    number: readOnly(u16(a.IFLA_BRPORT_NO)),
    designatedPort: readOnly(u16(a.IFLA_BRPORT_DESIGNATED_PORT)),
    designatedCost: readOnly(u16(a.IFLA_BRPORT_DESIGNATED_COST)),
    rootId: bridgeId(a.IFLA_BRPORT_ROOT_ID),
    bridgeId: bridgeId(a.IFLA_BRPORT_BRIDGE_ID),
    topologyChangeAck: readOnly(bool(a.IFLA_BRPORT_TOPOLOGY_CHANGE_ACK)),
    configPending: readOnly(bool(a.IFLA_BRPORT_CONFIG_PENDING)),
    messageAgeTimer: readOnly(u64Number(a.IFLA_BRPORT_MESSAGE_AGE_TIMER)),
    forwardDelayTimer: readOnly(u64Number(a.IFLA_BRPORT_FORWARD_DELAY_TIMER)),
    holdTimer: readOnly(u64Number(a.IFLA_BRPORT_HOLD_TIMER)),
    multicastEhtHosts: readOnly(u32(a.IFLA_BRPORT_MCAST_EHT_HOSTS_CNT)),
    multicastGroups: readOnly(u32(a.IFLA_BRPORT_MCAST_N_GROUPS)),
  },
  {
    synonyms: {
      root_block: 'rootBlock',
      bpduguard: 'guard',
      fastleave: 'fastLeave',
      mcast_router: 'multicastRouter',
      mcast_flood: 'multicastFlood',
      bcast_flood: 'broadcastFlood',
      mcast_to_unicast: 'multicastToUnicast',
      mcast_max_groups: 'multicastMaxGroups',
      neigh_suppress: 'neighSuppress',
      vlan_tunnel: 'vlanTunnel',
      group_fwd_mask: 'groupFwdMask',
      backup_port: 'backupPort',
      backup_nhid: 'backupNexthopId',
      fdb_flush: 'flushFdb',
    },
    passedOver: [a.IFLA_BRPORT_PAD, a.IFLA_BRPORT_FLUSH, a.IFLA_BRPORT_MRP_RING_OPEN, a.IFLA_BRPORT_MRP_IN_OPEN],
  },
);
