import type { MplsRoute } from '../mpls-route/mpls-route.js';
import { readMplsRoute } from '../mpls-route/read.js';
import { NLM_F_REPLACE } from '../uapi/netlink.js';
import { RTM_DELROUTE, RTM_NEWROUTE, RTNLGRP_LINK, RTNLGRP_MPLS_ROUTE } from '../uapi/rtnetlink.js';
import { LINK_STATE, watchLinks } from './link-state.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of the routes of MPLS. */
export type MplsRouteUpdate = Update<'route', MplsRoute> | Resync<'routes', MplsRoute>;

const topic = (): Topic<MplsRouteUpdate, MplsRoute> => {
  const linkEvent = watchLinks(LINK_STATE);
  return {
    name: 'mplsRouteSubscribe',
    groups: [RTNLGRP_MPLS_ROUTE, RTNLGRP_LINK],
    // The kernel changes the flags of routes, and takes one of several ways from them, without a word with their link.
    hasSilentEffects(bytes, start, end, type) {
      const what = linkEvent(bytes, start, end, type)?.what;
      return what === 'changed' || what === 'gone';
    },
    read(bytes, start, end, type, flags) {
      if (type !== RTM_NEWROUTE && type !== RTM_DELROUTE) return undefined;
      const route = readMplsRoute(bytes, start, end);
      if (route === undefined) return undefined;
      const message = { type, flags };
      if (type === RTM_DELROUTE) return { type: 'deleted', message, route };
      return { type: 'new', change: (flags & NLM_F_REPLACE) !== 0 ? 'replaced' : 'added', message, route };
    },
    list: (netlink) => netlink.mplsRouteList(),
    existing: (route) => ({ type: 'existing', route }),
    resync: (routes) => ({ type: 'resync', routes }),
  };
};

/**
 * Subscribes to changes of the routes of MPLS. Those that change with their link are told by a `resync`, since the kernel
 * says nothing of them.
 *
 * ```ts
 * for await (const update of mplsRouteSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function mplsRouteSubscribe(options: SubscribeOptions = {}): Subscription<MplsRouteUpdate> {
  return new Subscription(() => topic() as Topic<MplsRouteUpdate, unknown>, options);
}
