import { describeNetwork } from '../codec/describe-network.js';
import type { OperationIdentity } from '../errors.js';
import { ask, Operation } from '../operation.js';
import { acknowledged } from '../request.js';
import { checkRoute, describeRoute, isResolved, type RouteSpec, resolveRoute } from './route-spec.js';
import { routeMessage } from './write-route.js';

/** What sets the operations that write a route apart. */
export interface RouteAction {
  /** The function's name, `'routeAdd'`. */
  readonly name: string;
  /** `'add'` */
  readonly verb: string;
  /** `RTM_NEWROUTE` or `RTM_DELROUTE` */
  readonly type: number;
  /** Of the message; `NLM_F_ACK` included. */
  readonly flags: number;
  readonly removing: boolean;
}

/** The operation that does something with one route. */
export function routeOperation(action: RouteAction, spec: RouteSpec): Operation<void> {
  const route = checkRoute(spec, action.removing, action.name);
  const description = describeRoute(spec, route);
  const identity: OperationIdentity = {
    name: action.name,
    description: `${action.verb} route ${description}`,
    target: describeNetwork(route.dst),
  };
  if (isResolved(route)) return new Operation(identity, acknowledged(routeMessage(action.type, action.flags, route)));
  return new Operation(identity, function* () {
    const resolved = yield* resolveRoute(identity, route);
    yield* ask(acknowledged(routeMessage(action.type, action.flags, resolved)));
  });
}
