import fc from 'fast-check';
import {
  Netlink,
  type NexthopObject,
  type NexthopObjectSpec,
  nexthopSubscribe,
  type Route,
  routeSubscribe,
} from 'netlink-links';
import * as operations from 'netlink-links/operations';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ipIn, ipJson, makeNamespaces, run, uniqueName } from '#testkit';
import { MessageBytes } from '../src/message/message-bytes.js';
import { readBucket, readNexthop } from '../src/nexthop/read.js';
import { attemptAll, churnWith, viewOf } from './subscription-view.js';

const namespace = uniqueName('nh');
let netlink: Netlink;
let namespaces: Disposable;
let oif = 0;

beforeAll(() => {
  namespaces = makeNamespaces(namespace);
  for (const line of [
    'link set lo up',
    'link add v0 type veth peer name p0',
    'link add v1 type veth peer name p1',
    'link add br0 type bridge',
    'link add v2 type veth peer name p2',
    'link set v2 master br0',
    ...['v0', 'p0', 'v1', 'p1', 'v2', 'p2', 'br0'].map((name) => `link set ${name} up`),
    'addr add 192.0.2.1/24 dev v0',
    'addr add 2001:db8::1/64 dev v0 nodad',
    'addr add 198.51.100.1/24 dev v1',
  ])
    ipIn(namespace, line);
  netlink = Netlink.open(namespace);
  oif = netlink.sync.linkByName('v0').index;
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});
afterEach(() => void ipIn(namespace, 'nexthop flush'));

const shown = () => ipJson<Record<string, unknown>>('nexthop show', namespace);
/** One of several lists of words, joined. */
const words = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');
const some = (...options: readonly string[]): fc.Arbitrary<string> =>
  fc.subarray([...options]).map((chosen) => chosen.join(' '));

describe('nexthop objects', () => {
  // Members of the groups below.
  const MEMBERS = [
    'nexthop add id 1 via 192.0.2.2 dev v0',
    'nexthop add id 2 via 198.51.100.2 dev v1',
    'nexthop add id 3 via 2001:db8::3 dev v0',
    'nexthop add id 4 via 2001:db8::4 dev v0',
    'nexthop add id 5 via 192.0.2.5 fdb',
    'nexthop add id 6 via 192.0.2.6 fdb',
  ];
  const lines = fc.oneof(
    fc
      .tuple(
        fc.constantFrom(
          'via 192.0.2.9 dev v0',
          'via 2001:db8::9 dev v0',
          'dev v0',
          '-6 dev v0',
          'via 10.1.2.3 dev v0 onlink',
          'blackhole',
          '-6 blackhole',
          'via 192.0.2.9 fdb',
          'via 2001:db8::9 fdb',
          'encap ip id 7 dst 192.0.2.7 ttl 9 via 192.0.2.9 dev v0',
          'encap seg6 mode encap segs 2001:db8::7,2001:db8::8 via 2001:db8::9 dev v0',
        ),
        some('proto bgp'),
      )
      .map(([way, rest]) => words(way, rest)),
    fc
      .tuple(
        fc.constantFrom('group 1', 'group 1/2', 'group 1,3/2,256', 'group 3,2/4,5', 'group 5/6 fdb'),
        some('proto 77'),
      )
      .map(([group, rest]) => words(group, rest)),
    some('idle_timer 50', 'unbalanced_timer 60').map((options) =>
      words('group 1,3/2,5 type resilient buckets 12', options),
    ),
  );

  it('are made as they were', () => {
    fc.assert(
      fc.property(lines, (line) => {
        ipIn(namespace, 'nexthop flush');
        for (const member of MEMBERS) ipIn(namespace, member);
        ipIn(namespace, `${line.startsWith('-6') ? '-6 ' : ''}nexthop add id 77 ${line.replace('-6 ', '')}`);
        const before = shown();
        const read = netlink.sync.nexthopGet(77);
        expect(netlink.sync.nexthopList({ id: 77 })).toEqual([read]);
        netlink.sync.nexthopDel(read);
        expect(() => netlink.sync.nexthopGet(77)).toThrow(/^cannot find nexthop 77: .*\(ENOENT\)$/);
        expect(netlink.sync.nexthopAdd(read)).toBe(77);
        const told = (nexthop: NexthopObject) =>
          nexthop.type === 'group' && nexthop.resilient !== undefined
            ? { ...nexthop, resilient: { ...nexthop.resilient, unbalancedTime: 0 } }
            : nexthop;
        expect(told(netlink.sync.nexthopGet(77))).toEqual(told(read));
        netlink.sync.nexthopReplace(read);
        expect(shown()).toEqual(before);
      }),
      { numRuns: 25 },
    );
  });

  it('are what ip shows of what is written here', () => {
    const { sync } = netlink;
    sync.nexthopAdd({ id: 1, gateway: '192.0.2.2', oif: 'v0' });
    sync.nexthopAdd({
      id: 2,
      gateway: '198.51.100.2',
      oif: { index: sync.linkByName('v1').index },
      protocol: 'static',
    });
    sync.nexthopAdd({ id: 3, gateway: '2001:db8::3', oif, flags: ['onlink'] });
    sync.nexthopAdd({ id: 4, type: 'blackhole' });
    sync.nexthopAdd({ id: 5, gateway: '192.0.2.5', fdb: true });
    sync.nexthopAdd({ id: 6, members: [{ id: 5 }], fdb: true });
    sync.nexthopAdd({ id: 7, members: [{ id: 1, weight: 3 }, { id: 2 }] });
    sync.nexthopAdd({
      id: 8,
      members: [{ id: 1 }, { id: 2 }],
      resilient: { buckets: 16, idleTimer: 2.5, unbalancedTimer: 60 },
    });
    sync.nexthopAdd({ id: 9, members: [{ id: 1 }], resilient: { buckets: 7 } });
    expect(shown()).toEqual([
      { id: 1, gateway: '192.0.2.2', dev: 'v0', scope: 'link', protocol: 'unspec', flags: [] },
      { id: 2, gateway: '198.51.100.2', dev: 'v1', scope: 'link', protocol: 'static', flags: [] },
      { id: 3, gateway: '2001:db8::3', dev: 'v0', scope: 'link', protocol: 'unspec', flags: ['onlink'] },
      { id: 4, scope: 'global', blackhole: null, protocol: 'unspec', flags: [] },
      { id: 5, gateway: '192.0.2.5', scope: 'link', protocol: 'unspec', flags: [], fdb: null },
      { id: 6, group: [{ id: 5 }], scope: 'global', protocol: 'unspec', flags: [], fdb: null },
      { id: 7, group: [{ id: 1, weight: 3 }, { id: 2 }], scope: 'global', protocol: 'unspec', flags: [] },
      {
        id: 8,
        group: [{ id: 1 }, { id: 2 }],
        type: 'resilient',
        resilient_args: { buckets: 16, idle_timer: 2.5, unbalanced_timer: 60, unbalanced_time: 0 },
        scope: 'global',
        protocol: 'unspec',
        flags: [],
      },
      {
        id: 9,
        group: [{ id: 1 }],
        type: 'resilient',
        resilient_args: { buckets: 7, idle_timer: 120, unbalanced_timer: 0, unbalanced_time: 0 },
        scope: 'global',
        protocol: 'unspec',
        flags: [],
      },
    ]);
  });

  it('get an id of the kernel’s where none is given, in a batch too', async () => {
    const id = netlink.sync.nexthopAdd({ gateway: '192.0.2.2', oif: 'v0' });
    const ids = await netlink.batch([
      operations.nexthopAdd({ gateway: '192.0.2.3', oif }),
      operations.nexthopAdd({ gateway: '192.0.2.4', oif }),
    ]);
    expect(shown().map((nexthop) => nexthop.id)).toEqual([id, ...ids].sort((a, b) => a - b));
    expect(() => netlink.sync.nexthopAdd({ id, gateway: '192.0.2.2', oif })).toThrow(
      new RegExp(`^cannot add nexthop ${id}: .*\\(EEXIST\\)$`),
    );
    expect(await netlink.nexthopGet(id)).toMatchObject({ type: 'unicast', gateway: '192.0.2.2', oif });
  });

  it('are filtered as ip filters them', () => {
    for (const member of MEMBERS) ipIn(namespace, member);
    for (const line of ['id 7 group 1/2', 'id 8 dev v2 proto bgp', 'id 9 group 5 fdb'])
      ipIn(namespace, `nexthop add ${line}`);
    const ids = (filter: Parameters<typeof operations.nexthopList>[0]) =>
      netlink.sync.nexthopList(filter).map(({ id }) => id);
    const idsOfIp = (words: string) => ipJson<{ id: number }>(`nexthop show ${words}`, namespace).map(({ id }) => id);
    expect(ids({ link: 'v0' })).toEqual(idsOfIp('dev v0'));
    expect(ids({ link: 'v0' })).toEqual([1, 3, 4]);
    expect(ids({ master: 'br0' })).toEqual(idsOfIp('master br0'));
    expect(ids({ master: 'br0' })).toEqual([8]);
    expect(ids({ groups: true })).toEqual(idsOfIp('groups'));
    expect(ids({ fdb: true })).toEqual([5, 6, 9]);
    expect(ids({ groups: false, fdb: false })).toEqual([1, 2, 3, 4, 8]);
    expect(ids({ protocol: 'bgp' })).toEqual([8]);
    expect(() => netlink.sync.nexthopList({ link: 'nolink' })).toThrow(/there is no link "nolink"/);
  });

  it('have buckets where they are resilient groups', () => {
    for (const member of MEMBERS) ipIn(namespace, member);
    ipIn(namespace, 'nexthop add id 7 group 1/2 type resilient buckets 4');
    const buckets = netlink.sync.nexthopBucketList();
    expect(buckets.map(({ id, index, nexthopId }) => ({ id, bucket: { index, nhid: nexthopId } }))).toEqual(
      ipJson<{ id: number; bucket: { index: number; nhid: number } }>('nexthop bucket show', namespace).map(
        ({ id, bucket: { index, nhid } }) => ({ id, bucket: { index, nhid } }),
      ),
    );
    expect(buckets).toHaveLength(4);
    for (const { idleTime } of buckets) expect(idleTime).toBeLessThan(60);
    expect(netlink.sync.nexthopBucketList({ id: 7, nexthopId: 1 }).map(({ nexthopId }) => nexthopId)).toEqual([1, 1]);
    expect(netlink.sync.nexthopBucketList({ link: 'v1' }).map(({ nexthopId }) => nexthopId)).toEqual([2, 2]);
    expect(() => netlink.sync.nexthopBucketList({ id: 1 })).toThrow(/^cannot list the buckets of nexthop group 1: /);
  });

  it('are followed by the routes that name them', () => {
    const { sync } = netlink;
    sync.nexthopAdd({ id: 1, gateway: '192.0.2.2', oif });
    sync.routeAdd({ dst: '203.0.113.0/24', nexthopId: 1 });
    sync.routeAdd({ dst: '203.0.113.0/25', gateway: '192.0.2.9' });
    expect(sync.routeList({ nexthopId: 1 })).toMatchObject([{ dst: '203.0.113.0/24', gateway: '192.0.2.2' }]);
    sync.nexthopReplace({ id: 1, gateway: '192.0.2.3', oif });
    expect(sync.routeList({ nexthopId: 1 })).toMatchObject([{ dst: '203.0.113.0/24', gateway: '192.0.2.3' }]);
    const [route] = sync.routeList({ nexthopId: 1 });
    sync.nexthopAdd({ id: 2, gateway: '198.51.100.2', oif: 'v1' });
    sync.routeChange({ ...(route as Route), nexthopId: 2 });
    expect(ipJson('route show 203.0.113.0/24', namespace)).toMatchObject([{ nhid: 2, dev: 'v1' }]);
    sync.nexthopDel(2);
    expect(sync.routeList({ dst: '203.0.113.0/24' })).toEqual([]);
    sync.routeDel({ dst: '203.0.113.0/25' });
  });
});

describe('a group of nexthop objects', () => {
  const FLOWS = Array.from({ length: 60 }, (_, index) => 10_000 + index);
  const gateways = ['192.0.2.2', '192.0.2.3', '198.51.100.2'];

  /** By which gateway each flow goes. */
  const ways = (): (string | undefined)[] =>
    FLOWS.map(
      (port) =>
        netlink.sync.routeGet('203.0.113.9', {
          from: '192.0.2.1',
          ipProtocol: 17,
          sourcePort: 5000,
          destinationPort: port,
        }).gateway,
    );

  beforeAll(() => {
    run('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', 'net.ipv4.fib_multipath_hash_policy=1']);
    for (const gateway of gateways)
      netlink.sync.neighSet({
        link: gateway.startsWith('192') ? 'v0' : 'v1',
        dst: gateway,
        lladdr: '02:00:00:00:00:02',
      });
  });

  function make(resilient?: { buckets: number; idleTimer: number }): void {
    gateways.forEach((gateway, index) => {
      netlink.sync.nexthopAdd({ id: index + 1, gateway, oif: gateway.startsWith('192') ? 'v0' : 'v1' });
    });
    netlink.sync.nexthopAdd({ id: 9, members: [{ id: 1 }, { id: 2 }, { id: 3 }], ...(resilient && { resilient }) });
    netlink.sync.routeAdd({ dst: '203.0.113.0/24', nexthopId: 9 });
  }

  it('spreads flows over its members', () => {
    make();
    const sent = () => ['v0', 'v1'].map((name) => Number(netlink.sync.linkByName(name).statistics?.txPackets));
    const before = sent();
    const script = `for port in ${FLOWS.join(' ')}; do echo > /dev/udp/203.0.113.9/$port; done`;
    run('ip', ['netns', 'exec', namespace, 'bash', '-c', script]);
    const [byV0 = 0, byV1 = 0] = sent().map((packets, index) => packets - (before[index] ?? 0));
    expect(byV0 + byV1).toBeGreaterThanOrEqual(FLOWS.length);
    expect(byV0).toBeGreaterThan(10);
    expect(byV1).toBeGreaterThan(5);
    expect(new Set(ways())).toEqual(new Set(gateways));
  });

  it('keeps the flows of the members that stay where it is resilient, and moves some where it is not', () => {
    const moved = (): number => {
      const before = ways();
      netlink.sync.nexthopDel(1);
      const after = ways();
      expect(after).not.toContain('192.0.2.2');
      return before.filter((gateway, index) => gateway !== '192.0.2.2' && gateway !== after[index]).length;
    };
    make();
    expect(moved()).toBeGreaterThan(0);
    ipIn(namespace, 'nexthop flush');
    make({ buckets: 64, idleTimer: 600 });
    expect(moved()).toBe(0);
    expect(new Set(netlink.sync.nexthopBucketList({ id: 9 }).map(({ nexthopId }) => nexthopId))).toEqual(
      new Set([2, 3]),
    );
  });
});

describe('routeChange', () => {
  it('replaces a route, and never makes one', () => {
    const { sync } = netlink;
    for (const [dst, gateway, other] of [
      ['203.0.113.0/24', '192.0.2.2', '192.0.2.3'],
      ['2001:db8:9::/48', '2001:db8::2', '2001:db8::3'],
    ] as const) {
      expect(() => sync.routeChange({ dst, gateway })).toThrow(
        new RegExp(`^cannot change route ${dst} via ${gateway}: .*\\(ENOENT\\)$`),
      );
      expect(sync.routeList({ dst })).toEqual([]);
      sync.routeAdd({ dst, gateway });
      const [route] = sync.routeList({ dst });
      sync.routeChange({ ...(route as Route), gateway: other });
      expect(ipJson(`${dst.includes(':') ? '-6' : '-4'} route show ${dst}`, namespace)).toMatchObject([
        { gateway: other },
      ]);
      sync.routeDel({ dst });
    }
  });
});

describe('nexthop objects that cannot be', () => {
  it.each<[string, unknown, RegExp]>([
    ['no link', { id: 1, gateway: '192.0.2.2' }, /needs the link .* \(`oif`\)/],
    ['id 0', { id: 0, oif: 1 }, /id must be an integer from 1 to 4294967295, got 0/],
    ['an id that is a string', { id: '1', oif: 1 }, /id must be an integer/],
    ['another type', { type: 'multipath', oif: 1 }, /type must be one of unicast, blackhole, group, got 'multipath'/],
    ['a group without members', { id: 1, type: 'group' }, /a group needs members/],
    ['a group with none', { id: 1, members: [] }, /`members` is empty/],
    [
      'a group with a gateway',
      { id: 1, members: [{ id: 2 }], gateway: '192.0.2.2' },
      /gateway cannot be given .*'group'/,
    ],
    ['a group that is its own member', { id: 1, members: [{ id: 1 }] }, /members\[0\]\.id is that of the group itself/],
    ['a member twice', { id: 1, members: [{ id: 2 }, { id: 2 }] }, /members\[1\]\.id: 2 is a member already/],
    [
      'a weight of 0',
      { id: 1, members: [{ id: 2, weight: 0 }] },
      /members\[0\]\.weight must be an integer from 1 to 65536/,
    ],
    ['a member by number', { id: 1, members: [2] }, /members\[0\] needs an object, got 2/],
    [
      'a blackhole with a gateway',
      { type: 'blackhole', gateway: '192.0.2.2' },
      /gateway cannot be given .*'blackhole'/,
    ],
    ['a blackhole for a database', { type: 'blackhole', fdb: true }, /`fdb` excludes it/],
    ['fdb with a link', { gateway: '192.0.2.2', oif: 1, fdb: true }, /oif cannot be given with `fdb`/],
    ['fdb without an endpoint', { fdb: true }, /needs the endpoint: `gateway`/],
    ['members of a blackhole', { type: 'blackhole', members: [{ id: 1 }] }, /members are those of a group/],
    ['resilient without members', { oif: 1, resilient: {} }, /resilient is for groups/],
    [
      'resilient without the number of buckets',
      { members: [{ id: 2 }], resilient: {} },
      /resilient group needs the number/,
    ],
    ['no buckets', { members: [{ id: 2 }], resilient: { buckets: 0 } }, /resilient\.buckets must be an integer from 1/],
    [
      'a timer below 0',
      { members: [{ id: 2 }], resilient: { buckets: 4, idleTimer: -1 } },
      /resilient\.idleTimer must be a number from 0/,
    ],
    ['a family that the gateway contradicts', { oif: 1, gateway: '192.0.2.2', family: 'ipv6' }, /family is 'ipv6'/],
    ['no family', { oif: 1, family: 'none' }, /family 'none' is that of groups/],
    ['a group with a family', { members: [{ id: 2 }], family: 'ipv4' }, /family must be 'none' for a group/],
    ['a misspelt property', { oif: 1, gatway: '192.0.2.2' }, /has no property 'gatway'/],
    ['a word of ip', { dev: 'v0' }, /no property 'dev': did you mean oif/],
  ])('are refused before anything is sent: %s', (_what, spec, message) => {
    expect(() => operations.nexthopAdd(spec as NexthopObjectSpec)).toThrow(message);
  });

  it('are refused where they are to replace others and have no id', () => {
    expect(() => operations.nexthopReplace({ oif: 1 })).toThrow(/nexthopReplace needs the id/);
    expect(() => operations.nexthopDel({} as { id: number })).toThrow(/id must be an integer/);
    expect(() => operations.nexthopGet(0)).toThrow(/id must be an integer/);
  });

  it('carry the kernel’s own words', () => {
    expect(() => netlink.sync.nexthopAdd({ id: 1, members: [{ id: 99 }] })).toThrow(
      /^cannot add nexthop 1: Invalid nexthop id \(EINVAL\)$/,
    );
    expect(() => netlink.sync.nexthopAdd({ id: 1, gateway: '10.9.9.9', oif })).toThrow(
      /^cannot add nexthop 1: .*gateway/,
    );
    expect(() => netlink.sync.nexthopAdd({ gateway: '192.0.2.2', oif: 'nolink' })).toThrow(
      'cannot add nexthop via 192.0.2.2 dev nolink: there is no link "nolink" in the namespace (ENODEV)',
    );
    expect(() => netlink.sync.nexthopDel(99)).toThrow(/^cannot remove nexthop 99: .*\(ENOENT\)$/);
  });
});

describe('subscriptions to nexthop objects', () => {
  it('tell what was there, what is added, replaced and deleted', async () => {
    ipIn(namespace, 'nexthop add id 1 via 192.0.2.2 dev v0');
    using updates = nexthopSubscribe({ namespace, listExisting: true });
    const seen: string[] = [];
    const next = async (): Promise<void> => {
      const { value } = await updates.next();
      if (value === undefined || value.type === 'resync') throw new Error('an update was expected');
      const flags =
        value.message === undefined ? '' : ` ${value.message.type} 0x${(value.message.flags & 0x700).toString(16)}`;
      seen.push(`${value.type} ${value.nexthop.id} ${value.change ?? ''}${flags}`);
    };
    await next();
    ipIn(namespace, 'nexthop add id 2 via 192.0.2.3 dev v0');
    await next();
    ipIn(namespace, 'nexthop replace id 2 via 192.0.2.4 dev v0');
    await next();
    ipIn(namespace, 'nexthop del id 2');
    await next();
    expect(seen).toEqual(['existing 1 ', 'new 2 added 104 0x600', 'new 2 replaced 104 0x500', 'deleted 2  105 0x0']);
  });

  it('keep views that equal the lists after random changes, of links too', { timeout: 120_000 }, async () => {
    // What tells routes apart; those that the kernel makes for a link of IPv6 are one for each link.
    const keyOfRoute = ({ dst, table, tos, priority, protocol, oif: link }: Route) =>
      `${dst} ${table} ${tos} ${priority} ${protocol === 'kernel' ? link : ''}`;
    await churnWith(
      (lines) => attemptAll((line) => ipIn(namespace, line), lines),
      [
        'nexthop replace id 1 via 192.0.2.2 dev v0',
        'nexthop replace id 1 via 192.0.2.3 dev v0',
        'nexthop replace id 2 via 198.51.100.2 dev v1',
        'nexthop replace id 3 via 2001:db8::3 dev v0',
        'nexthop replace id 4 group 1/2',
        'nexthop replace id 4 group 1',
        'nexthop replace id 5 group 1/2 type resilient',
        'nexthop del id 1',
        'nexthop del id 2',
        'nexthop del id 4',
        'route replace 203.0.113.0/24 nhid 4',
        'route replace 203.0.113.0/25 nhid 1',
        'route replace 203.0.113.0/26 via 192.0.2.7',
        'route del 203.0.113.0/26',
        '-6 route replace 2001:db8:9::/48 nhid 3',
        '-6 route replace 2001:db8:8::/48 via 2001:db8::7',
        'link set p0 down',
        'link set p0 up',
        'link set v1 down',
        'link set v1 up',
      ],
      () => {
        const options = { namespace, listExisting: true };
        return [
          {
            view: viewOf<NexthopObject>(nexthopSubscribe(options), ['nexthop', 'nexthops'], ({ id }) => String(id)),
            list: () => netlink.sync.nexthopList(),
            varying: ['unbalancedTime'],
          },
          {
            view: viewOf<Route>(routeSubscribe(options), ['route', 'routes'], keyOfRoute),
            list: () => netlink.sync.routeList({ table: 'all' }),
          },
        ];
      },
      { cleanUp: ['link set p0 up', 'link set v1 up'] },
    );
  });
});

describe('the decoders of nexthop objects and buckets', () => {
  it('never read beyond a message, never loop and never throw, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 200 }), (noise) => {
        readNexthop(MessageBytes.from(noise), 0, noise.length);
        readBucket(MessageBytes.from(noise), 0, noise.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('keep attributes that they do not know, which are written again', () => {
    const sent = operations.nexthopReplace({
      id: 7,
      gateway: '192.0.2.9',
      oif: 1,
      unknown: [{ attribute: 200, data: Uint8Array.of(1, 2, 3, 4) }],
    });
    const { message } = sent.single as { message: Uint8Array };
    const read = readNexthop(MessageBytes.from(message), 16, message.length);
    expect(read).toMatchObject({
      id: 7,
      gateway: '192.0.2.9',
      unknown: [{ attribute: 200, data: Uint8Array.of(1, 2, 3, 4) }],
    });
    expect(operations.nexthopReplace(read as NexthopObject).single).toMatchObject({ message });
  });
});
