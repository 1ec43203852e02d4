import { readFileSync } from 'node:fs';
import {
  type Capability,
  checkBoolean,
  checkInteger,
  checkKnownOptions,
  checkOptionsObject,
  escaped,
  type KnownOptions,
  shown,
} from '../checks/index.js';
import { InvalidOptionError, NetnsError } from '../errors.js';
import { problemOfName } from '../namespace/names.js';
import type { BrokerRequest } from '../socket/broker-protocol.js';
import { isInterfaceName } from '../socket/socket-options.js';
import { type BrokerLimits, type CheckedLimits, checkLimits } from './limits.js';
import type { Peer } from './peer.js';

/** Who gets which sockets. What no rule allows is denied. */
export interface BrokerPolicy {
  rules: readonly BrokerRule[];
  limits?: BrokerLimits | undefined;
}

/** One rule: a request must satisfy all of its properties. */
export interface BrokerRule {
  /** How denials and the log call it. @default `rule <number>` */
  name?: string | undefined;
  /** Users, by number or by name of /etc/passwd; `'*'` is every user. A caller needs to be in `users` or in `groups`. */
  users?: readonly (string | number)[] | undefined;
  /** Groups, by number or by name of /etc/group; supplementary groups of the caller count. */
  groups?: readonly (string | number)[] | undefined;
  /** Names in /run/netns; `*` stands for any characters. */
  namespaces: readonly string[];
  /** @default both */
  families?: readonly ('ipv4' | 'ipv6')[] | undefined;
  /**
   * `'ping'` makes ICMP echo sockets; `'netlink'` sockets by which links, addresses and routes are read, and nothing is
   * changed.
   *
   * @default `['stream', 'dgram', 'netlink']`
   */
  types?: readonly ('stream' | 'dgram' | 'ping' | 'netlink')[] | undefined;
  /**
   * The ports that sockets may be bound to by the broker: numbers, and ranges of them. It takes that for ports that need
   * CAP_NET_BIND_SERVICE; to others clients bind their sockets themselves.
   *
   * @default none
   */
  listen?: readonly NumberOrRange[] | undefined;
  /** If given, each socket must be bound to one of these interfaces. An unprivileged process cannot undo that. */
  interfaces?: readonly string[] | undefined;
  /** The marks that may be set: numbers, and ranges of them. @default none */
  marks?: readonly NumberOrRange[] | undefined;
  /** The priorities that may be set. @default 0 to 6, which need no privilege */
  priorities?: readonly NumberOrRange[] | undefined;
  /** Whether sockets may be transparent. @default false */
  transparent?: boolean | undefined;
}

/** `<linux/netlink.h>` */
const NETLINK_ROUTE = 0;

export type NumberOrRange = number | readonly [number, number];

const RULE: KnownOptions = {
  callee: 'a rule of the policy',
  noun: 'property',
  names: [
    'name',
    'users',
    'groups',
    'namespaces',
    'families',
    'types',
    'listen',
    'interfaces',
    'marks',
    'priorities',
    'transparent',
  ],
  synonyms: {
    user: 'users',
    group: 'groups',
    uid: 'users',
    gid: 'groups',
    netns: 'namespaces',
    device: 'interfaces',
    ports: 'listen',
    port: 'listen',
  },
};

/** A rule as it is applied. */
interface Rule {
  readonly name: string;
  readonly users: ReadonlySet<number> | 'all';
  readonly groups: ReadonlySet<number>;
  readonly namespaces: readonly string[];
  readonly families: readonly string[];
  readonly types: readonly string[];
  readonly listen: readonly NumberOrRange[];
  readonly interfaces: readonly string[] | undefined;
  readonly marks: readonly NumberOrRange[];
  readonly priorities: readonly NumberOrRange[];
  readonly transparent: boolean;
}

/** What a policy says of a request. */
export type Decision =
  | { readonly allowed: true; readonly rule: string }
  | { readonly allowed: false; readonly rule: string | undefined; readonly reason: string };

/** A policy that was checked. It reads the names of users and groups when it is made, and nothing later. */
export class Policy {
  readonly limits: CheckedLimits;
  readonly #rules: readonly Rule[];

  /** @throws InvalidOptionError, NetnsError where a user or group does not exist */
  constructor(policy: BrokerPolicy) {
    checkOptionsObject(policy, 'the policy');
    checkKnownOptions(policy, { callee: 'the policy', noun: 'property', names: ['rules', 'limits'] });
    if (!Array.isArray(policy.rules))
      throw new InvalidOptionError('rules', `rules must be an array of rules, got ${shown(policy.rules)}`);
    this.#rules = policy.rules.map((rule, index) => readRule(rule, index));
    this.limits = checkLimits(policy.limits);
  }

  /** What the broker needs to do what the policy allows. */
  get capabilities(): readonly Capability[] {
    const some = (test: (rule: Rule) => boolean): boolean => this.#rules.some(test);
    const needed: Capability[] = ['CAP_SYS_ADMIN'];
    if (some(({ marks, priorities, transparent }) => transparent || marks.length > 0 || priorities.some(isHigh)))
      needed.push('CAP_NET_ADMIN');
    if (some(({ listen }) => listen.length > 0)) needed.push('CAP_NET_BIND_SERVICE');
    return needed;
  }

  /** Whether a rule is for the user or one of the groups of a client. */
  knows(peer: Peer): boolean {
    return this.#rules.some((rule) => isOf(peer, rule));
  }

  /** Decides by the first rule that allows the request. */
  decide(peer: Peer, request: BrokerRequest): Decision {
    let denial: Decision | undefined;
    for (const rule of this.#rules) {
      if (!isOf(peer, rule) || !rule.namespaces.some((pattern) => matches(pattern, request.namespace))) continue;
      const reason = objection(rule, request);
      if (reason === undefined) return { allowed: true, rule: rule.name };
      denial ??= { allowed: false, rule: rule.name, reason };
    }
    return (
      denial ?? {
        allowed: false,
        rule: undefined,
        reason: `no rule gives the user ${peer.uid} the namespace "${escaped(request.namespace)}"`,
      }
    );
  }
}

function isOf(peer: Peer, { users, groups }: Rule): boolean {
  return users === 'all' || users.has(peer.uid) || peer.groups.some((group) => groups.has(group));
}

/** Why a rule does not allow a request of one of its users in one of its namespaces. */
function objection(rule: Rule, request: BrokerRequest): string | undefined {
  if (request.request === 'netlink')
    return !rule.types.includes('netlink')
      ? 'the type netlink is not among its types'
      : request.protocol === NETLINK_ROUTE
        ? undefined
        : `it gives netlink sockets of the protocol ${NETLINK_ROUTE} (NETLINK_ROUTE) alone, not ${request.protocol}`;
  if (request.request !== 'open') return undefined;
  const { family, type, options, bindTo } = request;
  if (!rule.families.includes(family)) return `the family ${family} is not among its families`;
  if (!rule.types.includes(type)) return `the type ${type} is not among its types`;
  if (rule.interfaces !== undefined) {
    if (options.interface === undefined)
      return `it gives sockets that are bound to an interface alone (${rule.interfaces.join(', ')})`;
    if (!rule.interfaces.includes(options.interface))
      return `the interface ${escaped(options.interface)} is not among its interfaces`;
  }
  if (options.mark !== undefined && !includes(rule.marks, options.mark))
    return `the mark ${options.mark} is not among its marks`;
  if (options.priority !== undefined && !includes(rule.priorities, options.priority))
    return `the priority ${options.priority} is not among its priorities`;
  if (options.transparent === true && !rule.transparent) return 'it does not allow transparent sockets';
  if (bindTo !== undefined && !includes(rule.listen, bindTo.port))
    return `the port ${bindTo.port} is not among the ports to listen on`;
  return undefined;
}

/** Whether a priority needs a privilege. */
function isHigh(allowed: NumberOrRange): boolean {
  return (typeof allowed === 'number' ? allowed : allowed[1]) > 6;
}

function includes(allowed: readonly NumberOrRange[], value: number): boolean {
  return allowed.some((entry) =>
    typeof entry === 'number' ? entry === value : value >= entry[0] && value <= entry[1],
  );
}

/** Whether a name is of a pattern. Time grows with the product of their lengths at most, whatever the client sends. */
export function matches(pattern: string, name: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return name === pattern;
  if (!name.startsWith(head) || !name.endsWith(tail) || name.length < head.length + tail.length) return false;
  let at = head.length;
  const end = name.length - tail.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

function readRule(rule: BrokerRule, index: number): Rule {
  const place = `rules[${index}]`;
  checkOptionsObject(rule, place);
  checkKnownOptions(rule, RULE);
  // Only what is left out has a default: `null` may stand for a list that was forgotten.
  const {
    name = `rule ${index + 1}`,
    users,
    groups,
    namespaces,
    listen = [],
    marks = [],
    priorities = [[0, 6]],
  } = rule;
  const { families = ['ipv4', 'ipv6'], types = ['stream', 'dgram', 'netlink'] } = rule;
  if (typeof name !== 'string' || name === '')
    throw new InvalidOptionError('name', `${place}.name must be a text, got ${shown(name)}`);
  if (users === undefined && groups === undefined)
    throw new InvalidOptionError('users', `${place} names no users or groups: give one of them, or users: ['*']`);
  return {
    name,
    users: usersOf(users, `${place}.users`),
    groups: groupsOf(groups, `${place}.groups`),
    namespaces: list(namespaces, `${place}.namespaces`, isPattern, "names without a slash, such as 'ns-red' or 'ns-*'"),
    families: list(families, `${place}.families`, oneOf('ipv4', 'ipv6'), "'ipv4' and 'ipv6'"),
    types: list(
      types,
      `${place}.types`,
      oneOf('stream', 'dgram', 'ping', 'netlink'),
      "'stream', 'dgram', 'ping' and 'netlink'",
    ),
    listen: numbers(listen, `${place}.listen`, 65_535),
    interfaces:
      rule.interfaces === undefined
        ? undefined
        : list(rule.interfaces, `${place}.interfaces`, isInterfaceName, 'names of interfaces'),
    marks: numbers(marks, `${place}.marks`, 0xffffffff),
    priorities: numbers(priorities, `${place}.priorities`, 0x7fffffff),
    transparent: checkBoolean(`${place}.transparent`, rule.transparent) ?? false,
  };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isPattern = (value: unknown): value is string => typeof value === 'string' && problemOfName(value) === undefined;
const oneOf =
  (...names: string[]) =>
  (value: unknown): value is string =>
    names.includes(value as string);

function list<T>(
  values: unknown,
  place: string,
  isValid: (value: unknown) => value is T,
  expected: string,
): readonly T[] {
  if (!Array.isArray(values) || values.length === 0)
    throw new InvalidOptionError(place, `${place} must be an array of ${expected}, got ${shown(values)}`);
  const wrong = values.findIndex((value) => !isValid(value));
  if (wrong >= 0) throw new InvalidOptionError(place, `${place} must hold ${expected}, got ${shown(values[wrong])}`);
  return [...(values as T[])];
}

function numbers(values: unknown, place: string, max: number): readonly NumberOrRange[] {
  if (!Array.isArray(values))
    throw new InvalidOptionError(place, `${place} must be an array of numbers and ranges, got ${shown(values)}`);
  return values.map((entry: unknown): NumberOrRange => {
    if (Array.isArray(entry)) {
      const [from, to] = entry as unknown[];
      const first = checkInteger(place, from, 0, max);
      const last = checkInteger(place, to, 0, max);
      if (entry.length === 2 && first !== undefined && last !== undefined && first <= last) return [first, last];
    } else {
      const value = checkInteger(place, entry, 0, max);
      if (value !== undefined) return value;
    }
    throw new InvalidOptionError(place, `a range of ${place} must be [first, last], got ${shown(entry)}`);
  });
}

/** The users of a rule; `'*'` among them is every user. */
function usersOf(values: unknown, place: string): ReadonlySet<number> | 'all' {
  if (values === undefined) return new Set();
  const entries = namesAndNumbers(values, place, 'user');
  const some = new Set(
    entries.filter((entry) => entry !== '*').map((entry) => idOf(entry, place, '/etc/passwd', 'user')),
  );
  return entries.includes('*') ? 'all' : some;
}

function groupsOf(values: unknown, place: string): ReadonlySet<number> {
  if (values === undefined) return new Set();
  return new Set(namesAndNumbers(values, place, 'group').map((entry) => idOf(entry, place, '/etc/group', 'group')));
}

function namesAndNumbers(values: unknown, place: string, kind: string): readonly (string | number)[] {
  return list(
    values,
    place,
    (value): value is string | number =>
      isText(value) || (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xfffffffe),
    `names and numbers of ${kind}s`,
  );
}

function idOf(entry: string | number, place: string, file: string, kind: string): number {
  if (typeof entry === 'number') return entry;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [found, , id = ''] = line.split(':');
    if (found === entry && /^\d+$/.test(id)) return Number(id);
  }
  throw new NetnsError(`${place}: ${file} has no ${kind} ${shown(entry)}: create it, or give its number`, {
    code: 'ENOENT',
    path: file,
  });
}
