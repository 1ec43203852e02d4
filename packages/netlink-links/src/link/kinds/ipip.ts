import { type IpTunnelCommon, ipTunnelFields, TUNNEL_SYNONYMS } from './ip-tunnel-fields.js';
import { kindOfFields, type LinkKind } from './kind.js';

/** IPv4 (or MPLS) in IPv4 (RFC 2003). */
export interface IpipAttributes extends IpTunnelCommon {}

export const ipip: LinkKind<IpipAttributes> = {
  ...kindOfFields<IpipAttributes>('ipip', ipTunnelFields, { synonyms: TUNNEL_SYNONYMS, addressLength: 4 }),
  changesReplace: true,
};
