import { bool, i32, named, readOnly, u16, u32 } from '../../message/fields.js';
import {
  IFLA_NETKIT_HEADROOM,
  IFLA_NETKIT_MODE,
  IFLA_NETKIT_PEER_INFO,
  IFLA_NETKIT_PEER_POLICY,
  IFLA_NETKIT_PEER_SCRUB,
  IFLA_NETKIT_POLICY,
  IFLA_NETKIT_PRIMARY,
  IFLA_NETKIT_SCRUB,
  IFLA_NETKIT_TAILROOM,
  NETKIT_DROP,
  NETKIT_L2,
  NETKIT_L3,
  NETKIT_PASS,
  NETKIT_SCRUB_DEFAULT,
  NETKIT_SCRUB_NONE,
} from '../../uapi/if-link-kinds.js';
import type { LinkPeerSpec } from '../attributes/settings.js';
import { kindOfFields, type LinkKind } from './kind.js';
import { writePeer } from './peer.js';

/** What happens to packets that no BPF program decides on. */
export type NetkitPolicy = 'forward' | 'blackhole' | number;

/** A pair of links whose packets BPF programs decide on. Linux 6.7 and later. */
export interface NetkitAttributes {
  readonly mode?: 'l2' | 'l3' | number;
  readonly policy?: NetkitPolicy;
  readonly peerPolicy?: NetkitPolicy;
  readonly scrub?: 'none' | 'default' | number;
  readonly peerScrub?: 'none' | 'default' | number;
  readonly headroom?: number;
  readonly tailroom?: number;
  /** Told: whether this end is the one that programs are attached through. */
  readonly primary?: boolean;
  /** Index of the other end, in its namespace. */
  readonly peerIndex?: number;
  /** Identifier of the namespace of the other end, where it is another. */
  readonly peerNetnsId?: number;
  /** When adding a pair: what the other end is to be, and the namespace in which it is made. */
  readonly peer?: LinkPeerSpec;
}

const POLICIES = { forward: NETKIT_PASS, blackhole: NETKIT_DROP } as const;
const SCRUBS = { none: NETKIT_SCRUB_NONE, default: NETKIT_SCRUB_DEFAULT } as const;

/** `<linux/if_link.h>` of Linux 6.12, `IFLA_NETKIT_…` */
const plain = kindOfFields<NetkitAttributes>('netkit', {
  mode: named(u32(IFLA_NETKIT_MODE), { l2: NETKIT_L2, l3: NETKIT_L3 }),
  policy: named(i32(IFLA_NETKIT_POLICY), POLICIES),
  peerPolicy: named(i32(IFLA_NETKIT_PEER_POLICY), POLICIES),
  scrub: named(u32(IFLA_NETKIT_SCRUB), SCRUBS),
  peerScrub: named(u32(IFLA_NETKIT_PEER_SCRUB), SCRUBS),
  headroom: u16(IFLA_NETKIT_HEADROOM),
  tailroom: u16(IFLA_NETKIT_TAILROOM),
  primary: readOnly(bool(IFLA_NETKIT_PRIMARY)),
});

export const netkit: LinkKind<NetkitAttributes> = {
  kernelName: 'netkit',
  properties: ['peer', 'peerIndex', 'peerNetnsId', ...plain.properties],
  told: ['peerIndex', 'peerNetnsId', ...(plain.told ?? [])],
  synonyms: { peername: 'peer' },
  check: plain.check,
  write(writer, { peer, peerIndex: _, peerNetnsId: __, ...own }) {
    if (peer !== undefined) writePeer(writer, IFLA_NETKIT_PEER_INFO, peer);
    plain.write(writer, own);
  },
  read(data, link) {
    plain.read(data, link);
    if (link.parentIndex !== undefined) link.peerIndex = link.parentIndex;
    if (link.linkNetnsId !== undefined) link.peerNetnsId = link.linkNetnsId;
  },
};
