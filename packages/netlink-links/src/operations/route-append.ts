import type { Operation } from '../operation.js';
import { type RouteAction, routeOperation } from '../routes/route-operation.js';
import type { RouteSpec } from '../routes/route-spec.js';
import { NLM_F_ACK, NLM_F_APPEND, NLM_F_CREATE } from '../uapi/netlink.js';
import { RTM_NEWROUTE } from '../uapi/rtnetlink.js';

const ACTION: RouteAction = {
  name: 'routeAppend',
  verb: 'append',
  type: RTM_NEWROUTE,
  flags: NLM_F_ACK | NLM_F_APPEND | NLM_F_CREATE,
  removing: false,
};

/**
 * Adds a route behind those with the same destination, TOS, metric and table; in IPv6 they become one with several
 * nexthops.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function routeAppend(route: RouteSpec): Operation<void> {
  return routeOperation(ACTION, route);
}
