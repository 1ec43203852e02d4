import type { WithUnknown } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { RouteFlag, RouteProtocol } from '../route/numbers.js';

/** Where packets with a label are to go next: `via`, `oif` or both. */
export interface MplsWaySpec extends WithUnknown {
  /** 1 to 30 labels, the outermost first, without 3; the label is taken away if left out. */
  readonly swapTo?: readonly number[] | undefined;
  /** Address of the next router, IPv4, IPv6 or Ethernet. */
  readonly via?: string | undefined;
  /** The link that packets leave by; that which leads to `via` if left out. `'lo'` delivers what is below the label here. */
  readonly oif?: LinkReference | undefined;
}

/** One of several ways. */
export interface MplsNexthopSpec extends MplsWaySpec {
  /**
   * 1 to 256; the kernel has no other than 1 yet.
   *
   * @default 1
   */
  readonly weight?: number | undefined;
  /** Those that tell of state are left out. */
  readonly flags?: readonly RouteFlag[] | undefined;
}

/** A route of MPLS to be made, or removed: by its label. */
export interface MplsRouteSpec extends MplsWaySpec {
  /** From 16 on, and below the sysctl `net.mpls.platform_labels`, which is 0 until it is set. */
  readonly label: number;
  /** Several ways, in place of `swapTo`, `via` and `oif`. */
  readonly nexthops?: readonly MplsNexthopSpec[] | undefined;
  /** @default 'boot' */
  readonly protocol?: RouteProtocol | number | undefined;
  /**
   * Whether the time to live of the label goes into the packet when the last label is taken away.
   *
   * @default what the sysctl `net.mpls.ip_ttl_propagate` says
   */
  readonly ttlPropagate?: boolean | undefined;
}
