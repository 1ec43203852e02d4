import { AF_INET, AF_INET6 } from 'netns-core/sys';
import { AttributeReader } from '../message/attribute-reader.js';
import { flagNames } from '../message/flag-names.js';
import { withJson } from '../message/json.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Mutable } from '../message/mutable.js';
import { keepUnknown } from '../message/unknown-attribute.js';
import { routeProtocols } from '../route/numbers.js';
import {
  FIB_RULE_HDR_SIZE,
  FIB_RULE_INVERT,
  FR_ACT_TO_TBL,
  FRA_DPORT_RANGE,
  FRA_DST,
  FRA_FLOW,
  FRA_FWMARK,
  FRA_FWMASK,
  FRA_GOTO,
  FRA_IIFNAME,
  FRA_IP_PROTO,
  FRA_L3MDEV,
  FRA_OIFNAME,
  FRA_PAD,
  FRA_PRIORITY,
  FRA_PROTOCOL,
  FRA_SPORT_RANGE,
  FRA_SRC,
  FRA_SUPPRESS_IFGROUP,
  FRA_SUPPRESS_PREFIXLEN,
  FRA_TABLE,
  FRA_TUN_ID,
  FRA_UID_RANGE,
} from '../uapi/fib-rules.js';
import { ruleActions } from './numbers.js';
import { RULE_FLAGS, type Rule } from './rule.js';

const flagsOf = flagNames(RULE_FLAGS, FIB_RULE_INVERT);

/** What the kernel sends for "none" where 0 is a value. */
const NONE = 0xffffffff;

/** Reads the payload of `RTM_NEWRULE` or `RTM_DELRULE`; nothing for families other than IPv4 and IPv6. */
export function readRule(bytes: MessageBytes, start: number, end: number): Rule | undefined {
  if (end - start < FIB_RULE_HDR_SIZE) {
    bytes.fail('a message about a rule is shorter than its header');
    return undefined;
  }
  const { u8 } = bytes;
  const family = u8[start];
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const flags = bytes.u32[(start + 8) >> 2] ?? 0;
  const action = u8[start + 7] ?? 0;
  let table = u8[start + 4] ?? 0;
  const rule: Mutable<Rule> = {
    family: family === AF_INET ? 'ipv4' : 'ipv6',
    priority: 0,
    action: ruleActions.name(action),
    tos: u8[start + 3] ?? 0,
    invert: (flags & FIB_RULE_INVERT) !== 0,
    flags: flagsOf(flags),
  };
  const attributes = new AttributeReader(bytes, start + FIB_RULE_HDR_SIZE, end);
  while (attributes.next())
    switch (attributes.type) {
      case FRA_DST:
        rule.dst = `${attributes.ipAddress()}/${u8[start + 1] ?? 0}`;
        break;
      case FRA_SRC:
        rule.src = `${attributes.ipAddress()}/${u8[start + 2] ?? 0}`;
        break;
      case FRA_IIFNAME:
        rule.iif = attributes.string();
        break;
      case FRA_OIFNAME:
        rule.oif = attributes.string();
        break;
      case FRA_GOTO:
        rule.goto = attributes.u32();
        break;
      case FRA_PRIORITY:
        rule.priority = attributes.u32();
        break;
      case FRA_FWMARK:
        rule.fwmark = attributes.u32();
        break;
      case FRA_FWMASK:
        rule.fwmask = attributes.u32();
        break;
      case FRA_FLOW:
        rule.flow = attributes.u32();
        break;
      case FRA_TUN_ID:
        rule.tunnelId = attributes.u64be();
        withJson(rule);
        break;
      case FRA_SUPPRESS_IFGROUP: {
        const group = attributes.u32();
        if (group !== NONE) rule.suppressInterfaceGroup = group;
        break;
      }
      case FRA_SUPPRESS_PREFIXLEN: {
        const length = attributes.u32();
        if (length !== NONE) rule.suppressPrefixLength = length;
        break;
      }
      case FRA_TABLE:
        table = attributes.u32();
        break;
      case FRA_L3MDEV:
        if (attributes.u8() !== 0) rule.l3mdev = true;
        break;
      case FRA_UID_RANGE:
        rule.uidRange = [attributes.u32At(0), attributes.u32At(4)];
        break;
      case FRA_PROTOCOL:
        rule.protocol = routeProtocols.name(attributes.u8());
        break;
      case FRA_IP_PROTO:
        rule.ipProtocol = attributes.u8();
        break;
      case FRA_SPORT_RANGE:
        rule.sourcePorts = [attributes.u16At(0), attributes.u16At(2)];
        break;
      case FRA_DPORT_RANGE:
        rule.destinationPorts = [attributes.u16At(0), attributes.u16At(2)];
        break;
      case FRA_PAD:
        break;
      default:
        keepUnknown(attributes, rule);
    }
  if (action === FR_ACT_TO_TBL && table !== 0) rule.table = table;
  return rule;
}
