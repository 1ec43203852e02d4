import { checkInteger } from '../codec/checked-number.js';
import { type AddressFamily, familyNumber } from '../codec/ip-address.js';
import { MessageWriter } from '../codec/message-writer.js';
import { checkProperties, propertiesOf } from '../codec/properties.js';
import { DumpOperation } from '../operation.js';
import { dump } from '../request.js';
import { type RouteTable, routeTables } from '../routes/route-table.js';
import { readRule } from '../rules/read-rule.js';
import type { Rule } from '../rules/rule.js';
import { FIB_RULE_HDR_SIZE } from '../uapi/fib-rules.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETRULE } from '../uapi/rtnetlink.js';

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
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 */
export function ruleList(filter: RuleFilter = {}): DumpOperation<Rule> {
  checkProperties(filter, 'ruleList', FILTER);
  const { family, table, priority } = filter;
  checkInteger('priority of a rule', priority, 0, 0xffffffff);
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
