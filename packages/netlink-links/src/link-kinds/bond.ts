import { parseIpAddress } from '../codec/ip-address.js';
import { bool, hardwareAddress, named, u8, u16, u32 } from './fields.js';
import { type Field, kindOfFields, type Spread } from './kind.js';

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

/** `<linux/if_link.h>`, `IFLA_BOND_…` */
const AD_INFO = 23;

/** A list of addresses, numbered from 0. */
const addresses = (attribute: number): Field<readonly string[]> => ({
  attribute,
  read(data) {
    const list: string[] = [];
    const nested = data.nested();
    while (nested.next()) list.push(nested.ipAddress());
    return list;
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
  attributes: [AD_INFO],
  read(data, into) {
    const info = { id: 0, ports: 0, actorKey: 0, partnerKey: 0, partnerMac: '' };
    const nested = data.nested();
    while (nested.next())
      switch (nested.type) {
        case 1:
          info.id = nested.u16();
          break;
        case 2:
          info.ports = nested.u16();
          break;
        case 3:
          info.actorKey = nested.u16();
          break;
        case 4:
          info.partnerKey = nested.u16();
          break;
        case 5:
          info.partnerMac = nested.hardwareAddress();
          break;
      }
    into.aggregator = info;
  },
  write() {},
};

export const bond = kindOfFields<BondAttributes>(
  'bond',
  {
    mode: named(u8(1), {
      'balance-rr': 0,
      'active-backup': 1,
      'balance-xor': 2,
      broadcast: 3,
      '802.3ad': 4,
      'balance-tlb': 5,
      'balance-alb': 6,
    }),
    activeSlaveIndex: u32(2),
    miimon: u32(3),
    upDelay: u32(4),
    downDelay: u32(5),
    peerNotifyDelay: u32(28),
    useCarrier: bool(6),
    arpInterval: u32(7),
    arpIpTargets: addresses(8),
    nsIp6Targets: addresses(31),
    arpValidate: named(u32(9), {
      none: 0,
      active: 1,
      backup: 2,
      all: 3,
      filter: 4,
      filter_active: 5,
      filter_backup: 6,
    }),
    arpAllTargets: named(u32(10), { any: 0, all: 1 }),
    primaryIndex: u32(11),
    primaryReselect: named(u8(12), { always: 0, better: 1, failure: 2 }),
    failOverMac: named(u8(13), { none: 0, active: 1, follow: 2 }),
    transmitHashPolicy: named(u8(14), {
      layer2: 0,
      'layer3+4': 1,
      'layer2+3': 2,
      'encap2+3': 3,
      'encap3+4': 4,
      'vlan+srcmac': 5,
    }),
    resendIgmp: u32(15),
    numPeerNotifications: u8(16),
    allSlavesActive: bool(17),
    minLinks: u32(18),
    learningPacketInterval: u32(19),
    packetsPerSlave: u32(20),
    lacpRate: named(u8(21), { slow: 0, fast: 1 }),
    lacpActive: bool(29),
    aggregatorSelect: named(u8(22), { stable: 0, bandwidth: 1, count: 2 }),
    actorSystemPriority: u16(24),
    userPortKey: u16(25),
    actorSystem: hardwareAddress(26),
    tlbDynamicLb: bool(27),
    arpMissedMax: u8(30),
  },
  { last: [aggregator] },
);
