import { checkArray } from '../../message/checks.js';
import { bool, type Field, hardwareAddress, named, type Spread, u8, u16, u32 } from '../../message/fields.js';
import { parseIpAddress } from '../../message/ip-address.js';
import {
  BOND_MODE_8023AD,
  BOND_MODE_ACTIVEBACKUP,
  BOND_MODE_ALB,
  BOND_MODE_BROADCAST,
  BOND_MODE_ROUNDROBIN,
  BOND_MODE_TLB,
  BOND_MODE_XOR,
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
  mode?:
    | 'balance-rr'
    | 'active-backup'
    | 'balance-xor'
    | 'broadcast'
    | '802.3ad'
    | 'balance-tlb'
    | 'balance-alb'
    | number;
  /** Index of the port that is in use. */
  activeSlaveIndex?: number;
  miimon?: number;
  upDelay?: number;
  downDelay?: number;
  peerNotifyDelay?: number;
  useCarrier?: boolean;
  arpInterval?: number;
  arpIpTargets?: readonly string[];
  nsIp6Targets?: readonly string[];
  arpValidate?: 'none' | 'active' | 'backup' | 'all' | 'filter' | 'filter_active' | 'filter_backup' | number;
  arpAllTargets?: 'any' | 'all' | number;
  arpMissedMax?: number;
  /** Index of the port that is preferred. */
  primaryIndex?: number;
  primaryReselect?: 'always' | 'better' | 'failure' | number;
  failOverMac?: 'none' | 'active' | 'follow' | number;
  transmitHashPolicy?: 'layer2' | 'layer3+4' | 'layer2+3' | 'encap2+3' | 'encap3+4' | 'vlan+srcmac' | number;
  resendIgmp?: number;
  numPeerNotifications?: number;
  allSlavesActive?: boolean;
  minLinks?: number;
  /** Seconds. */
  learningPacketInterval?: number;
  packetsPerSlave?: number;
  lacpRate?: 'slow' | 'fast' | number;
  lacpActive?: boolean;
  aggregatorSelect?: 'stable' | 'bandwidth' | 'count' | number;
  actorSystemPriority?: number;
  userPortKey?: number;
  actorSystem?: string;
  tlbDynamicLb?: boolean;
  /** Told. */
  aggregator?: { id: number; ports: number; actorKey: number; partnerKey: number; partnerMac: string };
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
    const info = { id: 0, ports: 0, actorKey: 0, partnerKey: 0, partnerMac: '' };
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
      }
    into.aggregator = info;
  },
  check() {},
  write() {},
};

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
      none: 0,
      active: 1,
      backup: 2,
      all: 3,
      filter: 4,
      filter_active: 5,
      filter_backup: 6,
    }),
    arpAllTargets: named(u32(IFLA_BOND_ARP_ALL_TARGETS), { any: 0, all: 1 }),
    primaryIndex: u32(IFLA_BOND_PRIMARY),
    primaryReselect: named(u8(IFLA_BOND_PRIMARY_RESELECT), { always: 0, better: 1, failure: 2 }),
    failOverMac: named(u8(IFLA_BOND_FAIL_OVER_MAC), { none: 0, active: 1, follow: 2 }),
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
    lacpRate: named(u8(IFLA_BOND_AD_LACP_RATE), { slow: 0, fast: 1 }),
    lacpActive: bool(IFLA_BOND_AD_LACP_ACTIVE),
    aggregatorSelect: named(u8(IFLA_BOND_AD_SELECT), { stable: 0, bandwidth: 1, count: 2 }),
    actorSystemPriority: u16(IFLA_BOND_AD_ACTOR_SYS_PRIO),
    userPortKey: u16(IFLA_BOND_AD_USER_PORT_KEY),
    actorSystem: hardwareAddress(IFLA_BOND_AD_ACTOR_SYSTEM),
    tlbDynamicLb: bool(IFLA_BOND_TLB_DYNAMIC_LB),
    arpMissedMax: u8(IFLA_BOND_MISSED_MAX),
  },
  { last: [aggregator] },
);
