import {
  bits64be,
  bool,
  eitherIpAddress,
  type Field,
  flag,
  named,
  u8,
  u16be,
  u32,
  u32be,
} from '../../message/fields.js';
import {
  IFLA_VXLAN_AGEING,
  IFLA_VXLAN_COLLECT_METADATA,
  IFLA_VXLAN_DF,
  IFLA_VXLAN_GBP,
  IFLA_VXLAN_GPE,
  IFLA_VXLAN_GROUP,
  IFLA_VXLAN_GROUP6,
  IFLA_VXLAN_ID,
  IFLA_VXLAN_L2MISS,
  IFLA_VXLAN_L3MISS,
  IFLA_VXLAN_LABEL,
  IFLA_VXLAN_LABEL_POLICY,
  IFLA_VXLAN_LEARNING,
  IFLA_VXLAN_LIMIT,
  IFLA_VXLAN_LINK,
  IFLA_VXLAN_LOCAL,
  IFLA_VXLAN_LOCAL6,
  IFLA_VXLAN_LOCALBYPASS,
  IFLA_VXLAN_MC_ROUTE,
  IFLA_VXLAN_PORT,
  IFLA_VXLAN_PORT_RANGE,
  IFLA_VXLAN_PROXY,
  IFLA_VXLAN_REMCSUM_RX,
  IFLA_VXLAN_REMCSUM_TX,
  IFLA_VXLAN_RESERVED_BITS,
  IFLA_VXLAN_RSC,
  IFLA_VXLAN_TOS,
  IFLA_VXLAN_TTL,
  IFLA_VXLAN_TTL_INHERIT,
  IFLA_VXLAN_UDP_CSUM,
  IFLA_VXLAN_UDP_ZERO_CSUM6_RX,
  IFLA_VXLAN_UDP_ZERO_CSUM6_TX,
  IFLA_VXLAN_VNIFILTER,
  VXLAN_DF_INHERIT,
  VXLAN_DF_SET,
  VXLAN_DF_UNSET,
  VXLAN_LABEL_FIXED,
  VXLAN_LABEL_INHERIT,
} from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';
import { type PortRange, portRange } from './port-range.js';

/** Ethernet in UDP (RFC 7348). */
export interface VxlanAttributes {
  /** The identifier of the network, 24 bits. */
  readonly vxlanId?: number;
  /** A multicast group, or the one other end (`remote` of iproute2). */
  readonly groupAddress?: string;
  /** The own address that packets are sent from. */
  readonly localAddress?: string;
  /** Index of the link that packets are sent through. */
  readonly underlayIndex?: number;
  readonly ttl?: number;
  /** Take the TTL of the inner packet. */
  readonly ttlInherit?: boolean;
  /** 1 takes that of the inner packet. */
  readonly tos?: number;
  readonly df?: 'unset' | 'set' | 'inherit' | number;
  readonly flowLabel?: number;
  /** Learn addresses from what comes in; on unless switched off. */
  readonly learning?: boolean;
  /** Seconds until a learnt address is forgotten. */
  readonly ageing?: number;
  /** How many addresses may be learnt; 0 for no limit. */
  readonly limit?: number;
  /** The UDP port of the destination; the kernel's default is 8472, the assigned one 4789. */
  readonly port?: number;
  /** The UDP ports to send from. */
  readonly portRange?: PortRange;
  readonly proxy?: boolean;
  readonly rsc?: boolean;
  readonly l2miss?: boolean;
  readonly l3miss?: boolean;
  readonly udpChecksum?: boolean;
  readonly udpZeroChecksum6Tx?: boolean;
  readonly udpZeroChecksum6Rx?: boolean;
  readonly remoteChecksumTx?: boolean;
  readonly remoteChecksumRx?: boolean;
  /** Identifier and addresses come with each packet (`external` of iproute2). */
  readonly collectMetadata?: boolean;
  readonly gbp?: boolean;
  readonly gpe?: boolean;
  readonly vniFilter?: boolean;
  /** Packets to an address of this machine are handed to the other link directly; Linux 6.5 and later. */
  readonly localBypass?: boolean;
  /** Whether the flow label is `flowLabel`, or that of the inner packet; Linux 6.7 and later. */
  readonly flowLabelPolicy?: 'fixed' | 'inherit' | number;
  /** The bits of the VXLAN header that are not looked at, `'0xf7ffffff000000ff'`; Linux 6.14 and later. */
  readonly reservedBits?: string;
  /** Send copies of multicast packets along multicast routes; Linux 6.17 and later. */
  readonly multicastRoute?: boolean;
}

/** The kernel tells it as a number, and takes it as an attribute without a value. */
const ttlInherit: Field<boolean> = {
  ...flag(IFLA_VXLAN_TTL_INHERIT),
  read: (data) => data.length === 0 || data.u8() !== 0,
};

/** The kernel takes this one, even switched off, for the use of bits that it tells to be reserved. */
function asRead({ remoteChecksumRx, ...link }: Partial<VxlanAttributes>): Partial<VxlanAttributes> {
  return remoteChecksumRx === true ? { ...link, remoteChecksumRx } : link;
}

/** `<linux/if_link.h>`, `IFLA_VXLAN_…` */
export const vxlan = kindOfFields<VxlanAttributes>(
  'vxlan',
  {
    ttl: u8(IFLA_VXLAN_TTL),
    ttlInherit,
    tos: u8(IFLA_VXLAN_TOS),
    df: named(u8(IFLA_VXLAN_DF), { unset: VXLAN_DF_UNSET, set: VXLAN_DF_SET, inherit: VXLAN_DF_INHERIT }),
    flowLabel: u32be(IFLA_VXLAN_LABEL, 0xfffff),
    ageing: u32(IFLA_VXLAN_AGEING),
    limit: u32(IFLA_VXLAN_LIMIT),
    portRange: portRange(IFLA_VXLAN_PORT_RANGE),
    proxy: bool(IFLA_VXLAN_PROXY),
    rsc: bool(IFLA_VXLAN_RSC),
    l2miss: bool(IFLA_VXLAN_L2MISS),
    l3miss: bool(IFLA_VXLAN_L3MISS),
    udpChecksum: bool(IFLA_VXLAN_UDP_CSUM),
    udpZeroChecksum6Tx: bool(IFLA_VXLAN_UDP_ZERO_CSUM6_TX),
    udpZeroChecksum6Rx: bool(IFLA_VXLAN_UDP_ZERO_CSUM6_RX),
    remoteChecksumTx: bool(IFLA_VXLAN_REMCSUM_TX),
    remoteChecksumRx: bool(IFLA_VXLAN_REMCSUM_RX),
    collectMetadata: bool(IFLA_VXLAN_COLLECT_METADATA),
    vniFilter: bool(IFLA_VXLAN_VNIFILTER),
    localBypass: bool(IFLA_VXLAN_LOCALBYPASS),
    flowLabelPolicy: named(u32(IFLA_VXLAN_LABEL_POLICY), { fixed: VXLAN_LABEL_FIXED, inherit: VXLAN_LABEL_INHERIT }),
    reservedBits: bits64be(IFLA_VXLAN_RESERVED_BITS),
    multicastRoute: bool(IFLA_VXLAN_MC_ROUTE),
    gbp: flag(IFLA_VXLAN_GBP),
    gpe: flag(IFLA_VXLAN_GPE),
    underlayIndex: u32(IFLA_VXLAN_LINK),
    vxlanId: u32(IFLA_VXLAN_ID, 0, 0xffffff),
    localAddress: eitherIpAddress(IFLA_VXLAN_LOCAL, IFLA_VXLAN_LOCAL6),
    groupAddress: eitherIpAddress(IFLA_VXLAN_GROUP, IFLA_VXLAN_GROUP6),
    learning: bool(IFLA_VXLAN_LEARNING),
    port: u16be(IFLA_VXLAN_PORT),
  },
  {
    asRead,
    mtuApart: true,
    synonyms: {
      id: 'vxlanId',
      vni: 'vxlanId',
      remote: 'groupAddress',
      remoteaddress: 'groupAddress',
      group: 'groupAddress',
      local: 'localAddress',
      dev: 'underlayIndex',
      link: 'underlayIndex',
      dstport: 'port',
      destinationport: 'port',
      srcport: 'portRange',
      external: 'collectMetadata',
      nolearning: 'learning',
      maxaddress: 'limit',
    },
  },
);
