import { bool, flag, ipAddress, u8, u16, u16be, u32 } from './fields.js';
import type { Fields } from './kind.js';

/** What tunnels that put an IP packet straight into IPv4 have in common. */
export interface IpTunnelCommon {
  /** Index of the link that packets are sent through. */
  underlayIndex?: number;
  /** The own address. */
  localAddress?: string;
  /** The other end. */
  remoteAddress?: string;
  /** 0 takes that of the inner packet. */
  ttl?: number;
  /** 1 takes that of the inner packet. */
  tos?: number;
  /** Whether packets must not be fragmented; on by default. */
  pmtuDiscovery?: boolean;
  /** The protocol of the inner packets: 4 IPv4, 41 IPv6, 0 any. */
  protocol?: number;
  /** `TUNNEL_ENCAP_…`: 0 none, 1 FOU, 2 GUE. */
  encapType?: number;
  encapFlags?: number;
  encapSourcePort?: number;
  encapDestinationPort?: number;
  collectMetadata?: boolean;
  fwmark?: number;
}

/** iproute2's words for what tunnels have. */
export const TUNNEL_SYNONYMS: Readonly<Record<string, string>> = {
  local: 'localAddress',
  remote: 'remoteAddress',
  dev: 'underlayIndex',
  link: 'underlayIndex',
  ikey: 'inputKey',
  okey: 'outputKey',
  key: 'inputKey',
  pmtudisc: 'pmtuDiscovery',
  external: 'collectMetadata',
  hoplimit: 'ttl',
  proto: 'protocol',
  mode: 'protocol',
};

/** `<linux/if_tunnel.h>`, `IFLA_IPTUN_…` */
export const ipTunnelFields: Fields<IpTunnelCommon> = {
  protocol: u8(9),
  localAddress: ipAddress(2, 'ipv4'),
  remoteAddress: ipAddress(3, 'ipv4'),
  pmtuDiscovery: bool(10),
  tos: u8(5),
  ttl: u8(4),
  underlayIndex: u32(1),
  fwmark: u32(20),
  encapType: u16(15),
  encapFlags: u16(16),
  encapSourcePort: u16be(17),
  encapDestinationPort: u16be(18),
  collectMetadata: flag(19),
};
