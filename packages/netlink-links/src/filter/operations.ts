import type { Found } from '../action/kinds/kind.js';
import { referring } from '../action/references.js';
import { MessageWriter } from '../message/message-writer.js';
import type { ChangeAction } from '../operation/change-operation.js';
import type { OperationIdentity } from '../operation/errors.js';
import type { Operation } from '../operation/operation.js';
import { acknowledged, type EchoRequest } from '../operation/request.js';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL } from '../uapi/netlink.js';
import { RTM_DELTFILTER, RTM_NEWTFILTER } from '../uapi/rtnetlink.js';
import { type CheckedFilter, checkFilter, checkFilterRemoval } from './check.js';
import type { FilterPlace, FilterRemoval, FilterSpec } from './filter.js';
import { filterProtocols } from './kinds/protocol.js';
import { readFilterPlace } from './read.js';
import { writeFilter, writeFilterPlace } from './write.js';

const ADD: ChangeAction = { name: 'filterAdd', verb: 'add', type: RTM_NEWTFILTER, flags: NLM_F_CREATE | NLM_F_EXCL };
const REPLACE: ChangeAction = { name: 'filterReplace', verb: 'replace', type: RTM_NEWTFILTER, flags: NLM_F_CREATE };
const CHANGE: ChangeAction = { name: 'filterChange', verb: 'change', type: RTM_NEWTFILTER };
const DELETE: ChangeAction = { name: 'filterDel', verb: 'remove', type: RTM_DELTFILTER, removing: true };

const ALL = filterProtocols.number('all');

function identityOf(action: ChangeAction, filter: CheckedFilter): OperationIdentity {
  return {
    name: action.name,
    description: `${action.verb} ${filter.description}`,
    target: filter.target,
    module: `cls_${filter.kernelName}`,
    actions: filter.actionKinds,
  };
}

function makeFilter(action: ChangeAction, spec: FilterSpec): Operation<FilterPlace> {
  const filter = checkFilter(action.name, spec, ALL);
  return referring(identityOf(action, filter), filter.references, (found): EchoRequest<FilterPlace, FilterPlace> => {
    const writer = new MessageWriter(action.type, NLM_F_ACK | NLM_F_ECHO | (action.flags ?? 0));
    writeFilter(writer, filter, found);
    return {
      answer: 'echo',
      message: writer.finish(),
      decode: (bytes, start, end) => readFilterPlace(bytes, start, end, filter.kind),
      // A kernel that echoes nothing has made what it was told to.
      value: ([made]) => made ?? asked(filter, found),
    };
  });
}

/** The place that was asked for. */
function asked(place: CheckedFilter, found: Found): FilterPlace {
  const { spec, link, chain = 0 } = place;
  const { block, parent, priority, handle } = spec;
  return {
    ...(link === undefined ? { block } : { ifindex: found.ifindex(link), parent: parent ?? 'root' }),
    chain,
    ...(priority !== undefined && { priority }),
    protocol: filterProtocols.name(place.protocol),
    ...(handle !== undefined && { handle }),
  };
}

/**
 * Adds a filter. That there is one with its priority and handle is an error, `EEXIST`.
 *
 * @returns where it is, with the priority and the handle that the kernel chose
 * @throws InvalidOptionError for a filter that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist, or one that an action names
 */
export function filterAdd(spec: FilterSpec): Operation<FilterPlace> {
  return makeFilter(ADD, spec);
}

/**
 * Puts a filter in the place of the one with its priority and handle, or adds it if there is none. Without a handle it
 * is a further filter of its priority.
 *
 * @returns where it is, with the priority and the handle that the kernel chose
 * @throws InvalidOptionError for a filter that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist, or one that an action names
 */
export function filterReplace(spec: FilterSpec): Operation<FilterPlace> {
  return makeFilter(REPLACE, spec);
}

/**
 * Changes the filter with its priority and handle. Some kinds keep what is left out, others do not.
 *
 * @throws InvalidOptionError for a filter that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist, or one that an action names
 */
export function filterChange(spec: FilterSpec): Operation<void> {
  const filter = checkFilter(CHANGE.name, spec, 0);
  return referring(identityOf(CHANGE, filter), filter.references, (found) => {
    const writer = new MessageWriter(CHANGE.type, NLM_F_ACK);
    writeFilter(writer, filter, found);
    return acknowledged(writer.finish());
  });
}

/**
 * Removes a filter. A place without a handle means all filters of the priority, one without a priority all of the
 * parent (and of the chain, if that is given).
 *
 * @throws InvalidOptionError for a place that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function filterDel(place: FilterRemoval): Operation<void> {
  const checked = checkFilterRemoval(DELETE.name, place);
  const { description, target, link } = checked;
  const identity: OperationIdentity = { name: DELETE.name, description: `${DELETE.verb} ${description}`, target };
  return referring(identity, { links: link === undefined ? [] : [link], programs: [] }, (found) => {
    const writer = new MessageWriter(DELETE.type, NLM_F_ACK);
    writeFilterPlace(writer, checked, found);
    return acknowledged(writer.finish());
  });
}
