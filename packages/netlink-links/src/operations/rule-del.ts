import type { Operation } from '../operation.js';
import { type RuleOperationKind, type RuleSpec, ruleOperation } from '../rules/rule-spec.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTM_DELRULE } from '../uapi/rtnetlink.js';

const KIND: RuleOperationKind = {
  name: 'ruleDel',
  verb: 'remove',
  type: RTM_DELRULE,
  flags: NLM_F_ACK,
  removing: true,
};

/**
 * Removes the first rule that has all that is given; what is left out does not matter.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function ruleDel(rule: RuleSpec): Operation<void> {
  return ruleOperation(KIND, rule);
}
