import type { WithUnknown } from '../message/unknown-attribute.js';
import type { RouteFlag, RouteProtocol } from '../route/numbers.js';

/** Where packets with a label go next. */
export interface MplsWay extends WithUnknown {
  /** The labels that take the place of the one that a packet came with, the outermost first; absent where it is taken away. */
  readonly swapTo?: readonly number[] | undefined;
  /** Address of the next router, IPv4, IPv6 or Ethernet (`'02:00:00:00:00:01'`); absent where there is none, as over `lo`. */
  readonly via?: string | undefined;
  /** Index of the link that packets leave by. */
  readonly oif?: number | undefined;
}

/** One of several ways. */
export interface MplsNexthop extends MplsWay {
  /** 1 to 256; the kernel has no other than 1 yet. */
  readonly weight: number;
  readonly flags: readonly RouteFlag[];
}

/**
 * What a label means to the kernel: a route of MPLS. What was read can be given to `mplsRouteAdd`, `mplsRouteReplace` and
 * `mplsRouteDel` as it is.
 */
export interface MplsRoute extends MplsWay {
  /** The label that packets come with. */
  readonly label: number;
  /** Where there are several ways; `swapTo`, `via` and `oif` are in each of them then. */
  readonly nexthops?: readonly MplsNexthop[] | undefined;
  readonly protocol: RouteProtocol | number;
  /** Told: `'dead'`, `'linkdown'`. */
  readonly flags: readonly RouteFlag[];
  /**
   * Whether the time to live of the label goes into the packet when the last label is taken away; absent where the sysctl
   * `net.mpls.ip_ttl_propagate` decides.
   */
  readonly ttlPropagate?: boolean | undefined;
}
