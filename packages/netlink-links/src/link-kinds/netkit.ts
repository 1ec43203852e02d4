import type { LinkPeerSpec } from '../links/link-spec.js';
import { bool, i32, named, readOnly, u16, u32 } from './fields.js';
import { kindOfFields, type LinkKind } from './kind.js';
import { writePeer } from './peer.js';

/** What happens to packets that no BPF program decides on. */
export type NetkitPolicy = 'forward' | 'blackhole' | number;

/** A pair of links whose packets BPF programs decide on. Linux 6.7 and later. */
export interface NetkitAttributes {
  mode?: 'l2' | 'l3' | number;
  policy?: NetkitPolicy;
  peerPolicy?: NetkitPolicy;
  scrub?: 'none' | 'default' | number;
  peerScrub?: 'none' | 'default' | number;
  headroom?: number;
  tailroom?: number;
  /** Told: whether this end is the one that programs are attached through. */
  primary?: boolean;
  /** Index of the other end, in its namespace. */
  peerIndex?: number;
  /** Identifier of the namespace of the other end, where it is another. */
  peerNetnsId?: number;
  /** When adding a pair: what the other end is to be, and the namespace in which it is made. */
  peer?: LinkPeerSpec;
}

/** `<linux/if_link.h>` of Linux 6.12, `IFLA_NETKIT_…` */
const PEER_INFO = 1;
const POLICIES = { forward: 0, blackhole: 2 } as const;
const SCRUBS = { none: 0, default: 1 } as const;

const plain = kindOfFields<NetkitAttributes>('netkit', {
  mode: named(u32(5), { l2: 0, l3: 1 }),
  policy: named(i32(3), POLICIES),
  peerPolicy: named(i32(4), POLICIES),
  scrub: named(u32(6), SCRUBS),
  peerScrub: named(u32(7), SCRUBS),
  headroom: u16(8),
  tailroom: u16(9),
  primary: readOnly(bool(2)),
});

export const netkit: LinkKind<NetkitAttributes> = {
  kernelName: 'netkit',
  properties: ['peer', 'peerIndex', 'peerNetnsId', ...plain.properties],
  told: ['peerIndex', 'peerNetnsId', ...(plain.told ?? [])],
  synonyms: { peername: 'peer' },
  encode(writer, { peer, peerIndex: _, peerNetnsId: __, ...own }) {
    if (peer !== undefined) writePeer(writer, PEER_INFO, peer);
    plain.encode(writer, own);
  },
  decode(data, link) {
    plain.decode(data, link);
    if (link.parentIndex !== undefined) link.peerIndex = link.parentIndex;
    if (link.linkNetnsId !== undefined) link.peerNetnsId = link.linkNetnsId;
  },
};
