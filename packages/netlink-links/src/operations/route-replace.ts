import type { Operation } from '../operation.js';
import { type RouteAction, routeOperation } from '../routes/route-operation.js';
import type { RouteSpec } from '../routes/route-spec.js';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_REPLACE } from '../uapi/netlink.js';
import { RTM_NEWROUTE } from '../uapi/rtnetlink.js';

const ACTION: RouteAction = {
  name: 'routeReplace',
  verb: 'replace',
  type: RTM_NEWROUTE,
  flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE,
  removing: false,
};

/**
 * Puts a route in the place of the one with the same destination, TOS, metric and table, or adds it if there is none.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function routeReplace(route: RouteSpec): Operation<void> {
  return routeOperation(ACTION, route);
}
