import { LITTLE_ENDIAN } from '../codec/endianness.js';
import { bool, hardwareAddress, readOnly, u8, u16, u16be, u32, u64Number } from './fields.js';
import { type Field, kindOfFields, type Spread } from './kind.js';

/**
 * A bridge. Times are in hundredths of a second (`USER_HZ`), as the kernel and `ip -d` have them.
 * What is marked "told" can be read, not set.
 */
export interface BridgeAttributes {
  forwardDelay?: number;
  helloTime?: number;
  maxAge?: number;
  /** How long a learnt address is kept; 0 keeps none, so that the bridge floods like a hub. */
  ageingTime?: number;
  /** Spanning tree: 0 off, 1 the kernel's, 2 a user's program. */
  stpState?: number;
  priority?: number;
  vlanFiltering?: boolean;
  /** EtherType of VLAN tags: 0x8100 (802.1Q) or 0x88a8 (802.1ad). */
  vlanProtocol?: number;
  groupFwdMask?: number;
  groupAddr?: string;
  multicastRouter?: number;
  multicastSnooping?: boolean;
  multicastQueryUseIfaddr?: boolean;
  multicastQuerier?: boolean;
  multicastHashElasticity?: number;
  multicastHashMax?: number;
  multicastLastMemberCount?: number;
  multicastStartupQueryCount?: number;
  multicastLastMemberInterval?: number;
  multicastMembershipInterval?: number;
  multicastQuerierInterval?: number;
  multicastQueryInterval?: number;
  multicastQueryResponseInterval?: number;
  multicastStartupQueryInterval?: number;
  nfCallIptables?: boolean;
  nfCallIp6tables?: boolean;
  nfCallArptables?: boolean;
  /** The VLAN of untagged frames; 0 for none. */
  vlanDefaultPvid?: number;
  vlanStatsEnabled?: boolean;
  vlanStatsPerPort?: boolean;
  multicastStatsEnabled?: boolean;
  multicastIgmpVersion?: number;
  multicastMldVersion?: number;
  /** Do not learn from link-local frames. */
  noLinkLocalLearn?: boolean;
  multicastVlanSnooping?: boolean;
  mstEnabled?: boolean;
  /** Told: `'8000.02:00:00:00:00:01'`. */
  bridgeId?: string;
  /** Told. */
  rootId?: string;
  /** Told. */
  rootPort?: number;
  /** Told. */
  rootPathCost?: number;
  /** Told. */
  topologyChange?: boolean;
  /** Told. */
  topologyChangeDetected?: boolean;
  /** Told. */
  helloTimer?: number;
  /** Told. */
  tcnTimer?: number;
  /** Told. */
  topologyChangeTimer?: number;
  /** Told. */
  gcTimer?: number;
}

/** `struct ifla_bridge_id`: priority in network byte order, address. */
const bridgeId = (attribute: number): Field<string> => ({
  attribute,
  read: (data) => {
    const priority = data.u16be().toString(16).padStart(4, '0');
    const bytes = data.copy().subarray(2, 8);
    return `${priority}.${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
  },
});

/** Several switches in one attribute, `struct br_boolopt_multi`: how they stand, and which are meant. */
const MULTI_BOOLOPT = 46;
const SWITCHES = ['noLinkLocalLearn', 'multicastVlanSnooping', 'mstEnabled'] as const;
const switches: Spread<BridgeAttributes> = {
  properties: SWITCHES,
  attributes: [MULTI_BOOLOPT],
  read(data, into) {
    const values = data.u32At(0);
    const known = data.u32At(4);
    SWITCHES.forEach((name, bit) => {
      if (((known >>> bit) & 1) === 1) into[name] = ((values >>> bit) & 1) === 1;
    });
  },
  write(writer, link) {
    let values = 0;
    let meant = 0;
    SWITCHES.forEach((name, bit) => {
      const value = link[name];
      if (value === undefined) return;
      meant |= 1 << bit;
      if (value) values |= 1 << bit;
    });
    if (meant !== 0)
      writer.struct(MULTI_BOOLOPT, 8, (view, at) => {
        view.setUint32(at, values, LITTLE_ENDIAN);
        view.setUint32(at + 4, meant, LITTLE_ENDIAN);
      });
  },
};

/** `<linux/if_link.h>`, `IFLA_BR_…` */
export const bridge = kindOfFields<BridgeAttributes>(
  'bridge',
  {
    forwardDelay: u32(1),
    helloTime: u32(2),
    maxAge: u32(3),
    ageingTime: u32(4),
    stpState: u32(5),
    priority: u16(6),
    vlanFiltering: bool(7),
    vlanProtocol: u16be(8),
    groupFwdMask: u16(9),
    groupAddr: hardwareAddress(20),
    multicastRouter: u8(22),
    multicastSnooping: bool(23),
    multicastQueryUseIfaddr: bool(24),
    multicastQuerier: bool(25),
    multicastHashElasticity: u32(26),
    multicastHashMax: u32(27),
    multicastLastMemberCount: u32(28),
    multicastStartupQueryCount: u32(29),
    multicastLastMemberInterval: u64Number(30),
    multicastMembershipInterval: u64Number(31),
    multicastQuerierInterval: u64Number(32),
    multicastQueryInterval: u64Number(33),
    multicastQueryResponseInterval: u64Number(34),
    multicastStartupQueryInterval: u64Number(35),
    nfCallIptables: bool(36),
    nfCallIp6tables: bool(37),
    nfCallArptables: bool(38),
    vlanDefaultPvid: u16(39),
    vlanStatsEnabled: bool(41),
    vlanStatsPerPort: bool(45),
    multicastStatsEnabled: bool(42),
    multicastIgmpVersion: u8(43),
    multicastMldVersion: u8(44),
    rootId: bridgeId(10),
    bridgeId: bridgeId(11),
    rootPort: readOnly(u16(12)),
    rootPathCost: readOnly(u32(13)),
    topologyChange: readOnly(bool(14)),
    topologyChangeDetected: readOnly(bool(15)),
    helloTimer: readOnly(u64Number(16)),
    tcnTimer: readOnly(u64Number(17)),
    topologyChangeTimer: readOnly(u64Number(18)),
    gcTimer: readOnly(u64Number(19)),
  },
  { last: [switches] },
);
