import { NetnsError } from 'netns-core';
import { checkBoolean, shown } from 'netns-core/checks';
import { checkInteger } from '../codec/checked-number.js';
import { describeNetwork } from '../codec/describe-network.js';
import { LITTLE_ENDIAN } from '../codec/endianness.js';
import {
  type AddressFamily,
  familyNumber,
  hostBitsAreZero,
  type IpNetwork,
  parseIpNetwork,
} from '../codec/ip-address.js';
import { MessageWriter } from '../codec/message-writer.js';
import { checkProperties, propertiesOf } from '../codec/properties.js';
import { type UnknownAttribute, writeUnknown } from '../codec/unknown-attribute.js';
import { checkLinkName } from '../links/link-name.js';
import { Operation } from '../operation.js';
import { acknowledged } from '../request.js';
import { type RouteProtocol, routeProtocols } from '../routes/route-numbers.js';
import { type RouteTable, routeTables } from '../routes/route-table.js';
import { tableInHeader } from '../routes/write-route.js';
import {
  FIB_RULE_HDR_SIZE,
  FIB_RULE_INVERT,
  FR_ACT_GOTO,
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
import { RT_TABLE_MAIN } from '../uapi/route.js';
import type { Rule, RuleAction } from './rule.js';
import { ruleActions } from './rule-actions.js';

/** A rule to be made or removed; one that was read will do. */
export interface RuleSpec {
  /** That of `src` or `dst` if left out, and IPv4 where there is neither. */
  family?: AddressFamily | undefined;
  /** If left out the kernel puts the rule before all others but the first. */
  priority?: number | undefined;
  /** `'lookup'`, or `'goto'` where `goto` is given. */
  action?: RuleAction | number | undefined;
  /** Where a new rule looks up: `'main'` if left out. */
  table?: RouteTable | undefined;
  goto?: number | undefined;
  src?: string | undefined;
  dst?: string | undefined;
  iif?: string | undefined;
  oif?: string | undefined;
  fwmark?: number | undefined;
  fwmask?: number | undefined;
  tos?: number | undefined;
  invert?: boolean | undefined;
  l3mdev?: boolean | undefined;
  uidRange?: readonly [number, number] | undefined;
  ipProtocol?: number | undefined;
  sourcePorts?: readonly [number, number] | undefined;
  destinationPorts?: readonly [number, number] | undefined;
  tunnelId?: bigint | undefined;
  suppressPrefixLength?: number | undefined;
  suppressInterfaceGroup?: number | undefined;
  protocol?: RouteProtocol | number | undefined;
  flow?: number | undefined;
  /** As read: selectors of newer kernels that this package does not know. */
  unknown?: readonly UnknownAttribute[] | undefined;
}

/** The properties of a rule, with what `ip rule` calls them. */
export const RULE_PROPERTIES = propertiesOf<RuleSpec, Rule>(
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
    flags: 'told',
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

/** What sets the operations that write a rule apart. */
export interface RuleOperationKind {
  readonly name: string;
  readonly verb: string;
  /** `RTM_NEWRULE` or `RTM_DELRULE` */
  readonly type: number;
  readonly flags: number;
  readonly removing: boolean;
}

function refuse(message: string): never {
  throw new NetnsError(message, { code: 'ERR_INVALID_ARGUMENT' });
}

function network(what: string, text: string | undefined): IpNetwork | undefined {
  if (text === undefined || text === 'all') return undefined;
  const parsed = parseIpNetwork(text);
  if (!hostBitsAreZero(parsed))
    refuse(`'${text}' can not be the ${what} of a rule: bits behind the prefix of ${parsed.prefixLength} are set`);
  return parsed;
}

function checkRange(what: string, range: readonly [number, number] | undefined, least: number, most: number): void {
  if (range === undefined) return;
  if (!Array.isArray(range) || range.length !== 2)
    refuse(`a range of the ${what} must be an array of the first and the last, got ${shown(range)}`);
  checkInteger(`first ${what}`, range[0], least, most);
  checkInteger(`last ${what}`, range[1], least, most);
  if (range[0] > range[1]) refuse(`${range[0]} to ${range[1]} is no range: the first ${what} is behind the last`);
}

/** The operation that does something with one rule. */
export function ruleOperation(kind: RuleOperationKind, spec: RuleSpec): Operation<void> {
  checkProperties(spec, kind.name, RULE_PROPERTIES);
  checkBoolean('invert', spec.invert);
  checkBoolean('l3mdev', spec.l3mdev);
  const src = network('source', spec.src);
  const dst = network('destination', spec.dst);
  const family = src?.family ?? dst?.family ?? spec.family ?? 'ipv4';
  if (dst !== undefined && dst.family !== family) refuse(`'${spec.src}' and '${spec.dst}' are of different families`);
  if (spec.family !== undefined && spec.family !== family)
    refuse(`the rule's addresses are of ${family}, and ${String(spec.family)} is asked for`);
  checkInteger('priority of a rule', spec.priority, 0, 0xffffffff);
  checkInteger('priority of the rule to go to', spec.goto, 1, 0xffffffff);
  checkInteger('firewall mark', spec.fwmark, 0, 0xffffffff);
  checkInteger('mask of a firewall mark', spec.fwmask, 0, 0xffffffff);
  checkInteger('TOS of a rule', spec.tos, 0, 0xff);
  checkInteger('IP protocol', spec.ipProtocol, 0, 0xff);
  checkInteger('length of a prefix', spec.suppressPrefixLength, 0, 128);
  checkInteger('group of links', spec.suppressInterfaceGroup, 0, 0x7fffffff);
  checkInteger('realm', spec.flow, 0, 0xffffffff);
  checkRange('user id', spec.uidRange, 0, 0xffffffff);
  // The kernel takes neither the first port nor the last one.
  checkRange('port', spec.sourcePorts, 1, 0xfffe);
  checkRange('port', spec.destinationPorts, 1, 0xfffe);
  if (spec.iif !== undefined) checkLinkName(spec.iif);
  if (spec.oif !== undefined) checkLinkName(spec.oif);
  const protocol = spec.protocol === undefined ? undefined : routeProtocols.number(spec.protocol);
  const action =
    spec.action !== undefined
      ? ruleActions.number(spec.action)
      : spec.goto !== undefined
        ? FR_ACT_GOTO
        : kind.removing && spec.table === undefined && spec.l3mdev !== true
          ? 0
          : FR_ACT_TO_TBL;
  if ((action === FR_ACT_GOTO) !== (spec.goto !== undefined) && !(kind.removing && spec.goto === undefined))
    refuse("the action 'goto' and the priority `goto` belong together");
  const defaultTable = kind.removing || action !== FR_ACT_TO_TBL || spec.l3mdev === true ? 0 : RT_TABLE_MAIN;
  const table = spec.table === undefined ? defaultTable : routeTables.number(spec.table);
  if (table !== 0 && action !== FR_ACT_TO_TBL) refuse("only a rule with the action 'lookup' has a table");
  if (table !== 0 && spec.l3mdev === true)
    refuse('a rule with `l3mdev` takes the table of the VRF device: it has none of its own');

  const words = [];
  if (spec.priority !== undefined) words.push(`${spec.priority}:`);
  words.push(`from ${src === undefined ? 'all' : describeNetwork(src)}`);
  if (dst !== undefined) words.push(`to ${describeNetwork(dst)}`);
  if (spec.iif !== undefined) words.push(`iif ${spec.iif}`);
  if (spec.oif !== undefined) words.push(`oif ${spec.oif}`);
  if (spec.fwmark !== undefined) words.push(`fwmark ${spec.fwmark}`);
  if (table !== 0) words.push(`lookup ${table}`);
  else if (action > FR_ACT_TO_TBL)
    words.push(`${ruleActions.name(action)}${spec.goto === undefined ? '' : ` ${spec.goto}`}`);
  const target = words.join(' ');

  const message = new MessageWriter(kind.type, kind.flags);
  message.header(FIB_RULE_HDR_SIZE, (view, at) => {
    view.setUint8(at, familyNumber(family));
    view.setUint8(at + 1, dst?.prefixLength ?? 0);
    view.setUint8(at + 2, src?.prefixLength ?? 0);
    view.setUint8(at + 3, spec.tos ?? 0);
    view.setUint8(at + 4, tableInHeader(table));
    view.setUint8(at + 7, action);
    view.setUint32(at + 8, spec.invert === true ? FIB_RULE_INVERT : 0, LITTLE_ENDIAN);
  });
  // A prefix of length 0 is the same as none, and the kernel keeps none.
  if (dst !== undefined && dst.prefixLength > 0) message.bytes(FRA_DST, dst.bytes);
  if (src !== undefined && src.prefixLength > 0) message.bytes(FRA_SRC, src.bytes);
  if (spec.priority !== undefined) message.u32(FRA_PRIORITY, spec.priority);
  if (spec.fwmark !== undefined) message.u32(FRA_FWMARK, spec.fwmark);
  if (spec.fwmask !== undefined) message.u32(FRA_FWMASK, spec.fwmask);
  if (spec.flow !== undefined) message.u32(FRA_FLOW, spec.flow);
  if (spec.tunnelId !== undefined) message.u64be(FRA_TUN_ID, spec.tunnelId);
  const { uidRange, sourcePorts, destinationPorts } = spec;
  if (uidRange !== undefined)
    message.struct(FRA_UID_RANGE, 8, (view, at) => {
      view.setUint32(at, uidRange[0], LITTLE_ENDIAN);
      view.setUint32(at + 4, uidRange[1], LITTLE_ENDIAN);
    });
  if (table >= 256) message.u32(FRA_TABLE, table);
  if (spec.suppressPrefixLength !== undefined) message.u32(FRA_SUPPRESS_PREFIXLEN, spec.suppressPrefixLength);
  if (spec.suppressInterfaceGroup !== undefined) message.u32(FRA_SUPPRESS_IFGROUP, spec.suppressInterfaceGroup);
  if (spec.iif !== undefined) message.string(FRA_IIFNAME, spec.iif);
  if (spec.oif !== undefined) message.string(FRA_OIFNAME, spec.oif);
  if (spec.l3mdev === true) message.u8(FRA_L3MDEV, 1);
  if (protocol !== undefined) message.u8(FRA_PROTOCOL, protocol);
  if (spec.ipProtocol !== undefined) message.u8(FRA_IP_PROTO, spec.ipProtocol);
  for (const [type, ports] of [
    [FRA_SPORT_RANGE, sourcePorts],
    [FRA_DPORT_RANGE, destinationPorts],
  ] as const)
    if (ports !== undefined)
      message.struct(type, 4, (view, at) => {
        view.setUint16(at, ports[0], LITTLE_ENDIAN);
        view.setUint16(at + 2, ports[1], LITTLE_ENDIAN);
      });
  if (spec.goto !== undefined) message.u32(FRA_GOTO, spec.goto);
  if (spec.unknown !== undefined) writeUnknown(message, spec.unknown);
  return new Operation(
    { name: kind.name, description: `${kind.verb} rule ${target}`, target },
    acknowledged(message.finish()),
  );
}
