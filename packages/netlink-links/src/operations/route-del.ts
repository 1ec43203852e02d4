import type { Operation } from '../operation.js';
import { type RouteAction, routeOperation } from '../routes/route-operation.js';
import type { RouteSpec } from '../routes/route-spec.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTM_DELROUTE } from '../uapi/rtnetlink.js';

const ACTION: RouteAction = {
  name: 'routeDel',
  verb: 'remove',
  type: RTM_DELROUTE,
  flags: NLM_F_ACK,
  removing: true,
};

/**
 * Removes the first route that has all that is given: the destination in any case, and the table, which is `'main'`
 * if left out. What else is left out does not matter.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function routeDel(route: RouteSpec): Operation<void> {
  return routeOperation(ACTION, route);
}
