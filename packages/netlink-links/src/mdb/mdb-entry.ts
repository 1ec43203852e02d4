import type { UnknownAttribute } from '../message/unknown-attribute.js';
import type { RouteProtocol } from '../route/numbers.js';

/** A flag of a group, as `bridge mdb` calls it; the bit itself where it has no name here. */
export type MdbFlag = (typeof MDB_FLAGS)[number] | number;

/** `MDB_FLAGS_…` of `<linux/if_bridge.h>`, in the order of their bits. */
export const MDB_FLAGS = ['offload', 'fast_leave', 'added_by_star_ex', 'blocked', 'offload_failed'] as const;

/** A multicast group of a port of a bridge, or of a remote end of a VXLAN (Linux 6.4 and later). */
export interface MdbEntry {
  /** Index of the bridge or VXLAN. */
  readonly ifindex: number;
  /** Index of the port; that of the bridge itself for a group that the host has joined. */
  readonly portIndex: number;
  /** The group: an IP address, or a link layer address. */
  readonly group: string;
  /** The only sender that it is for. */
  readonly source?: string;
  readonly vid?: number;
  /** Whether it stays (`'permanent'`) or ends after a time. */
  readonly state: 'temporary' | 'permanent' | number;
  /** Whether frames of `sources` alone are received, or of all others; of groups with IGMPv3 and MLDv2. */
  readonly filterMode?: 'include' | 'exclude' | number;
  readonly sources?: readonly string[];
  readonly protocol?: RouteProtocol | number;
  /** Of a VXLAN: the endpoint that gets the frames. */
  readonly dst?: string;
  /** Of a VXLAN: the UDP port of the endpoint. */
  readonly dstPort?: number;
  /** Of a VXLAN: the identifier that frames are sent with. */
  readonly vni?: number;
  /** Of a VXLAN with many identifiers: the one that the entry belongs to. */
  readonly sourceVni?: number;
  /** Of a VXLAN: index of the link by which the endpoint is reached. */
  readonly viaIndex?: number;
  /** Told. */
  readonly flags: readonly MdbFlag[];
  /** Told: seconds until a temporary one ends. */
  readonly timer?: number;
  /** Attributes that this package does not know. They cannot be given back. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}
