import { bool, u8, u32 } from './fields.js';
import { type GreCommon, greEncapsulation, greEnds, keyFlags, withKeyFlags } from './gre-fields.js';
import { TUNNEL_SYNONYMS } from './ip-tunnel-fields.js';
import { kindOfFields, type LinkKind } from './kind.js';

/** Ethernet in GRE over IPv4. */
export interface GretapAttributes extends GreCommon {
  /** 1 takes that of the inner packet. */
  tos?: number;
  /** Whether packets must not be fragmented; on by default. */
  pmtuDiscovery?: boolean;
}

const plain = kindOfFields<GretapAttributes>('gretap', {
  ...greEnds('ipv4'),
  pmtuDiscovery: bool(10),
  tos: u8(9),
  underlayIndex: u32(1),
  ttl: u8(8),
  fwmark: u32(20),
  ...greEncapsulation,
});

export const gretap: LinkKind<GretapAttributes> = {
  ...plain,
  synonyms: TUNNEL_SYNONYMS,
  changesReplace: true,
  withoutStale: keyFlags,
  encode: (writer, link) => plain.encode(writer, withKeyFlags(link)),
};
