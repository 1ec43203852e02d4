import type { RouteEncap } from '../encap/encap.js';
import type { AddressFamily } from '../message/ip-address.js';
import type { Scope } from '../message/scope.js';
import type { UnknownAttribute } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { RouteMetrics } from './metrics.js';
import type { RouteFlag, RoutePreference, RouteProtocol, RouteType } from './numbers.js';
import type { RouteTable } from './table.js';

/**
 * A route to be made, or removed. Only the destination is needed, and a way there; a route as it was read will do.
 * What is left out gets what `ip route` gives it.
 */
export interface RouteSpec {
  /** Needed only where no address tells it: for `'default'` over a link alone, it is IPv4 otherwise. */
  readonly family?: AddressFamily | undefined;
  /** `'unicast'`. */
  readonly type?: RouteType | number | undefined;
  /** `'198.51.100.0/24'`, `'2001:db8::1'`, `'default'`. */
  readonly dst: string;
  /** Source addresses that it is for (IPv6 only, and only where the kernel has subtrees). */
  readonly src?: string | undefined;
  readonly gateway?: string | undefined;
  readonly prefSrc?: string | undefined;
  /** The link that packets leave by. */
  readonly oif?: LinkReference | undefined;
  /** `'main'`; the table `'local'` for types that belong there. */
  readonly table?: RouteTable | undefined;
  /** `'boot'`. */
  readonly protocol?: RouteProtocol | number | undefined;
  readonly scope?: Scope | undefined;
  /** What `ip` calls metric. */
  readonly priority?: number | undefined;
  readonly tos?: number | undefined;
  /** `['onlink']`: the gateway is reached over the link even if no address of it says so. */
  readonly flags?: readonly RouteFlag[] | undefined;
  readonly metrics?: RouteMetrics | undefined;
  /** Several ways, in place of `gateway` and `oif`. */
  readonly nexthops?: readonly NexthopSpec[] | undefined;
  readonly encap?: RouteEncap | undefined;
  readonly preference?: RoutePreference | number | undefined;
  /** Seconds after which the kernel removes it (IPv6 only). */
  readonly expires?: number | undefined;
  /** Id of a nexthop object, ip-nexthop(8). It stands for `gateway`, `oif` and `nexthops`, which are ignored beside it. */
  readonly nexthopId?: number | undefined;
  readonly flow?: number | undefined;
  /** As read: attributes that this package does not know. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}

/** One of several ways. */
export interface NexthopSpec {
  readonly gateway?: string | undefined;
  readonly oif?: LinkReference | undefined;
  /** 1 to 256; 1 if left out. */
  readonly weight?: number | undefined;
  readonly flags?: readonly RouteFlag[] | undefined;
  readonly encap?: RouteEncap | undefined;
  readonly flow?: number | undefined;
  /** As read: attributes that this package does not know. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}
