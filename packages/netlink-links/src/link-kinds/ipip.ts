import { type IpTunnelCommon, ipTunnelFields } from './ip-tunnel-fields.js';
import { kindOfFields, type LinkKind } from './kind.js';

/** IPv4 (or MPLS) in IPv4 (RFC 2003). */
export interface IpipAttributes extends IpTunnelCommon {}

export const ipip: LinkKind<IpipAttributes> = {
  ...kindOfFields<IpipAttributes>('ipip', ipTunnelFields),
  changesReplace: true,
};
