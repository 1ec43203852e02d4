import { type GreOverIpv4, greOverIpv4 } from './gre-fields.js';
import type { LinkKind } from './kind.js';

/** IP in GRE over IPv4 (RFC 2784). */
export interface GreAttributes extends GreOverIpv4 {}

export const gre: LinkKind<GreAttributes> = { ...greOverIpv4<GreAttributes>('gre', {}), addressLength: 4 };
