import { addressLengthRequest } from '../link/get.js';
import { isEthernetAddress } from '../message/hardware-address.js';
import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import { resolveLinkIndex } from '../operation/link-reference.js';
import { ask, type Operation } from '../operation/operation.js';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.js';
import { RTM_DELNEIGH, RTM_NEWNEIGH } from '../uapi/rtnetlink.js';
import { checkNeighbour } from './check.js';
import type { NeighbourSpec } from './spec.js';
import { type NeighbourLink, writeNeighbour } from './write.js';

const ADD: ChangeAction = { name: 'neighAdd', verb: 'add', type: RTM_NEWNEIGH, flags: NLM_F_CREATE | NLM_F_EXCL };
const SET: ChangeAction = { name: 'neighSet', verb: 'set', type: RTM_NEWNEIGH, flags: NLM_F_CREATE | NLM_F_REPLACE };
const APPEND: ChangeAction = {
  name: 'neighAppend',
  verb: 'append',
  type: RTM_NEWNEIGH,
  flags: NLM_F_CREATE | NLM_F_APPEND,
};
const DELETE: ChangeAction = { name: 'neighDel', verb: 'remove', type: RTM_DELNEIGH, removing: true };

function changeNeighbour(action: ChangeAction, spec: NeighbourSpec): Operation<void> {
  const neighbour = checkNeighbour(action.name, spec, {
    removing: action.removing === true,
    onlyBridge: action === APPEND,
  });
  const { link, lladdr, description, target } = neighbour;
  // Only the link tells how long its addresses are: the kernel would cut off what is too long.
  const needsLength = lladdr !== undefined && !isEthernetAddress(lladdr);
  return changeOperation<NeighbourLink>(action, {
    description,
    target,
    known: typeof link === 'number' && !needsLength ? { ifindex: link } : undefined,
    *resolve(identity) {
      const ifindex = yield* resolveLinkIndex(identity, link);
      return needsLength ? { ifindex, addressLength: yield* ask(addressLengthRequest(ifindex)) } : { ifindex };
    },
    write: (writer, known) => writeNeighbour(writer, neighbour, known),
  });
}

/**
 * Adds a neighbour. That there is one with this address already is an error, `EEXIST`.
 *
 * @throws InvalidOptionError for a neighbour that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function neighAdd(neighbour: NeighbourSpec): Operation<void> {
  return changeNeighbour(ADD, neighbour);
}

/**
 * Adds a further destination to an entry of a forwarding database, as `bridge fdb append` does: a VXLAN floods frames
 * to all destinations of the address `'00:00:00:00:00:00'`.
 *
 * @throws InvalidOptionError for a neighbour that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function neighAppend(neighbour: NeighbourSpec): Operation<void> {
  return changeNeighbour(APPEND, neighbour);
}

/**
 * Adds a neighbour, or changes the one with this address.
 *
 * @throws InvalidOptionError for a neighbour that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function neighSet(neighbour: NeighbourSpec): Operation<void> {
  return changeNeighbour(SET, neighbour);
}

/**
 * Removes a neighbour.
 *
 * @throws InvalidOptionError for a neighbour that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function neighDel(neighbour: NeighbourSpec): Operation<void> {
  return changeNeighbour(DELETE, neighbour);
}
