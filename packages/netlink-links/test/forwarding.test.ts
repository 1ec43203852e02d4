import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { type MdbEntry, type MdbSpec, type NeighbourFlush, type NeighbourSpec, Netlink } from 'netlink-links';
import * as operations from 'netlink-links/operations';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ipIn, makeNamespaces, retryUntil, run, uniqueName, vethBetween } from '#testkit';

const namespace = uniqueName('fo');
let namespaces: Disposable;
let netlink: Netlink;

beforeAll(() => {
  namespaces = makeNamespaces(namespace);
  for (const line of [
    'link add name br0 type bridge',
    'link add p0 type veth peer name p1',
    'link add vx0 type vxlan id 42 dstport 4789 local 192.0.2.1',
    'link add vx1 type vxlan external vnifilter dstport 4790 local 192.0.2.1',
    'link set p0 master br0',
  ])
    ipIn(namespace, line);
  for (const name of ['br0', 'p0', 'p1', 'vx0', 'vx1']) ipIn(namespace, `link set ${name} up`);
  netlink = Netlink.open(namespace);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

const bridge = (line: string): string => run('bridge', ['-n', namespace, ...line.split(' ')]);
const shown = <T>(line: string): T[] => JSON.parse(bridge(`-j -d ${line}`) || '[]') as T[];

describe('neighFlush', () => {
  const mac = (host: number): string => `02:00:00:00:01:${host.toString(16).padStart(2, '0')}`;
  const left = (link: string): (string | undefined)[] =>
    shown<{ mac: string }>(`fdb show dev ${link}`)
      .map((entry) => entry.mac)
      .filter((address) => address.startsWith('02:00:00:00:01'))
      .sort();
  const fill = (): void => {
    bridge(`fdb replace ${mac(1)} dev p0 master static`);
    bridge(`fdb replace ${mac(2)} dev p0 master dynamic`);
    bridge(`fdb replace ${mac(3)} dev p0 master dynamic extern_learn`);
    bridge(`fdb replace ${mac(4)} dev p0 master static sticky`);
  };
  const flush = (entries: Omit<NeighbourFlush, 'family'>) => netlink.sync.neighFlush({ family: 'bridge', ...entries });

  it('removes what matches from the database of a bridge, by its port or by itself', () => {
    fill();
    flush({ link: 'p0', flags: ['master'], state: 'reachable' });
    expect(left('p0')).toEqual([mac(1), mac(4)]);
    fill();
    flush({ link: 'br0', flags: ['extern_learn'] });
    expect(left('p0')).toEqual([mac(1), mac(2), mac(4)]);
    fill();
    flush({ link: 'p0', flags: ['master', 'sticky'] });
    expect(left('p0')).toEqual([mac(1), mac(2), mac(3)]);
    fill();
    flush({ link: 'br0', state: 'noarp' });
    expect(left('p0')).toEqual([mac(2), mac(3)]);
    flush({ link: 'br0', vlan: 7 });
    expect(left('p0')).toEqual([mac(2), mac(3)]);
    flush({ link: netlink.sync.linkByName('br0') });
    expect(left('p0')).toEqual([]);
  });

  it('removes what matches from the database of a VXLAN', () => {
    const entry: NeighbourSpec = { family: 'bridge', link: 'vx0', lladdr: mac(1), dst: '192.0.2.7' };
    netlink.sync.neighAdd(entry);
    netlink.sync.neighAdd({ ...entry, lladdr: mac(2), dst: '192.0.2.8', vni: 9 });
    netlink.sync.neighAdd({ ...entry, lladdr: mac(3), dst: '192.0.2.8', port: 4000 });
    flush({ link: 'vx0', dst: '192.0.2.7' });
    expect(left('vx0')).toEqual([mac(2), mac(3)]);
    flush({ link: 'vx0', port: 4000 });
    expect(left('vx0')).toEqual([mac(2)]);
    flush({ link: 'vx0', vni: 8 });
    expect(left('vx0')).toEqual([mac(2)]);
    flush({ link: 'vx0', vni: 9, state: 'permanent' });
    expect(left('vx0')).toEqual([]);
  });

  it('refuses what cannot be, and says what the kernel says of links without a database', () => {
    const refused = (entries: object): string => {
      try {
        operations.neighFlush({ family: 'bridge', link: 'br0', ...entries } as NeighbourFlush);
      } catch (error) {
        return (error as Error).message;
      }
      return 'made';
    };
    expect(refused({ family: 'ipv4' })).toContain("family must be 'bridge'");
    expect(refused({ state: 'stale' })).toBe("state must be one of permanent, noarp, reachable, got 'stale'");
    expect(refused({ flags: ['self', 'master'] })).toContain('one database is emptied at a time');
    expect(refused({ flags: ['managed'] })).toContain('flags must be flags of a forwarding entry');
    expect(refused({ flags: ['master'], dst: '192.0.2.1' })).toBe('dst is of the database of a VXLAN, not of a bridge');
    expect(refused({ vlan: 4095 })).toContain('vlan must be an integer from 1 to 4094');
    expect(() => flush({ link: 'p1' })).toThrow(/^cannot flush the forwarding entries of p1: .*\(EOPNOTSUPP\)$/);
  });
});

describe('the VNIs of a VXLAN', () => {
  const ranges = () =>
    shown<{ ifname: string; vnis: { vni: number; vniEnd?: number; remote?: string }[] }>('vni show').flatMap(
      ({ vnis }) => vnis,
    );

  it('are those that bridge shows, written here or by it', () => {
    netlink.sync.bridgeVniAdd({ link: 'vx1', vni: 100, vniEnd: 102 });
    netlink.sync.bridgeVniAdd({ link: 'vx1', vni: 200, groupAddress: '192.0.2.66' });
    expect(ranges()).toEqual([
      { vni: 100, vniEnd: 102 },
      { vni: 200, remote: '192.0.2.66' },
    ]);
    const ours = netlink.sync.bridgeVniList('vx1');
    const { index: ifindex } = netlink.sync.linkByName('vx1');
    expect(ours).toEqual([
      { ifindex, vni: 100 },
      { ifindex, vni: 101 },
      { ifindex, vni: 102 },
      { ifindex, vni: 200, groupAddress: '192.0.2.66' },
    ]);
    netlink.sync.bridgeVniDel({ link: 'vx1', vni: 100, vniEnd: 102 });
    for (const vni of netlink.sync.bridgeVniList()) netlink.sync.bridgeVniDel(vni);
    expect(ranges()).toEqual([]);
    bridge('vni add dev vx1 vni 100-102');
    bridge('vni add dev vx1 vni 200 remote 192.0.2.66');
    expect(netlink.sync.bridgeVniList({ link: 'vx1' })).toEqual(ours);
    for (const vni of ours) netlink.sync.bridgeVniDel(vni);
    for (const vni of ours) netlink.sync.bridgeVniAdd(vni);
    expect(netlink.sync.bridgeVniList()).toEqual(ours);
    netlink.sync.bridgeVniAdd({ link: 'vx1', vni: 300, groupAddress: '2001:db8::9' });
    expect(() => netlink.sync.bridgeVniAdd({ link: 'p0', vni: 1 })).toThrow(/^cannot add VNI 1 to p0: /);
    expect(() => operations.bridgeVniAdd({ link: 'vx1', vni: 5, vniEnd: 4 })).toThrow(
      'vniEnd must be an integer from 5',
    );
    expect(() => operations.bridgeVniAdd({ link: 'vx1', vni: 0x1000000 })).toThrow('vni must be an integer');
  });
});

describe('multicast groups of a bridge', () => {
  interface Shown {
    dev: string;
    port: string;
    grp: string;
    src?: string;
    state: string;
    filter_mode?: string;
    source_list?: { address: string }[];
    protocol?: string;
  }
  const groups = () =>
    shown<{ mdb: Shown[] }>('mdb show dev br0')
      .flatMap(({ mdb }) => mdb)
      .filter(({ grp }) => !grp.startsWith('ff02'));
  const list = (): MdbEntry[] =>
    netlink.sync.mdbList({ bridge: 'br0' }).filter(({ group }) => !group.startsWith('ff02'));
  const inWordsOfBridge = ({ group, source, state }: MdbEntry | MdbSpec): object => ({
    dev: 'br0',
    port: 'p0',
    grp: group,
    ...(source !== undefined && { src: source }),
    state: state === 'permanent' ? 'permanent' : 'temp',
  });
  const by = (a: { grp?: string; group?: string; src?: string; source?: string }): string =>
    `${a.grp ?? a.group} ${a.src ?? a.source ?? ''}`;
  const ordered = <T extends object>(entries: readonly T[]): T[] =>
    [...entries].sort((a, b) => (by(a) < by(b) ? -1 : 1));
  beforeEach(() => {
    for (const entry of list()) netlink.sync.mdbDel(entry);
  });

  const entries = fc.uniqueArray(
    fc.record({
      group: fc.oneof(
        fc.integer({ min: 1, max: 254 }).map((host) => `233.252.0.${host}`),
        fc.integer({ min: 1, max: 0xffff }).map((host) => `ff0e::${host.toString(16)}`),
        fc.integer({ min: 0x10, max: 0xff }).map((byte) => `01:00:00:00:00:${byte.toString(16)}`),
      ),
      state: fc.constantFrom('temporary' as const, 'permanent' as const),
    }),
    { selector: ({ group }) => group, minLength: 1, maxLength: 5 },
  );

  it('are those that bridge shows, written here or by it', () => {
    fc.assert(
      fc.property(entries, (specs) => {
        for (const entry of list()) netlink.sync.mdbDel(entry);
        // The kernel takes groups of the link layer only if they stay.
        const possible = specs.map((spec) =>
          spec.group.startsWith('01:') ? { ...spec, state: 'permanent' as const } : spec,
        );
        for (const spec of possible) netlink.sync.mdbAdd({ bridge: 'br0', port: 'p0', ...spec });
        const wanted = ordered(possible).map(inWordsOfBridge);
        expect(ordered(groups())).toMatchObject(wanted);
        const ours = ordered(list()).map(inWordsOfBridge);
        expect(ours).toEqual(wanted);
        for (const entry of list()) netlink.sync.mdbDel(entry);
        expect(groups()).toEqual([]);
        for (const { group, state } of possible)
          bridge(`mdb add dev br0 port p0 grp ${group} ${state === 'permanent' ? 'permanent' : 'temp'}`);
        expect(ordered(list()).map(inWordsOfBridge)).toEqual(ours);
      }),
      { numRuns: 10 },
    );
  });

  it('have senders, and are given back as they were read', () => {
    netlink.sync.linkModify('br0', { type: 'bridge', multicastIgmpVersion: 3, multicastMldVersion: 2 });
    const spec = { bridge: 'br0', port: 'p0', group: '233.252.0.5', state: 'permanent' } as const;
    netlink.sync.mdbAdd({ ...spec, source: '192.0.2.9' });
    bridge('mdb add dev br0 port p0 grp ff0e::7 src 2001:db8::9 permanent');
    const read = list();
    expect(read.map(({ source }) => source).sort()).toEqual(['192.0.2.9', '2001:db8::9']);
    expect(ordered(groups())).toMatchObject(ordered(read).map(inWordsOfBridge));
    for (const entry of read) netlink.sync.mdbDel(entry);
    for (const entry of read) netlink.sync.mdbAdd(entry);
    expect(ordered(list())).toEqual(ordered(read));
    for (const entry of list()) netlink.sync.mdbDel(entry);
    // Since Linux 6.3.
    netlink.sync.mdbAdd({ ...spec, filterMode: 'include', sources: ['192.0.2.1', '192.0.2.2'], protocol: 'zebra' });
    const [group] = list().filter(({ source }) => source === undefined);
    expect(group).toMatchObject({ filterMode: 'include', protocol: 'zebra', state: 'permanent' });
    expect([...(group?.sources ?? [])].sort()).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(groups().find(({ src }) => src === undefined)).toMatchObject({
      filter_mode: 'include',
      protocol: 'zebra',
    });
    if (group === undefined) throw new Error('it has no group');
    netlink.sync.mdbReplace({ ...group, sources: ['192.0.2.3'] });
    expect(list().find(({ source }) => source === undefined)?.sources).toEqual(['192.0.2.3']);
    netlink.sync.mdbDel(group);
    expect(list()).toEqual([]);
    netlink.sync.mdbAdd(group);
    expect(ordered(list().filter(({ source }) => source === undefined))).toMatchObject([
      { filterMode: 'include', protocol: 'zebra' },
    ]);
  });

  it('are found by port and group, the bridge’s own, too', () => {
    netlink.sync.mdbAdd({ bridge: 'br0', group: '233.252.0.8' });
    netlink.sync.mdbAdd({ bridge: 'br0', port: 'p0', group: '233.252.0.9' });
    const { index } = netlink.sync.linkByName('br0');
    expect(netlink.sync.mdbList({ group: '233.252.0.8' })).toMatchObject([{ ifindex: index, portIndex: index }]);
    const ofPort = netlink.sync.mdbList({ port: 'p0', group: '233.252.0.9' });
    expect(ofPort).toMatchObject([{ group: '233.252.0.9', state: 'temporary' }]);
    expect(ofPort[0]?.timer).toBeGreaterThan(0);
    expect(() => netlink.sync.mdbAdd({ bridge: 'br0', port: 'p0', group: '233.252.0.9' })).toThrow(
      /^cannot add group 233\.252\.0\.9 on p0: .*\(EEXIST\)$/,
    );
  });

  it('refuses what cannot be before anything is sent', () => {
    const refused = (spec: object): string => {
      try {
        operations.mdbAdd({ bridge: 'br0', group: '233.252.0.1', ...spec } as MdbSpec);
      } catch (error) {
        return (error as Error).message;
      }
      return 'made';
    };
    expect(refused({ group: '192.0.2.1' })).toContain('group must be a multicast address');
    expect(refused({ group: '02:00:00:00:00:01' })).toContain('group must be a multicast address');
    expect(refused({ sources: ['192.0.2.1'] })).toBe("sources needs `filterMode`, 'include' or 'exclude'");
    expect(refused({ source: '2001:db8::1' })).toContain('source must be an IPv4 address');
    expect(refused({ group: '01:00:00:00:00:10', source: '192.0.2.1' })).toContain('source is of groups of IP');
    expect(refused({ vid: 4095 })).toContain('vid must be an integer from 1 to 4094');
    expect(refused({ bridge: undefined })).toContain('a group needs the bridge that has it');
    expect(refused({ filterMode: 'some' })).toContain('filterMode must be one of exclude, include');
  });
});

describe('multicast groups of a VXLAN', () => {
  it('are sent to their endpoints, and given back', () => {
    const spec = { bridge: 'vx0', group: '233.252.0.1', state: 'permanent', dst: '192.0.2.8' } as const;
    netlink.sync.mdbAdd({ ...spec, dstPort: 4799, vni: 77 });
    const [entry] = netlink.sync.mdbList({ bridge: 'vx0' });
    expect(entry).toMatchObject({ group: '233.252.0.1', dst: '192.0.2.8', dstPort: 4799, vni: 77 });
    if (entry === undefined) throw new Error('it has no group');
    netlink.sync.mdbDel(entry);
    expect(netlink.sync.mdbList({ bridge: 'vx0' })).toEqual([]);
    netlink.sync.mdbAdd(entry);
    expect(netlink.sync.mdbList({ bridge: 'vx0' })).toEqual([entry]);
    netlink.sync.mdbDel(entry);
  });
});

describe('a VXLAN with two peers to flood to', () => {
  it('reaches both', async () => {
    const names = [1, 2, 3].map(() => uniqueName('fv'));
    using _ = makeNamespaces(...names);
    const [middle = '', left = '', right = ''] = names;
    for (const [index, name] of [left, right].entries())
      vethBetween(
        { namespace: middle, name: `u${index}`, addresses: [`198.51.${100 + index}.1/24`] },
        { namespace: name, name: 'eth0', addresses: [`198.51.${100 + index}.2/24`] },
      );
    const vxlan = (name: string, host: number, peers: readonly string[]): void => {
      using connection = Netlink.open(name);
      connection.sync.linkAdd({ type: 'vxlan', name: 'vx', vxlanId: 42, port: 4789, up: true });
      connection.sync.addrAdd('vx', `192.0.2.${host}/24`);
      for (const dst of peers)
        connection.sync.neighAppend({ family: 'bridge', link: 'vx', lladdr: '00:00:00:00:00:00', dst });
    };
    vxlan(middle, 1, ['198.51.100.2', '198.51.101.2']);
    vxlan(left, 2, ['198.51.100.1']);
    vxlan(right, 3, ['198.51.101.1']);
    const pings = (address: string): boolean =>
      spawnSync('ip', ['netns', 'exec', middle, 'ping', '-c', '1', '-W', '1', address]).status === 0;
    for (const address of ['192.0.2.2', '192.0.2.3']) await retryUntil(() => pings(address));
  });
});
