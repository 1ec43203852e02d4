import { AF_INET } from 'netns-core/sys';
import { readRoute } from '../route/read.js';
import type { Route } from '../route/route.js';
import { NLM_F_APPEND, NLM_F_REPLACE } from '../uapi/netlink.js';
import {
  RTM_DELADDR,
  RTM_DELNEXTHOP,
  RTM_DELROUTE,
  RTM_NEWROUTE,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_LINK,
  RTNLGRP_NEXTHOP,
} from '../uapi/rtnetlink.js';
import { watchLinkState } from './link-state.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of routes. */
export type RouteUpdate = Update<'route', Route> | Resync<'routes', Route>;

const topic = (): Topic<RouteUpdate, Route> => {
  const linkStateChanges = watchLinkState();
  return {
    name: 'routeSubscribe',
    groups: [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR],
    newerGroups: [RTNLGRP_NEXTHOP],
    // The kernel changes IPv4 routes and takes them away without a word when their link goes down or loses its carrier,
    // or when their address or nexthop object goes.
    hasSilentEffects(bytes, start, end, type) {
      if (type === RTM_DELNEXTHOP) return true;
      if (type === RTM_DELADDR) return bytes.u8[start] === AF_INET;
      return linkStateChanges(bytes, start, end, type);
    },
    read(bytes, start, end, type, flags) {
      if (type !== RTM_NEWROUTE && type !== RTM_DELROUTE) return undefined;
      const route = readRoute(bytes, start, end);
      if (route === undefined) return undefined;
      const message = { type, flags };
      return type === RTM_NEWROUTE
        ? { type: 'new', change: changeOf(flags), message, route }
        : { type: 'deleted', message, route };
    },
    list: (netlink) => netlink.routeList({ table: 'all' }),
    existing: (route) => ({ type: 'existing', route }),
    resync: (routes) => ({ type: 'resync', routes }),
  };
};

/** What the flags of a message that tells of a route mean. */
function changeOf(flags: number): 'added' | 'replaced' | 'appended' {
  if ((flags & NLM_F_REPLACE) !== 0) return 'replaced';
  return (flags & NLM_F_APPEND) !== 0 ? 'appended' : 'added';
}

/**
 * Subscribes to changes of routes. IPv4 routes that change or go with their link, address or nexthop object are told by a
 * `resync`, since the kernel says nothing of them.
 *
 * ```ts
 * for await (const update of routeSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function routeSubscribe(options: SubscribeOptions = {}): Subscription<RouteUpdate> {
  return new Subscription(() => topic() as Topic<RouteUpdate, unknown>, options);
}
