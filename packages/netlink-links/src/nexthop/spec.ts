import type { RouteEncap } from '../encap/encap.js';
import type { AddressFamily } from '../message/ip-address.js';
import type { UnknownAttribute } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { RouteFlag, RouteProtocol } from '../route/numbers.js';
import type { NexthopMember, ResilientGroup } from './nexthop.js';

/** A nexthop object to be made; one that was read will do. */
export interface NexthopObjectSpec {
  /** 1 to 2³² - 1. `nexthopAdd` has the kernel choose one if it is left out. */
  readonly id?: number | undefined;
  /** `'group'` if there are `members`, `'unicast'` otherwise. */
  readonly type?: 'unicast' | 'blackhole' | 'group' | undefined;
  /** Needed only where no gateway tells it: `'ipv4'` otherwise. */
  readonly family?: AddressFamily | 'none' | undefined;
  /** The link that packets leave by. */
  readonly oif?: LinkReference | undefined;
  /** Address of the next router; with `fdb` that of a VXLAN's endpoint. */
  readonly gateway?: string | undefined;
  readonly encap?: RouteEncap | undefined;
  /** For the forwarding database of a VXLAN: a `gateway` alone, or a group of such nexthops. */
  readonly fdb?: boolean | undefined;
  /** Of a group: other nexthop objects, each once. */
  readonly members?: readonly NexthopMemberSpec[] | undefined;
  /** A group that keeps flows where they are; with `buckets` when it is made. */
  readonly resilient?: ResilientGroupSpec | undefined;
  /** `'unspec'`, as with `ip nexthop`. */
  readonly protocol?: RouteProtocol | number | undefined;
  /** `['onlink']`: the gateway is reached over the link even if no address of it says so. */
  readonly flags?: readonly RouteFlag[] | undefined;
  /** As read: attributes that this package does not know. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}

/** One of a group. */
export interface NexthopMemberSpec extends Omit<NexthopMember, 'weight'> {
  /** 1 to 256, to 65536 from Linux 6.12 on; 1 if left out. */
  readonly weight?: number | undefined;
}

/** How a resilient group keeps flows where they are. */
export interface ResilientGroupSpec {
  /** 1 to 65535. It is needed to make a group, and cannot be changed. */
  readonly buckets?: ResilientGroup['buckets'] | undefined;
  /** Seconds without a packet after which a bucket may move, in steps of 1/100; 120 if left out. */
  readonly idleTimer?: ResilientGroup['idleTimer'] | undefined;
  /** Seconds out of balance after which buckets move that are in use, in steps of 1/100; 0, never, if left out. */
  readonly unbalancedTimer?: ResilientGroup['unbalancedTimer'] | undefined;
}
