import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import { resolveLinkIndex } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import { NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.js';
import { RTM_DELTCLASS, RTM_NEWTCLASS } from '../uapi/rtnetlink.js';
import { checkClass, checkClassRemoval } from './check.js';
import type { TrafficClassRemoval, TrafficClassSpec } from './spec.js';
import { writeClass, writeClassPlace } from './write.js';

const ADD: ChangeAction = { name: 'classAdd', verb: 'add', type: RTM_NEWTCLASS, flags: NLM_F_CREATE | NLM_F_EXCL };
const CHANGE: ChangeAction = { name: 'classChange', verb: 'change', type: RTM_NEWTCLASS };
const REPLACE: ChangeAction = { name: 'classReplace', verb: 'replace', type: RTM_NEWTCLASS, flags: NLM_F_CREATE };
const DELETE: ChangeAction = { name: 'classDel', verb: 'remove', type: RTM_DELTCLASS, removing: true };

function changeClass(action: ChangeAction, spec: TrafficClassSpec): Operation<void> {
  const checked = checkClass(action.name, spec);
  const { link, description, target } = checked;
  return changeOperation<number>(action, {
    description,
    target,
    known: typeof link === 'number' ? link : undefined,
    resolve: (identity) => resolveLinkIndex(identity, link),
    write: (writer, ifindex) => writeClass(writer, checked, ifindex),
  });
}

/**
 * Adds a class to a queueing discipline that has classes. That there is one with its number is an error, `EEXIST`.
 *
 * @throws InvalidOptionError for a class that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function classAdd(spec: TrafficClassSpec): Operation<void> {
  return changeClass(ADD, spec);
}

/**
 * Changes the settings of a class; it stays the same one, with what is in its queue. A setting that is left out gets
 * its default.
 *
 * @throws InvalidOptionError for a class that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function classChange(spec: TrafficClassSpec): Operation<void> {
  return changeClass(CHANGE, spec);
}

/**
 * Changes the class with this number, or adds it if there is none.
 *
 * @throws InvalidOptionError for a class that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function classReplace(spec: TrafficClassSpec): Operation<void> {
  return changeClass(REPLACE, spec);
}

/**
 * Removes a class, with the queueing discipline in it. One that other classes are below, or that a filter names, is in
 * use (`EBUSY`).
 *
 * @throws InvalidOptionError for a place that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function classDel(place: TrafficClassRemoval): Operation<void> {
  const checked = checkClassRemoval(DELETE.name, place);
  const { link, description, target } = checked;
  return changeOperation<number>(DELETE, {
    description,
    target,
    known: typeof link === 'number' ? link : undefined,
    resolve: (identity) => resolveLinkIndex(identity, link),
    write: (writer, ifindex) => writeClassPlace(writer, checked, ifindex),
  });
}
