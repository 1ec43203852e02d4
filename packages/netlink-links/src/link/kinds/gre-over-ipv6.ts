import type { Fields } from '../../message/fields.js';
import { u8, u32, u32be } from '../../message/fields.js';
import {
  IFLA_GRE_ENCAP_LIMIT,
  IFLA_GRE_ERSPAN_VER,
  IFLA_GRE_FLAGS,
  IFLA_GRE_FLOWINFO,
  IFLA_GRE_FWMARK,
  IFLA_GRE_LINK,
  IFLA_GRE_TTL,
} from '../../uapi/if-tunnel.js';
import { type GreCommon, greEncapsulation, greEnds, greKind } from './gre-fields.js';
import type { LinkKind } from './kind.js';

/** What GRE tunnels over IPv6 have. */
export interface GreOverIpv6 extends GreCommon {
  /** Traffic class and flow label of the outer header. */
  readonly flowInfo?: number;
  readonly encapLimit?: number;
  /** `IP6_TNL_F_…` of `<linux/ip6_tunnel.h>`. */
  readonly tunnelFlags?: number;
  /** Of no meaning except to `ip6erspan`; iproute2 sends it. */
  readonly erspanVersion?: number;
}

/** Makes a kind of GRE tunnel over IPv6. @param more fields of its own */
export function greOverIpv6<A extends GreOverIpv6>(kernelName: string, more: Fields<A>): LinkKind<A> {
  const fields: Fields<GreOverIpv6> = {
    ...greEnds('ipv6'),
    underlayIndex: u32(IFLA_GRE_LINK),
    ttl: u8(IFLA_GRE_TTL),
    encapLimit: u8(IFLA_GRE_ENCAP_LIMIT),
    flowInfo: u32be(IFLA_GRE_FLOWINFO),
    tunnelFlags: u32(IFLA_GRE_FLAGS),
    fwmark: u32(IFLA_GRE_FWMARK),
    erspanVersion: u8(IFLA_GRE_ERSPAN_VER),
  };
  return greKind<A>(kernelName, { ...fields, ...more, ...greEncapsulation } as Fields<A>);
}
