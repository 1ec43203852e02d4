import type { Operation } from '../operation.js';
import { type QdiscAction, type QdiscRemoval, qdiscRemoval } from '../qdiscs/qdisc-operation.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTM_DELQDISC } from '../uapi/rtnetlink.js';

const ACTION: QdiscAction = { name: 'qdiscDel', verb: 'remove', type: RTM_DELQDISC, flags: NLM_F_ACK };

/**
 * Removes a queueing discipline; the kernel puts its own in the place. The link is enough for the one at the root,
 * and the kind (or the parent) for ingress and clsact.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function qdiscDel(place: QdiscRemoval): Operation<void> {
  return qdiscRemoval(ACTION, place);
}
