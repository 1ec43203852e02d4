import type { RouteEncap } from '../encap/encap.js';
import type { AddressFamily } from '../message/ip-address.js';
import type { Scope } from '../message/scope.js';
import type { UnknownAttribute } from '../message/unknown-attribute.js';
import type { RouteMetrics } from './metrics.js';
import type { RouteFlag, RoutePreference, RouteProtocol, RouteType } from './numbers.js';

/**
 * A route of the kernel. Everything that the kernel did not say is `undefined`. What was read can be given to
 * `routeAdd`, `routeReplace` and `routeDel` as it is.
 */
export interface Route {
  readonly family: AddressFamily;
  readonly type: RouteType | number;
  /** Destination with prefix length; the default route has `'0.0.0.0/0'` or `'::/0'`. */
  readonly dst: string;
  /** Source addresses that it is for (IPv6 only). */
  readonly src?: string | undefined;
  /** Address of the next router; of the other family where one is reached over the other. */
  readonly gateway?: string | undefined;
  /** Source address for connections that choose none. */
  readonly prefSrc?: string | undefined;
  /** Index of the link that packets leave by. */
  readonly oif?: number | undefined;
  /** Index of the link that packets come in by; in answers of `routeGet` only. */
  readonly iif?: number | undefined;
  readonly table: number;
  readonly protocol: RouteProtocol | number;
  readonly scope: Scope;
  /** What `ip` calls metric: the lowest wins. */
  readonly priority?: number | undefined;
  readonly tos: number;
  readonly flags: readonly RouteFlag[];
  readonly metrics?: RouteMetrics | undefined;
  /** Where there are several ways, `gateway` and `oif` are here instead. */
  readonly nexthops?: readonly Nexthop[] | undefined;
  readonly encap?: RouteEncap | undefined;
  /** IPv6 only. */
  readonly preference?: RoutePreference | number | undefined;
  /** Seconds until the kernel removes it, in steps of 1/100 (IPv6 only). */
  readonly expires?: number | undefined;
  /** Id of the nexthop object that it uses; ip-nexthop(8). */
  readonly nexthopId?: number | undefined;
  /** Realms, `from << 16 | to`. */
  readonly flow?: number | undefined;
  readonly mark?: number | undefined;
  readonly uid?: number | undefined;
  /** Attributes that this package does not know. They are written as they were read. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}

/** One of several ways to a destination. */
export interface Nexthop {
  readonly gateway?: string | undefined;
  /** Index of the link that packets leave by. */
  readonly oif?: number | undefined;
  /** How often it is chosen, relative to the others: 1 to 256. */
  readonly weight: number;
  readonly flags: readonly RouteFlag[];
  readonly encap?: RouteEncap | undefined;
  readonly flow?: number | undefined;
  /** Attributes that this package does not know. They are written as they were read. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}
