import { type NeighbourAction, type NeighbourSpec, neighbourOperation } from '../neighbours/neighbour-spec.js';
import type { Operation } from '../operation.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTM_DELNEIGH } from '../uapi/rtnetlink.js';

const ACTION: NeighbourAction = {
  name: 'neighDel',
  verb: 'remove',
  type: RTM_DELNEIGH,
  flags: NLM_F_ACK,
  removing: true,
};

/**
 * Removes a neighbour.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function neighDel(neighbour: NeighbourSpec): Operation<void> {
  return neighbourOperation(ACTION, neighbour);
}
