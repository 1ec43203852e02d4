import type { Operation } from '../operation.js';
import { type QdiscAction, qdiscOperation } from '../qdiscs/qdisc-operation.js';
import type { QdiscSpec } from '../qdiscs/qdisc-union.js';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.js';
import { RTM_NEWQDISC } from '../uapi/rtnetlink.js';

const ACTION: QdiscAction = {
  name: 'qdiscAdd',
  verb: 'add',
  type: RTM_NEWQDISC,
  flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
};

/**
 * Adds a queueing discipline to a link. That there is one at the place, other than the kernel's own, is an error, `EEXIST`.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function qdiscAdd(qdisc: QdiscSpec): Operation<void> {
  return qdiscOperation(ACTION, qdisc);
}
