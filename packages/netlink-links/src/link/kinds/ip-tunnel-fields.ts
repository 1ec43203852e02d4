import type { Fields } from '../../message/fields.js';
import { bool, flag, ipAddress, u8, u16, u16be, u32 } from '../../message/fields.js';
import {
  IFLA_IPTUN_COLLECT_METADATA,
  IFLA_IPTUN_ENCAP_DPORT,
  IFLA_IPTUN_ENCAP_FLAGS,
  IFLA_IPTUN_ENCAP_SPORT,
  IFLA_IPTUN_ENCAP_TYPE,
  IFLA_IPTUN_FWMARK,
  IFLA_IPTUN_LINK,
  IFLA_IPTUN_LOCAL,
  IFLA_IPTUN_PMTUDISC,
  IFLA_IPTUN_PROTO,
  IFLA_IPTUN_REMOTE,
  IFLA_IPTUN_TOS,
  IFLA_IPTUN_TTL,
} from '../../uapi/if-tunnel.js';

/** What tunnels have that may put UDP between, and that may be told of the other end by each packet. */
export interface IpTunnelEncapsulation {
  /** `TUNNEL_ENCAP_…`: 0 none, 1 FOU, 2 GUE. */
  readonly encapType?: number;
  readonly encapFlags?: number;
  readonly encapSourcePort?: number;
  readonly encapDestinationPort?: number;
  readonly collectMetadata?: boolean;
}

/** What tunnels that put an IP packet straight into IPv4 have in common. */
export interface IpTunnelCommon extends IpTunnelEncapsulation {
  /** Index of the link that packets are sent through. */
  readonly underlayIndex?: number;
  /** The own address. */
  readonly localAddress?: string;
  /** The other end. */
  readonly remoteAddress?: string;
  /** 0 takes that of the inner packet. */
  readonly ttl?: number;
  /** 1 takes that of the inner packet. */
  readonly tos?: number;
  /** Whether packets must not be fragmented; on by default. */
  readonly pmtuDiscovery?: boolean;
  /** The protocol of the inner packets: 4 IPv4, 41 IPv6, 0 any. */
  readonly protocol?: number;
  readonly fwmark?: number;
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

export const ipTunnelEncapsulation: Fields<IpTunnelEncapsulation> = {
  encapType: u16(IFLA_IPTUN_ENCAP_TYPE),
  encapFlags: u16(IFLA_IPTUN_ENCAP_FLAGS),
  encapSourcePort: u16be(IFLA_IPTUN_ENCAP_SPORT),
  encapDestinationPort: u16be(IFLA_IPTUN_ENCAP_DPORT),
  collectMetadata: flag(IFLA_IPTUN_COLLECT_METADATA),
};

/** `<linux/if_tunnel.h>`, `IFLA_IPTUN_…` */
export const ipTunnelFields: Fields<IpTunnelCommon> = {
  protocol: u8(IFLA_IPTUN_PROTO),
  localAddress: ipAddress(IFLA_IPTUN_LOCAL, 'ipv4'),
  remoteAddress: ipAddress(IFLA_IPTUN_REMOTE, 'ipv4'),
  pmtuDiscovery: bool(IFLA_IPTUN_PMTUDISC),
  tos: u8(IFLA_IPTUN_TOS),
  ttl: u8(IFLA_IPTUN_TTL),
  underlayIndex: u32(IFLA_IPTUN_LINK),
  fwmark: u32(IFLA_IPTUN_FWMARK),
  ...ipTunnelEncapsulation,
};
