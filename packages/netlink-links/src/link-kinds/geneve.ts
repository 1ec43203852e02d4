import { NetnsError } from 'netns-core';
import { bool, eitherIpAddress, flag, named, u8, u16be, u32, u32be } from './fields.js';
import { kindOfFields, type LinkKind } from './kind.js';

/** Ethernet in UDP with options (RFC 8926). */
export interface GeneveAttributes {
  /** The identifier of the network, 24 bits. */
  geneveId?: number;
  /** The other end. */
  remoteAddress?: string;
  ttl?: number;
  ttlInherit?: boolean;
  /** 1 takes that of the inner packet. */
  tos?: number;
  df?: 'unset' | 'set' | 'inherit' | number;
  flowLabel?: number;
  /** The UDP port of the destination, 6081 by default. */
  port?: number;
  collectMetadata?: boolean;
  udpChecksum?: boolean;
  udpZeroChecksum6Tx?: boolean;
  udpZeroChecksum6Rx?: boolean;
  innerProtocolInherit?: boolean;
}

/** `<linux/if_link.h>`, `IFLA_GENEVE_…` */
const plain = kindOfFields<GeneveAttributes>(
  'geneve',
  {
    df: named(u8(13), { unset: 0, set: 1, inherit: 2 }),
    ttlInherit: bool(12),
    geneveId: u32(1),
    remoteAddress: eitherIpAddress(2, 7),
    flowLabel: u32be(11),
    ttl: u8(3),
    tos: u8(4),
    port: u16be(5),
    collectMetadata: flag(6),
    udpChecksum: bool(8),
    udpZeroChecksum6Tx: bool(9),
    udpZeroChecksum6Rx: bool(10),
    innerProtocolInherit: flag(14),
  },
  {
    synonyms: {
      id: 'geneveId',
      vni: 'geneveId',
      remote: 'remoteAddress',
      dstport: 'port',
      destinationport: 'port',
      external: 'collectMetadata',
    },
    check({ geneveId }) {
      if (geneveId !== undefined && !(geneveId >= 0 && geneveId < 1 << 24))
        throw new NetnsError(`${geneveId} is no Geneve identifier: 0 to 16777215 are`, {
          code: 'ERR_INVALID_ARGUMENT',
        });
    },
  },
);

export const geneve: LinkKind<GeneveAttributes> = {
  ...plain,
  encode(writer, link) {
    const { ttlInherit, ...rest } = link;
    // Whichever of the two the kernel finds first counts for it, also a `false`: a TTL that is given says it already.
    plain.encode(writer, ttlInherit === false && link.ttl !== undefined ? rest : link);
  },
};
