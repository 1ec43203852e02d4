import type { LinkReference } from '../operation/link-reference.js';

/** A VLAN, or a range of them, to be added to a port or removed from it. */
export interface BridgeVlanSpec {
  /** The port, or the bridge itself: by index, or (as `link`) by any reference. */
  ifindex?: number | undefined;
  link?: LinkReference | undefined;
  vid: number;
  /** Last of a range that begins with `vid`. */
  vidEnd?: number | undefined;
  /** One VLAN only can be that of untagged packets, so no range can. */
  pvid?: boolean | undefined;
  untagged?: boolean | undefined;
  /** `true` for the bridge itself, whose own traffic it is then; a port is meant otherwise. */
  self?: boolean | undefined;
}
