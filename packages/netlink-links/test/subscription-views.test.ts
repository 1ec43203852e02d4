import {
  type Address,
  addrSubscribe,
  type Link,
  type LinkSpec,
  linkSubscribe,
  type Neighbour,
  Netlink,
  neighSubscribe,
  nsidSubscribe,
  type Route,
  routeSubscribe,
} from 'netlink-links';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeNamespaces, retryUntil, run, uniqueName } from '#testkit';
import { attemptAll, churnWith, type Followed, viewOf } from './subscription-view.js';

// A view that is kept of what a subscription tells equals the list, whatever happens. What other topics need stands in
// subscription-topics.test.ts and nexthops.test.ts, and in test-vm for what this kernel lacks.

let name = '';
let namespaces: Disposable;
let netlink: Netlink;
beforeEach(() => {
  name = uniqueName('sw');
  namespaces = makeNamespaces(name);
  netlink = Netlink.open(name);
  attempt(['ip link add v0 type veth peer name v1', 'ip link set v0 up', 'ip link set v1 up']);
});
afterEach(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

const attempt = (lines: readonly string[]): number =>
  attemptAll((line) => {
    const [tool = '', ...args] = line.split(' ');
    return run(tool, ['-n', name, ...args]);
  }, lines);

/** Of a bridge, and what follows its ports. */
const TIMERS = ['gcTimer', 'helloTimer', 'tcnTimer', 'topologyChangeTimer', 'fdbLearned', 'bridgeId', 'rootId'];

/** Links come and go, change their names and their masters. */
const LINKS = [
  'ip link set v0 down',
  'ip link set v0 up',
  'ip link set v1 down',
  'ip link set v1 up',
  'ip link set v0 mtu 1400',
  'ip link set v0 mtu 1500',
  'ip link add w0 type veth peer name w1',
  'ip link set w0 up',
  'ip link set w1 up',
  'ip link del w0',
  'ip link add br0 type bridge',
  'ip link set br0 up',
  'ip link set br0 down',
  'ip link set v0 master br0',
  'ip link set v0 nomaster',
  'ip link del br0',
];
const CLEAN_UP = ['ip link del w0', 'ip link del x0', 'ip link del br0', 'ip link set v0 name v0', 'ip link set v1 up'];

describe('linkSubscribe', () => {
  const follow = (): [Followed] => [
    {
      view: viewOf<Link>(
        // What a bridge tells of its ports comes apart: subscriptions.test.ts.
        linkSubscribe({ namespace: name, listExisting: true }),
        ['link', 'links'],
        ({ index }) => String(index),
      ),
      list: () => netlink.sync.linkList(),
      // The root of the queueing disciplines is told by qdiscSubscribe, and ports have messages of their own.
      varying: ['statistics', 'qdisc', 'masterPort', ...TIMERS],
    },
  ];

  it('keeps a view that equals the list after random changes', { timeout: 120_000 }, async () => {
    await churnWith(
      attempt,
      [
        // Of what is set of a link that is down the kernel tells nothing (netdev_state_change).
        ...LINKS.filter((line) => !/ (v0|br0) (down|up)$| add br0 /.test(line)),
        'ip link add br0 up type bridge',
        'ip link set w0 name x0',
        'ip link set x0 name w0',
        'ip link set v0 alias far',
        'ip link property add dev v0 altname another',
        'ip link property del dev v0 altname another',
        'ip link set v0 promisc on',
        'ip link set v0 promisc off',
        'ip link set v0 txqueuelen 7',
        'ip link set v0 group 9',
        'ip link set v0 address 02:00:00:00:00:77',
        'ip link set v1 netns self',
        'ip link set br0 type bridge ageing_time 12300',
        'ip link set v0 addrgenmode none',
        'tc qdisc replace dev v0 root handle 1: tbf rate 1mbit burst 10k latency 10ms',
        'tc qdisc del dev v0 root',
      ],
      follow,
      { cleanUp: CLEAN_UP, maxLength: 40, examples: [['ip link add w0 type veth peer name w1']] },
    );
  });

  // The kernel announces the peer before it has the other end.
  it.each(['veth', 'netkit'])(
    'tells of a peer in another namespace, of the kind %s, what the list tells',
    async (kind) => {
      const other = uniqueName('sy');
      using _ = makeNamespaces(other);
      const [{ view, list }] = follow();
      await retryUntil(() => view.objects.size === 3);
      using far = Netlink.open(other);
      try {
        far.sync.linkAdd({ type: kind, name: 'h0', peer: { name: 'c0', netns: name } } as LinkSpec);
      } catch (error) {
        // A kernel without netkit has nothing to tell.
        if (kind !== 'netkit' || (error as { code?: string }).code !== 'EOPNOTSUPP') throw error;
        await view.end();
        return;
      }
      const peers = (links: Iterable<unknown>): unknown[] =>
        [...links]
          .filter((link) => (link as Link).name === 'c0')
          .map((link) => (link as { peerIndex?: number }).peerIndex);
      await retryUntil(() => peers(view.objects.values()).length === 1);
      await retryUntil(() => String(peers(view.objects.values())) === String(peers(list())));
      expect(peers(list())).not.toEqual([0]);
      await view.end();
    },
  );
});

describe('addrSubscribe, routeSubscribe and neighSubscribe', () => {
  const follow = (): Followed[] => {
    const options = { namespace: name, listExisting: true };
    return [
      {
        view: viewOf<Address>(
          addrSubscribe(options),
          ['address', 'addresses'],
          ({ ifindex, address, peer }) => `${ifindex} ${address} ${peer}`,
        ),
        list: () => netlink.sync.addrList(),
        varying: ['validLifetime', 'preferredLifetime'],
      },
      {
        view: viewOf<Route>(
          routeSubscribe(options),
          ['route', 'routes'],
          ({ dst, table, tos, priority, protocol, oif }) =>
            `${dst} ${table} ${tos} ${priority} ${protocol === 'kernel' ? oif : ''}`,
        ),
        list: () => netlink.sync.routeList({ table: 'all' }),
        varying: ['expires'],
      },
      {
        view: viewOf<Neighbour>(
          neighSubscribe(options),
          ['neighbour', 'neighbours'],
          ({ family, ifindex, dst, lladdr, vlan, flags }) =>
            `${family} ${ifindex} ${family === 'bridge' ? `${lladdr} ${vlan} ${dst} ${flags.includes('self')}` : dst}`,
        ),
        list: () => [...netlink.sync.neighList(), ...netlink.sync.neighList({ family: 'bridge' })],
        varying: ['age', 'probes'],
        // Addresses to which nothing is asked, and those that a device itself listens to.
        isSilent: ({ state, family, flags, dst }: Neighbour) =>
          state === 'noarp' || (family === 'bridge' && flags.includes('self') && dst === undefined),
      },
    ];
  };

  it('keep views that equal the lists after random changes, of links too', { timeout: 120_000 }, async () => {
    await churnWith(
      attempt,
      [
        ...LINKS,
        'ip addr add 192.0.2.1/24 dev v0',
        'ip addr add 192.0.2.2/24 dev v0',
        'ip addr change 192.0.2.1/24 dev v0 valid_lft 5000 preferred_lft 4000',
        'ip addr del 192.0.2.1/24 dev v0',
        'ip addr add 198.51.100.1/32 peer 198.51.100.2 dev v0',
        'ip addr add 2001:db8::1/64 dev v0 nodad',
        'ip addr del 2001:db8::1/64 dev v0',
        'ip addr flush dev v0',
        'ip route replace 203.0.113.0/24 via 192.0.2.9',
        'ip route replace 203.0.113.0/25 via 192.0.2.8 metric 5',
        'ip route del 203.0.113.0/24',
        'ip route add blackhole 203.0.113.128/25 table 1000',
        'ip -6 route replace 2001:db8:9::/48 via 2001:db8::9',
        'ip neigh replace 192.0.2.7 lladdr 02:00:00:00:00:07 dev v0 nud permanent',
        'ip neigh replace 192.0.2.7 lladdr 02:00:00:00:00:08 dev v0 nud permanent',
        'ip neigh del 192.0.2.7 dev v0',
        'ip -6 neigh replace 2001:db8::7 lladdr 02:00:00:00:00:07 dev v0 nud permanent',
        'ip neigh flush dev v0 nud permanent',
        'bridge fdb add 02:00:00:00:00:11 dev v0 master static',
        'bridge fdb del 02:00:00:00:00:11 dev v0 master',
        'bridge fdb add 02:00:00:00:00:12 dev v0 self',
        'bridge fdb del 02:00:00:00:00:12 dev v0 self',
        'ip link add x0 type vxlan id 42 dstport 4789 local 192.0.2.1 nolearning',
        'ip link set x0 up',
        'bridge fdb append 00:00:00:00:00:00 dev x0 dst 192.0.2.20',
        'bridge fdb append 00:00:00:00:00:00 dev x0 dst 192.0.2.21',
        'bridge fdb del 00:00:00:00:00:00 dev x0 dst 192.0.2.20',
        'ip link set x0 master br0',
        'ip link del x0',
      ],
      follow,
      { cleanUp: [...CLEAN_UP, 'ip addr flush dev v0', 'ip route flush table 1000'], maxLength: 40 },
    );
  });
});

describe('nsidSubscribe', () => {
  it('keeps a view that equals the list after random changes', { timeout: 120_000 }, async () => {
    const others = [uniqueName('sx'), uniqueName('sx')];
    const commands = others.flatMap((other, index) => [
      `netns add ${other}`,
      `netns del ${other}`,
      `-n ${name} netns set ${other} ${index + 5}`,
      `link add p${index} netns ${name} type veth peer name q0 netns ${other}`,
    ]);
    await churnWith(
      (lines) => attemptAll((line) => run('ip', line.split(' ')), lines),
      commands,
      () => [
        {
          view: viewOf<number>(nsidSubscribe({ namespace: name, listExisting: true }), ['nsid', 'nsids'], String),
          list: () => netlink.sync.nsidList(),
        },
      ],
      { cleanUp: others.map((other) => `netns del ${other}`), numRuns: 4, maxLength: 15 },
    );
  });
});
