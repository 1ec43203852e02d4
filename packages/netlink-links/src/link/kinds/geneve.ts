import { bool, eitherIpAddress, flag, named, u8, u16be, u32, u32be } from '../../message/fields.js';
import {
  GENEVE_DF_INHERIT,
  GENEVE_DF_SET,
  GENEVE_DF_UNSET,
  IFLA_GENEVE_COLLECT_METADATA,
  IFLA_GENEVE_DF,
  IFLA_GENEVE_ID,
  IFLA_GENEVE_INNER_PROTO_INHERIT,
  IFLA_GENEVE_LABEL,
  IFLA_GENEVE_PORT,
  IFLA_GENEVE_PORT_RANGE,
  IFLA_GENEVE_REMOTE,
  IFLA_GENEVE_REMOTE6,
  IFLA_GENEVE_TOS,
  IFLA_GENEVE_TTL,
  IFLA_GENEVE_TTL_INHERIT,
  IFLA_GENEVE_UDP_CSUM,
  IFLA_GENEVE_UDP_ZERO_CSUM6_RX,
  IFLA_GENEVE_UDP_ZERO_CSUM6_TX,
} from '../../uapi/if-link-kinds.js';
import { kindOfFields, type LinkKind } from './kind.js';
import { type PortRange, portRange } from './port-range.js';

/** Ethernet in UDP with options (RFC 8926). */
export interface GeneveAttributes {
  /** The identifier of the network, 24 bits. */
  readonly geneveId?: number;
  /** The other end. */
  readonly remoteAddress?: string;
  readonly ttl?: number;
  readonly ttlInherit?: boolean;
  /** 1 takes that of the inner packet. */
  readonly tos?: number;
  readonly df?: 'unset' | 'set' | 'inherit' | number;
  readonly flowLabel?: number;
  /** The UDP port of the destination, 6081 by default. */
  readonly port?: number;
  readonly collectMetadata?: boolean;
  readonly udpChecksum?: boolean;
  readonly udpZeroChecksum6Tx?: boolean;
  readonly udpZeroChecksum6Rx?: boolean;
  readonly innerProtocolInherit?: boolean;
  /** The UDP ports to send from; Linux 6.15 and later. */
  readonly portRange?: PortRange;
}

/** `<linux/if_link.h>`, `IFLA_GENEVE_…` */
const plain = kindOfFields<GeneveAttributes>(
  'geneve',
  {
    df: named(u8(IFLA_GENEVE_DF), { unset: GENEVE_DF_UNSET, set: GENEVE_DF_SET, inherit: GENEVE_DF_INHERIT }),
    ttlInherit: bool(IFLA_GENEVE_TTL_INHERIT),
    geneveId: u32(IFLA_GENEVE_ID, 0, 0xffffff),
    remoteAddress: eitherIpAddress(IFLA_GENEVE_REMOTE, IFLA_GENEVE_REMOTE6),
    flowLabel: u32be(IFLA_GENEVE_LABEL, 0xfffff),
    ttl: u8(IFLA_GENEVE_TTL),
    tos: u8(IFLA_GENEVE_TOS),
    port: u16be(IFLA_GENEVE_PORT),
    collectMetadata: flag(IFLA_GENEVE_COLLECT_METADATA),
    udpChecksum: bool(IFLA_GENEVE_UDP_CSUM),
    udpZeroChecksum6Tx: bool(IFLA_GENEVE_UDP_ZERO_CSUM6_TX),
    udpZeroChecksum6Rx: bool(IFLA_GENEVE_UDP_ZERO_CSUM6_RX),
    innerProtocolInherit: flag(IFLA_GENEVE_INNER_PROTO_INHERIT),
    portRange: portRange(IFLA_GENEVE_PORT_RANGE),
  },
  {
    synonyms: {
      id: 'geneveId',
      vni: 'geneveId',
      remote: 'remoteAddress',
      dstport: 'port',
      destinationport: 'port',
      srcport: 'portRange',
      external: 'collectMetadata',
    },
  },
);

export const geneve: LinkKind<GeneveAttributes> = {
  ...plain,
  write(writer, link) {
    const { ttlInherit, ...rest } = link;
    // Whichever of the two the kernel finds first counts for it, also a `false`: a TTL that is given says it already.
    plain.write(writer, ttlInherit === false && link.ttl !== undefined ? rest : link);
  },
};
