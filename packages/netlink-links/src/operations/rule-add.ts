import type { Operation } from '../operation.js';
import { type RuleOperationKind, type RuleSpec, ruleOperation } from '../rules/rule-spec.js';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.js';
import { RTM_NEWRULE } from '../uapi/rtnetlink.js';

const KIND: RuleOperationKind = {
  name: 'ruleAdd',
  verb: 'add',
  type: RTM_NEWRULE,
  flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
  removing: false,
};

/**
 * Adds a rule. That there is one just like it is an error, `EEXIST`.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function ruleAdd(rule: RuleSpec): Operation<void> {
  return ruleOperation(KIND, rule);
}
