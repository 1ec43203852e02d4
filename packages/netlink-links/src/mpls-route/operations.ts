import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import type { Operation } from '../operation/operation.js';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.js';
import { RTM_DELROUTE, RTM_NEWROUTE } from '../uapi/rtnetlink.js';
import { type CheckedMplsRoute, checkMplsRoute, describeMplsRoute, isResolved, resolveMplsRoute } from './check.js';
import type { MplsRouteSpec } from './spec.js';
import { writeMplsHeader, writeMplsRoute } from './write.js';

const ADD: ChangeAction = { name: 'mplsRouteAdd', verb: 'add', type: RTM_NEWROUTE, flags: NLM_F_CREATE | NLM_F_EXCL };
const REPLACE: ChangeAction = {
  name: 'mplsRouteReplace',
  verb: 'replace',
  type: RTM_NEWROUTE,
  flags: NLM_F_CREATE | NLM_F_REPLACE,
};
const DELETE: ChangeAction = { name: 'mplsRouteDel', verb: 'remove', type: RTM_DELROUTE, removing: true };

/** What the kernel has to have. */
const MODULE = 'mpls_router';

function changeMplsRoute(action: ChangeAction, spec: MplsRouteSpec): Operation<void> {
  const removing = action.removing === true;
  const route = checkMplsRoute(action.name, spec, removing);
  const subject = {
    description: `MPLS route ${removing ? route.label : describeMplsRoute(spec)}`,
    target: String(route.label),
    module: MODULE,
  };
  // The kernel knows a route by its label, and looks at nothing else of one that is to go.
  if (removing) return changeOperation<number>(action, { ...subject, known: route.label, write: writeMplsHeader });
  return changeOperation<CheckedMplsRoute<number>>(action, {
    ...subject,
    known: isResolved(route) ? route : undefined,
    resolve: (identity) => resolveMplsRoute(identity, route),
    write: writeMplsRoute,
  });
}

/**
 * Adds a route of MPLS: what is to be done with packets that come with a label. That there is one is an error, `EEXIST`.
 *
 * Links take packets with labels only if the sysctl `net.mpls.conf.<link>.input` says so, and the kernel knows labels up to
 * the sysctl `net.mpls.platform_labels`, which is 0 at first.
 *
 * ```ts
 * mplsRouteAdd({ label: 100, swapTo: [200], via: '192.0.2.2' });
 * ```
 *
 * @throws InvalidOptionError for a route that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function mplsRouteAdd(route: MplsRouteSpec): Operation<void> {
  return changeMplsRoute(ADD, route);
}

/**
 * Puts a route of MPLS in the place of the one with the same label, or adds it if there is none.
 *
 * @throws InvalidOptionError for a route that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function mplsRouteReplace(route: MplsRouteSpec): Operation<void> {
  return changeMplsRoute(REPLACE, route);
}

/**
 * Removes the route of MPLS that has the label. A route as it was read can be given; what it has besides does not matter.
 * That there is none is not an error: the kernel does not say so.
 *
 * @throws InvalidOptionError for a route that cannot be
 */
export function mplsRouteDel(route: MplsRouteSpec): Operation<void> {
  return changeMplsRoute(DELETE, route);
}
