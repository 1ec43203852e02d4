import { checkProperties, mustBe, propertiesOf } from '../../message/checks.js';
import { bool, eitherIpAddress, type Field, flag, named, u8, u16be, u32, u32be } from '../../message/fields.js';
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
  IFLA_VXLAN_LEARNING,
  IFLA_VXLAN_LIMIT,
  IFLA_VXLAN_LINK,
  IFLA_VXLAN_LOCAL,
  IFLA_VXLAN_LOCAL6,
  IFLA_VXLAN_PORT,
  IFLA_VXLAN_PORT_RANGE,
  IFLA_VXLAN_PROXY,
  IFLA_VXLAN_REMCSUM_RX,
  IFLA_VXLAN_REMCSUM_TX,
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
} from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';

/** Ethernet in UDP (RFC 7348). */
export interface VxlanAttributes {
  /** The identifier of the network, 24 bits. */
  vxlanId?: number;
  /** A multicast group, or the one other end (`remote` of iproute2). */
  groupAddress?: string;
  /** The own address that packets are sent from. */
  localAddress?: string;
  /** Index of the link that packets are sent through. */
  underlayIndex?: number;
  ttl?: number;
  /** Take the TTL of the inner packet. */
  ttlInherit?: boolean;
  /** 1 takes that of the inner packet. */
  tos?: number;
  df?: 'unset' | 'set' | 'inherit' | number;
  flowLabel?: number;
  /** Learn addresses from what comes in; on unless switched off. */
  learning?: boolean;
  /** Seconds until a learnt address is forgotten. */
  ageing?: number;
  /** How many addresses may be learnt; 0 for no limit. */
  limit?: number;
  /** The UDP port of the destination; the kernel's default is 8472, the assigned one 4789. */
  port?: number;
  /** The UDP ports to send from. */
  portRange?: { low: number; high: number };
  proxy?: boolean;
  rsc?: boolean;
  l2miss?: boolean;
  l3miss?: boolean;
  udpChecksum?: boolean;
  udpZeroChecksum6Tx?: boolean;
  udpZeroChecksum6Rx?: boolean;
  remoteChecksumTx?: boolean;
  remoteChecksumRx?: boolean;
  /** Identifier and addresses come with each packet (`external` of iproute2). */
  collectMetadata?: boolean;
  gbp?: boolean;
  gpe?: boolean;
  vniFilter?: boolean;
}

const PORT_RANGE = propertiesOf<{ low: number; high: number }>({ low: 'set', high: 'set' });

/** `struct ifla_vxlan_port_range`: low and high, in network byte order. */
const portRange: Field<{ low: number; high: number }> = {
  attribute: IFLA_VXLAN_PORT_RANGE,
  read: (data) => ({ low: data.u16beAt(0), high: data.u16beAt(2) }),
  check(property, value) {
    checkProperties(value, property, PORT_RANGE);
    const { low, high } = value as { low?: unknown; high?: unknown };
    for (const port of [low, high])
      if (typeof port !== 'number' || !Number.isInteger(port) || port < 0 || port > 0xffff)
        throw mustBe(property, '{ low, high } with integers from 0 to 65535', port);
  },
  write(writer, attribute, { low, high }) {
    writer.struct(attribute, 4, (view, at) => {
      view.setUint16(at, low, false);
      view.setUint16(at + 2, high, false);
    });
  },
};

/** The kernel tells it as a number, and takes it as an attribute without a value. */
const ttlInherit: Field<boolean> = {
  ...flag(IFLA_VXLAN_TTL_INHERIT),
  read: (data) => data.length === 0 || data.u8() !== 0,
};

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
    portRange,
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
