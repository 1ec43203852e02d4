import { type Fields, ipAddress, u8, u32, u32be } from '../../message/fields.js';
import {
  IFLA_IPTUN_ENCAP_LIMIT,
  IFLA_IPTUN_FLAGS,
  IFLA_IPTUN_FLOWINFO,
  IFLA_IPTUN_FWMARK,
  IFLA_IPTUN_LINK,
  IFLA_IPTUN_LOCAL,
  IFLA_IPTUN_PROTO,
  IFLA_IPTUN_REMOTE,
  IFLA_IPTUN_TTL,
} from '../../uapi/if-tunnel.js';
import { type IpTunnelEncapsulation, ipTunnelEncapsulation, TUNNEL_SYNONYMS } from './ip-tunnel-fields.js';
import { kindOfFields, type LinkKind } from './kind.js';

/** IPv6 or IPv4 in IPv6 (RFC 2473). */
export interface Ip6tnlAttributes extends IpTunnelEncapsulation {
  /** Index of the link that packets are sent through. */
  readonly underlayIndex?: number;
  /** The own address. */
  readonly localAddress?: string;
  /** The other end. */
  readonly remoteAddress?: string;
  /** The protocol of the inner packets: 41 IPv6, 4 IPv4, 0 any. */
  readonly protocol?: number;
  /** The hop limit; 0 takes that of the inner packet. */
  readonly ttl?: number;
  /** How often packets may be put into others. */
  readonly encapLimit?: number;
  /** Traffic class and flow label of the outer header. */
  readonly flowInfo?: number;
  /** `IP6_TNL_F_…` of `<linux/ip6_tunnel.h>`: 1 has no encapsulation limit, 2 takes the traffic class of the inner packet. */
  readonly tunnelFlags?: number;
  readonly fwmark?: number;
}

/** `<linux/if_tunnel.h>`, `IFLA_IPTUN_…` */
const fields: Fields<Ip6tnlAttributes> = {
  protocol: u8(IFLA_IPTUN_PROTO),
  localAddress: ipAddress(IFLA_IPTUN_LOCAL, 'ipv6'),
  remoteAddress: ipAddress(IFLA_IPTUN_REMOTE, 'ipv6'),
  ttl: u8(IFLA_IPTUN_TTL),
  encapLimit: u8(IFLA_IPTUN_ENCAP_LIMIT),
  flowInfo: u32be(IFLA_IPTUN_FLOWINFO),
  tunnelFlags: u32(IFLA_IPTUN_FLAGS),
  underlayIndex: u32(IFLA_IPTUN_LINK),
  fwmark: u32(IFLA_IPTUN_FWMARK),
  ...ipTunnelEncapsulation,
};

export const ip6tnl: LinkKind<Ip6tnlAttributes> = {
  ...kindOfFields('ip6tnl', fields, { synonyms: TUNNEL_SYNONYMS, addressLength: 16 }),
  changesReplace: true,
};
