import fc from 'fast-check';
import { Netlink, type Rule, type RuleSpec } from 'netlink-links';
import * as operations from 'netlink-links/operations';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ipIn, ipJson, makeNamespaces, realRoot, uniqueName } from '#testkit';
import { MessageBytes } from '../src/message/message-bytes.js';
import { readRule } from '../src/rule/read.js';

type ShownRule = Record<string, unknown>;

const namespace = uniqueName('ru');
let namespaces: Disposable;
let netlink: Netlink;

beforeAll(() => {
  namespaces = makeNamespaces(namespace);
  netlink = Netlink.open(namespace);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

const own = (rule: Rule) => rule.protocol !== 'kernel';
function clear(): void {
  for (const rule of netlink.sync.ruleList().filter(own)) netlink.sync.ruleDel(rule);
}
afterEach(clear);

const shownAll = () => ['-4', '-6'].flatMap((family) => ipJson<ShownRule>(`${family} rule show`, namespace));
const shown = () => shownAll().filter(({ protocol }) => protocol !== 'kernel');

const TABLES: Record<number, string> = { 253: 'default', 254: 'main', 255: 'local' };
const PROTOCOLS: Record<number, string> = { 1: 'icmp', 6: 'tcp', 17: 'udp' };

/** A rule of ours in the words of `ip`. */
function inWordsOfIp(rule: Rule): ShownRule {
  const network = (key: string, text: string | undefined): ShownRule => {
    if (text === undefined) return {};
    const [address = '', length] = text.split('/');
    return {
      [key]: address,
      ...(Number(length) < (text.includes(':') ? 128 : 32) && { [`${key}len`]: Number(length) }),
    };
  };
  const ports = (name: string, range: readonly [number, number] | undefined): ShownRule =>
    range === undefined
      ? {}
      : range[0] === range[1]
        ? { [name]: range[0] }
        : { [`${name}_start`]: range[0], [`${name}_end`]: range[1] };
  const hex = (value: number) => `0x${value.toString(16)}`;
  const byte = (value: number) => `0x${value.toString(16).padStart(2, '0')}`;
  return {
    priority: rule.priority,
    ...(rule.invert && { not: null }),
    ...(rule.src === undefined ? { src: 'all' } : network('src', rule.src)),
    ...network('dst', rule.dst),
    ...(rule.tos !== 0 && { tos: byte(rule.tos) }),
    ...(rule.fwmark !== undefined && { fwmark: hex(rule.fwmark) }),
    ...(rule.fwmask !== undefined && rule.fwmask !== 0xffffffff && { fwmask: hex(rule.fwmask) }),
    ...(rule.iif !== undefined && { iif: rule.iif }),
    ...(rule.flags.includes('iif-detached') && { iif_detached: null }),
    ...(rule.oif !== undefined && { oif: rule.oif }),
    ...(rule.flags.includes('oif-detached') && { oif_detached: null }),
    ...(rule.l3mdev === true && { l3mdev: null }),
    ...(rule.uidRange !== undefined && { uid_start: rule.uidRange[0], uid_end: rule.uidRange[1] }),
    ...(rule.ipProtocol !== undefined && { ipproto: PROTOCOLS[rule.ipProtocol] ?? `ipproto-${rule.ipProtocol}` }),
    ...ports('sport', rule.sourcePorts),
    ...ports('dport', rule.destinationPorts),
    ...(rule.table !== undefined && { table: TABLES[rule.table] ?? String(rule.table) }),
    ...(rule.suppressPrefixLength !== undefined && { suppress_prefixlen: rule.suppressPrefixLength }),
    ...(rule.suppressInterfaceGroup !== undefined && { suppress_ifgroup: String(rule.suppressInterfaceGroup) }),
    ...(rule.goto !== undefined && { goto: rule.goto }),
    ...(rule.flags.includes('unresolved') && { unresolved: null }),
    ...(rule.action === 'nop' && { nop: null }),
    ...(['blackhole', 'unreachable', 'prohibit'].includes(String(rule.action)) && { action: rule.action }),
    protocol: String(rule.protocol),
  };
}

const read = () => netlink.sync.ruleList().filter(own).map(inWordsOfIp);

/** The same rule as an argument of `ip rule`. */
function asArguments(spec: RuleSpec): string {
  const words = [spec.family === 'ipv6' ? '-6 rule add' : '-4 rule add'];
  if (spec.invert) words.push('not');
  words.push(`from ${spec.src ?? 'all'}`);
  if (spec.dst) words.push(`to ${spec.dst}`);
  if (spec.fwmark !== undefined)
    words.push(`fwmark ${spec.fwmark}${spec.fwmask === undefined ? '' : `/${spec.fwmask}`}`);
  if (spec.iif) words.push(`iif ${spec.iif}`);
  if (spec.oif) words.push(`oif ${spec.oif}`);
  if (spec.tos) words.push(`tos 0x${spec.tos.toString(16)}`);
  if (spec.uidRange) words.push(`uidrange ${spec.uidRange.join('-')}`);
  if (spec.ipProtocol) words.push(`ipproto ${spec.ipProtocol}`);
  if (spec.sourcePorts) words.push(`sport ${spec.sourcePorts.join('-')}`);
  if (spec.destinationPorts) words.push(`dport ${spec.destinationPorts.join('-')}`);
  if (spec.suppressPrefixLength !== undefined) words.push(`suppress_prefixlength ${spec.suppressPrefixLength}`);
  if (spec.suppressInterfaceGroup !== undefined) words.push(`suppress_ifgroup ${spec.suppressInterfaceGroup}`);
  if (spec.protocol !== undefined) words.push(`protocol ${spec.protocol}`);
  words.push(`pref ${spec.priority}`);
  if (spec.goto !== undefined) words.push(`goto ${spec.goto}`);
  else if (spec.action !== undefined) words.push(String(spec.action));
  else words.push(`table ${spec.table}`);
  return words.join(' ');
}

describe('rules, in agreement with iproute2', () => {
  const range = (most: number) =>
    fc
      .tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most }))
      .map(([a, b]): [number, number] => (a < b ? [a, b] : [b, a]));
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 3 });
  const specs = fc
    .uniqueArray(
      fc.record({
        priority: fc.integer({ min: 1, max: 30_000 }),
        ipv6: fc.boolean(),
        src: maybe(fc.integer({ min: 16, max: 32 })),
        dst: maybe(fc.integer({ min: 16, max: 32 })),
        invert: fc.boolean(),
        fwmark: maybe(fc.integer({ min: 1, max: 0xffffffff })),
        fwmask: fc.integer({ min: 1, max: 0xffffffff }),
        iif: maybe(fc.constantFrom('lo', 'nolink0')),
        oif: maybe(fc.constantFrom('lo', 'nolink0')),
        tos: maybe(fc.constantFrom(4, 0x10)),
        // An ordinary user's sandbox knows one user only.
        uidRange: maybe(realRoot() ? range(70_000) : fc.constant<[number, number]>([0, 0])),
        ipProtocol: maybe(fc.constantFrom(6, 17)),
        ports: maybe(range(0xfffe)),
        to: fc.constantFrom<RuleSpec>(
          { table: 254 },
          { table: 200 },
          { table: 256 },
          { table: 0xfffffffe },
          { goto: 32_766 },
          { goto: 31_000 },
          { action: 'blackhole' },
          { action: 'unreachable' },
          { action: 'prohibit' },
          { action: 'nop' },
        ),
        suppress: maybe(fc.integer({ min: 0, max: 24 })),
        group: maybe(fc.integer({ min: 1, max: 9 })),
        protocol: maybe(fc.constantFrom('static', 'bgp', 'boot')),
      }),
      { selector: ({ priority }) => priority, minLength: 1, maxLength: 6 },
    )
    .map((drafts) =>
      drafts.map(
        ({
          priority,
          ipv6,
          src,
          dst,
          invert,
          fwmark,
          fwmask,
          iif,
          oif,
          tos,
          uidRange,
          ipProtocol,
          ports,
          to,
          suppress,
          group,
          protocol,
        }): RuleSpec => {
          const network = (length: number, host: number) =>
            ipv6
              ? `2001:db8:${host}::/${length + 32}`
              : length >= 24
                ? `198.18.${host}.0/${Math.min(length, 24)}`
                : '198.18.0.0/16';
          return {
            family: ipv6 ? 'ipv6' : 'ipv4',
            priority,
            ...to,
            ...(src !== undefined && { src: network(src, 1) }),
            ...(dst !== undefined && { dst: network(dst, 2) }),
            ...(invert && { invert }),
            ...(fwmark !== undefined && { fwmark, fwmask }),
            ...(iif !== undefined && { iif }),
            ...(oif !== undefined && { oif }),
            ...(tos !== undefined && { tos }),
            ...(uidRange !== undefined && { uidRange }),
            ...(ipProtocol !== undefined && {
              ipProtocol,
              ...(ports !== undefined && { sourcePorts: ports, destinationPorts: [ports[1], ports[1]] as const }),
            }),
            ...(suppress !== undefined && to.table !== undefined && { suppressPrefixLength: suppress }),
            ...(group !== undefined && to.table !== undefined && { suppressInterfaceGroup: group }),
            ...(protocol !== undefined && { protocol: protocol as 'bgp' }),
          };
        },
      ),
    );

  it('agrees with ip on generated rules, written by either, and removes what it read', () => {
    fc.assert(
      fc.property(specs, (list) => {
        clear();
        for (const spec of list) netlink.sync.ruleAdd(spec);
        const ours = read();
        expect(ours).toHaveLength(list.length);
        expect(shown()).toEqual(ours);
        clear();
        expect(shown()).toEqual([]);
        for (const spec of list) ipIn(namespace, asArguments(spec));
        // `ip` calls a rule it made "boot" unless told otherwise, we leave it to the kernel, which says "unspec".
        const named = (rules: ShownRule[]) =>
          rules.map((rule) => ({ ...rule, protocol: rule.protocol === 'unspec' ? 'boot' : rule.protocol }));
        expect(named(read())).toEqual(named(ours));
        for (const spec of list) netlink.sync.ruleDel(spec);
        expect(shown()).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('lets the kernel choose the priority, and looks up main, unless told otherwise', async () => {
    await netlink.ruleAdd({ src: '192.0.2.0/24' });
    expect(await netlink.ruleList({ family: 'ipv4', table: 'main' })).toMatchObject([
      { src: '192.0.2.0/24', priority: 32_765, action: 'lookup', table: 254 },
      { priority: 32_766 },
    ]);
    netlink.sync.ruleAdd({ l3mdev: true, priority: 1000 });
    expect(shown()).toContainEqual({ priority: 1000, src: 'all', l3mdev: null, protocol: 'unspec' });
    const [rule] = netlink.sync.ruleList({ priority: 1000 });
    expect(rule).toMatchObject({ l3mdev: true, action: 'lookup' });
    expect(rule?.table).toBeUndefined();
  });

  it('says what the kernel says', () => {
    netlink.sync.ruleAdd({ src: '192.0.2.0/24', table: 100, priority: 5 });
    expect(() => netlink.sync.ruleAdd({ src: '192.0.2.0/24', table: 100, priority: 5 })).toThrow(
      /^cannot add rule 5: from 192\.0\.2\.0\/24 lookup 100: .*\(EEXIST\)$/,
    );
    expect(() => netlink.sync.ruleDel({ priority: 6 })).toThrow(/^cannot remove rule 6: from all: .*\(ENOENT\)$/);
  });
});

describe('ruleDel that names no rule', () => {
  it.each<RuleSpec>([
    {},
    { family: 'ipv4' },
    { family: 'ipv6' },
    { action: 'lookup' },
    { src: 'all', dst: 'all', flags: [], invert: false },
  ])('is refused, and no rule goes: %j', (spec) => {
    const before = shownAll();
    expect(() => netlink.sync.ruleDel(spec)).toThrow('ruleDel is not told which rule');
    expect(shownAll()).toEqual(before);
  });
});

describe('rules that cannot be', () => {
  it.each<[string, RuleSpec, RegExp]>([
    ['two families', { src: '192.0.2.0/24', dst: '2001:db8::/32' }, /different families/],
    [
      'a family that the addresses contradict',
      { src: '192.0.2.0/24', family: 'ipv6' },
      /family is 'ipv6', but the rule's addresses are of ipv4/,
    ],
    [
      'an action that is none',
      { action: 'drop' as 'blackhole' },
      /action must be one of lookup, goto, nop, .*, got 'drop'/,
    ],
    [
      'a blackhole with a table',
      { action: 'blackhole', table: 5 },
      /table can be given for a rule with the action 'lookup' only/,
    ],
    ['goto nowhere', { action: 'goto' }, /belong together/],
    ['a range that runs backwards', { uidRange: [9, 3] }, /uidRange must begin with the lower number/],
    [
      'a port that the kernel refuses',
      { sourcePorts: [1, 65_535] },
      /sourcePorts\[1\] must be an integer from 1 to 65534/,
    ],
    ['a name that cannot be that of a link', { iif: 'a/b' }, /iif 'a\/b' cannot be the name of a link/],
    ['a name of 16 bytes', { oif: 'abcdefghijklmnop' }, /16 bytes/],
    ['a mark beyond 32 bits', { fwmark: 2 ** 32 }, /fwmark must be an integer/],
    ['a VRF’s table and one of its own', { l3mdev: true, table: 7 }, /table cannot be given beside `l3mdev`/],
  ])('refuses %s before anything is sent', (_what, spec, message) => {
    expect(() => operations.ruleAdd(spec)).toThrow(message);
  });

  it('reads whatever comes without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(2, 10), (noise, family) => {
        const bytes = MessageBytes.from(noise);
        if (noise.length > 0) bytes.u8[0] = family;
        readRule(bytes, 0, noise.length);
      }),
      { numRuns: 2000 },
    );
  });
});
