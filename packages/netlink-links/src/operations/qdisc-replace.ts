import type { Operation } from '../operation.js';
import { type QdiscAction, qdiscOperation } from '../qdiscs/qdisc-operation.js';
import type { QdiscSpec } from '../qdiscs/qdisc-union.js';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_REPLACE } from '../uapi/netlink.js';
import { RTM_NEWQDISC } from '../uapi/rtnetlink.js';

const ACTION: QdiscAction = {
  name: 'qdiscReplace',
  verb: 'replace',
  type: RTM_NEWQDISC,
  flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE,
};

/**
 * Puts a queueing discipline in the place of the one that is there, or adds it if there is none.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function qdiscReplace(qdisc: QdiscSpec): Operation<void> {
  return qdiscOperation(ACTION, qdisc);
}
