import type { AddressFamily } from '../message/ip-address.js';
import type { UnknownAttribute } from '../message/unknown-attribute.js';
import type { RouteProtocol } from '../route/numbers.js';

/** Families that have neighbours: those of IP, and the forwarding databases of bridges and VXLANs. */
export type NeighbourFamily = AddressFamily | 'bridge';

/** How well a neighbour is known, `NUD_…` of `<linux/neighbour.h>` in small letters. */
export type NeighbourState =
  | 'none'
  | 'incomplete'
  | 'reachable'
  | 'stale'
  | 'delay'
  | 'probe'
  | 'failed'
  | 'noarp'
  | 'permanent';

/**
 * `NTF_…` of `<linux/neighbour.h>`, with the names that `ip neighbour` and `bridge fdb` give them; the bit itself where
 * it has no name here, extended flags (`NTF_EXT_…`) from the ninth bit on.
 */
export type NeighbourFlag = (typeof NEIGHBOUR_FLAGS)[number] | number;

/** In the order of their bits. */
export const NEIGHBOUR_FLAGS = [
  'use',
  'self',
  'master',
  'proxy',
  'extern_learn',
  'offload',
  'sticky',
  'router',
  'managed',
  'locked',
  'extern_valid',
] as const;

/** An entry of a neighbour table, or of a forwarding database. */
export interface Neighbour {
  readonly family: NeighbourFamily;
  /** IP address of the neighbour; in a VXLAN's database, of the endpoint behind which it is. */
  readonly dst?: string;
  /** Its link layer address. */
  readonly lladdr?: string;
  readonly ifindex: number;
  readonly state: NeighbourState | number;
  readonly flags: readonly NeighbourFlag[];
  /** Index of the bridge, in a bridge's database. */
  readonly masterIndex?: number;
  readonly vlan?: number;
  readonly vni?: number;
  readonly sourceVni?: number;
  /** UDP port of a VXLAN endpoint, where it is not the device's own. */
  readonly port?: number;
  /** Index of the link by which a VXLAN endpoint is reached. */
  readonly viaIndex?: number;
  /** Identifier of the namespace in which `viaIndex` counts, where the VXLAN has been moved to another. */
  readonly linkNetnsId?: number;
  readonly protocol?: RouteProtocol | number;
  readonly nexthopId?: number;
  /** Requests sent that were not answered. */
  readonly probes?: number;
  /** Seconds, in steps of 1/100, since the entry was last confirmed, used and updated. */
  readonly age?: { readonly confirmed: number; readonly used: number; readonly updated: number };
  /** Attributes that this package does not know. They are written as they were read. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}
