import { type NeighbourAction, type NeighbourSpec, neighbourOperation } from '../neighbours/neighbour-spec.js';
import type { Operation } from '../operation.js';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.js';
import { RTM_NEWNEIGH } from '../uapi/rtnetlink.js';

const ACTION: NeighbourAction = {
  name: 'neighAdd',
  verb: 'add',
  type: RTM_NEWNEIGH,
  flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
  removing: false,
};

/**
 * Adds a neighbour. That it is known already is an error, `EEXIST`.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function neighAdd(neighbour: NeighbourSpec): Operation<void> {
  return neighbourOperation(ACTION, neighbour);
}
