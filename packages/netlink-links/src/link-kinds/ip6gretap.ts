import { u8, u32, u32be } from './fields.js';
import { type GreCommon, greFields, withKeyFlags } from './gre-fields.js';
import { kindOfFields, type LinkKind } from './kind.js';

/** Ethernet in GRE over IPv6. */
export interface Ip6gretapAttributes extends GreCommon {
  /** Traffic class and flow label of the outer header. */
  flowInfo?: number;
  encapLimit?: number;
  /** `IP6_TNL_F_…` of `<linux/ip6_tunnel.h>`. */
  tunnelFlags?: number;
}

const plain = kindOfFields<Ip6gretapAttributes>('ip6gretap', {
  ...greFields('ipv6'),
  encapLimit: u8(11),
  flowInfo: u32be(12),
  tunnelFlags: u32(13),
});

export const ip6gretap: LinkKind<Ip6gretapAttributes> = {
  ...plain,
  encode: (writer, link) => plain.encode(writer, withKeyFlags(link)),
};
