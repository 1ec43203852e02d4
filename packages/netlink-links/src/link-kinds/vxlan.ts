import { NetnsError } from 'netns-core';
import { bool, eitherIpAddress, flag, named, u8, u16be, u32, u32be } from './fields.js';
import { type Field, kindOfFields } from './kind.js';

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

/** `struct ifla_vxlan_port_range`: low and high, in network byte order. */
const portRange: Field<{ low: number; high: number }> = {
  attribute: 10,
  read: (data) => ({ low: data.u16beAt(0), high: data.u16beAt(2) }),
  write(writer, attribute, { low, high }) {
    for (const port of [low, high])
      if (!Number.isInteger(port) || port < 0 || port > 65535)
        writer.mustBe('{ low, high } with integers from 0 to 65535', port);
    writer.struct(attribute, 4, (view, at) => {
      view.setUint16(at, low, false);
      view.setUint16(at + 2, high, false);
    });
  },
};

/** The kernel tells it as a number, and takes it as an attribute without a value. */
const ttlInherit: Field<boolean> = {
  attribute: 28,
  read: (data) => data.length === 0 || data.u8() !== 0,
  write: (writer, type, value) => flag(28).write?.(writer, type, value),
};

/** `<linux/if_link.h>`, `IFLA_VXLAN_…` */
export const vxlan = kindOfFields<VxlanAttributes>(
  'vxlan',
  {
    ttl: u8(5),
    ttlInherit,
    tos: u8(6),
    df: named(u8(29), { unset: 0, set: 1, inherit: 2 }),
    flowLabel: u32be(26),
    ageing: u32(8),
    limit: u32(9),
    portRange,
    proxy: bool(11),
    rsc: bool(12),
    l2miss: bool(13),
    l3miss: bool(14),
    udpChecksum: bool(18),
    udpZeroChecksum6Tx: bool(19),
    udpZeroChecksum6Rx: bool(20),
    remoteChecksumTx: bool(21),
    remoteChecksumRx: bool(22),
    collectMetadata: bool(25),
    vniFilter: bool(30),
    gbp: flag(23),
    gpe: flag(27),
    underlayIndex: u32(3),
    vxlanId: u32(1),
    localAddress: eitherIpAddress(4, 17),
    groupAddress: eitherIpAddress(2, 16),
    learning: bool(7),
    port: u16be(15),
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
    check({ vxlanId, flowLabel }) {
      if (vxlanId !== undefined && !(vxlanId >= 0 && vxlanId < 1 << 24))
        throw new NetnsError(`${vxlanId} is no VXLAN identifier: 0 to 16777215 are`, { code: 'ERR_INVALID_ARGUMENT' });
      if (flowLabel !== undefined && !(flowLabel >= 0 && flowLabel < 1 << 20))
        throw new NetnsError(`${flowLabel} is no flow label: 0 to 1048575 are`, { code: 'ERR_INVALID_ARGUMENT' });
    },
  },
);
