import { NetnsError } from 'netns-core';
import { parseIpAddress } from '../codec/ip-address.js';
import { bool, flag, named, u8, u16be, u32, u32be } from './fields.js';
import { kindOfFields, type Spread } from './kind.js';

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

/** `<linux/if_link.h>`, `IFLA_VXLAN_…` */
const GROUP = 2;
const LOCAL = 4;
const PORT_RANGE = 10;
const GROUP6 = 16;
const LOCAL6 = 17;

const address = (
  key: 'groupAddress' | 'localAddress',
  attribute: number,
  attribute6: number,
): Spread<VxlanAttributes> => ({
  attributes: [attribute, attribute6],
  read(data, into) {
    into[key] = data.ipAddress();
  },
  write(writer, link) {
    const text = link[key];
    if (text === undefined) return;
    const bytes = parseIpAddress(text);
    writer.bytes(bytes.length === 4 ? attribute : attribute6, bytes);
  },
});

/** `struct ifla_vxlan_port_range`: low and high, in network byte order. */
const portRange: Spread<VxlanAttributes> = {
  attributes: [PORT_RANGE],
  read(data, into) {
    into.portRange = { low: data.u16beAt(0), high: data.u16beAt(2) };
  },
  write(writer, { portRange: range }) {
    if (range === undefined) return;
    for (const port of [range.low, range.high])
      if (!Number.isInteger(port) || port < 0 || port > 65535) writer.fail(`${port} is no UDP port`);
    writer.struct(PORT_RANGE, 4, (view, at) => {
      view.setUint16(at, range.low, false);
      view.setUint16(at + 2, range.high, false);
    });
  },
};

export const vxlan = kindOfFields<VxlanAttributes>(
  'vxlan',
  {
    vxlanId: u32(1),
    underlayIndex: u32(3),
    ttl: u8(5),
    ttlInherit: flag(28),
    tos: u8(6),
    df: named(u8(29), { unset: 0, set: 1, inherit: 2 }),
    flowLabel: u32be(26),
    learning: bool(7),
    ageing: u32(8),
    limit: u32(9),
    port: u16be(15),
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
    gbp: flag(23),
    gpe: flag(27),
    vniFilter: bool(30),
  },
  {
    first: [address('groupAddress', GROUP, GROUP6), address('localAddress', LOCAL, LOCAL6)],
    last: [portRange],
    check({ vxlanId, flowLabel }) {
      if (vxlanId !== undefined && !(vxlanId >= 0 && vxlanId < 1 << 24))
        throw new NetnsError(`${vxlanId} is no VXLAN identifier: 0 to 16777215 are`, { code: 'ERR_INVALID_ARGUMENT' });
      if (flowLabel !== undefined && !(flowLabel >= 0 && flowLabel < 1 << 20))
        throw new NetnsError(`${flowLabel} is no flow label: 0 to 1048575 are`, { code: 'ERR_INVALID_ARGUMENT' });
    },
  },
);
