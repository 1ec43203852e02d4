import { spawnSync } from 'node:child_process';
import { Netlink } from 'netlink-links';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ipIn, makeNamespaces, retryUntil, run, uniqueName, vethBetween } from '#testkit';

const namespace = uniqueName('bv');
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
beforeEach(() => {
  ipIn(namespace, 'link add name br0 type bridge vlan_filtering 1 vlan_default_pvid 0');
  ipIn(namespace, 'link add vx0 type vxlan external dstport 4789 local 192.0.2.1');
  ipIn(namespace, 'link add p0 type veth peer name p1');
  for (const name of ['vx0', 'p0']) ipIn(namespace, `link set ${name} master br0 up`);
  ipIn(namespace, 'link set br0 up');
  netlink.sync.linkSetPort('vx0', { vlanTunnel: true });
});
afterEach(() => {
  for (const name of ['p0', 'vx0', 'br0']) netlink.sync.linkDel(name);
});

const bridge = (line: string): string => run('bridge', ['-n', namespace, ...line.split(' ')]);
/** What `bridge` shows of mappings. */
const tunnels = (): unknown => JSON.parse(bridge('-j vlan tunnelshow dev vx0') || '[]');
const mapped = () => netlink.sync.bridgeVlanList('vx0').filter(({ tunnelId }) => tunnelId !== undefined);

describe('VLANs that are mapped to VXLANs', () => {
  it('are those that bridge shows, written here or by it, and the mapping alone is removed', () => {
    netlink.sync.bridgeVlanAdd({ link: 'vx0', vid: 10, tunnelId: 1000 });
    netlink.sync.bridgeVlanAdd({ link: 'vx0', vid: 20, vidEnd: 22, tunnelId: 2000 });
    const shown = tunnels();
    const ours = mapped();
    expect(ours.map(({ vid, tunnelId }) => [vid, tunnelId])).toEqual([
      [10, 1000],
      [20, 2000],
      [21, 2001],
      [22, 2002],
    ]);
    netlink.sync.bridgeVlanTunnelDel({ link: 'vx0', vid: 20, vidEnd: 22, tunnelId: 2000 });
    const [first] = ours;
    if (first?.tunnelId === undefined) throw new Error('there is no mapping');
    netlink.sync.bridgeVlanTunnelDel({ ...first, tunnelId: first.tunnelId });
    expect(mapped()).toEqual([]);
    expect(netlink.sync.bridgeVlanList('vx0').map(({ vid }) => vid)).toEqual([10, 20, 21, 22]);
    bridge('vlan add dev vx0 vid 10 tunnel_info id 1000');
    bridge('vlan add dev vx0 vid 20-22 tunnel_info id 2000-2002');
    expect(mapped()).toEqual(ours);
    expect(tunnels()).toEqual(shown);
    for (const vlan of ours) netlink.sync.bridgeVlanDel(vlan);
    for (const vlan of ours) netlink.sync.bridgeVlanAdd(vlan);
    expect(mapped()).toEqual(ours);
    expect(tunnels()).toEqual(shown);
  });
});

describe('what a port is for a VLAN', () => {
  type Shown = { vlan: number; vlanEnd?: number; state?: string; mcast_router?: number };
  const shown = (): Shown[] => {
    const [port] = JSON.parse(bridge('-j -d vlan show dev p0')) as { vlans: Shown[] }[];
    return port?.vlans ?? [];
  };

  it('is set as bridge sets it, of one and of a range', async () => {
    netlink.sync.bridgeVlanAdd({ link: 'p0', vid: 10, vidEnd: 13 });
    await netlink.bridgeVlanSet({ link: 'p0', vid: 10, state: 'blocking', multicastRouter: 2 });
    expect(shown().find(({ vlan }) => vlan === 10)).toMatchObject({ state: 'blocking', mcast_router: 2 });
    netlink.sync.bridgeVlanSet({ link: 'p0', vid: 11, vidEnd: 13, state: 'learning' });
    expect(shown().find(({ vlan }) => vlan === 11)).toMatchObject({ vlanEnd: 13, state: 'learning' });
    // A VLAN that was read.
    const [first] = netlink.sync.bridgeVlanList('p0');
    netlink.sync.bridgeVlanSet({ ...first, vid: first?.vid ?? 0, state: 'forwarding' });
    expect(shown().find(({ vlan }) => vlan === 10)).toMatchObject({ state: 'forwarding' });
    const before = shown();
    bridge('vlan set dev p0 vid 11-13 state disabled');
    netlink.sync.bridgeVlanSet({ link: 'p0', vid: 11, vidEnd: 13, state: 'learning' });
    expect(shown()).toEqual(before);
    await expect(netlink.bridgeVlanSet({ link: 'p0', vid: 99, state: 'blocking' })).rejects.toThrow(
      /^cannot set VLAN 99 of p0: /,
    );
  });

  it('counts for packets: none is forwarded in a state that blocks', async () => {
    const there = uniqueName('bt');
    using _namespaces = makeNamespaces(there);
    ipIn(namespace, `link set p1 netns ${there}`);
    ipIn(there, 'link add link p1 name p1.10 type vlan id 10');
    ipIn(there, 'addr add 192.0.2.2/24 dev p1.10');
    for (const name of ['p1', 'p1.10']) ipIn(there, `link set ${name} up`);
    netlink.sync.bridgeVlanAdd({ link: 'p0', vid: 10 });
    netlink.sync.bridgeVlanAdd({ link: 'br0', vid: 10, self: true });
    ipIn(namespace, 'link add link br0 name br0.10 type vlan id 10');
    ipIn(namespace, 'addr add 192.0.2.1/24 dev br0.10');
    ipIn(namespace, 'link set br0.10 up');
    const pings = (): boolean =>
      spawnSync('ip', ['netns', 'exec', namespace, 'ping', '-c', '3', '-i', '0.3', '-W', '2', '192.0.2.2']).status ===
      0;
    await retryUntil(pings);
    netlink.sync.bridgeVlanSet({ link: 'p0', vid: 10, state: 'blocking' });
    expect(pings()).toBe(false);
    netlink.sync.bridgeVlanSet({ link: 'p0', vid: 10, state: 'forwarding' });
    expect(pings()).toBe(true);
    ipIn(namespace, 'link del br0.10');
    // It would go with its namespace.
    ipIn(there, `link set p1 netns ${namespace}`);
  });
});

describe('groups and forwarding entries of a VLAN', () => {
  it('have its number, and are emptied by it', () => {
    netlink.sync.bridgeVlanAdd({ link: 'p0', vid: 10, vidEnd: 11 });
    const group = { bridge: 'br0', port: 'p0', group: '233.252.0.1', vid: 10, state: 'permanent' } as const;
    netlink.sync.mdbAdd(group);
    const read = netlink.sync.mdbList({ bridge: 'br0', group: '233.252.0.1' });
    expect(read).toMatchObject([{ vid: 10, state: 'permanent' }]);
    const shown = () => JSON.parse(bridge('-j -d mdb show dev br0')) as { mdb: { grp: string }[] }[];
    const before = shown()[0]?.mdb.filter(({ grp }) => grp === '233.252.0.1');
    expect(before).toMatchObject([{ vid: 10, state: 'permanent' }]);
    for (const entry of read) netlink.sync.mdbDel(entry);
    for (const entry of read) netlink.sync.mdbAdd(entry);
    expect(shown()[0]?.mdb.filter(({ grp }) => grp === '233.252.0.1')).toEqual(before);

    const lladdr = '02:00:00:00:01:01';
    for (const vlan of [10, 11])
      netlink.sync.neighAdd({ family: 'bridge', link: 'p0', lladdr, vlan, flags: ['master'], state: 'noarp' });
    netlink.sync.neighFlush({ family: 'bridge', link: 'br0', vlan: 10, state: 'noarp' });
    const left = netlink.sync.neighList({ family: 'bridge', link: 'p0' }).filter((entry) => entry.lladdr === lladdr);
    expect(left.map(({ vlan }) => vlan)).toEqual([11]);
    expect(() => netlink.sync.neighFlush({ family: 'bridge', link: 'vx0' })).toThrow(/\(EOPNOTSUPP\)$/);
  });
});

describe('two bridges with a VXLAN between them', () => {
  it('carry a VLAN of one as another VLAN of the other', async () => {
    const ends = [
      { name: uniqueName('ba'), host: 1, vid: 10 },
      { name: uniqueName('bb'), host: 2, vid: 20 },
    ];
    using _ = makeNamespaces(...ends.map(({ name }) => name));
    const [a, b] = ends.map(({ name, host }) => ({
      namespace: name,
      name: 'eth0',
      addresses: [`198.51.100.${host}/24`],
    }));
    if (a === undefined || b === undefined) throw new Error('there are two ends');
    vethBetween(a, b);
    for (const { name, host, vid } of ends) {
      using connection = Netlink.open(name);
      const { sync } = connection;
      const localAddress = `198.51.100.${host}`;
      sync.linkAdd({ type: 'bridge', name: 'br0', vlanFiltering: true, vlanDefaultPvid: 0, up: true });
      sync.linkAdd({
        type: 'vxlan',
        name: 'vx0',
        collectMetadata: true,
        port: 4789,
        localAddress,
        master: 'br0',
        masterPort: { vlanTunnel: true },
        up: true,
      });
      sync.bridgeVlanAdd({ link: 'vx0', vid, tunnelId: 1000 });
      const dst = `198.51.100.${3 - host}`;
      sync.neighAppend({ family: 'bridge', link: 'vx0', lladdr: '00:00:00:00:00:00', dst, sourceVni: 1000, vni: 1000 });
      sync.bridgeVlanAdd({ link: 'br0', vid, self: true });
      sync.linkAdd({ type: 'vlan', name: 'tagged', parent: 'br0', vlanId: vid, up: true });
      sync.addrAdd('tagged', `192.0.2.${host}/24`);
    }
    await retryUntil(
      () => spawnSync('ip', ['netns', 'exec', a.namespace, 'ping', '-c', '1', '-W', '2', '192.0.2.2']).status === 0,
    );
  });
});
