import { writeLinkHeader } from '../links/link-reference.js';
import type { LinkPeerSpec } from '../links/link-spec.js';
import { writeCommonAttributes } from '../links/write-link.js';
import type { LinkKind } from './kind.js';

/** `<linux/veth.h>` */
const VETH_INFO_PEER = 1;

/** One end of a pair of virtual Ethernet devices: what is sent into one comes out of the other. */
export interface VethAttributes {
  /** Index of the other end, in its namespace. */
  peerIndex?: number;
  /** Identifier (as `nsidGet` gives it) of the namespace of the other end, where it is another. */
  peerNetnsId?: number;
  /** When adding a pair: what the other end is to be, and the namespace in which it is made. */
  peer?: LinkPeerSpec;
}

export const veth: LinkKind<VethAttributes> = {
  kernelName: 'veth',
  encode(writer, { peer }) {
    if (peer === undefined) return;
    writer.nest(VETH_INFO_PEER, (nested) => {
      writeLinkHeader(nested, peer.index ?? 0);
      writeCommonAttributes(nested, peer);
    });
  },
  decode(_data, link) {
    if (link.parentIndex !== undefined) link.peerIndex = link.parentIndex;
    if (link.linkNetnsId !== undefined) link.peerNetnsId = link.linkNetnsId;
  },
};
