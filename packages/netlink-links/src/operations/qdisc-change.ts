import type { Operation } from '../operation.js';
import { type QdiscAction, qdiscOperation } from '../qdiscs/qdisc-operation.js';
import type { QdiscSpec } from '../qdiscs/qdisc-union.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTM_NEWQDISC } from '../uapi/rtnetlink.js';

const ACTION: QdiscAction = {
  name: 'qdiscChange',
  verb: 'change',
  type: RTM_NEWQDISC,
  flags: NLM_F_ACK,
};

/**
 * Changes settings of a queueing discipline; it stays the same one, with what is in its queue.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function qdiscChange(qdisc: QdiscSpec): Operation<void> {
  return qdiscOperation(ACTION, qdisc);
}
