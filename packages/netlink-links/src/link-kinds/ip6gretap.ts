import { u8, u32, u32be } from './fields.js';
import { type GreCommon, greEncapsulation, greEnds, keyFlags, withKeyFlags } from './gre-fields.js';
import { TUNNEL_SYNONYMS } from './ip-tunnel-fields.js';
import { kindOfFields, type LinkKind } from './kind.js';

/** Ethernet in GRE over IPv6. */
export interface Ip6gretapAttributes extends GreCommon {
  /** Traffic class and flow label of the outer header. */
  flowInfo?: number;
  encapLimit?: number;
  /** `IP6_TNL_F_…` of `<linux/ip6_tunnel.h>`. */
  tunnelFlags?: number;
  /** Of no meaning to this kind; iproute2 sends it. */
  erspanVersion?: number;
}

const plain = kindOfFields<Ip6gretapAttributes>('ip6gretap', {
  ...greEnds('ipv6'),
  underlayIndex: u32(1),
  ttl: u8(8),
  encapLimit: u8(11),
  flowInfo: u32be(12),
  tunnelFlags: u32(13),
  fwmark: u32(20),
  erspanVersion: u8(22),
  ...greEncapsulation,
});

export const ip6gretap: LinkKind<Ip6gretapAttributes> = {
  ...plain,
  synonyms: TUNNEL_SYNONYMS,
  changesReplace: true,
  withoutStale: keyFlags,
  encode: (writer, link) => plain.encode(writer, withKeyFlags(link)),
};
