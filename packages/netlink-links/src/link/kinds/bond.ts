import { checkArray } from '../../message/checks.js';
import { bool, type Field, hardwareAddress, named, type Spread, u8, u16, u32 } from '../../message/fields.js';
import { parseIpAddress } from '../../message/ip-address.js';
import type { Mutable } from '../../message/mutable.js';
import { keepUnknown, type UnknownAttribute } from '../../message/unknown-attribute.js';
import {
  AD_LACP_FAST,
  AD_LACP_SLOW,
  BOND_AD_BANDWIDTH,
  BOND_AD_COUNT,
  BOND_AD_STABLE,
  BOND_ARP_FILTER,
  BOND_ARP_FILTER_ACTIVE,
  BOND_ARP_FILTER_BACKUP,
  BOND_ARP_TARGETS_ALL,
  BOND_ARP_TARGETS_ANY,
  BOND_ARP_VALIDATE_ACTIVE,
  BOND_ARP_VALIDATE_ALL,
  BOND_ARP_VALIDATE_BACKUP,
  BOND_ARP_VALIDATE_NONE,
  BOND_FOM_ACTIVE,
  BOND_FOM_FOLLOW,
  BOND_FOM_NONE,
  BOND_MODE_8023AD,
  BOND_MODE_ACTIVEBACKUP,
  BOND_MODE_ALB,
  BOND_MODE_BROADCAST,
  BOND_MODE_ROUNDROBIN,
  BOND_MODE_TLB,
  BOND_MODE_XOR,
  BOND_PRI_RESELECT_ALWAYS,
  BOND_PRI_RESELECT_BETTER,
  BOND_PRI_RESELECT_FAILURE,
  BOND_XMIT_POLICY_ENCAP23,
  BOND_XMIT_POLICY_ENCAP34,
  BOND_XMIT_POLICY_LAYER2,
  BOND_XMIT_POLICY_LAYER23,
  BOND_XMIT_POLICY_LAYER34,
  BOND_XMIT_POLICY_VLAN_SRCMAC,
} from '../../uapi/if-bonding.js';
import {
  IFLA_BOND_ACTIVE_SLAVE,
  IFLA_BOND_AD_ACTOR_SYS_PRIO,
  IFLA_BOND_AD_ACTOR_SYSTEM,
  IFLA_BOND_AD_INFO,
  IFLA_BOND_AD_INFO_ACTOR_KEY,
  IFLA_BOND_AD_INFO_AGGREGATOR,
  IFLA_BOND_AD_INFO_NUM_PORTS,
  IFLA_BOND_AD_INFO_PARTNER_KEY,
  IFLA_BOND_AD_INFO_PARTNER_MAC,
  IFLA_BOND_AD_LACP_ACTIVE,
  IFLA_BOND_AD_LACP_RATE,
  IFLA_BOND_AD_SELECT,
  IFLA_BOND_AD_USER_PORT_KEY,
  IFLA_BOND_ALL_SLAVES_ACTIVE,
  IFLA_BOND_ARP_ALL_TARGETS,
  IFLA_BOND_ARP_INTERVAL,
  IFLA_BOND_ARP_IP_TARGET,
  IFLA_BOND_ARP_VALIDATE,
  IFLA_BOND_BROADCAST_NEIGH,
  IFLA_BOND_COUPLED_CONTROL,
  IFLA_BOND_DOWNDELAY,
  IFLA_BOND_FAIL_OVER_MAC,
  IFLA_BOND_LP_INTERVAL,
  IFLA_BOND_MIIMON,
  IFLA_BOND_MIN_LINKS,
  IFLA_BOND_MISSED_MAX,
  IFLA_BOND_MODE,
  IFLA_BOND_NS_IP6_TARGET,
  IFLA_BOND_NUM_PEER_NOTIF,
  IFLA_BOND_PACKETS_PER_SLAVE,
  IFLA_BOND_PEER_NOTIF_DELAY,
  IFLA_BOND_PRIMARY,
  IFLA_BOND_PRIMARY_RESELECT,
  IFLA_BOND_RESEND_IGMP,
  IFLA_BOND_TLB_DYNAMIC_LB,
  IFLA_BOND_UPDELAY,
  IFLA_BOND_USE_CARRIER,
  IFLA_BOND_XMIT_HASH_POLICY,
} from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';

/** Several links as one. Times are in milliseconds. What is marked "told" can be read, not set. */
export interface BondAttributes {
  readonly mode?:
    | 'balance-rr'
    | 'active-backup'
    | 'balance-xor'
    | 'broadcast'
    | '802.3ad'
    | 'balance-tlb'
    | 'balance-alb'
    | number;
  /** Index of the port that is in use. */
  readonly activeSlaveIndex?: number;
  readonly miimon?: number;
  readonly upDelay?: number;
  readonly downDelay?: number;
  readonly peerNotifyDelay?: number;
  readonly useCarrier?: boolean;
  readonly arpInterval?: number;
  readonly arpIpTargets?: readonly string[];
  readonly nsIp6Targets?: readonly string[];
  readonly arpValidate?: 'none' | 'active' | 'backup' | 'all' | 'filter' | 'filter_active' | 'filter_backup' | number;
  readonly arpAllTargets?: 'any' | 'all' | number;
  readonly arpMissedMax?: number;
  /** Index of the port that is preferred. */
  readonly primaryIndex?: number;
  readonly primaryReselect?: 'always' | 'better' | 'failure' | number;
  readonly failOverMac?: 'none' | 'active' | 'follow' | number;
  readonly transmitHashPolicy?: 'layer2' | 'layer3+4' | 'layer2+3' | 'encap2+3' | 'encap3+4' | 'vlan+srcmac' | number;
  readonly resendIgmp?: number;
  readonly numPeerNotifications?: number;
  readonly allSlavesActive?: boolean;
  readonly minLinks?: number;
  /** Seconds. */
  readonly learningPacketInterval?: number;
  readonly packetsPerSlave?: number;
  readonly lacpRate?: 'slow' | 'fast' | number;
  readonly lacpActive?: boolean;
  readonly aggregatorSelect?: 'stable' | 'bandwidth' | 'count' | number;
  readonly actorSystemPriority?: number;
  readonly userPortKey?: number;
  readonly actorSystem?: string;
  readonly tlbDynamicLb?: boolean;
  /** Whether a port without a partner carries packets (802.3ad); Linux 6.9 and later. */
  readonly coupledControl?: boolean;
  /** Send ARP and neighbour discovery over every port (802.3ad); Linux 6.17 and later. */
  readonly broadcastNeighbour?: boolean;
  /** Told. */
  readonly aggregator?: {
    readonly id: number;
    readonly ports: number;
    readonly actorKey: number;
    readonly partnerKey: number;
    readonly partnerMac: string;
    readonly unknown?: readonly UnknownAttribute[] | undefined;
  };
}

/** A list of addresses, numbered from 0. */
const addresses = (attribute: number): Field<readonly string[]> => ({
  attribute,
  read(data) {
    const list: string[] = [];
    const nested = data.nested();
    while (nested.next()) list.push(nested.ipAddress());
    return list;
  },
  check(property, list) {
    checkArray(property, list, 'IP addresses');
    for (const [index, address] of (list as readonly string[]).entries())
      parseIpAddress(address, `${property}[${index}]`);
  },
  write(writer, type, list) {
    writer.nest(type, (nested) => {
      list.forEach((address, index) => {
        nested.bytes(index, parseIpAddress(address));
      });
    });
  },
});

const aggregator: Spread<BondAttributes> = {
  properties: ['aggregator'],
  attributes: [IFLA_BOND_AD_INFO],
  read(data, into) {
    const info: Mutable<NonNullable<BondAttributes['aggregator']>> = {
      id: 0,
      ports: 0,
      actorKey: 0,
      partnerKey: 0,
      partnerMac: '',
    };
    const nested = data.nested();
    while (nested.next())
      switch (nested.type) {
        case IFLA_BOND_AD_INFO_AGGREGATOR:
          info.id = nested.u16();
          break;
        case IFLA_BOND_AD_INFO_NUM_PORTS:
          info.ports = nested.u16();
          break;
        case IFLA_BOND_AD_INFO_ACTOR_KEY:
          info.actorKey = nested.u16();
          break;
        case IFLA_BOND_AD_INFO_PARTNER_KEY:
          info.partnerKey = nested.u16();
          break;
        case IFLA_BOND_AD_INFO_PARTNER_MAC:
          info.partnerMac = nested.hardwareAddress();
          break;
        default:
          keepUnknown(nested, info);
      }
    into.aggregator = info;
  },
  check() {},
  write() {},
};

const WITH_PREFERENCE = ['active-backup', 'balance-tlb', 'balance-alb'];
const WITH_LACP = ['802.3ad'];
const WATCHING_BY_ARP = ['balance-rr', 'active-backup', 'balance-xor', 'broadcast'];

/** The modes that take an option, in `bond_opts` of the kernel; the others tell of it, and refuse it. */
const MODES_WITH: { readonly [P in keyof BondAttributes]?: readonly string[] } = {
  packetsPerSlave: ['balance-rr'],
  arpInterval: WATCHING_BY_ARP,
  arpValidate: WATCHING_BY_ARP,
  arpMissedMax: WATCHING_BY_ARP,
  nsIp6Targets: WATCHING_BY_ARP,
  primaryIndex: WITH_PREFERENCE,
  lacpRate: WITH_LACP,
  lacpActive: WITH_LACP,
  actorSystemPriority: WITH_LACP,
  actorSystem: WITH_LACP,
  userPortKey: WITH_LACP,
  coupledControl: WITH_LACP,
  broadcastNeighbour: WITH_LACP,
  tlbDynamicLb: ['balance-tlb'],
};

/** These refine `miimon`, and are refused without it. */
const OF_MIIMON: readonly string[] = ['upDelay', 'downDelay', 'peerNotifyDelay'];

const NO_ADDRESS = '00:00:00:00:00:00';

/** Without what its mode refuses, and without the port in use, which follows from the ports that there are. */
function asRead(link: Partial<BondAttributes>): Partial<BondAttributes> {
  const { mode = 'balance-rr', miimon = 0 } = link;
  const kept = Object.entries(link).filter(
    ([property, value]) =>
      property !== 'activeSlaveIndex' &&
      MODES_WITH[property as keyof BondAttributes]?.includes(String(mode)) !== false &&
      !(OF_MIIMON.includes(property) && miimon === 0) &&
      !(property === 'actorSystem' && value === NO_ADDRESS),
  );
  return Object.fromEntries(kept);
}

export const bond = kindOfFields<BondAttributes>(
  'bond',
  {
    mode: named(u8(IFLA_BOND_MODE), {
      'balance-rr': BOND_MODE_ROUNDROBIN,
      'active-backup': BOND_MODE_ACTIVEBACKUP,
      'balance-xor': BOND_MODE_XOR,
      broadcast: BOND_MODE_BROADCAST,
      '802.3ad': BOND_MODE_8023AD,
      'balance-tlb': BOND_MODE_TLB,
      'balance-alb': BOND_MODE_ALB,
    }),
    activeSlaveIndex: u32(IFLA_BOND_ACTIVE_SLAVE),
    miimon: u32(IFLA_BOND_MIIMON),
    upDelay: u32(IFLA_BOND_UPDELAY),
    downDelay: u32(IFLA_BOND_DOWNDELAY),
    peerNotifyDelay: u32(IFLA_BOND_PEER_NOTIF_DELAY),
    useCarrier: bool(IFLA_BOND_USE_CARRIER),
    arpInterval: u32(IFLA_BOND_ARP_INTERVAL),
    arpIpTargets: addresses(IFLA_BOND_ARP_IP_TARGET),
    nsIp6Targets: addresses(IFLA_BOND_NS_IP6_TARGET),
    arpValidate: named(u32(IFLA_BOND_ARP_VALIDATE), {
      none: BOND_ARP_VALIDATE_NONE,
      active: BOND_ARP_VALIDATE_ACTIVE,
      backup: BOND_ARP_VALIDATE_BACKUP,
      all: BOND_ARP_VALIDATE_ALL,
      filter: BOND_ARP_FILTER,
      filter_active: BOND_ARP_FILTER_ACTIVE,
      filter_backup: BOND_ARP_FILTER_BACKUP,
    }),
    arpAllTargets: named(u32(IFLA_BOND_ARP_ALL_TARGETS), { any: BOND_ARP_TARGETS_ANY, all: BOND_ARP_TARGETS_ALL }),
    primaryIndex: u32(IFLA_BOND_PRIMARY),
    primaryReselect: named(u8(IFLA_BOND_PRIMARY_RESELECT), {
      always: BOND_PRI_RESELECT_ALWAYS,
      better: BOND_PRI_RESELECT_BETTER,
      failure: BOND_PRI_RESELECT_FAILURE,
    }),
    failOverMac: named(u8(IFLA_BOND_FAIL_OVER_MAC), {
      none: BOND_FOM_NONE,
      active: BOND_FOM_ACTIVE,
      follow: BOND_FOM_FOLLOW,
    }),
    transmitHashPolicy: named(u8(IFLA_BOND_XMIT_HASH_POLICY), {
      layer2: BOND_XMIT_POLICY_LAYER2,
      'layer3+4': BOND_XMIT_POLICY_LAYER34,
      'layer2+3': BOND_XMIT_POLICY_LAYER23,
      'encap2+3': BOND_XMIT_POLICY_ENCAP23,
      'encap3+4': BOND_XMIT_POLICY_ENCAP34,
      'vlan+srcmac': BOND_XMIT_POLICY_VLAN_SRCMAC,
    }),
    resendIgmp: u32(IFLA_BOND_RESEND_IGMP),
    numPeerNotifications: u8(IFLA_BOND_NUM_PEER_NOTIF),
    allSlavesActive: bool(IFLA_BOND_ALL_SLAVES_ACTIVE),
    minLinks: u32(IFLA_BOND_MIN_LINKS),
    learningPacketInterval: u32(IFLA_BOND_LP_INTERVAL),
    packetsPerSlave: u32(IFLA_BOND_PACKETS_PER_SLAVE),
    lacpRate: named(u8(IFLA_BOND_AD_LACP_RATE), { slow: AD_LACP_SLOW, fast: AD_LACP_FAST }),
    lacpActive: bool(IFLA_BOND_AD_LACP_ACTIVE),
    aggregatorSelect: named(u8(IFLA_BOND_AD_SELECT), {
      stable: BOND_AD_STABLE,
      bandwidth: BOND_AD_BANDWIDTH,
      count: BOND_AD_COUNT,
    }),
    actorSystemPriority: u16(IFLA_BOND_AD_ACTOR_SYS_PRIO),
    userPortKey: u16(IFLA_BOND_AD_USER_PORT_KEY),
    actorSystem: hardwareAddress(IFLA_BOND_AD_ACTOR_SYSTEM),
    tlbDynamicLb: bool(IFLA_BOND_TLB_DYNAMIC_LB),
    arpMissedMax: u8(IFLA_BOND_MISSED_MAX),
    coupledControl: bool(IFLA_BOND_COUPLED_CONTROL),
    broadcastNeighbour: bool(IFLA_BOND_BROADCAST_NEIGH),
  },
  { asRead, last: [aggregator] },
);
