import { NamedNumbers } from '../codec/named-numbers.js';
import type { RuleAction } from './rule.js';

export const ruleActions = new NamedNumbers<RuleAction>('action of a rule', {
  lookup: 1,
  goto: 2,
  nop: 3,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
});
