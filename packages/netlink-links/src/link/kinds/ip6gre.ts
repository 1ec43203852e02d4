import { type GreOverIpv6, greOverIpv6 } from './gre-over-ipv6.js';
import type { LinkKind } from './kind.js';

/** IP in GRE over IPv6. */
export interface Ip6greAttributes extends GreOverIpv6 {}

export const ip6gre: LinkKind<Ip6greAttributes> = {
  ...greOverIpv6<Ip6greAttributes>('ip6gre', {}),
  addressLength: 16,
};
