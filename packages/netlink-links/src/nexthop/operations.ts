import { type Opened, openingPrograms } from '../encap/encap.js';
import { MessageWriter } from '../message/message-writer.js';
import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import type { OperationIdentity } from '../operation/errors.js';
import { resolveLinkIndex } from '../operation/link-reference.js';
import { Operation, type Program, prepared } from '../operation/operation.js';
import { one } from '../operation/request.js';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_ECHO, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.js';
import { NHA_ID } from '../uapi/nexthop.js';
import { RTM_DELNEXTHOP, RTM_NEWNEXTHOP } from '../uapi/rtnetlink.js';
import {
  type CheckedNexthop,
  checkNexthop,
  checkNexthopRemoval,
  describeNexthop,
  isResolved,
  type ResolvedNexthop,
} from './check.js';
import { readNexthop } from './read.js';
import type { NexthopObjectSpec } from './spec.js';
import { writeNexthop, writeNexthopHeader } from './write.js';

const REPLACE: ChangeAction = {
  name: 'nexthopReplace',
  verb: 'replace',
  type: RTM_NEWNEXTHOP,
  flags: NLM_F_CREATE | NLM_F_REPLACE,
};
const DELETE: ChangeAction = { name: 'nexthopDel', verb: 'remove', type: RTM_DELNEXTHOP, removing: true };

function* resolve(identity: OperationIdentity, nexthop: CheckedNexthop): Program<ResolvedNexthop> {
  const { oif } = nexthop;
  return { ...nexthop, oif: oif === undefined ? undefined : yield* resolveLinkIndex(identity, oif) };
}

/**
 * Adds a nexthop object: a way to the next router, a blackhole, or a group of others. That there is one with the id
 * already is an error, `EEXIST`.
 *
 * @returns its id, which the kernel has chosen if none was given
 * @throws InvalidOptionError for a nexthop object that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function nexthopAdd(nexthop: NexthopObjectSpec): Operation<number> {
  const checked = checkNexthop('nexthopAdd', nexthop, false);
  const target = describeNexthop(nexthop, checked);
  const module = checked.encap?.module;
  const identity: OperationIdentity = { name: 'nexthopAdd', description: `add nexthop ${target}`, target, module };
  const request = (resolved: ResolvedNexthop) => {
    // The kernel echoes what it made; the acknowledgement ends the wait if it does not.
    const message = new MessageWriter(RTM_NEWNEXTHOP, NLM_F_ACK | NLM_F_ECHO | NLM_F_CREATE | NLM_F_EXCL);
    writeNexthop(message, resolved);
    return one(message.finish(), (bytes, start, end) => readNexthop(bytes, start, end)?.id);
  };
  return openingPrograms([checked.encap], (opened) => {
    const ready = withEncap(checked, opened);
    if (isResolved(ready)) return new Operation(identity, request(ready));
    return prepared(identity, function* () {
      return request(yield* resolve(identity, ready));
    });
  });
}

/** The same with programs that are open. */
function withEncap(nexthop: CheckedNexthop, opened: Opened | undefined): CheckedNexthop {
  return opened === undefined ? nexthop : { ...nexthop, encap: opened(nexthop.encap) };
}

/**
 * Puts a nexthop object in the place of the one with the same id, or adds it if there is none. Routes that name it follow.
 * The number of a resilient group's buckets stays.
 *
 * @throws InvalidOptionError for a nexthop object that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function nexthopReplace(nexthop: NexthopObjectSpec): Operation<void> {
  const checked = checkNexthop('nexthopReplace', nexthop, true);
  const target = describeNexthop(nexthop, checked);
  return openingPrograms([checked.encap], (opened) => {
    const ready = withEncap(checked, opened);
    return changeOperation<ResolvedNexthop>(REPLACE, {
      description: `nexthop ${target}`,
      target,
      module: checked.encap?.module,
      known: isResolved(ready) ? ready : undefined,
      resolve: (identity) => resolve(identity, ready),
      write: writeNexthop,
    });
  });
}

/**
 * Removes a nexthop object, with the routes that name it; groups lose it as a member.
 *
 * @param nexthop its id, or one that was read
 * @throws InvalidOptionError
 */
export function nexthopDel(nexthop: number | { readonly id: number }): Operation<void> {
  const id = checkNexthopRemoval('nexthopDel', nexthop);
  return changeOperation<number>(DELETE, {
    description: `nexthop ${id}`,
    target: String(id),
    known: id,
    write(message) {
      writeNexthopHeader(message);
      message.u32(NHA_ID, id);
    },
  });
}
