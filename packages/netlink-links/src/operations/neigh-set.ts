import { type NeighbourAction, type NeighbourSpec, neighbourOperation } from '../neighbours/neighbour-spec.js';
import type { Operation } from '../operation.js';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_REPLACE } from '../uapi/netlink.js';
import { RTM_NEWNEIGH } from '../uapi/rtnetlink.js';

const ACTION: NeighbourAction = {
  name: 'neighSet',
  verb: 'set',
  type: RTM_NEWNEIGH,
  flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE,
  removing: false,
};

/**
 * Adds a neighbour, or changes the one with this address.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function neighSet(neighbour: NeighbourSpec): Operation<void> {
  return neighbourOperation(ACTION, neighbour);
}
