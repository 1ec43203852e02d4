import { bool, u8, u32 } from '../../message/fields.js';
import { IFLA_GRE_FWMARK, IFLA_GRE_LINK, IFLA_GRE_PMTUDISC, IFLA_GRE_TOS, IFLA_GRE_TTL } from '../../uapi/if-tunnel.js';
import { type GreCommon, greEncapsulation, greEnds, keyFlags, withKeyFlags } from './gre-fields.js';
import { TUNNEL_SYNONYMS } from './ip-tunnel-fields.js';
import { kindOfFields, type LinkKind } from './kind.js';

/** IP in GRE over IPv4 (RFC 2784). */
export interface GreAttributes extends GreCommon {
  /** 1 takes that of the inner packet. */
  tos?: number;
  /** Whether packets must not be fragmented; on by default. */
  pmtuDiscovery?: boolean;
}

const plain = kindOfFields<GreAttributes>('gre', {
  ...greEnds('ipv4'),
  pmtuDiscovery: bool(IFLA_GRE_PMTUDISC),
  tos: u8(IFLA_GRE_TOS),
  underlayIndex: u32(IFLA_GRE_LINK),
  ttl: u8(IFLA_GRE_TTL),
  fwmark: u32(IFLA_GRE_FWMARK),
  ...greEncapsulation,
});

export const gre: LinkKind<GreAttributes> = {
  ...plain,
  synonyms: TUNNEL_SYNONYMS,
  addressLength: 4,
  changesReplace: true,
  withoutStale: keyFlags,
  write: (writer, link) => plain.write(writer, withKeyFlags(link)),
};
