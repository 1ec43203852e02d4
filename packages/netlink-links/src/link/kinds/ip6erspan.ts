import { type ErspanCommon, erspanFields, withErspanChecks } from './erspan-fields.js';
import { type GreOverIpv6, greOverIpv6 } from './gre-over-ipv6.js';

/** Mirrored Ethernet frames in GRE over IPv6 (ERSPAN). It needs keys, and flags for sequence numbers: 0x3000. */
export interface Ip6erspanAttributes extends GreOverIpv6, ErspanCommon {}

export const ip6erspan = withErspanChecks(greOverIpv6<Ip6erspanAttributes>('ip6erspan', erspanFields));
