import { AF_INET } from 'netns-core/sys';
import { Netlink } from '../netlink/netlink.js';
import { readRoute } from '../route/read.js';
import type { Route } from '../route/route.js';
import { IFF_UP } from '../uapi/if.js';
import { NLM_F_APPEND, NLM_F_REPLACE } from '../uapi/netlink.js';
import {
  IFINFOMSG_SIZE,
  NEW_LINK,
  RTM_DELADDR,
  RTM_DELNEXTHOP,
  RTM_DELROUTE,
  RTM_NEWLINK,
  RTM_NEWROUTE,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_LINK,
  RTNLGRP_NEXTHOP,
} from '../uapi/rtnetlink.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of routes. */
export type RouteUpdate = Update<'route', Route> | Resync<'routes', Route>;

const TOPIC: Topic<RouteUpdate, Route> = {
  name: 'routeSubscribe',
  groups: [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR],
  newerGroups: [RTNLGRP_NEXTHOP],
  // The kernel takes IPv4 routes away without a word when their link goes down, or their address or nexthop object.
  takesAway(bytes, start, end, type) {
    if (type === RTM_DELNEXTHOP) return true;
    if (type === RTM_DELADDR) return bytes.u8[start] === AF_INET;
    if (type !== RTM_NEWLINK || end - start < IFINFOMSG_SIZE) return false;
    const flags = bytes.u32[(start + 8) >> 2] ?? 0;
    const changed = bytes.u32[(start + 12) >> 2] ?? 0;
    return changed !== NEW_LINK && (changed & IFF_UP) !== 0 && (flags & IFF_UP) === 0;
  },
  read(bytes, start, end, type, flags) {
    if (type !== RTM_NEWROUTE && type !== RTM_DELROUTE) return undefined;
    const route = readRoute(bytes, start, end);
    if (route === undefined) return undefined;
    return type === RTM_NEWROUTE ? { type: 'new', change: changeOf(flags), route } : { type: 'deleted', route };
  },
  list: (netlink) => netlink.routeList({ table: 'all' }),
  existing: (route) => ({ type: 'existing', route }),
  resync: (routes) => ({ type: 'resync', routes }),
};

/** What the flags of a message that tells of a route mean. */
function changeOf(flags: number): 'added' | 'replaced' | 'appended' {
  if ((flags & NLM_F_REPLACE) !== 0) return 'replaced';
  return (flags & NLM_F_APPEND) !== 0 ? 'appended' : 'added';
}

/**
 * Subscribes to changes of routes. IPv4 routes that go with their link, address or nexthop object are told by a
 * `resync`, since the kernel says nothing of them.
 *
 * ```ts
 * for await (const update of routeSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`
 */
export function routeSubscribe(options: SubscribeOptions = {}): Subscription<RouteUpdate> {
  return new Subscription(TOPIC as Topic<RouteUpdate, unknown>, options, (namespace) => Netlink.open(namespace));
}
