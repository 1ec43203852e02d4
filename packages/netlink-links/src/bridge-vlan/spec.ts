import type { BridgePortState } from '../link/ports/index.js';
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

/** The mapping of a VLAN, or of a range of them, to identifiers of a VXLAN, to be removed; a VLAN that was read will do. */
export interface BridgeVlanTunnelSpec {
  /** The port: by index, or (as `link`) by any reference. */
  ifindex?: number | undefined;
  link?: LinkReference | undefined;
  vid: number;
  /** Last of a range that begins with `vid`. */
  vidEnd?: number | undefined;
  /** The identifier that the VLAN, or the first of the range, is mapped to. */
  tunnelId: number;
  /** Told of the VLAN. */
  pvid?: boolean | undefined;
  untagged?: boolean | undefined;
  self?: boolean | undefined;
}

/** What is to be set of a VLAN, or of a range of them, of a port; a VLAN that was read will do beside it. */
export interface BridgeVlanSettings {
  /** The port, or the bridge itself: by index, or (as `link`) by any reference. */
  ifindex?: number | undefined;
  link?: LinkReference | undefined;
  vid: number;
  /** Last of a range that begins with `vid`. */
  vidEnd?: number | undefined;
  /** The state of spanning tree that the port is in for the VLAN. Without spanning tree of the kernel's own. */
  state?: BridgePortState | undefined;
  /** Whether there are routers of multicast behind the port: 0 never, 1 if they are heard, 2 always, 3 for a time. */
  multicastRouter?: number | undefined;
  /** Whether requests for addresses are answered here in place of being sent on. Linux 6.4; older kernels ignore it. */
  neighSuppress?: boolean | undefined;
  /** Told of the VLAN. */
  pvid?: boolean | undefined;
  untagged?: boolean | undefined;
  self?: boolean | undefined;
  tunnelId?: number | undefined;
}
