import { type GreOverIpv6, greOverIpv6 } from './gre-over-ipv6.js';

/** Ethernet in GRE over IPv6. */
export interface Ip6gretapAttributes extends GreOverIpv6 {}

export const ip6gretap = greOverIpv6<Ip6gretapAttributes>('ip6gretap', {});
