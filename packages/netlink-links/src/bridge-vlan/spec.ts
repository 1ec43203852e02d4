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
  /**
   * Identifier of the VXLAN that the VLAN is mapped to, 24 bits; of a range that of the first VLAN, the others follow.
   * The port must be a tunnel (`vlan_tunnel`). A mapping goes with its VLAN.
   */
  tunnelId?: number | undefined;
  /** `true` for the bridge itself, whose own traffic it is then; a port is meant otherwise. */
  self?: boolean | undefined;
}
