import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import { resolveLinkIndex } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.js';
import { RTM_DELQDISC, RTM_NEWQDISC } from '../uapi/rtnetlink.js';
import { checkQdisc, checkRemoval } from './check.js';
import type { QdiscRemoval, QdiscSpec } from './spec.js';
import { writePlace, writeQdisc } from './write.js';

const ADD: ChangeAction = { name: 'qdiscAdd', verb: 'add', type: RTM_NEWQDISC, flags: NLM_F_CREATE | NLM_F_EXCL };
const CHANGE: ChangeAction = { name: 'qdiscChange', verb: 'change', type: RTM_NEWQDISC };
const REPLACE: ChangeAction = {
  name: 'qdiscReplace',
  verb: 'replace',
  type: RTM_NEWQDISC,
  flags: NLM_F_CREATE | NLM_F_REPLACE,
};
const DELETE: ChangeAction = { name: 'qdiscDel', verb: 'remove', type: RTM_DELQDISC, removing: true };

function changeQdisc(action: ChangeAction, spec: QdiscSpec): Operation<void> {
  const qdisc = checkQdisc(action.name, spec);
  const { link, description, target } = qdisc;
  return changeOperation<number>(action, {
    description,
    target,
    module: `sch_${qdisc.kernelName}`,
    known: typeof link === 'number' ? link : undefined,
    resolve: (identity) => resolveLinkIndex(identity, link),
    write: (writer, ifindex) => writeQdisc(writer, qdisc, ifindex),
  });
}

/**
 * Adds a queueing discipline to a link. That there is one at the place, other than the kernel's own, is an error, `EEXIST`.
 *
 * @throws InvalidOptionError for a queueing discipline that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function qdiscAdd(qdisc: QdiscSpec): Operation<void> {
  return changeQdisc(ADD, qdisc);
}

/**
 * Changes settings of a queueing discipline; it stays the same one, with what is in its queue.
 *
 * @throws InvalidOptionError for a queueing discipline that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function qdiscChange(qdisc: QdiscSpec): Operation<void> {
  return changeQdisc(CHANGE, qdisc);
}

/**
 * Puts a queueing discipline in the place of the one that is there, or adds it if there is none.
 *
 * @throws InvalidOptionError for a queueing discipline that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function qdiscReplace(qdisc: QdiscSpec): Operation<void> {
  return changeQdisc(REPLACE, qdisc);
}

/**
 * Removes a queueing discipline; the kernel puts its own in the place. The link is enough for the one at the root,
 * and the kind (or the parent) for ingress and clsact.
 *
 * @throws InvalidOptionError for a place that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function qdiscDel(qdisc: QdiscRemoval): Operation<void> {
  const place = checkRemoval(DELETE.name, qdisc);
  const { link, description, target } = place;
  return changeOperation<number>(DELETE, {
    description,
    target,
    known: typeof link === 'number' ? link : undefined,
    resolve: (identity) => resolveLinkIndex(identity, link),
    write: (writer, ifindex) => writePlace(writer, place, ifindex),
  });
}
