import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import { AF_UNSPEC } from 'netns-core/sys';
import { type CheckedEncap, checkEncap } from '../encap/encap.js';
import { checkArray, checkProperties, checkQuantity, mustBe, propertiesOf } from '../message/checks.js';
import { familyNumber, parseIpAddress } from '../message/ip-address.js';
import { checkUnknown, type UnknownAttribute } from '../message/unknown-attribute.js';
import { checkOptionalLink, describeLink } from '../operation/link-reference.js';
import { routeFlagMask, routeProtocols } from '../route/numbers.js';
import { RTPROT_UNSPEC } from '../uapi/route.js';
import type { NexthopGroup, NexthopMember, NexthopObject, ResilientGroup } from './nexthop.js';
import type { NexthopMemberSpec, NexthopObjectSpec, ResilientGroupSpec } from './spec.js';

/** The properties of a nexthop object, with what `ip nexthop` calls them. */
const PROPERTIES = propertiesOf<NexthopObjectSpec, NexthopObject>(
  {
    id: 'set',
    type: 'set',
    family: 'set',
    oif: 'set',
    gateway: 'set',
    encap: 'set',
    fdb: 'set',
    members: 'set',
    resilient: 'set',
    protocol: 'set',
    flags: 'set',
    unknown: 'set',
    scope: 'told',
  },
  {
    nhid: 'id',
    nexthopid: 'id',
    via: 'gateway',
    gw: 'gateway',
    dev: 'oif',
    link: 'oif',
    interface: 'oif',
    ifindex: 'oif',
    proto: 'protocol',
    group: 'members',
    nexthops: 'members',
    blackhole: 'type',
    onlink: 'flags',
    buckets: 'resilient',
  },
);
const MEMBER_PROPERTIES = propertiesOf<NexthopMemberSpec, NexthopMember>(
  { id: 'set', weight: 'set' },
  { nhid: 'id', nexthopid: 'id' },
);
const RESILIENT_PROPERTIES = propertiesOf<ResilientGroupSpec, ResilientGroup>(
  { buckets: 'set', idleTimer: 'set', unbalancedTimer: 'set', unbalancedTime: 'told' },
  { idle_timer: 'idleTimer', unbalanced_timer: 'unbalancedTimer' },
);
const REMOVAL_PROPERTIES = propertiesOf<{ readonly id: number }, NexthopObject>({
  id: 'set',
  type: 'told',
  family: 'told',
  oif: 'told',
  gateway: 'told',
  encap: 'told',
  fdb: 'told',
  members: 'told',
  resilient: 'told',
  protocol: 'told',
  flags: 'told',
  unknown: 'told',
  scope: 'told',
});

const MAX_ID = 0xffffffff;
const MAX_WEIGHT = 0x10000;
const MAX_BUCKETS = 0xffff;
/** Of the timers, which the kernel has as 32 bits of hundredths. */
const MAX_SECONDS = 0xffffffff / 100;

/** A spec whose values were checked and are the kernel's numbers. */
export interface CheckedNexthop {
  readonly id: number | undefined;
  readonly type: NexthopObject['type'];
  readonly family: number;
  readonly protocol: number;
  readonly flags: number;
  /** Index of a link, or a name that is still to be looked up. */
  readonly oif: number | string | undefined;
  readonly gateway: Uint8Array | undefined;
  readonly encap: CheckedEncap | undefined;
  readonly fdb: boolean;
  readonly members: readonly NexthopMember[];
  readonly resilient: ResilientGroupSpec | undefined;
  readonly unknown: readonly UnknownAttribute[];
}

/** The same with the link's name looked up. */
export type ResolvedNexthop = CheckedNexthop & { readonly oif: number | undefined };

/** Whether no name of a link has to be looked up. */
export function isResolved(nexthop: CheckedNexthop): nexthop is ResolvedNexthop {
  return typeof nexthop.oif !== 'string';
}

function refuse(property: string, message: string): never {
  throw new InvalidOptionError(property, message);
}

/** @throws InvalidOptionError */
export function checkNexthopId(id: unknown, property = 'id'): number {
  if (typeof id !== 'number') throw mustBe(property, `an integer from 1 to ${MAX_ID}`, id);
  checkInteger(property, id, 1, MAX_ID);
  return id;
}

/** The id of a nexthop object to be removed. @throws InvalidOptionError */
export function checkNexthopRemoval(callee: string, nexthop: number | { readonly id: number }): number {
  if (typeof nexthop === 'number') return checkNexthopId(nexthop);
  checkProperties(nexthop, callee, REMOVAL_PROPERTIES);
  return checkNexthopId(nexthop.id);
}

/**
 * Checks a nexthop object before anything is sent.
 *
 * @param replacing whether it has to have an id
 * @throws InvalidOptionError
 */
export function checkNexthop(callee: string, spec: NexthopObjectSpec, replacing: boolean): CheckedNexthop {
  checkProperties(spec, callee, PROPERTIES);
  const { id, gateway, fdb, members, resilient } = spec;
  if (id === undefined && replacing) refuse('id', `${callee} needs the id of the nexthop object: \`id\``);
  if (id !== undefined) checkNexthopId(id);
  checkBoolean('fdb', fdb);
  const type = typeOf(spec);
  const oif = checkOptionalLink(spec.oif, 'oif');
  const address = gateway === undefined ? undefined : parseIpAddress(gateway, 'gateway');
  checkUnknown(spec.unknown);
  const checked: CheckedNexthop = {
    id,
    type,
    family: familyOf(spec, type, address),
    protocol: spec.protocol === undefined ? RTPROT_UNSPEC : routeProtocols.number(spec.protocol),
    flags: routeFlagMask(spec.flags === undefined ? [] : spec.flags, 'flags', false),
    oif,
    gateway: address,
    encap: checkEncap(spec.encap, 'encap'),
    fdb: fdb === true,
    members: checkMembers(members, id),
    resilient: checkResilient(resilient, replacing),
    unknown: spec.unknown ?? [],
  };
  checkWay(spec, type);
  return checked;
}

const TYPES: readonly unknown[] = ['unicast', 'blackhole', 'group'] satisfies NexthopObject['type'][];

function typeOf({ type, members, resilient }: NexthopObjectSpec): NexthopObject['type'] {
  if (type !== undefined && !TYPES.includes(type)) throw mustBe('type', `one of ${TYPES.join(', ')}`, type);
  const found = type ?? (members === undefined ? 'unicast' : 'group');
  if (found === 'group' && members === undefined)
    refuse('members', 'a group needs members: `members`, such as [{ id: 1 }, { id: 2 }]');
  if (found !== 'group' && members !== undefined)
    refuse('members', `members are those of a group, and the nexthop object is of the type '${found}'`);
  if (found !== 'group' && resilient !== undefined)
    refuse(
      'resilient',
      `resilient is for groups, which have members, and the nexthop object is of the type '${found}'`,
    );
  return found;
}

function familyOf(spec: NexthopObjectSpec, type: NexthopObject['type'], gateway: Uint8Array | undefined): number {
  const { family } = spec;
  if (type === 'group') {
    if (family !== undefined && family !== 'none')
      throw mustBe('family', "'none' for a group, whose members have one each", family);
    return AF_UNSPEC;
  }
  if (family === 'none') refuse('family', `family 'none' is that of groups: a nexthop object has 'ipv4' or 'ipv6'`);
  const told = gateway === undefined ? undefined : gateway.length === 4 ? 'ipv4' : 'ipv6';
  const number = familyNumber(family ?? told ?? 'ipv4');
  if (family !== undefined && told !== undefined && told !== family)
    refuse('family', `family is '${family}', but the gateway '${spec.gateway}' is one of ${told}`);
  return number;
}

/** What excludes each other, and what a nexthop needs. */
function checkWay(spec: NexthopObjectSpec, type: NexthopObject['type']): void {
  const { fdb } = spec;
  if (type !== 'unicast')
    for (const property of ['gateway', 'oif', 'encap'] as const)
      if (spec[property] !== undefined)
        refuse(property, `${property} cannot be given for a nexthop object of the type '${type}'`);
  if (type === 'group') return;
  if (fdb === true) {
    if (type === 'blackhole') refuse('fdb', 'a blackhole cannot be for a forwarding database: `fdb` excludes it');
    for (const property of ['oif', 'encap'] as const)
      if (spec[property] !== undefined)
        refuse(property, `${property} cannot be given with \`fdb\`: such a nexthop object has a gateway alone`);
    if (spec.gateway === undefined) refuse('gateway', 'a nexthop object with `fdb` needs the endpoint: `gateway`');
  } else if (type === 'unicast' && spec.oif === undefined)
    refuse(
      'oif',
      'a nexthop object needs the link that packets leave by (`oif`), but for those of forwarding databases (`fdb`)',
    );
}

function checkMembers(members: NexthopObjectSpec['members'], own: number | undefined): NexthopGroup['members'] {
  checkArray('members', members, 'members');
  if (members?.length === 0) refuse('members', '`members` is empty: a group needs at least one');
  const seen = new Set<number>();
  return (members ?? []).map((member, index) => {
    const property = `members[${index}]`;
    checkProperties(member, property, MEMBER_PROPERTIES);
    const { weight = 1 } = member;
    const id = checkNexthopId(member.id, `${property}.id`);
    if (id === own) refuse(`${property}.id`, `${property}.id is that of the group itself, ${id}`);
    if (seen.has(id)) refuse(`${property}.id`, `${property}.id: ${id} is a member already; give it a weight instead`);
    seen.add(id);
    checkInteger(`${property}.weight`, weight, 1, MAX_WEIGHT);
    return { id, weight };
  });
}

function checkResilient(resilient: ResilientGroupSpec | undefined, replacing: boolean): ResilientGroupSpec | undefined {
  if (resilient === undefined) return undefined;
  checkProperties(resilient, 'resilient', RESILIENT_PROPERTIES);
  if (resilient.buckets === undefined && !replacing)
    refuse('resilient.buckets', 'a resilient group needs the number of its buckets: `resilient.buckets`');
  checkInteger('resilient.buckets', resilient.buckets, 1, MAX_BUCKETS);
  for (const timer of ['idleTimer', 'unbalancedTimer'] as const)
    checkQuantity(`resilient.${timer}`, resilient[timer], 0, MAX_SECONDS, 'seconds');
  return resilient;
}

/** How a nexthop object reads in an error: `7`, or `via 192.0.2.2 dev eth0` of one that has no id yet. */
export function describeNexthop(spec: NexthopObjectSpec, { id, type, members }: CheckedNexthop): string {
  if (id !== undefined) return String(id);
  if (type === 'group') return `group ${members.map((member) => member.id).join('/')}`;
  if (type === 'blackhole') return type;
  const words: string[] = [];
  if (spec.gateway !== undefined) words.push(`via ${spec.gateway}`);
  if (spec.oif !== undefined) words.push(`dev ${describeLink(spec.oif)}`);
  return words.join(' ');
}
