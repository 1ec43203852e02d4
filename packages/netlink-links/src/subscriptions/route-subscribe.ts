import { Netlink } from '../netlink.js';
import { readRoute } from '../routes/read-route.js';
import type { Route } from '../routes/route.js';
import { RTM_DELROUTE, RTM_NEWROUTE, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE } from '../uapi/rtnetlink.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of routes. */
export type RouteUpdate = Update<'route', Route> | Resync<'routes', Route>;

const TOPIC: Topic<RouteUpdate, Route> = {
  groups: [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE],
  read(bytes, start, end, type) {
    if (type !== RTM_NEWROUTE && type !== RTM_DELROUTE) return undefined;
    const route = readRoute(bytes, start, end);
    return route === undefined ? undefined : { type: type === RTM_NEWROUTE ? 'new' : 'deleted', route };
  },
  list: (netlink) => netlink.routeList({ table: 'all' }),
  existing: (route) => ({ type: 'existing', route }),
  resync: (routes) => ({ type: 'resync', routes }),
};

/**
 * Subscribes to changes of routes.
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
