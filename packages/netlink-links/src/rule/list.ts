import { checkInteger } from 'netns-core/checks';
import { checkProperties, propertiesOf } from '../message/checks.js';
import { type AddressFamily, familyNumber } from '../message/ip-address.js';
import { MessageWriter } from '../message/message-writer.js';
import { DumpOperation } from '../operation/operation.js';
import { dump } from '../operation/request.js';
import { type RouteTable, routeTables } from '../route/table.js';
import { FIB_RULE_HDR_SIZE } from '../uapi/fib-rules.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETRULE } from '../uapi/rtnetlink.js';
import { readRule } from './read.js';
import type { Rule } from './rule.js';

/** Which rules to list; what is left out does not matter. */
export interface RuleFilter {
  family?: AddressFamily | undefined;
  table?: RouteTable | undefined;
  priority?: number | undefined;
}

const FILTER = propertiesOf<RuleFilter>(
  { family: 'set', table: 'set', priority: 'set' },
  { lookup: 'table', pref: 'priority', preference: 'priority', metric: 'priority' },
);

/**
 * Lists the rules of policy routing, in the order in which they are tried. The kernel filters by family only.
 *
 * @throws InvalidOptionError
 */
export function ruleList(filter: RuleFilter = {}): DumpOperation<Rule> {
  checkProperties(filter, 'ruleList', FILTER);
  const { family, table, priority } = filter;
  checkInteger('priority', priority, 0, 0xffffffff);
  const tableNumber = table === undefined ? undefined : routeTables.number(table);
  const message = new MessageWriter(RTM_GETRULE, NLM_F_DUMP);
  message.header(FIB_RULE_HDR_SIZE, (view, at) => view.setUint8(at, family === undefined ? 0 : familyNumber(family)));
  return new DumpOperation(
    { name: 'ruleList', description: 'list the rules', target: 'rules' },
    dump(message.finish(), (bytes, start, end) => {
      const rule = readRule(bytes, start, end);
      if (rule === undefined || (tableNumber !== undefined && rule.table !== tableNumber)) return undefined;
      return priority === undefined || rule.priority === priority ? rule : undefined;
    }),
  );
}
