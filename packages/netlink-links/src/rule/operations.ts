import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import type { Operation } from '../operation/operation.js';
import { NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.js';
import { RTM_DELRULE, RTM_NEWRULE } from '../uapi/rtnetlink.js';
import { type CheckedRule, checkRule, describeRule } from './check.js';
import type { RuleSpec } from './spec.js';
import { writeRule } from './write.js';

const ADD: ChangeAction = { name: 'ruleAdd', verb: 'add', type: RTM_NEWRULE, flags: NLM_F_CREATE | NLM_F_EXCL };
const DELETE: ChangeAction = { name: 'ruleDel', verb: 'remove', type: RTM_DELRULE, removing: true };

function changeRule(action: ChangeAction, spec: RuleSpec): Operation<void> {
  const rule = checkRule(action.name, spec, action.removing === true);
  const target = describeRule(rule);
  return changeOperation<CheckedRule>(action, {
    description: `rule ${target}`,
    target,
    known: rule,
    write: writeRule,
  });
}

/**
 * Adds a rule. That there is one just like it is an error, `EEXIST`.
 *
 * @throws InvalidOptionError for a rule that cannot be
 */
export function ruleAdd(rule: RuleSpec): Operation<void> {
  return changeRule(ADD, rule);
}

/**
 * Removes the first rule that has all that is given; what is left out does not matter.
 *
 * @throws InvalidOptionError for a rule that cannot be, and where nothing but a family is given
 */
export function ruleDel(rule: RuleSpec): Operation<void> {
  return changeRule(DELETE, rule);
}
