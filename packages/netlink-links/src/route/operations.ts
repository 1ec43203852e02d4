import { type Opened, openingPrograms } from '../encap/encap.js';
import { describeNetwork } from '../message/ip-address.js';
import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import type { Operation } from '../operation/operation.js';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.js';
import { RTM_DELROUTE, RTM_NEWROUTE } from '../uapi/rtnetlink.js';
import { type CheckedRoute, checkRoute, describeRoute, isResolved, type ResolvedRoute, resolveRoute } from './check.js';
import type { RouteSpec } from './spec.js';
import { writeRoute } from './write.js';

const ADD: ChangeAction = { name: 'routeAdd', verb: 'add', type: RTM_NEWROUTE, flags: NLM_F_CREATE | NLM_F_EXCL };
const APPEND: ChangeAction = {
  name: 'routeAppend',
  verb: 'append',
  type: RTM_NEWROUTE,
  flags: NLM_F_APPEND | NLM_F_CREATE,
};
const CHANGE: ChangeAction = { name: 'routeChange', verb: 'change', type: RTM_NEWROUTE, flags: NLM_F_REPLACE };
const REPLACE: ChangeAction = {
  name: 'routeReplace',
  verb: 'replace',
  type: RTM_NEWROUTE,
  flags: NLM_F_CREATE | NLM_F_REPLACE,
};
const DELETE: ChangeAction = { name: 'routeDel', verb: 'remove', type: RTM_DELROUTE, removing: true };

function withEncaps(route: CheckedRoute, opened: Opened): CheckedRoute {
  return {
    ...route,
    way: { ...route.way, encap: opened(route.way.encap) },
    nexthops: route.nexthops?.map((nexthop) => ({ ...nexthop, encap: opened(nexthop.encap) })),
  };
}

function changeRoute(action: ChangeAction, spec: RouteSpec): Operation<void> {
  const checked = checkRoute(action.name, spec, action.removing === true);
  const encaps = [checked.way, ...(checked.nexthops ?? [])].map(({ encap }) => encap);
  return openingPrograms(encaps, (opened) => {
    const route = opened === undefined ? checked : withEncaps(checked, opened);
    return changeOperation<ResolvedRoute>(action, {
      description: `route ${describeRoute(spec, route)}`,
      target: describeNetwork(route.dst),
      module: encaps.find((encap) => encap?.module !== undefined)?.module,
      known: isResolved(route) ? route : undefined,
      resolve: (identity) => resolveRoute(identity, route),
      write: writeRoute,
    });
  });
}

/**
 * Adds a route. That there is one with the same destination, TOS, metric and table already is an error, `EEXIST`.
 *
 * @throws InvalidOptionError for a route that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function routeAdd(route: RouteSpec): Operation<void> {
  return changeRoute(ADD, route);
}

/**
 * Adds a route behind those with the same destination, TOS, metric and table; in IPv6 they become one with several
 * nexthops.
 *
 * @throws InvalidOptionError for a route that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function routeAppend(route: RouteSpec): Operation<void> {
  return changeRoute(APPEND, route);
}

/**
 * Puts a route in the place of the one with the same destination, TOS, metric and table, or adds it if there is none.
 *
 * @throws InvalidOptionError for a route that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function routeReplace(route: RouteSpec): Operation<void> {
  return changeRoute(REPLACE, route);
}

/**
 * Puts a route in the place of the one with the same destination, TOS, metric and table. That there is none is an error,
 * `ENOENT`.
 *
 * @throws InvalidOptionError for a route that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function routeChange(route: RouteSpec): Operation<void> {
  return changeRoute(CHANGE, route);
}

/**
 * Removes the first route that has all that is given: the destination in any case, and the table, which is `'main'`
 * if left out. What else is left out does not matter.
 *
 * @throws InvalidOptionError for a route that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function routeDel(route: RouteSpec): Operation<void> {
  return changeRoute(DELETE, route);
}
