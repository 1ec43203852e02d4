import type { LinkPeerSpec } from '../attributes/settings.js';
import { type LinkKind, readUnknown } from './kind.js';
import { writePeer } from './peer.js';

/** What one end of a pair of links has: what is sent into one comes out of the other. */
export interface PairAttributes {
  /** Index of the other end, in its namespace. */
  readonly peerIndex?: number;
  /** Identifier (as `nsidGet` gives it) of the namespace of the other end, where it is another. */
  readonly peerNetnsId?: number;
  /** When adding a pair: what the other end is to be, and the namespace in which it is made. */
  readonly peer?: LinkPeerSpec;
}

/** Makes a kind of pairs. @param peerAttribute what holds the other end */
export function pairKind<A extends PairAttributes>(
  kernelName: string,
  peerAttribute: number,
  options: Pick<LinkKind<A>, 'addressLength'> = {},
): LinkKind<A> {
  return {
    kernelName,
    properties: ['peer', 'peerIndex', 'peerNetnsId'],
    told: ['peerIndex', 'peerNetnsId'],
    synonyms: { peername: 'peer' },
    check() {},
    write(writer, { peer }) {
      if (peer !== undefined) writePeer(writer, peerAttribute, peer);
    },
    read(data, link) {
      readUnknown(data, link);
      if (link.parentIndex !== undefined) link.peerIndex = link.parentIndex;
      if (link.linkNetnsId !== undefined) link.peerNetnsId = link.linkNetnsId;
    },
    ...options,
  };
}
