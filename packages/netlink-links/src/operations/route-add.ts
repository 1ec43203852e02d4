import type { Operation } from '../operation.js';
import { type RouteAction, routeOperation } from '../routes/route-operation.js';
import type { RouteSpec } from '../routes/route-spec.js';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.js';
import { RTM_NEWROUTE } from '../uapi/rtnetlink.js';

const ACTION: RouteAction = {
  name: 'routeAdd',
  verb: 'add',
  type: RTM_NEWROUTE,
  flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
  removing: false,
};

/**
 * Adds a route. That there is one with the same destination, TOS, metric and table already is an error, `EEXIST`.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function routeAdd(route: RouteSpec): Operation<void> {
  return routeOperation(ACTION, route);
}
