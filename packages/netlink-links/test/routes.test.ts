import fc from 'fast-check';
import { LinkNotFoundError, Netlink, NetlinkError, type Route, type RouteFilter, type RouteSpec } from 'netlink-links';
import * as operations from 'netlink-links/operations';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ipIn, ipJson, makeNamespaces, uniqueName, vethBetween } from '#testkit';
import { MessageBytes } from '../src/message/message-bytes.js';
import { readRoute } from '../src/route/read.js';

/** A route as `ip -j -d route` shows it. */
interface ShownRoute {
  type: string;
  dst: string;
  gateway?: string;
  via?: { family: string; host: string };
  dev?: string;
  table: string;
  protocol: string;
  scope: string;
  prefsrc?: string;
  metric?: number;
  tos?: string;
  flags: string[];
  pref?: string;
  expires?: number;
  metrics?: Record<string, number | string | null>[];
  nexthops?: { gateway?: string; via?: { host: string }; dev: string; weight: number; flags: string[] }[];
}

const namespace = uniqueName('rt');
const other = uniqueName('ro');
let netlink: Netlink;
let namespaces: Disposable;
let oif = 0;
let other0 = 0;

beforeAll(() => {
  namespaces = makeNamespaces(namespace, other);
  vethBetween(
    { namespace, name: 'v0', addresses: ['192.0.2.1/24', '2001:db8::1/64'] },
    { namespace: other, name: 'v1', addresses: ['192.0.2.2/24', '2001:db8::2/64'] },
  );
  ipIn(namespace, 'link add w0 type veth peer name w1');
  ipIn(namespace, 'link set w0 up');
  ipIn(namespace, 'link set w1 up');
  ipIn(namespace, 'addr add 203.0.113.1/25 dev w0');
  ipIn(namespace, 'addr add 2001:db8:77::1/64 dev w0 nodad');
  netlink = Netlink.open(namespace);
  oif = netlink.sync.linkByName('v0').index;
  other0 = netlink.sync.linkByName('w0').index;
});

afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

/** Removes all routes that the kernel did not make itself. */
function clear(): void {
  for (const route of netlink.sync.routeList({ table: 'all' }))
    if (route.protocol !== 'kernel') netlink.sync.routeDel(route);
}

afterEach(clear);

const TABLES: Record<string, number> = { main: 254, local: 255, default: 253 };
const METRICS: Record<string, string> = { rtoMin: 'rto_min' };

/** What `ip` shows, of routes that the test made. */
function shown(): ShownRoute[] {
  return ['-4', '-6'].flatMap((family) =>
    ipJson<ShownRoute>(`${family} route show table all`, namespace).filter((route) => route.protocol !== 'kernel'),
  );
}

const nameOf = (index: number | undefined): string | undefined =>
  index === oif ? 'v0' : index === other0 ? 'w0' : index === 1 ? 'lo' : undefined;

/** A route of ours in the words of `ip`, without what it leaves out. */
function inWordsOfIp(route: Route): Record<string, unknown> {
  const full = route.family === 'ipv4' ? '/32' : '/128';
  const any = route.family === 'ipv4' ? '0.0.0.0/0' : '::/0';
  const away = (gateway: string | undefined) =>
    gateway === undefined
      ? {}
      : gateway.includes(':') === (route.family === 'ipv6')
        ? { gateway }
        : { via: { family: gateway.includes(':') ? 'inet6' : 'inet', host: gateway } };
  const metrics = route.metrics === undefined ? undefined : Object.entries(route.metrics);
  return {
    type: route.type,
    dst: route.dst === any ? 'default' : route.dst.endsWith(full) ? route.dst.slice(0, -full.length) : route.dst,
    ...away(route.gateway),
    ...(route.oif !== undefined && { dev: nameOf(route.oif) }),
    table: Object.keys(TABLES).find((name) => TABLES[name] === route.table) ?? String(route.table),
    protocol: String(route.protocol),
    scope: route.scope,
    ...(route.prefSrc !== undefined && { prefsrc: route.prefSrc }),
    ...(route.priority !== undefined && { metric: route.priority }),
    ...(route.tos !== 0 && { tos: `0x${route.tos.toString(16)}` }),
    flags: route.flags,
    ...(route.preference !== undefined && { pref: route.preference }),
    ...(metrics !== undefined && {
      metrics: [
        Object.fromEntries(
          metrics
            .filter(([name]) => name !== 'lock')
            .map(([name, value]) => [METRICS[name] ?? name, name === 'ecn' ? null : value === true ? 1 : value]),
        ),
      ],
    }),
    ...(route.nexthops !== undefined && {
      nexthops: route.nexthops.map((way) => ({
        ...away(way.gateway),
        dev: nameOf(way.oif),
        weight: way.weight,
        flags: way.flags,
      })),
    }),
  };
}

/** What changes by itself, or what `ip` shows differently for no reason that matters here. */
function comparable(route: ShownRoute): Record<string, unknown> {
  const { expires: _expires, tos, ...rest } = route;
  return { ...rest, ...(tos !== undefined && { tos: `0x${Number(tos).toString(16)}` }) };
}

/** Ours and those of `ip`, in one order. */
function bothSides(): [Record<string, unknown>[], Record<string, unknown>[]] {
  const order = (list: Record<string, unknown>[]) =>
    list.sort((a, b) =>
      JSON.stringify([a.table, a.dst, a.metric, a.tos]) < JSON.stringify([b.table, b.dst, b.metric, b.tos]) ? -1 : 1,
    );
  const ours = netlink.sync.routeList({ table: 'all' }).filter((route) => route.protocol !== 'kernel');
  return [order(ours.map(inWordsOfIp)), order(shown().map(comparable))];
}

describe('routes, in agreement with iproute2', () => {
  it('shows ip what it wrote, and reads what ip shows: a route of each sort', () => {
    const { sync } = netlink;
    sync.routeAdd({ dst: '198.51.100.0/24', gateway: '192.0.2.2' });
    sync.routeAdd({ dst: 'default', gateway: '192.0.2.2', priority: 100 });
    sync.routeAdd({ dst: '198.51.100.7', oif, prefSrc: '192.0.2.1', table: 100_000, protocol: 'static', tos: 0x10 });
    sync.routeAdd({ dst: '198.51.101.0/24', gateway: '10.9.9.9', oif: 'v0', flags: ['onlink'] });
    for (const type of ['blackhole', 'unreachable', 'prohibit', 'throw'] as const)
      sync.routeAdd({ dst: `198.18.${type.length}.0/24`, type, table: 5 });
    sync.routeAdd({
      dst: '198.51.102.0/24',
      nexthops: [
        { gateway: '192.0.2.2', weight: 3 },
        { gateway: '203.0.113.2', oif: 'w0', flags: ['onlink'] },
        { oif },
      ],
    });
    sync.routeAdd({
      dst: '198.51.103.0/24',
      gateway: '192.0.2.2',
      metrics: {
        mtu: 1400,
        advmss: 1300,
        rtt: 100,
        rttvar: 50,
        window: 7,
        hoplimit: 9,
        rtoMin: 40,
        quickack: true,
        ecn: true,
        congestion: 'reno',
        initcwnd: 12,
        initrwnd: 13,
        cwnd: 4,
        ssthresh: 5,
        reordering: 6,
        lock: ['mtu', 'cwnd'],
      },
    });
    sync.routeAdd({ dst: '198.51.104.0/24', gateway: 'fe80::1', oif });
    sync.routeAdd({ dst: '2001:db8:1::/64', gateway: '2001:db8::2', preference: 'high', expires: 1000 });
    sync.routeAdd({ dst: '2001:db8:2::/64', gateway: '2001:db8::2', preference: 'low', priority: 7 });
    sync.routeAdd({
      dst: '2001:db8:3::/64',
      nexthops: [{ gateway: '2001:db8::2', weight: 2 }, { gateway: '2001:db8:77::3' }],
    });
    sync.routeAdd({ dst: 'default', family: 'ipv6', gateway: 'fe80::9', oif });
    sync.routeAdd({ dst: '2001:db8:4::/48', type: 'unreachable' });
    const [ours, theirs] = bothSides();
    expect(ours).toHaveLength(16);
    // ip prints what it has no name for as what it is: compared apart.
    expect(theirs).toEqual(ours);
    expect(sync.routeList({ dst: '198.51.103.0/24' })[0]?.metrics).toEqual({
      mtu: 1400,
      advmss: 1300,
      rtt: 100,
      rttvar: 50,
      window: 7,
      hoplimit: 9,
      rtoMin: 40,
      quickack: true,
      ecn: true,
      congestion: 'reno',
      initcwnd: 12,
      initrwnd: 13,
      cwnd: 4,
      ssthresh: 5,
      reordering: 6,
      lock: ['mtu', 'cwnd'],
    });
    expect(sync.routeList({ dst: '2001:db8:1::/64' })[0]?.expires).toBeCloseTo(1000, -1);
  });

  /** Distinct in what the kernel tells routes apart by, so that all of a list can be there at once. */
  const routeSpecs = fc
    .array(
      fc.record({
        ipv6: fc.boolean(),
        network: fc.integer({ min: 0, max: 255 }),
        length: fc.integer({ min: 17, max: 32 }),
        table: fc.constantFrom(254, 7, 255 - 2, 256, 1000, 0xfffffffe),
        priority: fc.constantFrom(undefined, 1, 77, 4_294_967_294),
        way: fc.constantFrom(
          'gateway',
          'link',
          'both',
          'onlink',
          'several',
          'blackhole',
          'unreachable',
          'prohibit',
          'throw',
        ),
        protocol: fc.constantFrom(undefined, 'static', 'bgp', 'dhcp', 200),
        prefSrc: fc.boolean(),
        tos: fc.constantFrom(undefined, 4, 0x10),
        metrics: fc.option(
          fc.record(
            {
              mtu: fc.integer({ min: 1280, max: 65_000 }),
              advmss: fc.integer({ min: 88, max: 65_000 }),
              hoplimit: fc.integer({ min: 1, max: 255 }),
              initcwnd: fc.integer({ min: 1, max: 100 }),
              rtoMin: fc.integer({ min: 1, max: 1000 }),
              congestion: fc.constant('cubic'),
            },
            { requiredKeys: [] },
          ),
          { nil: undefined },
        ),
        preference: fc.constantFrom(undefined, 'low', 'medium', 'high'),
        weights: fc.array(fc.integer({ min: 1, max: 256 }), { minLength: 2, maxLength: 4 }),
      }),
      { minLength: 1, maxLength: 8 },
    )
    .map((drafts) => {
      const seen = new Set<string>();
      const specs: RouteSpec[] = [];
      for (const { ipv6, network, length, way, weights, ...draft } of drafts) {
        const dst = ipv6
          ? `2001:db8:${(network + 0x100).toString(16)}::/${length + 31}`
          : `198.${18 + (network & 1)}.${network}.0/${length}`;
        const masked = ipv6
          ? dst
          : `198.${18 + (network & 1)}.${length < 24 ? network & (0xff << (24 - length)) & 0xff : network}.0/${length}`;
        const key = `${masked} ${draft.table}`;
        if (seen.has(key)) continue;
        seen.add(key);
        const gateway = ipv6 ? '2001:db8::2' : '192.0.2.2';
        const ways: Record<string, object> = {
          gateway: { gateway },
          link: { oif },
          both: { gateway, oif: 'v0' },
          onlink: { gateway: ipv6 ? 'fe80::7' : '10.1.2.3', oif: 'w0', flags: ['onlink'] },
          several: {
            nexthops: weights.map((weight, index) => ({
              gateway: ipv6 ? `2001:db8::${index + 3}` : `192.0.2.${index + 3}`,
              weight,
            })),
          },
        };
        const leadsNowhere = !(way in ways);
        specs.push({
          dst: masked,
          ...(leadsNowhere ? { type: way as 'throw' } : ways[way]),
          table: draft.table,
          ...(draft.priority !== undefined && { priority: draft.priority }),
          ...(draft.protocol !== undefined && { protocol: draft.protocol as 'bgp' | number }),
          ...(draft.prefSrc && !leadsNowhere && { prefSrc: ipv6 ? '2001:db8::1' : '192.0.2.1' }),
          ...(draft.tos !== undefined && !ipv6 && { tos: draft.tos }),
          ...(draft.metrics !== undefined && !leadsNowhere && { metrics: draft.metrics }),
          ...(draft.preference !== undefined && ipv6 && { preference: draft.preference as 'low' }),
        });
      }
      return specs;
    });

  /** The same route as an argument of `ip route`. */
  function asArguments(spec: RouteSpec): string {
    const words = ['route add'];
    if (spec.type !== undefined) words.push(String(spec.type));
    words.push(spec.dst);
    const link = (ref: unknown) => (typeof ref === 'string' ? ref : nameOf(ref as number));
    if (spec.gateway !== undefined) words.push(`via ${spec.gateway}`);
    if (spec.oif !== undefined) words.push(`dev ${link(spec.oif)}`);
    if (spec.flags !== undefined) words.push(...spec.flags.map(String));
    words.push(`table ${spec.table}`);
    if (spec.priority !== undefined) words.push(`metric ${spec.priority}`);
    if (spec.protocol !== undefined) words.push(`proto ${spec.protocol}`);
    if (spec.prefSrc !== undefined) words.push(`src ${spec.prefSrc}`);
    if (spec.tos !== undefined) words.push(`tos 0x${spec.tos.toString(16)}`);
    if (spec.preference !== undefined) words.push(`pref ${spec.preference}`);
    for (const [name, value] of Object.entries(spec.metrics ?? {}))
      words.push(name === 'rtoMin' ? `rto_min ${value}ms` : `${name === 'congestion' ? 'congctl' : name} ${value}`);
    for (const way of spec.nexthops ?? []) words.push(`nexthop via ${way.gateway} weight ${way.weight}`);
    return words.join(' ');
  }

  it('agrees with ip on generated routes, written by either, and removes what it read', () => {
    fc.assert(
      fc.property(routeSpecs, (specs) => {
        clear();
        for (const spec of specs) netlink.sync.routeAdd(spec);
        const [ours, theirs] = bothSides();
        expect(ours).toHaveLength(specs.length);
        expect(theirs).toEqual(ours);
        clear();
        expect(shown()).toEqual([]);

        // Not in one batch: there, iproute2 6.1 mixes up protocols that it has seen before.
        for (const spec of specs) ipIn(namespace, asArguments(spec));
        const [oursOfIp, theirsOfIp] = bothSides();
        expect(theirsOfIp).toEqual(oursOfIp);
        expect(oursOfIp).toEqual(ours);
        for (const spec of specs) netlink.sync.routeDel(spec);
        expect(shown()).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('keeps an encapsulation as it is', () => {
    ipIn(namespace, 'route add 198.51.100.0/24 encap ip id 7 dst 192.0.2.7 ttl 9 dev v0');
    const [route] = netlink.sync.routeList({ dst: '198.51.100.0/24' });
    expect(route?.encap?.type).toBe('ip');
    const before = shown();
    expect(before[0]).toMatchObject({ encap: 'ip', id: 7 });
    if (route === undefined) return;
    ipIn(namespace, 'route del 198.51.100.0/24');
    netlink.sync.routeAdd(route);
    expect(shown()).toEqual(before);
  });
});

describe('listing routes', () => {
  beforeEach(() => {
    const { sync } = netlink;
    sync.routeAdd({ dst: '198.51.100.0/24', gateway: '192.0.2.2', protocol: 'static' });
    sync.routeAdd({ dst: '198.51.101.0/24', oif: 'w0', priority: 5 });
    sync.routeAdd({ dst: '198.51.102.0/24', type: 'blackhole', table: 4000 });
    sync.routeAdd({ dst: '2001:db8:1::/64', gateway: '2001:db8::2' });
    sync.routeAdd({ dst: '198.51.103.0/24', nexthops: [{ gateway: '192.0.2.2' }, { oif: other0 }] });
  });

  const ours = (filter: RouteFilter) =>
    netlink.sync
      .routeList(filter)
      .filter((route) => route.protocol !== 'kernel')
      .map(({ dst }) => dst);

  it('gives the table main unless asked for another', () => {
    expect(ours({})).toEqual(['198.51.100.0/24', '198.51.101.0/24', '198.51.103.0/24', '2001:db8:1::/64']);
    expect(ours({ table: 4000 })).toEqual(['198.51.102.0/24']);
    expect(ours({ table: 'all', type: 'blackhole' })).toEqual(['198.51.102.0/24']);
  });

  it('gives nothing for a table that is not there', () => {
    expect(netlink.sync.routeList({ table: 12_345 })).toEqual([]);
    expect(netlink.sync.routeList({ table: 12_345, family: 'ipv4' })).toEqual([]);
    expect(netlink.sync.routeList({ table: 12_345, family: 'ipv6' })).toEqual([]);
  });

  it('filters', () => {
    expect(ours({ family: 'ipv6' })).toEqual(['2001:db8:1::/64']);
    expect(ours({ protocol: 'static' })).toEqual(['198.51.100.0/24']);
    expect(ours({ oif: 'w0' })).toEqual(['198.51.101.0/24', '198.51.103.0/24']);
    expect(ours({ gateway: '192.0.2.2' })).toEqual(['198.51.100.0/24']);
    expect(ours({ dst: '2001:DB8:1::/64' })).toEqual(['2001:db8:1::/64']);
    expect(ours({ priority: 5 })).toEqual(['198.51.101.0/24']);
  });

  it('asks the kernel to filter', () => {
    const operation = operations.routeList({ oif: 7, table: 4000, protocol: 'bgp', type: 'blackhole' });
    if (operation.single?.answer !== 'dump') throw new Error('a single dump was expected');
    const { message } = operation.single;
    const words = new DataView(message.buffer, message.byteOffset);
    // struct rtmsg: the table does not fit its byte; protocol and type stand there.
    expect([...message.subarray(16, 28)]).toEqual([0, 0, 0, 0, 0, 186, 0, 6, 0, 0, 0, 0]);
    expect(new Uint16Array(message.buffer.slice(message.byteOffset + 28, message.byteOffset + 32))[1]).toBe(4);
    expect(words.getUint32(32, true)).toBe(7);
    expect(words.getUint32(40, true)).toBe(4000);
  });

  it('comes in portions as an iterator, without blocking, and with the same routes', async () => {
    const routes: Route[] = [];
    for await (const route of netlink.iterate(operations.routeList())) routes.push(route);
    expect(routes).toEqual(netlink.sync.routeList());
    expect(await netlink.routeList()).toEqual(routes);
  });
});

describe('finding a route', () => {
  it('tells which way a packet takes, as ip does', () => {
    const { sync } = netlink;
    sync.routeAdd({ dst: '198.51.100.0/24', gateway: '192.0.2.2' });
    expect(sync.routeGet('198.51.100.9')).toMatchObject({
      dst: '198.51.100.9/32',
      gateway: '192.0.2.2',
      oif,
      prefSrc: '192.0.2.1',
      table: 254,
    });
    const [theirs] = ipJson<ShownRoute>('route get 198.51.100.9', namespace);
    expect(theirs).toMatchObject({ dst: '198.51.100.9', gateway: '192.0.2.2', dev: 'v0', prefsrc: '192.0.2.1' });
    expect(sync.routeGet('198.51.100.9', { fibMatch: true })).toMatchObject({ dst: '198.51.100.0/24' });
    expect(sync.routeGet('2001:db8::5')).toMatchObject({ oif, type: 'unicast' });
    expect(sync.routeGet('127.0.0.1')).toMatchObject({ type: 'local', oif: 1 });
    expect(sync.routeGet('203.0.113.9', { oif: 'w0', from: '203.0.113.1', mark: 7 })).toMatchObject({
      oif: other0,
      mark: 7,
    });
  });

  it('says in the kernel’s way that there is none', () => {
    expect(() => netlink.sync.routeGet('198.51.100.9')).toThrow(
      /^cannot find a route to 198\.51\.100\.9: .*\(ENETUNREACH\)$/,
    );
    netlink.sync.routeAdd({ dst: '198.51.100.0/24', type: 'prohibit' });
    expect(() => netlink.sync.routeGet('198.51.100.9')).toThrow(/EACCES/);
    expect(() => netlink.sync.routeGet('198.51.100.0/24')).toThrow(/destination must be one address/);
  });
});

describe('changing routes', () => {
  it('replaces one, appends another, and refuses to add it twice', () => {
    const { sync } = netlink;
    const dst = '2001:db8:9::/64';
    sync.routeAdd({ dst, gateway: '2001:db8::2' });
    expect(() => sync.routeAdd({ dst, gateway: '2001:db8::2' })).toThrow(/\(EEXIST\)/);
    sync.routeReplace({ dst, gateway: '2001:db8::3' });
    expect(sync.routeList({ dst }).map(({ gateway }) => gateway)).toEqual(['2001:db8::3']);
    sync.routeAppend({ dst, gateway: '2001:db8::4' });
    expect(sync.routeList({ dst })[0]?.nexthops?.map(({ gateway }) => gateway)).toEqual(['2001:db8::3', '2001:db8::4']);
    sync.routeReplace({ dst: '198.51.100.0/24', gateway: '192.0.2.2' });
    sync.routeReplace({ dst: '198.51.100.0/24', gateway: '192.0.2.3' });
    expect(sync.routeList({ dst: '198.51.100.0/24' })).toMatchObject([{ gateway: '192.0.2.3' }]);
  });

  it('removes the one that is meant', () => {
    const { sync } = netlink;
    const dst = '198.51.100.0/24';
    for (const priority of [1, 2, 3]) sync.routeAdd({ dst, gateway: '192.0.2.2', priority });
    sync.routeDel({ dst, priority: 2 });
    expect(sync.routeList({ dst }).map(({ priority }) => priority)).toEqual([1, 3]);
    expect(() => sync.routeDel({ dst, priority: 2 })).toThrow(/^cannot remove route 198\.51\.100\.0\/24: .*\(ESRCH\)$/);
  });
});

describe('routes that cannot be', () => {
  it('carries the kernel’s own words', () => {
    expect(() => netlink.sync.routeAdd({ dst: '198.51.100.0/24', gateway: '198.18.0.9' })).toThrow(
      'cannot add route 198.51.100.0/24 via 198.18.0.9: Nexthop has invalid gateway (ENETUNREACH)',
    );
    try {
      netlink.sync.routeAdd({ dst: '198.51.100.0/24', gateway: '198.18.0.9' });
    } catch (error) {
      expect(error).toBeInstanceOf(NetlinkError);
      expect(error).toMatchObject({
        code: 'ENETUNREACH',
        errno: 101,
        operation: 'routeAdd',
        target: '198.51.100.0/24',
        extack: { message: 'Nexthop has invalid gateway' },
      });
    }
    expect(() => netlink.sync.routeAdd({ dst: '198.51.100.0/24', oif: 'nolink' })).toThrow(LinkNotFoundError);
    expect(() => netlink.sync.routeAdd({ dst: '198.51.100.0/24', oif: 'nolink' })).toThrow(
      /cannot add route 198\.51\.100\.0\/24 dev nolink: there is no link "nolink"/,
    );
  });

  it.each<[string, unknown, RegExp]>([
    ['no destination', {}, /needs a destination/],
    [
      'bits behind the prefix',
      { dst: '198.51.100.1/24', gateway: '192.0.2.2' },
      /dst '198\.51\.100\.1\/24' has bits set/,
    ],
    [
      'bits behind an IPv6 prefix, which the kernel would drop in silence',
      { dst: '2001:db8::1/64', gateway: '2001:db8::2' },
      /dst '2001:db8::1\/64' has bits set behind its prefix: the network is '2001:db8::\/64'/,
    ],
    ['a source network of IPv4', { dst: '198.51.100.0/24', oif: 1, src: '192.0.2.0/24' }, /the kernel ignores it/],
    ['a lifetime of IPv4', { dst: '198.51.100.0/24', oif: 1, expires: 5 }, /expires cannot be given/],
    ['a realm of IPv6', { dst: '2001:db8::/64', oif: 1, flow: 5 }, /flow cannot be given for a route of ipv6/],
    ['an impossible prefix', { dst: '198.51.100.0/33', gateway: '192.0.2.2' }, /0 to 32/],
    ['no address', { dst: 'example.org', gateway: '192.0.2.2' }, /invalid dst 'example\.org'/],
    ['a gateway that is none', { dst: '198.51.100.0/24', gateway: '192.0.2' }, /invalid gateway '192\.0\.2'/],
    [
      'a source address of the other family',
      { dst: '198.51.100.0/24', oif: 1, prefSrc: '2001:db8::1' },
      /source address of a route of ipv4/,
    ],
    ['a gateway and nexthops', { dst: '198.51.100.0/24', gateway: '192.0.2.2', nexthops: [{ oif: 1 }] }, /not both/],
    ['no nexthops', { dst: '198.51.100.0/24', nexthops: [] }, /at least one/],
    [
      'a weight of 0',
      { dst: '198.51.100.0/24', nexthops: [{ oif: 1, weight: 0 }] },
      /nexthops\[0\]\.weight must be an integer from 1 to 256/,
    ],
    [
      'a blackhole with a gateway',
      { dst: '198.51.100.0/24', type: 'blackhole', gateway: '192.0.2.2' },
      /leads nowhere/,
    ],
    [
      'a type that is none',
      { dst: '198.51.100.0/24', type: 'teleport' },
      /type must be one of unicast, .*, got 'teleport'/,
    ],
    ['table 0', { dst: '198.51.100.0/24', oif: 1, table: 0 }, /tables count from 1/],
    [
      'a table beyond 32 bits',
      { dst: '198.51.100.0/24', oif: 1, table: 2 ** 32 },
      /table must be one of default, main, local or a number/,
    ],
    ['index 0', { dst: '198.51.100.0/24', oif: 0 }, /oif must be the name of a link/],
    ['a metric below 0', { dst: '198.51.100.0/24', oif: 1, priority: -1 }, /priority must be an integer/],
    ['a TOS beyond a byte', { dst: '198.51.100.0/24', oif: 1, tos: 256 }, /tos must be an integer from 0 to 255/],
    ['a flag that is none', { dst: '198.51.100.0/24', oif: 1, flags: ['onlnk'] }, /flags must be an array of flags/],
    [
      'a metric of connections that is none',
      { dst: '198.51.100.0/24', oif: 1, metrics: { mtuu: 5 } },
      /metrics has no property 'mtuu'/,
    ],
    [
      'a family that the addresses contradict',
      { dst: '198.51.100.0/24', oif: 1, family: 'ipv6' },
      /family is 'ipv6', but the route to .* is one of ipv4/,
    ],
  ])('refuses %s before anything is sent', (_what, spec, message) => {
    expect(() => operations.routeAdd(spec as RouteSpec)).toThrow(message);
  });
});

describe('the decoder of routes', () => {
  it('never reads beyond a message, never loops and never throws, whatever comes', () => {
    const known = netlink.sync.routeList({ table: 'all' });
    expect(known.length).toBeGreaterThan(5);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 200 }), fc.constantFrom(2, 10), (noise, family) => {
        const bytes = MessageBytes.from(noise);
        if (noise.length > 0) bytes.u8[0] = family;
        readRoute(bytes, 0, noise.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('notes what is cut short', () => {
    const whole = Uint8Array.from([
      2, 24, 0, 0, 254, 3, 0, 1, 0, 0, 0, 0, 8, 0, 1, 0, 198, 51, 100, 0, 8, 0, 4, 0, 3, 0, 0, 0,
    ]);
    expect(readRoute(MessageBytes.from(whole), 0, whole.length)).toMatchObject({ dst: '198.51.100.0/24', oif: 3 });
    for (const length of [4, 11, 18, 26]) {
      const bytes = MessageBytes.from(whole.subarray(0, length));
      readRoute(bytes, 0, length);
      expect(bytes.error, `${length} bytes`).toBeDefined();
    }
  });
});
