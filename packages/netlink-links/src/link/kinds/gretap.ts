import { type GreOverIpv4, greOverIpv4 } from './gre-fields.js';
import type { LinkKind } from './kind.js';

/** Ethernet in GRE over IPv4. */
export interface GretapAttributes extends GreOverIpv4 {}

export const gretap: LinkKind<GretapAttributes> = greOverIpv4<GretapAttributes>('gretap', {});
