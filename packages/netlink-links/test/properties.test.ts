import { addrSubscribe, ethtoolSubscribe, Netlink, neighSubscribe, routeSubscribe } from 'netlink-links';
import * as operations from 'netlink-links/operations';
import { describe, expect, it } from 'vitest';
import { ipIn, ipJson, leakedFds, makeNamespaces, openFds, uniqueName } from '#testkit';

/** One request of each operation that takes an object, with what iproute2 calls one of its properties. */
const REQUESTS: Readonly<Record<string, readonly [make: (more: object) => unknown, iproute2: string, ours: string]>> = {
  ruleAdd: [(more) => operations.ruleAdd({ table: 100, ...more }), 'from', 'src'],
  ruleDel: [(more) => operations.ruleDel({ table: 100, ...more }), 'from', 'src'],
  ruleList: [(more) => operations.ruleList(more), 'lookup', 'table'],
  routeAdd: [(more) => operations.routeAdd({ dst: '198.51.100.0/24', ...more }), 'via', 'gateway'],
  routeReplace: [(more) => operations.routeReplace({ dst: '198.51.100.0/24', ...more }), 'dev', 'oif'],
  routeDel: [(more) => operations.routeDel({ dst: '198.51.100.0/24', ...more }), 'metric', 'priority'],
  nexthop: [
    (more) => operations.routeAdd({ dst: '198.51.100.0/24', nexthops: [{ gateway: '192.0.2.1', ...more }] }),
    'dev',
    'oif',
  ],
  routeGet: [(more) => operations.routeGet('198.51.100.1', more), 'dev', 'oif'],
  routeList: [(more) => operations.routeList(more), 'dev', 'oif'],
  bridge: [(more) => operations.linkAdd({ type: 'bridge', name: 'b', ...more }), 'address', 'hardwareAddr'],
  vlan: [(more) => operations.linkAdd({ type: 'vlan', name: 'v', parent: 3, vlanId: 5, ...more }), 'id', 'vlanId'],
  vxlan: [(more) => operations.linkAdd({ type: 'vxlan', name: 'v', ...more }), 'dstport', 'port'],
  gre: [(more) => operations.linkAdd({ type: 'gre', name: 'g', ...more }), 'remote', 'remoteAddress'],
  veth: [(more) => operations.linkAdd({ type: 'veth', name: 'v', ...more }), 'peerName', 'peer'],
  peer: [
    (more) => operations.linkAdd({ type: 'veth', name: 'v', peer: { name: 'w', ...more } }),
    'mac',
    'hardwareAddr',
  ],
  linkModify: [(more) => operations.linkModify(3, more), 'mastr', 'master'],
  linkList: [(more) => operations.linkList(more), 'kind', 'type'],
  addrAdd: [(more) => operations.addrAdd(3, { address: '192.0.2.1/24', ...more }), 'brd', 'broadcast'],
  addrList: [(more) => operations.addrList(more), 'dev', 'link'],
  neighAdd: [(more) => operations.neighAdd({ dst: '192.0.2.1', link: 3, ...more }), 'mac', 'lladdr'],
  neighList: [(more) => operations.neighList(more), 'nud', 'state'],
  tbf: [
    (more) => operations.qdiscAdd({ link: 3, kind: 'tbf', rate: 1e6, burst: 16_000, latency: 50, ...more }),
    'peakrate',
    'peakRate',
  ],
  netem: [(more) => operations.qdiscAdd({ link: 3, kind: 'netem', ...more }), 'delay', 'latency'],
  qdiscDel: [(more) => operations.qdiscDel({ link: 3, ...more }), 'dev', 'link'],
  qdiscList: [(more) => operations.qdiscList(more), 'dev', 'link'],
  bridgeVlanAdd: [(more) => operations.bridgeVlanAdd({ link: 3, vid: 5, ...more }), 'dev', 'link'],
  bridgeVlanSet: [(more) => operations.bridgeVlanSet({ link: 3, vid: 5, state: 'blocking', ...more }), 'dev', 'link'],
  mplsRouteAdd: [(more) => operations.mplsRouteAdd({ label: 16, via: '192.0.2.1', ...more }), 'dev', 'oif'],
  neighTableSet: [
    (more) => operations.neighTableSet('arp_cache', { link: 3, locktime: 5, ...more }),
    'retrans',
    'retransmit',
  ],
  linkStatsList: [(more) => operations.linkStatsList(more), 'dev', 'link'],
  linkSetVf: [(more) => operations.linkSetVf(3, 0, { trust: true, ...more }), 'mac', 'hardwareAddr'],
  devlinkEswitchSet: [
    (more) => operations.devlinkEswitchSet('pci/0000:03:00.0', { mode: 'legacy', ...more }),
    'encap',
    'encapMode',
  ],
  ethtoolSubscribe: [(more) => ethtoolSubscribe(more), 'netns', 'namespace'],
  addrSubscribe: [(more) => addrSubscribe(more), 'netns', 'namespace'],
};

describe('a property that does not exist', () => {
  it.each(Object.entries(REQUESTS))('is refused by %s, which names the one that was meant', (_, [make, word, ours]) => {
    expect(() => make({ [word]: '192.0.2.0/24' })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT', message: expect.stringContaining(`'${word}'`) }),
    );
    expect(() => make({ [word]: undefined })).toThrow(`did you mean ${ours}?`);
    expect(() => make({ quux: 1 })).toThrow(/has no property 'quux'|has no option 'quux'/);
  });

  it('is refused where the type of the link is missing, which names the types that have it', () => {
    expect(() => operations.linkModify(3, { stpState: 1 } as object)).toThrow(
      "linkModify needs the `type` of the link for 'stpState', which bridge links have",
    );
  });
});

describe('a request whose values cannot be', () => {
  it.each<[string, () => unknown, string]>([
    [
      'a number out of range',
      () => operations.linkAdd({ type: 'bridge', name: 'b', priority: 70_000 }),
      'priority must be an integer from 0 to 65535, got 70000',
    ],
    [
      'a text for a switch',
      () => operations.linkAdd({ type: 'bridge', name: 'b', vlanFiltering: 'no' as never }),
      "vlanFiltering must be true or false, got 'no'",
    ],
    [
      'a word that is none',
      () => operations.linkAdd({ type: 'bond', name: 'b', mode: 'lacp' as never }),
      'mode must be one of balance-rr, active-backup',
    ],
    [
      'a fraction',
      () => operations.linkAdd({ type: 'bridge', name: 'b', multicastQueryInterval: 1.5 }),
      'multicastQueryInterval must be an integer',
    ],
    [
      'a parent of what has none',
      () => operations.linkAdd({ type: 'vxlan', name: 'x', vxlanId: 1, parent: 'eth0' }),
      'a vxlan has no `parent`: `underlayIndex`',
    ],
    [
      'an index of the peer alone',
      () => operations.linkAdd({ type: 'veth', name: 'v', peer: { index: 7 } }),
      'peer.index needs the `index`',
    ],
    [
      'no operation in a batch',
      () => Netlink.open().sync.batch([undefined as never]),
      "element 0 of the batch must be an operation of 'netlink-links/operations', got undefined",
    ],
  ])('is refused for %s, by the name of the property', (_, make, message) => {
    expect(make).toThrow(expect.objectContaining({ code: 'ERR_INVALID_ARGUMENT' }));
    expect(make).toThrow(message);
  });
});

describe('a hardware address', () => {
  it('that does not fit the link is refused, and never cut off', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    using netlink = Netlink.open(name);
    ipIn(name, 'link add v0 type veth peer name v1');
    const before = ipJson('link show v0', name);
    for (const address of ['02:11:22:ff:fe:33:44:55', '2001:db8::1', '192.0.2.1', `02${':00'.repeat(19)}`]) {
      await expect(netlink.linkSetHardwareAddr('v0', address)).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
      await expect(netlink.neighAdd({ dst: '192.0.2.7', link: 'v0', lladdr: address })).rejects.toMatchObject({
        code: 'ERR_INVALID_ARGUMENT',
      });
    }
    expect(ipJson('link show v0', name)).toEqual(before);
    await netlink.linkSetHardwareAddr('v0', '02-00-00-00-00-01');
    expect(ipJson('link show v0', name)[0]).toMatchObject({ address: '02:00:00:00:00:01' });
  });
});

describe('the other end of a pair', () => {
  it('gets what was asked for it, in the namespace that was asked for', async () => {
    const [name, other] = [uniqueName('ns'), uniqueName('ns')];
    using _ = makeNamespaces(name, other);
    using netlink = Netlink.open(name);
    const fds = openFds();
    const peer = { name: 'v1', up: true, promisc: true, arp: false, alias: 'far', ipv6AddrGenMode: 'none' } as const;
    await netlink.linkAdd({ type: 'veth', name: 'v0', peer });
    const [made] = ipJson<{ flags: string[] }>('-d link show v1', name);
    expect(made).toMatchObject({ ifalias: 'far', inet6_addr_gen_mode: 'none' });
    expect(made?.flags).toEqual(expect.arrayContaining(['UP', 'NOARP', 'PROMISC']));
    await netlink.linkAdd({ type: 'veth', name: 'v2', peer: { name: 'v3', mtu: 1400, netns: other } });
    expect(ipJson('link show v3', other)[0]).toMatchObject({ mtu: 1400 });
    await expect(
      netlink.linkAdd({ type: 'veth', name: 'v4', peer: { name: 'v5', up: true, netns: other } }),
    ).rejects.toMatchObject({ code: 'ERR_INVALID_ARGUMENT', message: expect.stringContaining('peer.up') });
    expect(leakedFds(fds)).toEqual([]);
  });
});

describe('what was read', () => {
  it('of a rule with selectors that are not known here removes that rule and no other', () => {
    const unknown = [{ attribute: 25, data: Uint8Array.of(10) }];
    const rule = { family: 'ipv4', priority: 500, table: 100, tos: 0, invert: false, flags: [], unknown } as const;
    const bytes = operations.ruleDel(rule).single?.message ?? new Uint8Array();
    expect(Buffer.from(bytes).includes(Buffer.from([5, 0, 25, 0, 10]))).toBe(true);
  });

  it('of links can be given back, whatever the kernel only tells of them', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    using netlink = Netlink.open(name);
    ipIn(name, 'link add ifb0 type ifb');
    ipIn(name, 'link add vx0 type vxlan id 42 local 192.0.2.1 remote 192.0.2.2 dstport 4789 ttl 64');
    for (const link of ['ifb0', 'vx0']) {
      const read = await netlink.linkByName(link);
      const { index: __, ...rest } = read;
      await netlink.linkDel(link);
      await netlink.linkAdd(rest as never);
      const again = await netlink.linkByName(link);
      const varying = {
        index: 0,
        statistics: 0,
        hardwareAddr: '',
        carrierChanges: 0,
        flags: 0,
        rawFlags: 0,
        operState: '',
        bridgeId: '',
        rootId: '',
        gcTimer: 0,
        helloTimer: 0,
        tcnTimer: 0,
        topologyChangeTimer: 0,
      };
      expect({ ...again, ...varying }).toEqual({ ...read, ...varying });
    }
  });
});

describe('subscriptions', () => {
  it('tell of IPv4 routes that go without a notification, by a list of what is there', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    ipIn(name, 'link add v0 type veth peer name v1');
    for (const line of ['link set v0 up', 'link set v1 up', 'addr add 192.0.2.1/24 dev v0']) ipIn(name, line);
    ipIn(name, 'route add 203.0.113.0/24 via 192.0.2.2');
    using routes = routeSubscribe({ namespace: name });
    ipIn(name, 'route replace 203.0.113.0/24 via 192.0.2.3');
    ipIn(name, 'route append 203.0.113.0/24 via 192.0.2.4');
    ipIn(name, 'link set v0 down');
    const changes: (string | undefined)[] = [];
    for await (const update of routes) {
      if (update.type === 'resync') {
        expect(update.routes.filter(({ dst }) => dst === '203.0.113.0/24')).toEqual([]);
        break;
      }
      if (update.route.dst === '203.0.113.0/24') changes.push(update.change);
    }
    expect(changes).toEqual(['replaced', 'appended']);
  });

  it('begin with forwarding databases too', async () => {
    const name = uniqueName('ns');
    using _ = makeNamespaces(name);
    ipIn(name, 'link add vx0 type vxlan id 7 dstport 4789 local 127.0.0.1');
    using netlink = Netlink.open(name);
    for (const dst of ['192.0.2.3', '192.0.2.4'])
      await netlink.neighAppend({ family: 'bridge', link: 'vx0', lladdr: '00:00:00:00:00:00', dst });
    const seen: (string | undefined)[] = [];
    for await (const update of neighSubscribe({ namespace: name, listExisting: true })) {
      if (update.type === 'resync') continue;
      if (update.neighbour.family === 'bridge') seen.push(update.neighbour.dst);
      if (seen.length === 2) break;
    }
    expect(seen.sort()).toEqual(['192.0.2.3', '192.0.2.4']);
  });
});
