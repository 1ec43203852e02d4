import type { MessageBytes } from '../message/message-bytes.js';
import { readRule } from '../rule/read.js';
import type { Rule } from '../rule/rule.js';
import { IFLA_IFNAME } from '../uapi/if-link.js';
import {
  NEW_LINK,
  RTM_DELLINK,
  RTM_DELRULE,
  RTM_NEWRULE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_RULE,
  RTNLGRP_LINK,
} from '../uapi/rtnetlink.js';
import { isAboutLink, linkText } from './link-state.js';
import { type Resync, type SubscribeOptions, Subscription, type Topic, type Update } from './subscription.js';

/** A change of rules. */
export type RuleUpdate = Update<'rule', Rule> | Resync<'rules', Rule>;

const topic = (): Topic<RuleUpdate, Rule> => {
  // Links that rules name and rules that others lead to come and go, and the kernel changes the flags of those rules
  // without a word. Until everything was listed, there may be such rules.
  let isListed = false;
  const namedLinks = new Set<string>();
  const targets = new Set<number>();
  const linkNames = new Map<number, string>();
  const note = ({ iif, oif, goto }: Rule): void => {
    if (iif !== undefined) namedLinks.add(iif);
    if (oif !== undefined) namedLinks.add(oif);
    if (goto !== undefined) targets.add(goto);
  };
  const isNamedLink = (bytes: MessageBytes, start: number, end: number, type: number): boolean => {
    const index = bytes.i32[(start + 4) >> 2] ?? 0;
    const name = linkText(bytes, start, end, IFLA_IFNAME);
    const before = linkNames.get(index);
    if (type === RTM_DELLINK) linkNames.delete(index);
    else linkNames.set(index, name);
    if (type === RTM_DELLINK || bytes.u32[(start + 12) >> 2] === NEW_LINK) return namedLinks.has(name);
    // It may have been renamed.
    if (before === undefined) return namedLinks.size > 0;
    return before !== name && (namedLinks.has(before) || namedLinks.has(name));
  };
  return {
    name: 'ruleSubscribe',
    groups: [RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE, RTNLGRP_LINK],
    hasSilentEffects(bytes, start, end, type) {
      if (isAboutLink(bytes, start, end, type)) return isNamedLink(bytes, start, end, type) || !isListed;
      if (type !== RTM_NEWRULE && type !== RTM_DELRULE) return false;
      if (!isListed) return true;
      return targets.size > 0 && targets.has(readRule(bytes, start, end)?.priority ?? 0);
    },
    read(bytes, start, end, type, flags) {
      if (type !== RTM_NEWRULE && type !== RTM_DELRULE) return undefined;
      const rule = readRule(bytes, start, end);
      if (rule === undefined) return undefined;
      if (type === RTM_NEWRULE) note(rule);
      return { type: type === RTM_NEWRULE ? 'new' : 'deleted', message: { type, flags }, rule };
    },
    list: (netlink) => netlink.ruleList(),
    listed(rules) {
      isListed = true;
      namedLinks.clear();
      targets.clear();
      for (const rule of rules) note(rule);
    },
    existing: (rule) => ({ type: 'existing', rule }),
    resync: (rules) => ({ type: 'resync', rules }),
  };
};

/**
 * Subscribes to changes of rules. Rules whose flags change since a link that they name, or the rule that they lead to,
 * comes or goes are told by a `resync`, since the kernel says nothing of them.
 *
 * ```ts
 * for await (const update of ruleSubscribe({ namespace: 'blue', listExisting: true })) console.log(update.type);
 * ```
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; the errors of the
 *   socket source
 */
export function ruleSubscribe(options: SubscribeOptions = {}): Subscription<RuleUpdate> {
  return new Subscription(() => topic() as Topic<RuleUpdate, unknown>, options);
}
