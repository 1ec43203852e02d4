import fc from 'fast-check';
import { LinkNotFoundError, type Neighbour, type NeighbourSpec, Netlink } from 'netlink-links';
import * as operations from 'netlink-links/operations';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ipIn, ipJson, makeNamespaces, retryUntil, run, uniqueName } from '#testkit';
import { MessageBytes } from '../src/message/message-bytes.js';
import { readNeighbour } from '../src/neighbour/read.js';

interface ShownNeighbour {
  dst: string;
  dev: string;
  lladdr?: string;
  state?: string[];
  router?: null;
  extern_learn?: null;
  managed?: null;
  proxy?: null;
  protocol?: string;
}

const namespace = uniqueName('ng');
let namespaces: Disposable;
let netlink: Netlink;
let ifindex = 0;

beforeAll(() => {
  namespaces = makeNamespaces(namespace);
  ipIn(namespace, 'link add v0 type veth peer name v1');
  for (const name of ['v0', 'v1']) ipIn(namespace, `link set ${name} up`);
  netlink = Netlink.open(namespace);
  ifindex = netlink.sync.linkByName('v0').index;
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

function clear(): void {
  // Entries of multicast addresses are the kernel's own.
  for (const neighbour of netlink.sync.neighList('v0'))
    if (neighbour.state !== 'noarp') netlink.sync.neighDel(neighbour);
  for (const neighbour of netlink.sync.neighList({ proxy: true })) netlink.sync.neighDel(neighbour);
}
afterEach(clear);

const shown = () =>
  ['-4', '-6']
    .flatMap((family) => ipJson<ShownNeighbour>(`${family} neigh show nud all`, namespace))
    .filter(({ state }) => state?.[0] !== 'NOARP');

const inWordsOfIp = ({ dst, lladdr, state, flags, protocol }: Neighbour): ShownNeighbour => ({
  dst: dst ?? '',
  dev: 'v0',
  ...(lladdr !== undefined && { lladdr }),
  ...(flags.includes('router') && { router: null }),
  ...(flags.includes('extern_learn') && { extern_learn: null }),
  state: [String(state).toUpperCase()],
  ...(protocol !== undefined && { protocol: String(protocol) }),
});
const ordered = <T extends { dst: string }>(list: T[]): T[] => list.sort((a, b) => (a.dst < b.dst ? -1 : 1));
/** What may change while the test looks: the kernel moves entries from one state to the next. */
const read = () =>
  ordered(
    netlink.sync
      .neighList('v0')
      .filter(({ state }) => state !== 'noarp')
      .map(inWordsOfIp),
  );

describe('neighbours, in agreement with iproute2', () => {
  const specs = fc.uniqueArray(
    fc.record({
      dst: fc.oneof(
        fc.integer({ min: 2, max: 254 }).map((host) => `192.0.2.${host}`),
        fc.integer({ min: 2, max: 0xffff }).map((host) => `2001:db8::${host.toString(16)}`),
      ),
      lladdr: fc
        .uint8Array({ minLength: 5, maxLength: 5 })
        .map((bytes) => `02:${Buffer.from(bytes).toString('hex').match(/../g)?.join(':')}`),
      state: fc.constantFrom('permanent', 'stale', 'reachable'),
      router: fc.boolean(),
      protocol: fc.constantFrom(undefined, 'static', 'zebra', 77),
    }),
    { selector: ({ dst }) => dst, minLength: 1, maxLength: 6 },
  );

  it('agrees with ip on generated neighbours, written by either', () => {
    fc.assert(
      fc.property(specs, (drafts) => {
        clear();
        for (const { router, protocol, ...draft } of drafts)
          netlink.sync.neighAdd({
            ...draft,
            state: draft.state as 'stale',
            ifindex,
            flags: router ? ['router'] : [],
            ...(protocol !== undefined && { protocol: protocol as 'zebra' }),
          });
        const ours = read();
        expect(ours).toHaveLength(drafts.length);
        expect(ordered(shown())).toEqual(ours);
        clear();
        expect(shown()).toEqual([]);
        for (const { dst, lladdr, state, router, protocol } of drafts)
          ipIn(
            namespace,
            `neigh add ${dst} lladdr ${lladdr} nud ${state} dev v0${router ? ' router' : ''}${protocol === undefined ? '' : ` protocol ${protocol}`}`,
          );
        expect(read()).toEqual(ours);
      }),
      { numRuns: 15 },
    );
  });

  it('answers for other addresses with proxy entries', () => {
    netlink.sync.neighAdd({ dst: '192.0.2.50', link: 'v0', flags: ['proxy'] });
    ipIn(namespace, 'neigh add proxy 2001:db8::50 dev v0');
    expect(ipJson('neigh show proxy', namespace)).toEqual([
      { dst: '192.0.2.50', dev: 'v0', proxy: null },
      { dst: '2001:db8::50', dev: 'v0', proxy: null },
    ]);
    expect(netlink.sync.neighList({ proxy: true }).map(({ dst, flags, family }) => ({ dst, flags, family }))).toEqual([
      { dst: '192.0.2.50', flags: ['proxy'], family: 'ipv4' },
      { dst: '2001:db8::50', flags: ['proxy'], family: 'ipv6' },
    ]);
    netlink.sync.neighDel({ dst: '2001:db8::50', link: 'v0', flags: ['proxy'] });
    expect(ipJson('-6 neigh show proxy', namespace)).toEqual([]);
  });

  it('adds once, sets as often as wanted, and removes', () => {
    const { sync } = netlink;
    const neighbour = { dst: '192.0.2.9', lladdr: '02:00:00:00:00:09', link: 'v0' };
    sync.neighAdd(neighbour);
    expect(() => sync.neighAdd(neighbour)).toThrow(/^cannot add neighbour 192\.0\.2\.9 on v0: .*\(EEXIST\)$/);
    sync.neighSet({ ...neighbour, lladdr: '02:00:00:00:00:0a' });
    expect(shown()).toMatchObject([{ dst: '192.0.2.9', lladdr: '02:00:00:00:00:0a', state: ['PERMANENT'] }]);
    sync.neighDel({ dst: '192.0.2.9', link: 'v0' });
    expect(shown()).toEqual([]);
    expect(() => sync.neighDel({ dst: '192.0.2.9', link: 'v0' })).toThrow(/\(ENOENT\)/);
  });

  it('filters by link, family, address and state', async () => {
    netlink.sync.neighAdd({ dst: '192.0.2.9', lladdr: '02:00:00:00:00:09', ifindex });
    netlink.sync.neighAdd({ dst: '2001:db8::9', lladdr: '02:00:00:00:00:09', ifindex, state: 'stale' });
    const found = async (filter: Parameters<typeof netlink.neighList>[0]) =>
      (await netlink.neighList(filter)).map(({ dst }) => dst);
    expect(await found({ family: 'ipv4', link: ifindex })).toEqual(['192.0.2.9']);
    expect(await found({ dst: '2001:DB8::9' })).toEqual(['2001:db8::9']);
    expect(await found({ link: 'v0', state: 'permanent' })).toEqual(['192.0.2.9']);
    expect(await found({ link: 'lo', family: 'ipv4' })).toEqual([]);
    await expect(netlink.neighList('nolink')).rejects.toThrow(LinkNotFoundError);
  });
});

describe('forwarding databases, in agreement with bridge', () => {
  interface ShownEntry {
    mac: string;
    ifname: string;
    dst?: string;
    vni?: number;
    port?: number;
    flags: string[];
    master?: string;
    state: string;
  }
  const fdb = (device: string): ShownEntry[] =>
    JSON.parse(run('ip', ['netns', 'exec', namespace, 'bridge', '-j', 'fdb', 'show', 'dev', device]) || '[]');

  it('writes and reads the entries of a bridge port', async () => {
    ipIn(namespace, 'link add br0 type bridge');
    ipIn(namespace, 'link set v1 master br0');
    ipIn(namespace, 'link set br0 up');
    // Entries that may age are only for ports that forward.
    await retryUntil(
      () =>
        ipJson<{ linkinfo: { info_slave_data: { state: string } } }>('link show v1', namespace)[0]?.linkinfo
          .info_slave_data.state === 'forwarding',
    );
    const { sync } = netlink;
    sync.neighAdd({ family: 'bridge', lladdr: '02:00:00:00:00:aa', link: 'v1', flags: ['master'], state: 'noarp' });
    sync.neighAdd({ family: 'bridge', lladdr: '02:00:00:00:00:bb', link: 'v1', flags: ['master'], state: 'reachable' });
    sync.neighAdd({
      family: 'bridge',
      lladdr: '02:00:00:00:00:cc',
      link: 'v1',
      flags: ['master', 'sticky'],
      state: 'noarp',
    });
    const theirs = fdb('v1')
      .filter(({ mac }) => mac.startsWith('02:00:00:00:00:'))
      .sort((a, b) => (a.mac < b.mac ? -1 : 1));
    expect(theirs.map(({ mac, flags, state, master }) => ({ mac, flags, state, master }))).toEqual([
      { mac: '02:00:00:00:00:aa', flags: [], state: 'static', master: 'br0' },
      { mac: '02:00:00:00:00:bb', flags: [], state: '', master: 'br0' },
      { mac: '02:00:00:00:00:cc', flags: ['sticky'], state: 'static', master: 'br0' },
    ]);
    const bridge = sync.linkByName('br0').index;
    const port = sync.linkByName('v1').index;
    const ours = sync
      .neighList({ family: 'bridge', link: 'v1' })
      .filter(({ lladdr }) => lladdr?.startsWith('02:00:00:00:00:'))
      .sort((a, b) => ((a.lladdr ?? '') < (b.lladdr ?? '') ? -1 : 1));
    expect(
      ours.map(({ lladdr, state, ifindex: on, masterIndex, flags }) => ({
        lladdr,
        state,
        on,
        masterIndex,
        sticky: flags.includes('sticky'),
      })),
    ).toEqual([
      { lladdr: '02:00:00:00:00:aa', state: 'noarp', on: port, masterIndex: bridge, sticky: false },
      { lladdr: '02:00:00:00:00:bb', state: 'reachable', on: port, masterIndex: bridge, sticky: false },
      { lladdr: '02:00:00:00:00:cc', state: 'noarp', on: port, masterIndex: bridge, sticky: true },
    ]);
    expect(sync.neighList({ family: 'bridge', master: 'br0' }).map(({ lladdr }) => lladdr)).toContain(
      '02:00:00:00:00:aa',
    );
    sync.neighDel({ family: 'bridge', lladdr: '02:00:00:00:00:aa', link: 'v1', flags: ['master'] });
    expect(fdb('v1').map(({ mac }) => mac)).not.toContain('02:00:00:00:00:aa');
    ipIn(namespace, 'link del br0');
  });

  it('writes and reads the endpoints of a VXLAN', () => {
    ipIn(namespace, 'link add vx0 type vxlan id 7 dev v0 dstport 4789');
    netlink.sync.neighAdd({
      family: 'bridge',
      lladdr: '02:00:00:00:00:dd',
      link: 'vx0',
      dst: '192.0.2.77',
      vni: 9,
      port: 8472,
    });
    run('ip', [
      'netns',
      'exec',
      namespace,
      'bridge',
      'fdb',
      'add',
      '02:00:00:00:00:ee',
      'dev',
      'vx0',
      'dst',
      '192.0.2.78',
      'vni',
      '11',
    ]);
    expect(fdb('vx0').filter(({ mac }) => mac.endsWith('dd'))).toMatchObject([
      { mac: '02:00:00:00:00:dd', dst: '192.0.2.77', vni: 9, port: 8472, flags: ['self'], state: 'permanent' },
    ]);
    const read = netlink.sync.neighList({ family: 'bridge', link: 'vx0' });
    expect(read.find(({ lladdr }) => lladdr === '02:00:00:00:00:dd')).toMatchObject({
      dst: '192.0.2.77',
      vni: 9,
      port: 8472,
      state: 'permanent',
    });
    expect(read.find(({ lladdr }) => lladdr === '02:00:00:00:00:ee')).toMatchObject({ dst: '192.0.2.78', vni: 11 });
    ipIn(namespace, 'link del vx0');
  });
});

describe('neighbours that cannot be', () => {
  it.each<[string, NeighbourSpec, RegExp]>([
    ['no address', { lladdr: '02:00:00:00:00:01', ifindex: 1 }, /needs `dst`/],
    ['no link', { dst: '192.0.2.1', lladdr: '02:00:00:00:00:01' }, /needs a link/],
    ['no link layer address', { dst: '192.0.2.1', ifindex: 1 }, /needs `lladdr`/],
    [
      'a link layer address that is none',
      { dst: '192.0.2.1', lladdr: '02:00', ifindex: 1 },
      /invalid lladdr '02:00': expected a hardware address/,
    ],
    [
      'an address that is none',
      { dst: '192.0.2', lladdr: '02:00:00:00:00:01', ifindex: 1 },
      /invalid dst '192\.0\.2': expected an IP address/,
    ],
    [
      'a family that the address contradicts',
      { dst: '192.0.2.1', family: 'ipv6', lladdr: '02:00:00:00:00:01', ifindex: 1 },
      /dst must be an ipv6 address/,
    ],
    [
      'a state that is none',
      { dst: '192.0.2.1', lladdr: '02:00:00:00:00:01', ifindex: 1, state: 'asleep' as 'stale' },
      /state must be one of none, incomplete, .*, got 'asleep'/,
    ],
    [
      'a flag that is none',
      { dst: '192.0.2.1', lladdr: '02:00:00:00:00:01', ifindex: 1, flags: ['proxi' as 'proxy'] },
      /flags has what is neither a flag of a neighbour/,
    ],
    [
      'a VLAN beyond 4094',
      { family: 'bridge', lladdr: '02:00:00:00:00:01', ifindex: 1, vlan: 4095 },
      /vlan must be an integer from 0 to 4094/,
    ],
    ['a forwarding entry without an address', { family: 'bridge', ifindex: 1 }, /needs `lladdr`/],
    [
      'a VLAN of an IP neighbour',
      { dst: '192.0.2.1', lladdr: '02:00:00:00:00:01', ifindex: 1, vlan: 5 },
      /vlan is for entries of a forwarding database/,
    ],
    [
      'a VNI of an entry of a bridge',
      { family: 'bridge', lladdr: '02:00:00:00:00:01', ifindex: 1, flags: ['master'], vni: 5 },
      /vni is for entries of a VXLAN/,
    ],
  ])('refuses %s before anything is sent', (_what, spec, message) => {
    expect(() => operations.neighAdd(spec)).toThrow(message);
  });

  it('reads whatever comes without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(2, 7, 10), (noise, family) => {
        const bytes = MessageBytes.from(noise);
        if (noise.length > 0) bytes.u8[0] = family;
        readNeighbour(bytes, 0, noise.length);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an entry of a VXLAN that was moved to another namespace', () => {
  it('says in which namespace the index of its link counts', () => {
    const elsewhere = uniqueName('ng');
    using _ = makeNamespaces(elsewhere);
    using moved = Netlink.open(elsewhere);
    ipIn(namespace, 'link add vx0 type vxlan id 7 dstport 4789 dev v0 remote 192.0.2.77');
    ipIn(namespace, `link set vx0 netns ${elsewhere}`);
    const { linkNetnsId } = moved.sync.linkByName('vx0');
    expect(linkNetnsId).toBeGreaterThanOrEqual(0);
    expect(moved.sync.neighList({ family: 'bridge', link: 'vx0' })).toMatchObject([
      { dst: '192.0.2.77', viaIndex: ifindex, linkNetnsId },
    ]);
  });
});
