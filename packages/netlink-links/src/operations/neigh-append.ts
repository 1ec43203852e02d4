import { type NeighbourAction, type NeighbourSpec, neighbourOperation } from '../neighbours/neighbour-spec.js';
import type { Operation } from '../operation.js';
import { NLM_F_ACK, NLM_F_APPEND, NLM_F_CREATE } from '../uapi/netlink.js';
import { RTM_NEWNEIGH } from '../uapi/rtnetlink.js';

const ACTION: NeighbourAction = {
  name: 'neighAppend',
  verb: 'append',
  type: RTM_NEWNEIGH,
  flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_APPEND,
  removing: false,
  onlyBridge: true,
};

/**
 * Adds a further destination to an entry of a forwarding database, as `bridge fdb append` does: a VXLAN floods frames
 * to all destinations of the address `'00:00:00:00:00:00'`.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function neighAppend(neighbour: NeighbourSpec): Operation<void> {
  return neighbourOperation(ACTION, neighbour);
}
