import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger, shown } from 'netns-core/checks';
import { checkArray, checkBigint, checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { flagBits } from '../message/flag-names.js';
import {
  type AddressFamily,
  describeNetwork,
  familyNumber,
  type IpNetwork,
  parseIpNetwork,
} from '../message/ip-address.js';
import { checkUnknown } from '../message/unknown-attribute.js';
import { checkLinkName } from '../operation/link-name.js';
import { routeProtocols } from '../route/numbers.js';
import { routeTables } from '../route/table.js';
import {
  FIB_RULE_IIF_DETACHED,
  FIB_RULE_INVERT,
  FIB_RULE_OIF_DETACHED,
  FIB_RULE_UNRESOLVED,
  FR_ACT_GOTO,
  FR_ACT_TO_TBL,
  FR_ACT_UNSPEC,
} from '../uapi/fib-rules.js';
import { RT_TABLE_MAIN, RT_TABLE_UNSPEC } from '../uapi/route.js';
import { ruleActions } from './numbers.js';
import { RULE_FLAGS, type Rule } from './rule.js';
import type { RuleSpec } from './spec.js';

/** The properties of a rule, with what `ip rule` calls them. */
const PROPERTIES = propertiesOf<RuleSpec, Rule>(
  {
    family: 'set',
    priority: 'set',
    action: 'set',
    table: 'set',
    goto: 'set',
    src: 'set',
    dst: 'set',
    iif: 'set',
    oif: 'set',
    fwmark: 'set',
    fwmask: 'set',
    tos: 'set',
    invert: 'set',
    l3mdev: 'set',
    uidRange: 'set',
    ipProtocol: 'set',
    sourcePorts: 'set',
    destinationPorts: 'set',
    tunnelId: 'set',
    suppressPrefixLength: 'set',
    suppressInterfaceGroup: 'set',
    protocol: 'set',
    flow: 'set',
    unknown: 'set',
    flags: 'set',
  },
  {
    from: 'src',
    source: 'src',
    to: 'dst',
    destination: 'dst',
    dev: 'iif',
    iifname: 'iif',
    oifname: 'oif',
    pref: 'priority',
    preference: 'priority',
    order: 'priority',
    metric: 'priority',
    lookup: 'table',
    mark: 'fwmark',
    mask: 'fwmask',
    dsfield: 'tos',
    type: 'action',
    not: 'invert',
    ipproto: 'ipProtocol',
    sport: 'sourcePorts',
    sourceport: 'sourcePorts',
    dport: 'destinationPorts',
    destinationport: 'destinationPorts',
    uid: 'uidRange',
    tun_id: 'tunnelId',
    suppress_prefixlength: 'suppressPrefixLength',
    suppress_ifgroup: 'suppressInterfaceGroup',
    realm: 'flow',
    realms: 'flow',
    proto: 'protocol',
  },
);

/** A spec whose values were checked; what is missing here is as it is in the spec. */
export interface CheckedRule {
  readonly spec: RuleSpec;
  readonly family: AddressFamily;
  readonly src: IpNetwork | undefined;
  readonly dst: IpNetwork | undefined;
  readonly action: number;
  readonly table: number;
  readonly protocol: number | undefined;
  /** `FIB_RULE_…`, with that of `invert`. */
  readonly flags: number;
}

const bitsOf = flagBits(RULE_FLAGS);
/** Flags that tell of what a rule names; the kernel sets them. */
const STATE = FIB_RULE_UNRESOLVED | FIB_RULE_IIF_DETACHED | FIB_RULE_OIF_DETACHED;

function refuse(property: string, message: string): never {
  throw new InvalidOptionError(property, message);
}

/** Bits behind the prefix stay, as `ip rule` and the kernel keep them: what was read must mean the same rule. */
function network(property: 'src' | 'dst', text: string | undefined): IpNetwork | undefined {
  return text === undefined || text === 'all' ? undefined : parseIpNetwork(text, property);
}

/** @throws InvalidOptionError where nothing tells which rule is meant: the kernel would take the first, that of 'local' */
function checkNamesRule(spec: RuleSpec): void {
  const names = Object.entries(spec).some(([property, value]) => {
    if (value === undefined || value === false || property === 'family') return false;
    if (property === 'action') return value !== 'lookup';
    if (property === 'src' || property === 'dst') return value !== 'all';
    return !Array.isArray(value) || value.length > 0;
  });
  if (!names)
    throw new InvalidOptionError(
      'priority',
      'ruleDel is not told which rule: give its `priority`, `table`, `src` or another property of it',
    );
}

function checkRange(property: string, range: readonly [number, number] | undefined, min: number, max: number): void {
  if (range === undefined) return;
  if (!Array.isArray(range) || range.length !== 2) throw mustBe(property, 'an array of the first and the last', range);
  const [first, last] = range;
  if (first === undefined || last === undefined) throw mustBe(property, 'an array of the first and the last', range);
  checkInteger(`${property}[0]`, first, min, max);
  checkInteger(`${property}[1]`, last, min, max);
  if (first > last) refuse(property, `${property} must begin with the lower number, got [${first}, ${last}]`);
}

function flagsOf({ flags = [], invert }: RuleSpec): number {
  checkArray('flags', flags, 'flags of a rule');
  const bits = bitsOf(flags);
  if (bits === undefined)
    refuse(
      'flags',
      `flags has what is neither a flag of a rule nor a number of 32 bits: [${flags.map(shown).join(', ')}]`,
    );
  return ((bits & ~STATE) | (invert === true ? FIB_RULE_INVERT : 0)) >>> 0;
}

/** The action and the table that a spec means. */
function actionOf(spec: RuleSpec, removing: boolean): { action: number; table: number } {
  const { goto, l3mdev } = spec;
  let action = FR_ACT_TO_TBL;
  if (spec.action !== undefined) action = ruleActions.number(spec.action);
  else if (goto !== undefined) action = FR_ACT_GOTO;
  else if (removing && spec.table === undefined && l3mdev !== true) action = FR_ACT_UNSPEC;
  if ((action === FR_ACT_GOTO) !== (goto !== undefined) && !(removing && goto === undefined))
    refuse('goto', "the action 'goto' and the priority `goto` belong together");
  const defaultTable = removing || action !== FR_ACT_TO_TBL || l3mdev === true ? RT_TABLE_UNSPEC : RT_TABLE_MAIN;
  const table = spec.table === undefined ? defaultTable : routeTables.number(spec.table);
  if (table !== RT_TABLE_UNSPEC && action !== FR_ACT_TO_TBL)
    refuse('table', "table can be given for a rule with the action 'lookup' only");
  if (table !== RT_TABLE_UNSPEC && l3mdev === true)
    refuse('table', 'table cannot be given beside `l3mdev`, which takes the table of the VRF device');
  return { action, table };
}

/**
 * Checks a rule before anything is sent.
 *
 * @param removing what is left out then matches anything, instead of getting a default
 * @throws InvalidOptionError
 */
export function checkRule(callee: string, spec: RuleSpec, removing: boolean): CheckedRule {
  checkProperties(spec, callee, PROPERTIES);
  if (removing) checkNamesRule(spec);
  checkBoolean('invert', spec.invert);
  checkBoolean('l3mdev', spec.l3mdev);
  if (spec.family !== undefined) familyNumber(spec.family);
  const src = network('src', spec.src);
  const dst = network('dst', spec.dst);
  const family = src?.family ?? dst?.family ?? spec.family ?? 'ipv4';
  if (dst !== undefined && dst.family !== family)
    refuse('dst', `src '${spec.src}' and dst '${spec.dst}' are of different families`);
  if (spec.family !== undefined && spec.family !== family)
    refuse('family', `family is '${spec.family}', but the rule's addresses are of ${family}`);
  checkInteger('priority', spec.priority, 0, 0xffffffff);
  checkInteger('goto', spec.goto, 1, 0xffffffff);
  checkInteger('fwmark', spec.fwmark, 0, 0xffffffff);
  checkInteger('fwmask', spec.fwmask, 0, 0xffffffff);
  checkInteger('tos', spec.tos, 0, 0xff);
  checkInteger('ipProtocol', spec.ipProtocol, 0, 0xff);
  checkInteger('suppressPrefixLength', spec.suppressPrefixLength, 0, 128);
  checkInteger('suppressInterfaceGroup', spec.suppressInterfaceGroup, 0, 0x7fffffff);
  checkInteger('flow', spec.flow, 0, 0xffffffff);
  checkBigint('tunnelId', spec.tunnelId);
  checkRange('uidRange', spec.uidRange, 0, 0xffffffff);
  // The kernel takes neither the first port nor the last one.
  checkRange('sourcePorts', spec.sourcePorts, 1, 0xfffe);
  checkRange('destinationPorts', spec.destinationPorts, 1, 0xfffe);
  if (spec.iif !== undefined) checkLinkName(spec.iif, 'iif');
  if (spec.oif !== undefined) checkLinkName(spec.oif, 'oif');
  checkUnknown(spec.unknown);
  const protocol = spec.protocol === undefined ? undefined : routeProtocols.number(spec.protocol);
  return { spec, family, src, dst, protocol, flags: flagsOf(spec), ...actionOf(spec, removing) };
}

/** How a rule reads in an error: `100: from 192.0.2.0/24 lookup 7`. */
export function describeRule({ spec, src, dst, action, table }: CheckedRule): string {
  const words: string[] = [];
  if (spec.priority !== undefined) words.push(`${spec.priority}:`);
  words.push(`from ${src === undefined ? 'all' : describeNetwork(src)}`);
  if (dst !== undefined) words.push(`to ${describeNetwork(dst)}`);
  if (spec.iif !== undefined) words.push(`iif ${spec.iif}`);
  if (spec.oif !== undefined) words.push(`oif ${spec.oif}`);
  if (spec.fwmark !== undefined) words.push(`fwmark ${spec.fwmark}`);
  if (table !== RT_TABLE_UNSPEC) words.push(`lookup ${table}`);
  else if (action > FR_ACT_TO_TBL)
    words.push(`${ruleActions.name(action)}${spec.goto === undefined ? '' : ` ${spec.goto}`}`);
  return words.join(' ');
}
