import { VETH_INFO_PEER } from '../../uapi/veth.js';
import type { LinkPeerSpec } from '../attributes/settings.js';
import { type LinkKind, readUnknown } from './kind.js';
import { writePeer } from './peer.js';

/** One end of a pair of virtual Ethernet devices: what is sent into one comes out of the other. */
export interface VethAttributes {
  /** Index of the other end, in its namespace. */
  readonly peerIndex?: number;
  /** Identifier (as `nsidGet` gives it) of the namespace of the other end, where it is another. */
  readonly peerNetnsId?: number;
  /** When adding a pair: what the other end is to be, and the namespace in which it is made. */
  readonly peer?: LinkPeerSpec;
}

export const veth: LinkKind<VethAttributes> = {
  kernelName: 'veth',
  properties: ['peer', 'peerIndex', 'peerNetnsId'],
  told: ['peerIndex', 'peerNetnsId'],
  synonyms: { peername: 'peer' },
  check() {},
  write(writer, { peer }) {
    if (peer !== undefined) writePeer(writer, VETH_INFO_PEER, peer);
  },
  read(data, link) {
    readUnknown(data, link);
    if (link.parentIndex !== undefined) link.peerIndex = link.parentIndex;
    if (link.linkNetnsId !== undefined) link.peerNetnsId = link.linkNetnsId;
  },
};
