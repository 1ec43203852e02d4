import fc from 'fast-check';
import { type LinkChanges, Netlink } from 'netlink-links';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ipIn, ipJson, makeNamespaces, run, uniqueName } from '#testkit';
import { giveBackLink, shownLink } from './given-back-link.ts';

// The property of every object: read, deleted, added as it was read and read again, it is the same. What makes the
// objects, and what looks whether they are the same, is iproute2.

const namespace = uniqueName('gb');
let namespaces: Disposable;
let netlink: Netlink;

beforeAll(() => {
  namespaces = makeNamespaces(namespace);
  ipIn(namespace, 'link add v0 type veth peer name v1');
  ipIn(namespace, 'link add br0 type bridge');
  for (const name of ['v0', 'v1', 'br0']) ipIn(namespace, `link set ${name} addrgenmode none up`);
  ipIn(namespace, 'addr add 192.0.2.1/24 dev v0');
  ipIn(namespace, 'addr add 2001:db8::1/64 dev v0 nodad');
  netlink = Netlink.open(namespace);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

/** Some of the options, in their order. */
const some = (...options: readonly string[]): fc.Arbitrary<string> =>
  fc.subarray([...options]).map((chosen) => chosen.join(' '));
const words = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ');
const bridge = (line: string): string => run('bridge', ['-n', namespace, ...line.split(' ')]);

describe('links', () => {
  const kinds = fc.oneof(
    some(
      'forward_delay 1600',
      'hello_time 300',
      'max_age 2100',
      'ageing_time 12300',
      'stp_state 1',
      'priority 100',
      'group_fwd_mask 8',
      'group_address 01:80:c2:00:00:0e',
      'mcast_router 2',
      'mcast_snooping 0',
      'mcast_query_use_ifaddr 1',
      'mcast_querier 1',
      'mcast_hash_max 1024',
      'mcast_last_member_count 3',
      'mcast_startup_query_count 4',
      'mcast_last_member_interval 90',
      'mcast_membership_interval 26100',
      'mcast_querier_interval 25600',
      'mcast_query_interval 12600',
      'mcast_query_response_interval 1100',
      'mcast_startup_query_interval 3200',
      'mcast_stats_enabled 1',
      'mcast_igmp_version 3',
      'mcast_mld_version 2',
      'no_linklocal_learn 1',
    ).map((options) => words('type bridge', options)),
    fc
      .tuple(fc.constantFrom('private', 'vepa', 'bridge', 'passthru'), some('bcqueuelen 500'))
      .map(([mode, options]) => words('link v0 type macvlan mode', mode, options)),
    fc.constantFrom('private', 'vepa', 'bridge').map((mode) => `link v0 type macvtap mode ${mode}`),
    fc
      .tuple(
        some(
          'local 192.0.2.1 remote 192.0.2.2',
          'dev v0',
          'srcport 1000 2000',
          'ttl 9',
          'tos 4',
          'df set',
          'nolearning',
          'proxy',
          'rsc',
          'l2miss',
          'l3miss',
          'udpcsum',
          'udp6zerocsumtx',
          'udp6zerocsumrx',
          'ageing 100',
          'maxaddress 50',
          'gbp',
        ),
        fc.constantFrom('ttl inherit', ''),
      )
      .map(([options, inherit]) =>
        words('type vxlan id 42 dstport 4789', options.includes('ttl') ? '' : inherit, options),
      ),
    some('flowlabel 7', 'udp6zerocsumrx').map((options) =>
      words('type vxlan id 43 dstport 4789 local 2001:db8::1 remote 2001:db8::2', options),
    ),
    fc.constantFrom(
      'type vxlan external dstport 4789',
      'type vxlan external gpe dstport 4789',
      'type vxlan external vnifilter dstport 4789',
      'type vxlan id 42 group 233.252.0.1 dev v0 dstport 4789',
      'link v0 type macvlan mode source macaddr add 02:00:00:00:00:11',
      'link v0 type macvlan mode passthru nopromisc',
    ),
    fc.constant('type ifb'),
  );
  const commonOptions = some('mtu 1400', 'txqueuelen 7', 'address 02:00:00:00:00:77', 'numtxqueues 3', 'numrxqueues 2');
  const laterOptions = some(
    'set it alias far',
    'set it group 9',
    'property add dev it altname another altname yet-another-name-that-is-long',
    'set it promisc on',
    'set it allmulticast on',
    'set it multicast off',
    'set it arp off',
    'set it dynamic on',
    'set it trailers off',
    'set it protodown on',
    'set it protodown_reason 3 on',
    'set it addrgenmode none',
    'set it gso_max_size 30000',
    'set it gso_max_segs 100',
    'set it gro_max_size 20000',
    'set it mode dormant',
    'set it up',
    'set it master br0',
  );

  afterEach(clear);
  function clear(): void {
    for (const { name } of netlink.sync.linkList().filter(({ name }) => name === 'it')) netlink.sync.linkDel(name);
  }

  it('are made as they were: index, names, flags, master and all that their kind has', () => {
    fc.assert(
      fc.property(kinds, commonOptions, laterOptions, (kind, common, later) => {
        clear();
        // What is a port of a bridge, and what can be held down.
        const fits = (option: string): boolean =>
          !(option === 'set it master br0' && /bridge|ifb|mac|external/.test(kind)) &&
          !(option.includes('protodown') && !/vxlan|macvlan/.test(kind));
        const changes = later.split(/ (?=set|property)/).filter((option) => option !== '' && fits(option));
        const lines = [words('add name it', common, kind), ...changes].map((line) => `link ${line}\n`);
        run('ip', ['-n', namespace, '-batch', '-'], { input: lines.join('') });
        giveBackLink(netlink, namespace);
      }),
      { numRuns: 10 },
    );
  });

  it('keep what is said beside what was read', () => {
    ipIn(namespace, 'link add it type veth peer name that');
    for (const option of ['up', 'master br0']) ipIn(namespace, `link set it ${option}`);
    const read = netlink.sync.linkByName('it');
    netlink.sync.linkDel('it');
    netlink.sync.linkAdd({ ...read, up: false, master: null, mtu: 1300 });
    const [made] = ipJson<{ flags: string[] }>('link show it', namespace);
    expect(made).toMatchObject({ mtu: 1300, ifindex: read.index });
    expect(made).not.toHaveProperty('master');
    expect(made?.flags).not.toContain('UP');
  });

  it('are the same when they are changed to what was read', () => {
    ipIn(namespace, 'link add it type veth peer name that');
    for (const option of ['alias far', 'up', 'promisc on', 'master br0']) ipIn(namespace, `link set it ${option}`);
    const before = shownLink(namespace);
    netlink.sync.linkModify('it', netlink.sync.linkByName('it'));
    expect(shownLink(namespace)).toEqual(before);
  });
});

describe('a link that is changed to what was read', () => {
  const IT = 'it';
  afterEach(() => {
    if (netlink.sync.linkList().some(({ name }) => name === IT)) netlink.sync.linkDel(IT);
  });

  const changes = some(
    'alias near',
    'mtu 1300',
    'promisc on',
    'arp off',
    'group 8',
    'txqueuelen 9',
    'down',
    'nomaster',
    'address 02:00:00:00:00:78',
    'gso_max_segs 90',
  );
  it('is what it was, whatever has been changed of it since', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          'type vxlan id 42 dstport 4789 local 192.0.2.1 remote 192.0.2.2 ttl 9',
          'type veth peer name that',
          'type ifb',
        ),
        some('alias far', 'mtu 1400', 'promisc on', 'group 9', 'up', 'master br0'),
        changes,
        (kind, first, later) => {
          if (netlink.sync.linkList().some(({ name }) => name === IT)) netlink.sync.linkDel(IT);
          const lines = (options: string): string[] =>
            options.split(/ (?=alias|mtu|promisc|arp|group|txq|up|down|master|nomaster|address|gso)/);
          const all = (options: string): string =>
            lines(options)
              .filter((option) => option !== '' && !(kind.includes('ifb') && /master|address/.test(option)))
              .map((option) => `link set it ${option}\n`)
              .join('');
          run('ip', ['-n', namespace, '-batch', '-'], { input: `link add name it ${kind}\n${all(first)}` });
          const read = netlink.sync.linkByName(IT);
          const before = shownLink(namespace);
          run('ip', ['-n', namespace, '-batch', '-'], { input: all(later) });
          netlink.sync.linkModify(IT, read);
          expect(shownLink(namespace)).toEqual(before);
        },
      ),
      { numRuns: 5 },
    );
  });

  it('is changed in its MTU and in what only a VXLAN has at once', () => {
    ipIn(namespace, 'link add it type vxlan id 42 dev v0 dstport 4789 ageing 100');
    const read = netlink.sync.linkByName(IT);
    if (read.type !== 'vxlan') throw new Error('a VXLAN was made');
    const before = shownLink(namespace);
    const shown = (mtu: number, ageing: number): object => ({
      mtu,
      own: expect.arrayContaining([['ageing', ageing]]),
    });
    netlink.sync.linkModify(IT, { ...read, mtu: 1300, ageing: 200 });
    expect(shownLink(namespace)).toMatchObject(shown(1300, 200));
    // The lower link is the one that it has.
    netlink.sync.linkModify(IT, { type: 'vxlan', mtu: 1301, underlayIndex: read.underlayIndex ?? 0, ageing: 201 });
    expect(shownLink(namespace)).toMatchObject(shown(1301, 201));
    netlink.sync.linkModify(IT, { type: 'vxlan', mtu: 1302 });
    expect(shownLink(namespace)).toMatchObject(shown(1302, 201));
    netlink.sync.linkModify(IT, read);
    expect(shownLink(namespace)).toEqual(before);
  });

  it('is not told its carrier, which is state of most links', () => {
    ipIn(namespace, 'link add it type veth peer name that');
    const read = netlink.sync.linkByName(IT);
    expect(read.carrier).toBe(false);
    for (const name of [IT, 'that']) ipIn(namespace, `link set ${name} up`);
    expect(netlink.sync.linkByName(IT).carrier).toBe(true);
    netlink.sync.linkModify(IT, { ...read, alias: 'far', up: true });
    expect(netlink.sync.linkByName(IT)).toMatchObject({ carrier: true, alias: 'far' });
  });

  it('is changed in what is said beside, and the kernel says what cannot be changed', () => {
    ipIn(namespace, 'link add it type vxlan id 42 dstport 4789 local 192.0.2.1 remote 192.0.2.2');
    const read = netlink.sync.linkByName(IT);
    if (read.type !== 'vxlan') throw new Error('a VXLAN was made');
    netlink.sync.linkModify(IT, { ...read, mtu: 1300, alias: 'far' });
    // The kernel takes the MTU of a VXLAN alone.
    netlink.sync.linkModify(IT, { ...netlink.sync.linkByName(IT), groupAddress: '192.0.2.3' } as LinkChanges);
    const { statistics: _, ...settings } = read;
    expect(netlink.sync.linkByName(IT)).toMatchObject({
      ...settings,
      mtu: 1300,
      alias: 'far',
      groupAddress: '192.0.2.3',
    });
    const again = netlink.sync.linkByName(IT);
    expect(() => netlink.sync.linkModify(IT, { ...again, port: 4790 } as LinkChanges)).toThrow(/port/i);
    expect(() => netlink.sync.linkModify(IT, { ...read, numTxQueues: 7 } as LinkChanges)).toThrow(
      'numTxQueues cannot be changed',
    );
    expect(() => netlink.sync.linkModify(IT, { ...read, altNames: ['more'] } as LinkChanges)).toThrow(
      'altNames cannot be changed',
    );
  });
});

describe('what a link is to its master', () => {
  const settings = some(
    'hairpin on',
    'guard on',
    'root_block on',
    'fastleave on',
    'learning off',
    'flood off',
    'mcast_flood off',
    'bcast_flood off',
    'mcast_to_unicast on',
    'proxy_arp on',
    'neigh_suppress on',
    'vlan_tunnel on',
    'isolated on',
    'priority 16',
    'cost 77',
    'group_fwd_mask 8',
    'mcast_router 2',
    'backup_port p7',
  );
  beforeAll(() => {
    for (const line of ['link add p7 type veth peer name p8', 'link set p7 master br0']) ipIn(namespace, line);
  });

  const IT = 'add it type vxlan id 42 dstport 4789 local 192.0.2.1 remote 192.0.2.2';
  const clear = (): void => {
    if (netlink.sync.linkList().some(({ name }) => name === 'it')) netlink.sync.linkDel('it');
  };
  afterEach(clear);

  it('is given back with it', () => {
    fc.assert(
      fc.property(settings, (options) => {
        clear();
        ipIn(namespace, `link ${IT}`);
        for (const change of ['master br0', 'up', words('type bridge_slave', options)])
          if (change !== 'type bridge_slave') ipIn(namespace, `link set it ${change}`);
        const before = shownLink(namespace);
        const read = netlink.sync.linkByName('it');
        giveBackLink(netlink, namespace);
        // A link that has left its bridge since comes back as the port that it was.
        ipIn(namespace, `link ${IT}`);
        netlink.sync.linkModify('it', read);
        expect(shownLink(namespace)).toMatchObject({ master: 'br0', asPort: before.asPort });
      }),
      { numRuns: 5 },
    );
  });

  it('is left out with its master', () => {
    ipIn(namespace, `link ${IT}`);
    for (const change of ['master br0', 'type bridge_slave hairpin on']) ipIn(namespace, `link set it ${change}`);
    const read = netlink.sync.linkByName('it');
    netlink.sync.linkModify('it', { ...read, master: null });
    expect(netlink.sync.linkByName('it')).not.toHaveProperty('masterPort');
    netlink.sync.linkDel('it');
    netlink.sync.linkAdd({ ...read, master: null });
    expect(netlink.sync.linkByName('it')).not.toHaveProperty('masterPort');
  });
});

describe('the token of IPv6 addresses', () => {
  it('is given back, and taken away from a link that had none', () => {
    ipIn(namespace, 'link add it type veth peer name that');
    ipIn(namespace, 'link set it up');
    const plain = netlink.sync.linkByName('it');
    expect(plain).not.toHaveProperty('ipv6Token');
    const token = (): unknown => ipJson('token show dev it', namespace);
    const before = token();
    ipIn(namespace, 'token set ::7 dev it');
    const read = netlink.sync.linkByName('it');
    expect(read.ipv6Token).toBe('::7');
    const shown = token();
    netlink.sync.linkModify('it', plain);
    expect(token()).toEqual(before);
    netlink.sync.linkModify('it', read);
    expect(token()).toEqual(shown);
    netlink.sync.linkDel('it');
    netlink.sync.linkAdd(read);
    expect(token()).toEqual(shown);
    expect(() => netlink.sync.linkModify('it', { ipv6Token: '192.0.2.1' })).toThrow(
      'ipv6Token must be an IPv6 address',
    );
    netlink.sync.linkDel('it');
  });
});

describe('what of a link has no setting here', () => {
  const IFF_DEBUG = 4;
  const [IFLA_GROUP, IFLA_HEADROOM] = [27, 68];
  const u32 = (number: number): Uint8Array => new Uint8Array(Uint32Array.of(number).buffer);

  it('is a flag that the new link has, and that a changed one gets back', () => {
    ipIn(namespace, 'link add it type ifb');
    const { index } = netlink.sync.linkByName('it');
    const setDebug = (flags: number): void => {
      const header = new Uint8Array(Int32Array.of(0, index, flags, IFF_DEBUG).buffer);
      netlink.sync.rawRequest({ type: 16, header, answer: 'ack' });
    };
    setDebug(IFF_DEBUG);
    const read = netlink.sync.linkByName('it');
    expect(read.flags).toContain('debug');
    netlink.sync.linkDel('it');
    netlink.sync.linkAdd(read);
    expect(netlink.sync.linkByName('it').flags).toContain('debug');
    setDebug(0);
    netlink.sync.linkModify('it', read);
    expect(netlink.sync.linkByName('it').flags).toContain('debug');
    netlink.sync.linkDel('it');
  });

  it('is written as it was read, but for what the kernel only tells', () => {
    ipIn(namespace, 'link add it type ifb');
    const read = netlink.sync.linkByName('it');
    // As if neither were known: the group is a setting, the space for headers is refused, by kernels that have it.
    const unknownCommon = [
      { attribute: IFLA_HEADROOM, data: u32(64) },
      { attribute: IFLA_GROUP, data: u32(9) },
    ];
    netlink.sync.linkDel('it');
    netlink.sync.linkAdd({ ...read, unknownCommon });
    expect(ipJson('link show it', namespace)).toMatchObject([{ group: '9' }]);
    netlink.sync.linkDel('it');
  });
});

describe('addresses', () => {
  const lines = fc.oneof(
    fc
      .tuple(
        fc.constantFrom('198.51.100.7/24', '198.51.100.7/32', '198.51.100.7 peer 198.51.100.8/32'),
        some(
          'broadcast 198.51.100.255',
          'label v0:seven',
          'scope link',
          'metric 77',
          'valid_lft 90000 preferred_lft 80000',
          'noprefixroute',
        ),
      )
      .map((parts) => words(...parts)),
    fc
      .tuple(
        fc.constantFrom('2001:db8:7::7/64', '2001:db8:7::7/128', '2001:db8:7::7 peer 2001:db8:7::8/128'),
        some('metric 77', 'valid_lft 90000 preferred_lft 80000', 'home', 'noprefixroute'),
      )
      .map((parts) => words(...parts, 'nodad')),
    fc.constantFrom('2001:db8:7::7/64 mngtmpaddr nodad', 'ff0e::db8:7:7/128 autojoin'),
  );

  it('are made as they were', () => {
    const read = () =>
      netlink.sync
        .addrList('v0')
        .filter(({ local }) => /^198\.51|db8:7:/.test(local))
        .map(({ validLifetime, preferredLifetime, ...address }) => ({
          ...address,
          // A second may pass.
          validLifetime: validLifetime > 89_000 && validLifetime < 90_001 ? 90_000 : validLifetime,
          preferredLifetime: preferredLifetime > 79_000 && preferredLifetime < 80_001 ? 80_000 : preferredLifetime,
        }))
        // Those that the kernel makes of another one.
        .filter(({ family, flags }) => family === 'ipv4' || !flags.includes('secondary'));
    fc.assert(
      fc.property(lines, (line) => {
        ipIn(namespace, `addr add ${line} dev v0`);
        const [address, ...others] = read();
        if (address === undefined) throw new Error('there is an address');
        expect(others).toEqual([]);
        netlink.sync.addrDel('v0', address);
        expect(read()).toEqual([]);
        netlink.sync.addrAdd('v0', address);
        expect(read()).toEqual([address]);
        netlink.sync.addrDel('v0', address);
      }),
      { numRuns: 10 },
    );
  });
});

describe('routes', () => {
  beforeAll(() => {
    for (const line of [
      'nexthop add id 7 via 192.0.2.9 dev v0',
      'nexthop add id 8 via 2001:db8::9 dev v0',
      'nexthop add id 9 group 7',
    ])
      ipIn(namespace, line);
  });

  const metrics = some(
    'mtu lock 1400',
    'window 9000',
    'rtt 30',
    'rttvar 20',
    'ssthresh 5',
    'cwnd lock 10',
    'advmss 1200',
    'reordering 4',
    'hoplimit 9',
    'initcwnd 10',
    'initrwnd 11',
    'features ecn',
    'rto_min 200ms',
    'quickack 1',
    'congctl cubic',
    'fastopen_no_cookie 1',
  );
  const node = some('table 77', 'metric 9', 'proto 77');
  const lines = fc.oneof(
    fc
      .tuple(
        fc.constantFrom(
          'via 192.0.2.9',
          'dev v0',
          'via 198.51.100.1 dev v0 onlink',
          'via inet6 2001:db8::9 dev v0',
          'nhid 7',
          'nhid 9',
          'nexthop via 192.0.2.9 weight 3 nexthop via 192.0.2.10 weight 5',
          'nexthop via inet6 2001:db8::9 dev v0 nexthop via 203.0.113.9 dev v0 onlink',
        ),
        node,
        some('tos 8', 'src 192.0.2.1'),
        metrics,
      )
      // What is said of a route stands before its ways.
      .map(([way, ...rest]) => words('203.0.113.0/25', ...rest, way)),
    fc
      .tuple(
        fc.constantFrom('via 2001:db8::9', 'dev v0', 'nhid 8', 'via 2001:db8:5::1 dev v0 onlink'),
        node,
        some('pref high', 'src 2001:db8::1'),
        metrics,
      )
      .map(([way, ...rest]) => words('2001:db8:99::/48', ...rest, way)),
    fc
      .tuple(fc.constantFrom('blackhole', 'unreachable', 'prohibit', 'throw'), node)
      .map(([type, rest]) => words(type, '203.0.113.0/25', rest)),
    fc.constantFrom(
      'default via 192.0.2.9',
      'default via inet6 2001:db8::9 dev v0',
      '-6 default via 2001:db8::9',
      'local 203.0.113.0/25 dev v0',
      'broadcast 203.0.113.127 dev v0',
      '203.0.113.0/25 dev v0 scope host',
      '203.0.113.0/25 realms 3/7 via 192.0.2.9',
      '203.0.113.0/25 encap ip id 7 dst 192.0.2.7 ttl 9 dev v0',
      '2001:db8:99::/48 encap ip6 id 7 dst 2001:db8::7 hoplimit 9 dev v0',
      '2001:db8:99::/48 encap seg6 mode encap segs 2001:db8::7,2001:db8::8 dev v0',
    ),
  );
  const shown = (family: string): object[] =>
    ipJson<{ protocol: string }>(`${family} route show table all`, namespace).filter(
      ({ protocol }) => protocol !== 'kernel',
    );
  const read = () => netlink.sync.routeList({ table: 'all' }).filter(({ protocol }) => protocol !== 'kernel');

  it('are made as they were', () => {
    fc.assert(
      fc.property(lines, (line) => {
        const family = line.includes('2001:db8:99') || line.startsWith('-6') ? '-6' : '-4';
        ipIn(namespace, `${family} route add ${line.replace('-6 ', '')}`);
        const before = shown(family);
        const [route, ...others] = read();
        if (route === undefined) throw new Error('there is a route');
        expect(others).toEqual([]);
        netlink.sync.routeDel(route);
        expect(read()).toEqual([]);
        netlink.sync.routeAdd(route);
        expect(read()).toEqual([route]);
        expect(shown(family)).toEqual(before);
        netlink.sync.routeReplace(route);
        expect(read()).toEqual([route]);
        netlink.sync.routeDel(route);
      }),
      { numRuns: 20 },
    );
  });

  it('that end keep what is left to them', () => {
    ipIn(namespace, '-6 route add 2001:db8:99::/48 dev v0 expires 9000');
    const [route] = read();
    expect(route?.expires).toBeGreaterThan(8000);
    if (route === undefined) return;
    netlink.sync.routeDel(route);
    netlink.sync.routeAdd(route);
    expect(read()).toEqual([{ ...route, expires: expect.closeTo(route.expires ?? 0, -2) }]);
    netlink.sync.routeDel(route);
  });
});

describe('flags that have no name here', () => {
  // No kernel has these, and those of IPv4 keep all that they are told.
  const BIT = 0x1000;

  it('are those of an address that is made again', () => {
    netlink.sync.addrAdd('v0', { address: '198.51.100.9/24', flags: ['noprefixroute', BIT] });
    const read = () => netlink.sync.addrList('v0').filter(({ local }) => local === '198.51.100.9');
    const [address] = read();
    expect(address?.flags).toEqual(['permanent', 'noprefixroute', BIT]);
    if (address === undefined) return;
    netlink.sync.addrDel('v0', address);
    netlink.sync.addrAdd('v0', address);
    expect(read()).toEqual([address]);
    netlink.sync.addrDel('v0', address);
  });

  it('are those of a route that is made again, and what iproute2 calls equalize', () => {
    const EQUALIZE = 'equalize';
    // The kernel tells of them where there are several ways.
    const nexthops = ['192.0.2.9', '192.0.2.10'].map((gateway) => ({ gateway }));
    netlink.sync.routeAdd({ dst: '203.0.113.0/25', nexthops, flags: [EQUALIZE, BIT] });
    const read = () => netlink.sync.routeList({ dst: '203.0.113.0/25' });
    const [route] = read();
    expect(route?.flags).toEqual([EQUALIZE, BIT]);
    if (route === undefined) return;
    netlink.sync.routeDel(route);
    netlink.sync.routeAdd(route);
    expect(read()).toEqual([route]);
    netlink.sync.routeDel(route);
  });

  it('are those of a rule that is made again', () => {
    netlink.sync.ruleAdd({ family: 'ipv4', table: 100, priority: 600, flags: [BIT] });
    const read = () => netlink.sync.ruleList({ priority: 600 });
    const [rule] = read();
    expect(rule?.flags).toEqual([BIT]);
    if (rule === undefined) return;
    netlink.sync.ruleDel(rule);
    netlink.sync.ruleAdd(rule);
    expect(read()).toEqual([rule]);
    netlink.sync.ruleDel(rule);
  });

  it('of a neighbour are refused by a kernel that does not have them', () => {
    const neighbour = { link: 'v0', dst: '192.0.2.77', lladdr: '02:00:00:00:07:01', flags: [0x80000] };
    expect(() => netlink.sync.neighAdd(neighbour)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
  });
});

describe('rules', () => {
  const lines = fc
    .tuple(
      fc.constantFrom(
        '',
        'from 198.51.100.0/24',
        'to 198.51.100.0/24',
        'from 198.51.100.5/8 to 192.0.2.1/24',
        'from 2001:db8:1::/48 to 2001:db8:2::/48',
        'from 2001:db8:1::1/48',
      ),
      some(
        'tos 8',
        'fwmark 7/0xff',
        'iif v0',
        'oif v1',
        'uidrange 0-0',
        'ipproto tcp sport 100-200 dport 80',
        'realms 3/7',
        'tun_id 99',
        'protocol 77',
      ),
      fc.constantFrom(
        'table 100',
        'table 300 suppress_prefixlength 0',
        'table 100 suppress_ifgroup 9',
        'goto 32766',
        'blackhole',
        'unreachable',
        'prohibit',
        'l3mdev',
      ),
      fc.constantFrom('', 'not '),
    )
    .map(([networks, selectors, action, not]) => ({
      family: networks.includes(':') ? '-6' : '-4',
      line: `${not}${words(networks, 'pref 500', selectors, action)}`,
    }));
  const shown = (family: string): object[] =>
    ipJson<{ protocol: string }>(`${family} rule show`, namespace).filter(({ protocol }) => protocol !== 'kernel');
  const read = () => netlink.sync.ruleList().filter(({ protocol }) => protocol !== 'kernel');

  it('are made as they were', () => {
    fc.assert(
      fc.property(lines, ({ family, line }) => {
        ipIn(namespace, `${family} rule add ${line}`);
        const before = shown(family);
        const [rule, ...others] = read();
        if (rule === undefined) throw new Error('there is a rule');
        expect(others).toEqual([]);
        netlink.sync.ruleDel(rule);
        expect(read()).toEqual([]);
        netlink.sync.ruleAdd(rule);
        expect(read()).toEqual([rule]);
        expect(shown(family)).toEqual(before);
        netlink.sync.ruleDel(rule);
      }),
      { numRuns: 10 },
    );
  });

  it('with selectors that are not known here, which older kernels do not have, are removed alone', () => {
    // FRA_DSCP of Linux 6.12
    const dscp = { attribute: 25, data: Uint8Array.of(10) };
    for (const unknown of [[dscp], []])
      netlink.sync.ruleAdd({ family: 'ipv4', table: 100, priority: 600 + unknown.length, unknown });
    const [plain, special] = read();
    if (plain === undefined || special === undefined) throw new Error('there are two rules');
    netlink.sync.ruleDel(special);
    expect(read()).toEqual([plain]);
    netlink.sync.ruleAdd(special);
    expect(read()).toEqual([plain, special]);
    for (const rule of [plain, special]) netlink.sync.ruleDel(rule);
  });
});

describe('neighbours', () => {
  const read = (family: 'ipv4' | 'ipv6' | 'bridge', link: string) =>
    netlink.sync
      .neighList({ family, link })
      .map(({ age: _, probes: __, ...neighbour }) => neighbour)
      .filter(({ dst, lladdr }) => dst?.endsWith('77') === true || lladdr?.startsWith('02:00:00:00:07') === true);

  it('are made as they were', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('192.0.2.77', '2001:db8::77'),
        fc.constantFrom('permanent', 'noarp', 'stale', 'reachable'),
        some('router', 'extern_learn', 'protocol 77'),
        (dst, state, options) => {
          ipIn(namespace, words('neigh add', dst, 'lladdr 02:00:00:00:07:01 dev v0 nud', state, options));
          const family = dst.includes(':') ? 'ipv6' : 'ipv4';
          const [neighbour] = read(family, 'v0');
          if (neighbour === undefined) throw new Error('there is a neighbour');
          netlink.sync.neighDel(neighbour);
          netlink.sync.neighAdd(neighbour);
          expect(read(family, 'v0')).toEqual([neighbour]);
          netlink.sync.neighDel(neighbour);
        },
      ),
      { numRuns: 6 },
    );
  });

  it('of forwarding databases are made as they were', () => {
    ipIn(namespace, 'link add p0 type veth peer name p1');
    ipIn(namespace, 'link set p0 master br0');
    ipIn(namespace, 'link add vx0 type vxlan id 7 dev v0 dstport 4789');
    ipIn(namespace, 'link add vx1 type vxlan external dstport 4790');
    const entries = fc.oneof(
      fc
        .tuple(fc.constantFrom('local', 'static', 'static sticky'), some('extern_learn'))
        .map(([state, options]) => ['p0', words('master', state, options)] as const),
      some('dst 192.0.2.77', 'port 8472', 'vni 9', 'via v0').map((options) => ['vx0', options] as const),
      fc.constant(['vx1', 'dst 192.0.2.77 src_vni 7 vni 9'] as const),
    );
    fc.assert(
      fc.property(entries, ([link, options]) => {
        // Of a VXLAN without an endpoint the kernel takes none.
        fc.pre(link === 'p0' || options.includes('dst'));
        bridge(words('fdb add 02:00:00:00:07:01 dev', link, options));
        const [entry, ...others] = read('bridge', link);
        if (entry === undefined) throw new Error('there is an entry');
        expect(others).toEqual([]);
        netlink.sync.neighDel(entry);
        expect(read('bridge', link)).toEqual([]);
        netlink.sync.neighAdd(entry);
        expect(read('bridge', link)).toEqual([entry]);
        netlink.sync.neighDel(entry);
      }),
      { numRuns: 8 },
    );
  });

  it('of a bridge itself are deleted and set as they were read', () => {
    bridge('fdb add 02:00:00:00:07:09 dev br0 self permanent');
    const find = () => read('bridge', 'br0').find(({ lladdr }) => lladdr === '02:00:00:00:07:09');
    const entry = find();
    if (entry === undefined) throw new Error('there is an entry');
    const count = read('bridge', 'br0').length;
    netlink.sync.neighSet(entry);
    expect(read('bridge', 'br0')).toHaveLength(count);
    netlink.sync.neighDel(entry);
    expect(find()).toBeUndefined();
    netlink.sync.neighAdd(entry);
    expect(find()).toEqual(entry);
    netlink.sync.neighDel(entry);
  });

  it('keep attributes that are not known here, those that hold others too', () => {
    ipIn(namespace, 'link add q0 type veth peer name q1');
    ipIn(namespace, 'link set q0 master br0');
    // NDA_FDB_EXT_ATTRS with NFEA_ACTIVITY_NOTIFY, Linux 5.13: iproute2 has no words for it.
    const unknown = [{ attribute: 14, nested: true, data: Uint8Array.of(5, 0, 1, 0, 1, 0, 0, 0) }];
    const spec = { family: 'bridge', link: 'q0', lladdr: '02:00:00:00:07:02', flags: ['master'] } as const;
    netlink.sync.neighAdd({ ...spec, state: 'noarp', unknown });
    const [entry] = read('bridge', 'q0');
    expect(entry?.unknown).toEqual(unknown);
    if (entry === undefined) return;
    netlink.sync.neighDel(entry);
    netlink.sync.neighAdd(entry);
    expect(read('bridge', 'q0')).toEqual([entry]);
  });
});
