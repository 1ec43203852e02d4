import type { RouteEncap } from '../encap/encap.js';
import type { AddressFamily } from '../message/ip-address.js';
import type { Scope } from '../message/scope.js';
import type { UnknownAttribute, WithUnknown } from '../message/unknown-attribute.js';
import type { RouteFlag, RouteProtocol } from '../route/numbers.js';

/**
 * A nexthop object, which routes name by its id; ip-nexthop(8). What was read can be given to `nexthopAdd`,
 * `nexthopReplace` and `nexthopDel` as it is.
 */
export type NexthopObject = UnicastNexthop | BlackholeNexthop | NexthopGroup;

/** What all nexthop objects have. */
interface NexthopAttributes {
  /** 1 to 2³² - 1. */
  readonly id: number;
  /** Who made it. */
  readonly protocol: RouteProtocol | number;
  /** Of the gateway: the kernel tells it. */
  readonly scope: Scope;
  readonly flags: readonly RouteFlag[];
  /** Attributes that this package does not know. They are written as they were read. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}

/** A way to the next router, or to a VXLAN's endpoint. */
export interface UnicastNexthop extends NexthopAttributes {
  readonly type: 'unicast';
  readonly family: AddressFamily;
  /** Index of the link that packets leave by. */
  readonly oif?: number | undefined;
  /** Address of the next router; with `fdb` that of a VXLAN's endpoint. */
  readonly gateway?: string | undefined;
  readonly encap?: RouteEncap | undefined;
  /** Whether it is for the forwarding database of a VXLAN; it has no `oif` then. */
  readonly fdb?: boolean | undefined;
}

/** A nexthop that drops packets. */
export interface BlackholeNexthop extends NexthopAttributes {
  readonly type: 'blackhole';
  readonly family: AddressFamily;
}

/** Several nexthop objects, among which flows are spread. */
export interface NexthopGroup extends NexthopAttributes {
  readonly type: 'group';
  readonly family: 'none';
  readonly members: readonly NexthopMember[];
  /** Whether it is for the forwarding database of a VXLAN: all of its members are. */
  readonly fdb?: boolean | undefined;
  /** Absent where flows move to other members when one comes or goes. */
  readonly resilient?: ResilientGroup | undefined;
}

/** One of a group. */
export interface NexthopMember {
  /** Of a nexthop object. */
  readonly id: number;
  /** How often it is chosen, relative to the others: 1 to 256, to 65536 from Linux 6.12 on. */
  readonly weight: number;
}

/** How a resilient group keeps flows where they are. */
export interface ResilientGroup {
  /** How many buckets flows are hashed into: 1 to 65535. It cannot be changed. */
  readonly buckets: number;
  /** Seconds without a packet after which a bucket may move, in steps of 1/100. */
  readonly idleTimer: number;
  /** Seconds out of balance after which buckets move that are in use, in steps of 1/100; 0: never. */
  readonly unbalancedTimer: number;
  /** Seconds that it has been out of balance for. */
  readonly unbalancedTime: number;
}

/** A bucket of a resilient group. */
export interface NexthopBucket extends WithUnknown {
  /** Of the group. */
  readonly id: number;
  /** Which of the group's buckets: 0 is the first. */
  readonly index: number;
  /** Of the member that the bucket belongs to. */
  readonly nexthopId: number;
  /** Seconds since the last packet, in steps of 1/100. */
  readonly idleTime: number;
}
