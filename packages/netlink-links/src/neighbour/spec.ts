import type { UnknownAttribute } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { RouteProtocol } from '../route/numbers.js';
import type { NeighbourFamily, NeighbourFlag, NeighbourState } from './neighbour.js';

/** An entry to be made, changed or removed; one that was read will do. */
export interface NeighbourSpec {
  /** That of `dst` if left out; `'bridge'` for an entry of a forwarding database. */
  family?: NeighbourFamily | undefined;
  /** IP address; what a forwarding database has of it, a VXLAN's endpoint. */
  dst?: string | undefined;
  /** Link layer address; needed but for the flags `'proxy'`, `'managed'` and `'use'`, and when removing. */
  lladdr?: string | undefined;
  /** The link: by index, or (as `link`) by any reference. */
  ifindex?: number | undefined;
  link?: LinkReference | undefined;
  /** `'permanent'` if left out. */
  state?: NeighbourState | number | undefined;
  /** `['proxy']` answers for `dst` on behalf of another link. A forwarding database's entry is `['self']` if left out. */
  flags?: readonly NeighbourFlag[] | undefined;
  vlan?: number | undefined;
  vni?: number | undefined;
  sourceVni?: number | undefined;
  port?: number | undefined;
  viaIndex?: number | undefined;
  /** As read from the database of a bridge: means the flag `'master'`. */
  masterIndex?: number | undefined;
  protocol?: RouteProtocol | number | undefined;
  nexthopId?: number | undefined;
  /** As read: attributes that this package does not know. */
  unknown?: readonly UnknownAttribute[] | undefined;
}
