import fc from 'fast-check';
import {
  chainSubscribe,
  classSubscribe,
  type Filter,
  filterSubscribe,
  type MdbEntry,
  mdbSubscribe,
  type Netconf,
  Netlink,
  netconfSubscribe,
  nsidSubscribe,
  type Qdisc,
  qdiscSubscribe,
  type Rule,
  ruleSubscribe,
  type TrafficClass,
} from 'netlink-links';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipIn, ipJson, makeNamespaces, retryUntil, run, uniqueName } from '#testkit';
import { readVlanRanges } from '../src/bridge-vlan/read-database.js';
import { MessageBytes } from '../src/message/message-bytes.js';
import {
  attemptAll,
  type ChurnOptions,
  churnWith,
  comparable,
  type Followed,
  ToolMonitor,
  viewOf,
} from './subscription-view.js';
import { followTraffic } from './traffic-views.js';

let name = '';
let namespaces: Disposable;
let netlink: Netlink;
beforeEach(() => {
  name = uniqueName('st');
  namespaces = makeNamespaces(name);
  for (const line of ['link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up']) ipIn(name, line);
  netlink = Netlink.open(name);
});
afterEach(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

/** A command of `ip`, `tc`, `bridge` or `sysctl` in the namespace. */
function command(line: string): string {
  const [tool = '', ...args] = line.split(' ');
  if (tool !== 'sysctl') return run(tool, ['-n', name, ...args]);
  const [setting = '', value = ''] = args;
  const file = `/proc/sys/net/${setting}`;
  return run('ip', ['netns', 'exec', name, 'sh', '-c', `echo ${value} > ${file}`]);
}

const attempt = (lines: readonly string[]): number => attemptAll(command, lines);
const churn = (
  commands: readonly string[],
  follow: () => readonly Followed[],
  options: ChurnOptions = {},
): Promise<void> => churnWith(attempt, commands, follow, options);

describe('ruleSubscribe', () => {
  // State that follows links and other rules is no part of what tells rules apart.
  const keyOf = ({ flags: _, ...rule }: Rule): string => comparable([rule]).join();

  it('keeps a view that equals the list after random changes, of links that rules name too', {
    timeout: 120_000,
  }, async () => {
    ipIn(name, 'rule add from 198.51.100.0/24 goto 400 priority 40');
    await churn(
      [
        'ip rule add from 192.0.2.0/24 table 100 priority 100',
        'ip rule del priority 100',
        'ip rule add iif x0 table 101 priority 101',
        'ip rule add oif x1 table 102 priority 102',
        'ip -6 rule add iif x1 table 103 priority 103',
        'ip rule add goto 300 priority 50',
        'ip rule del priority 50',
        'ip rule add table 300 priority 300',
        'ip rule add tos 8 table 301 priority 300',
        'ip rule del priority 300',
        'ip rule add table 400 priority 400',
        'ip rule del priority 400',
        'ip -6 rule add from 2001:db8::/32 table 100 priority 100',
        'ip -6 rule del priority 100',
        'ip link add x0 type bridge',
        'ip link del x0',
        'ip link set x0 name x1',
        'ip link set x1 name x0',
        'ip link del x1',
        'ip link set v0 down',
        'ip link set v0 up',
      ],
      () => [
        {
          view: viewOf(ruleSubscribe({ namespace: name, listExisting: true }), ['rule', 'rules'], keyOf),
          list: () => netlink.sync.ruleList(),
        },
      ],
      {
        cleanUp: ['ip link del x0', 'ip link del x1', 'ip rule del priority 101', 'ip rule del priority 102'],
        examples: [
          ['ip rule add iif x0 table 101 priority 101', 'ip link add x0 type bridge'],
          ['ip link add x0 type bridge', 'ip rule add iif x0 table 101 priority 101', 'ip link del x0'],
          ['ip link add x0 type bridge', 'ip rule add iif x0 table 101 priority 101', 'ip link set x0 name x1'],
          ['ip link add x0 type bridge', 'ip rule add oif x1 table 102 priority 102', 'ip link set x0 name x1'],
          ['ip rule add table 400 priority 400'],
          ['ip rule del priority 400'],
        ],
      },
    );
  });

  it('tells all of it in a resync where nothing was listed before and rules may follow others', async () => {
    ipIn(name, 'rule add goto 300 priority 50');
    using updates = ruleSubscribe({ namespace: name });
    ipIn(name, 'rule add table 300 priority 300');
    for await (const update of updates) {
      if (update.type !== 'resync') continue;
      const read = update.rules.find(({ priority, family }) => priority === 50 && family === 'ipv4');
      expect(read?.flags).toEqual([]);
      break;
    }
  });

  it('tells what ip monitor shows', async () => {
    using monitor = new ToolMonitor('ip', ['-n', name, 'monitor', 'rule']);
    await monitor.begin(() => attempt(['ip rule add priority 9 table 9', 'ip rule del priority 9']));
    command('ip rule add priority 30000 table 10');
    await monitor.after('30000:');
    using updates = ruleSubscribe({ namespace: name, listExisting: true });
    const told: string[] = [];
    attempt([
      'ip rule add from 192.0.2.0/24 table 100 priority 100',
      'ip -6 rule add iif v0 table 103 priority 103',
      'ip rule del priority 100',
      'ip rule add priority 30001 table 10',
    ]);
    for await (const update of updates) {
      if (update.type === 'resync' || update.type === 'existing') continue;
      told.push(`${update.type === 'deleted' ? 'Deleted ' : ''}${update.rule.priority}:`);
      if (update.rule.priority === 30001) break;
    }
    const shown = await retryUntil(async () => {
      const lines = await monitor.after('30000:');
      return lines.some((line) => line.includes('30001:')) && lines;
    });
    expect(shown.map((line) => /(Deleted )?\d+:/.exec(line)?.[0])).toEqual(told);
  });
});

describe('qdiscSubscribe, classSubscribe, filterSubscribe and chainSubscribe', () => {
  const follow = () => followTraffic(name, netlink);

  it('keep views that equal the lists after random changes, of links too', { timeout: 120_000 }, async () => {
    const filter = 'protocol ip u32 match ip dst 192.0.2.0/24';
    const classes = [
      'tc qdisc replace dev v0 root handle 1: htb default 10',
      'tc class replace dev v0 parent 1: classid 1:1 htb rate 10mbit',
      'tc class replace dev v0 parent 1:1 classid 1:10 htb rate 1mbit',
      'tc qdisc replace dev v0 parent 1:10 handle 10: pfifo limit 100',
    ];
    await churn(
      [
        'tc qdisc replace dev v0 root handle 1: htb default 10',
        'tc qdisc replace dev v0 root handle 1: htb default 10',
        'tc qdisc del dev v0 root',
        'tc class replace dev v0 parent 1: classid 1:1 htb rate 10mbit',
        'tc class replace dev v0 parent 1: classid 1:1 htb rate 20mbit',
        'tc class replace dev v0 parent 1:1 classid 1:10 htb rate 1mbit',
        'tc class replace dev v0 parent 1:1 classid 1:11 htb rate 1mbit',
        'tc class replace dev v0 parent 1:10 classid 1:20 htb rate 1mbit',
        'tc class del dev v0 classid 1:20',
        'tc class del dev v0 classid 1:11',
        'tc class del dev v0 classid 1:10',
        'tc qdisc replace dev v0 parent 1:10 handle 10: pfifo limit 100',
        'tc qdisc replace dev v0 parent 1:10 handle 11: tbf rate 1mbit burst 10k latency 10ms',
        'tc qdisc replace dev v0 parent 1:20 handle 20: pfifo limit 100',
        'tc qdisc change dev v0 parent 1:10 handle 10: pfifo limit 200',
        'tc qdisc del dev v0 parent 1:10',
        `tc filter add dev v0 parent 1: prio 5 ${filter} flowid 1:1`,
        `tc filter add dev v0 parent 1: prio 5 ${filter} flowid 1:11`,
        `tc filter replace dev v0 parent 1: prio 5 handle 800::800 ${filter} flowid 1:2`,
        `tc filter change dev v0 parent 1: prio 5 handle 800::800 ${filter} flowid 1:3`,
        `tc filter add dev v0 parent 1:10 prio 7 ${filter} flowid 1:20`,
        'tc filter del dev v0 parent 1: prio 5',
        'tc filter del dev v0 parent 1:',
        'tc qdisc add dev v0 clsact',
        'tc qdisc add dev v0 ingress_block 7 clsact',
        'tc qdisc add dev v1 ingress_block 7 ingress',
        'tc qdisc del dev v0 clsact',
        'tc qdisc del dev v1 ingress',
        `tc filter add dev v0 egress prio 6 ${filter}`,
        // The kernel lists filters of u32 with the same priority at both sides, or in two chains, twice.
        `tc filter add dev v0 ingress prio 9 ${filter}`,
        `tc filter add block 7 prio 8 ${filter}`,
        'tc filter del block 7',
        'tc filter del dev v0 egress',
        'tc chain add dev v0 egress chain 3',
        'tc chain del dev v0 egress chain 3',
        'tc chain add dev v0 ingress chain 3',
        'tc chain add dev v0 parent 1: chain 4',
        'tc chain del dev v0 parent 1: chain 4',
        'tc chain add block 7 chain 5',
        'tc chain del block 7 chain 5',
        `tc filter add block 7 chain 6 prio 10 ${filter}`,
        'tc filter del block 7 chain 6',
        'ip link add w0 type veth peer name w1',
        'ip link set w0 up',
        'ip link set w0 down',
        'tc qdisc add dev w0 root tbf rate 1mbit burst 10k latency 10ms',
        'tc qdisc add dev w0 ingress',
        `tc filter add dev w0 ingress prio 6 ${filter}`,
        'ip link del w0',
      ],
      follow,
      {
        cleanUp: [
          'tc qdisc del dev v0 root',
          'tc qdisc del dev v0 clsact',
          'tc qdisc del dev v1 ingress',
          'ip link del w0',
        ],
        examples: [
          ['ip link add w0 type veth peer name w1', 'ip link set w0 up'],
          ['ip link add w0 up type veth peer name w1'],
          [
            'ip link add w0 type veth peer name w1',
            'tc qdisc add dev w0 root tbf rate 1mbit burst 10k latency 10ms',
            'tc qdisc add dev w0 ingress',
            `tc filter add dev w0 ingress prio 6 ${filter}`,
            'ip link del w0',
          ],
          [...classes, 'tc qdisc del dev v0 root'],
          [...classes, 'tc class replace dev v0 parent 1:10 classid 1:20 htb rate 1mbit'],
          [
            ...classes,
            'tc class replace dev v0 parent 1:10 classid 1:20 htb rate 1mbit',
            'tc class del dev v0 classid 1:20',
          ],
          [
            ...classes,
            `tc filter add dev v0 parent 1:10 prio 7 ${filter} flowid 1:20`,
            'tc class del dev v0 classid 1:10',
          ],
          [
            ...classes,
            `tc filter add dev v0 parent 1: prio 5 ${filter} flowid 1:1`,
            `tc filter replace dev v0 parent 1: prio 5 handle 800::800 ${filter} flowid 1:2`,
          ],
          [
            ...classes,
            `tc filter add dev v0 parent 1: prio 5 ${filter} flowid 1:1`,
            'tc filter del dev v0 parent 1: prio 5',
          ],
          ['tc qdisc add dev v0 clsact', `tc filter add dev v0 egress prio 6 ${filter}`, 'tc filter del dev v0 egress'],
          [
            'tc qdisc add dev v0 ingress_block 7 clsact',
            `tc filter add block 7 prio 8 ${filter}`,
            'tc filter del block 7',
          ],
          [
            'tc qdisc add dev v0 ingress_block 7 clsact',
            `tc filter add block 7 prio 8 ${filter}`,
            'tc qdisc del dev v0 clsact',
          ],
        ],
        numRuns: 8,
        maxLength: 40,
      },
    );
  });

  it('keep views of many classes without listing them anew for each', async () => {
    command('tc qdisc add dev v0 root handle 1: htb');
    command('tc class add dev v0 parent 1: classid 1:1 htb rate 10mbit');
    const [qdiscs, classes, filters, chains] = follow();
    await retryUntil(() => classes.view.objects.size === 1 && qdiscs.view.objects.size > 1);
    for (let n = 10; n < 60; n += 1) command(`tc class add dev v0 parent 1:1 classid 1:${n} htb rate 1mbit`);
    await retryUntil(() => classes.view.objects.size === 51);
    // With the first class, 1:1 gets another level.
    expect(classes.view.counts.resync ?? 0).toBeLessThanOrEqual(1);
    expect(qdiscs.view.counts.resync).toBeUndefined();
    expect(filters.view.counts.resync).toBeUndefined();
    expect(chains.view.counts.resync).toBeUndefined();
    await Promise.all([qdiscs, classes, filters, chains].map(({ view }) => view.end()));
  });

  it('say what the kernel says of a change', async () => {
    const options = { namespace: name };
    using qdiscs = qdiscSubscribe(options);
    using filters = filterSubscribe(options);
    command('tc qdisc add dev v0 root handle 1: htb');
    command('tc qdisc add dev v1 root handle 2: pfifo limit 5');
    command('tc qdisc change dev v1 root handle 2: pfifo limit 6');
    command('tc filter add dev v0 parent 1: protocol ip prio 5 u32 match ip dst 192.0.2.0/24 flowid 1:1');
    command(
      'tc filter replace dev v0 parent 1: protocol ip prio 5 handle 800::800 u32 match ip dst 192.0.2.0/24 flowid 1:2',
    );
    command('tc filter del dev v0 parent 1: protocol ip prio 5 handle 800::800 u32');
    const seen: string[] = [];
    for await (const update of qdiscs) {
      if (update.type === 'resync') continue;
      seen.push(`${update.type} ${update.qdisc.kind} ${update.change ?? ''}`);
      if (seen.length === 5) break;
    }
    expect(seen).toEqual([
      'deleted noqueue ',
      'new htb replaced',
      'deleted noqueue ',
      'new pfifo replaced',
      'new pfifo ',
    ]);
    const told: string[] = [];
    for await (const update of filters) {
      if (update.type === 'resync') continue;
      told.push(`${update.type} ${update.filter.classid} ${update.change ?? ''}`);
      if (told.length === 3) break;
    }
    // The kernel tells of the second what it was before.
    expect(told).toEqual(['new 1:1 added', 'new 1:1 ', 'deleted 1:2 ']);
  });

  it('tell chains of a block one by one, and all of them where the place of one is not told', async () => {
    command('tc qdisc add dev v0 ingress_block 7 clsact');
    using updates = chainSubscribe({ namespace: name });
    command('tc chain add block 7 chain 5');
    command('tc chain del block 7 chain 5');
    command('tc chain add dev v0 egress chain 3');
    const seen: string[] = [];
    for await (const update of updates) {
      if (update.type === 'resync') {
        expect(update.chains).toEqual([expect.objectContaining({ parent: 'egress', chain: 3 })]);
        break;
      }
      const { block, chain } = update.chain;
      seen.push(`${update.type} ${block} ${chain} ${update.change ?? ''}`);
    }
    expect(seen).toEqual(['new 7 5 added', 'deleted 7 5 ']);
  });

  it('tell what tc monitor shows', async () => {
    using monitor = new ToolMonitor('tc', ['-n', name, 'monitor']);
    await monitor.begin(() => attempt(['tc qdisc add dev v1 ingress', 'tc qdisc del dev v1 ingress']));
    command('tc qdisc add dev v1 root handle 77: pfifo');
    await monitor.after('qdisc pfifo 77:');
    const told: string[] = [];
    const options = { namespace: name };
    const deleted = ({ type }: { type: string }): string => (type === 'deleted' ? 'deleted ' : '');
    const collect = async (
      updates: AsyncIterable<{ type: string }> & Disposable,
      line: (update: never) => string | undefined,
    ): Promise<void> => {
      for await (const update of updates)
        if (update.type !== 'resync') told.push(`${deleted(update)}${line(update as never)}`);
    };
    const subscriptions = [qdiscSubscribe(options), classSubscribe(options), filterSubscribe(options)] as const;
    const [qdiscs, classes, filters] = subscriptions;
    const ended = [
      collect(qdiscs, ({ qdisc }: { qdisc: Qdisc }) => `qdisc ${qdisc.kind} ${qdisc.handle}`),
      collect(
        classes,
        ({ trafficClass }: { trafficClass: TrafficClass }) => `class ${trafficClass.kind} ${trafficClass.classid}`,
      ),
      collect(filters, ({ filter }: { filter: Filter }) => `filter ${filter.parent}`),
    ];
    for (const line of [
      'tc qdisc add dev v0 root handle 1: htb',
      'tc class add dev v0 parent 1: classid 1:1 htb rate 10mbit',
      'tc class change dev v0 parent 1: classid 1:1 htb rate 20mbit',
      'tc qdisc add dev v0 parent 1:1 handle 10: pfifo limit 5',
      'tc filter add dev v0 parent 1: protocol ip prio 5 u32 match ip dst 192.0.2.0/24 flowid 1:1',
      'tc filter del dev v0 parent 1: protocol ip prio 5 handle 800::800 u32',
      'tc qdisc del dev v0 parent 1:1',
      'tc class del dev v0 classid 1:1',
      'tc qdisc del dev v0 root',
      'tc qdisc add dev v1 parent root handle 78: pfifo',
    ])
      attempt([line]);
    command('tc qdisc replace dev v1 root handle 79: pfifo');
    const shown = await retryUntil(async () => {
      const lines = await monitor.after('qdisc pfifo 77:');
      return lines.some((line) => line.includes('qdisc pfifo 79:')) && lines;
    });
    await retryUntil(() => told.includes('qdisc pfifo 79:'));
    for (const each of subscriptions) each.close();
    await Promise.all(ended);
    // `deleted qdisc htb 1: dev v0 …`, `filter parent 1: protocol ip …`
    const objects = shown
      .map((line) =>
        /^(?:(?:replaced|added) )?((?:deleted )?)(?:(qdisc \S+ \S+)|(class \S+ \S+)|(filter) (?:dev \S+ )?parent (\S+))/.exec(
          line.trim(),
        ),
      )
      .filter((match) => match !== null)
      .map(
        ([, gone = '', qdisc, trafficClass, filter, parent]) =>
          `${gone}${qdisc ?? trafficClass ?? `${filter} ${parent}`}`,
      );
    expect(told.toSorted()).toEqual(objects.toSorted());
  });
});

describe('mdbSubscribe', () => {
  it('keeps a view that equals the list after random changes, of bridges too', { timeout: 120_000 }, async () => {
    await churn(
      [
        'bridge mdb add dev br0 port v0 grp 233.252.0.1 permanent',
        'bridge mdb add dev br0 port v0 grp 233.252.0.1 src 192.0.2.7 permanent',
        'bridge mdb add dev br0 port w0 grp 233.252.0.2',
        'bridge mdb add dev br0 port v0 grp ff0e::1 permanent',
        'bridge mdb add dev br0 port br0 grp 233.252.0.3',
        'bridge mdb del dev br0 port v0 grp 233.252.0.1',
        'bridge mdb del dev br0 port w0 grp 233.252.0.2',
        'ip link add br0 type bridge mcast_snooping 1',
        'ip link set br0 up',
        'ip link set br0 down',
        'ip link set br0 type bridge mcast_snooping 0',
        'ip link set br0 type bridge mcast_snooping 1',
        'ip link set v0 master br0',
        'ip link set w0 master br0',
        'ip link set v0 nomaster',
        'ip link set v0 down',
        'ip link set v0 up',
        'ip link add w0 type veth peer name w1',
        'ip link set w0 up',
        'ip link del w0',
        'ip link del br0',
      ],
      () => {
        for (const line of ['add br0 type bridge', 'set br0 up', 'set v0 master br0']) attempt([`ip link ${line}`]);
        const updates = mdbSubscribe({ namespace: name, listExisting: true });
        return [
          {
            view: viewOf<MdbEntry>(
              updates,
              ['entry', 'entries'],
              ({ ifindex, portIndex, group, source, vid }) => `${ifindex} ${portIndex} ${group} ${source} ${vid}`,
            ),
            list: () => netlink.sync.mdbList(),
            varying: ['timer'],
          },
        ];
      },
      {
        cleanUp: ['ip link del br0', 'ip link del w0'],
        examples: [
          ['bridge mdb add dev br0 port v0 grp 233.252.0.1 permanent', 'ip link set br0 type bridge mcast_snooping 0'],
          [
            'bridge mdb add dev br0 port v0 grp 233.252.0.1 permanent',
            'ip link set br0 type bridge mcast_snooping 0',
            'ip link set br0 mtu 1400',
            'ip link set br0 type bridge mcast_snooping 1',
          ],
          ['bridge mdb add dev br0 port br0 grp 233.252.0.3', 'ip link del br0'],
        ],
        maxLength: 40,
        numRuns: 8,
      },
    );
  });

  it('tells what bridge monitor shows', async () => {
    for (const line of ['add br0 type bridge', 'set br0 up', 'set v0 master br0']) ipIn(name, `link ${line}`);
    using monitor = new ToolMonitor('stdbuf', ['-oL', 'bridge', '-n', name, 'monitor', 'mdb']);
    const group = (verb: string, last: number): string =>
      `bridge mdb ${verb} dev br0 port v0 grp 233.252.0.${last} permanent`;
    await monitor.begin(() => attempt([group('add', 9), group('del', 9)]));
    command(group('add', 10));
    await monitor.after('233.252.0.10');
    using updates = mdbSubscribe({ namespace: name });
    for (const line of [group('add', 1), group('add', 2), group('del', 1), group('add', 11)]) command(line);
    const told: string[] = [];
    for await (const update of updates) {
      if (update.type === 'resync') continue;
      const { entry } = update;
      // The kernel is in groups of its own.
      if (!entry.group.startsWith('233.')) continue;
      told.push(`${update.type === 'deleted' ? 'Deleted ' : ''}${entry.group} ${entry.state}`);
      if (entry.group === '233.252.0.11') break;
    }
    const shown = await retryUntil(async () => {
      const lines = (await monitor.after('233.252.0.10')).filter((line) => line.includes('grp 233.'));
      return lines.some((line) => line.includes('233.252.0.11')) && lines;
    });
    expect(
      shown
        .map((line) => /^(Deleted )?.*grp (\S+) (\S+)/.exec(line))
        .map((match) => `${match?.[1] ?? ''}${match?.[2]} ${match?.[3]}`),
    ).toEqual(told);
  });
});

describe('netconfList', () => {
  it('lists what ip netconf shows', () => {
    for (const [family, word] of [
      ['ipv4', '-4'],
      ['ipv6', '-6'],
    ] as const) {
      const shown = ipJson<Record<string, unknown>>(`${word} netconf`, name);
      const read = netlink.sync.netconfList({ family });
      const links = new Map(netlink.sync.linkList().map((link) => [link.index, link.name]));
      expect(
        read.map((each) => ({
          family: each.family,
          interface: typeof each.ifindex === 'number' ? links.get(each.ifindex) : each.ifindex,
          forwarding: each.forwarding,
          rp_filter: each.rpFilter,
          mc_forwarding: each.multicastForwarding,
          proxy_neigh: each.proxyNeigh,
          ignore_routes_with_linkdown: each.ignoreRoutesWithLinkdown,
          bc_forwarding: each.broadcastForwarding,
        })),
      ).toEqual(
        shown.map(({ family: shownFamily, interface: link, ...rest }) => ({
          family: shownFamily === 'inet' ? 'ipv4' : 'ipv6',
          interface: link,
          rp_filter: undefined,
          // Not shown by this version of ip.
          bc_forwarding: shownFamily === 'inet' ? false : undefined,
          ...rest,
        })),
      );
      expect(read.every(({ unknown }) => unknown === undefined)).toBe(true);
    }
  });

  it('lists those of one link, and follows what sysctl sets', () => {
    const before = netlink.sync.netconfList('v0');
    expect(before.map(({ family }) => family).sort()).toEqual(['ipv4', 'ipv6']);
    expect(before.every(({ forwarding }) => forwarding === false)).toBe(true);
    command('sysctl ipv4/conf/v0/forwarding 1');
    command('sysctl ipv4/conf/v0/rp_filter 2');
    command('sysctl ipv4/conf/v0/proxy_arp 1');
    command('sysctl ipv4/conf/v0/bc_forwarding 1');
    command('sysctl ipv6/conf/v0/ignore_routes_with_linkdown 1');
    expect(netlink.sync.netconfList({ link: 'v0', family: 'ipv4' })).toMatchObject([
      { forwarding: true, rpFilter: 'loose', proxyNeigh: true, broadcastForwarding: true, multicastForwarding: false },
    ]);
    expect(netlink.sync.netconfList({ link: 'v0', family: 'ipv6' })).toMatchObject([
      { ignoreRoutesWithLinkdown: true },
    ]);
    expect(netlink.sync.netconfList({ family: 'mpls' }).every(({ family }) => family === 'mpls')).toBe(true);
    expect(() => netlink.sync.netconfList({ family: 5 as never })).toThrow('family must be ipv4, ipv6 or mpls, got 5');
    expect(() => netlink.sync.netconfList('nolink')).toThrow(/^cannot list the settings of nolink: .*\(ENODEV\)$/);
  });
});

describe('netconfSubscribe', () => {
  it('keeps a view that equals the list after random changes, of what links begin with too', {
    timeout: 120_000,
  }, async () => {
    await churn(
      [
        'sysctl ipv4/conf/v0/forwarding 1',
        'sysctl ipv4/conf/v0/rp_filter 2',
        'sysctl ipv4/conf/default/rp_filter 1',
        'sysctl ipv4/conf/default/rp_filter 0',
        'sysctl ipv4/conf/default/proxy_arp 1',
        'sysctl ipv4/conf/all/rp_filter 2',
        'sysctl ipv4/conf/all/forwarding 1',
        'sysctl ipv4/conf/all/forwarding 0',
        'sysctl ipv4/conf/v1/ignore_routes_with_linkdown 1',
        'sysctl ipv6/conf/all/forwarding 1',
        'sysctl ipv6/conf/all/forwarding 0',
        'sysctl ipv6/conf/default/forwarding 1',
        'sysctl ipv6/conf/v0/proxy_ndp 1',
        'sysctl ipv6/conf/all/ignore_routes_with_linkdown 1',
        'ip link add w0 type veth peer name w1',
        'ip link del w0',
        'ip link set v0 mtu 1000',
        'ip link set v0 mtu 1500',
      ],
      () => [
        {
          view: viewOf<Netconf>(
            netconfSubscribe({ namespace: name, listExisting: true }),
            ['netconf', 'netconfs'],
            ({ family, ifindex }) => `${family} ${ifindex}`,
            (before, told) => ({ ...before, ...told }),
          ),
          list: () => netlink.sync.netconfList(),
        },
      ],
      {
        cleanUp: ['ip link del w0'],
        examples: [
          ['sysctl ipv4/conf/default/rp_filter 1'],
          ['sysctl ipv4/conf/default/proxy_arp 1'],
          ['sysctl ipv6/conf/all/ignore_routes_with_linkdown 1'],
        ],
      },
    );
  });

  it('tells what ip monitor shows', async () => {
    using monitor = new ToolMonitor('ip', ['-n', name, 'monitor', 'netconf']);
    let on = 0;
    await monitor.begin(() => {
      on = 1 - on;
      command(`sysctl ipv4/conf/v1/proxy_arp ${on}`);
    });
    command('sysctl ipv4/conf/v1/rp_filter 1');
    await monitor.after('rp_filter strict');
    using updates = netconfSubscribe({ namespace: name });
    command('sysctl ipv4/conf/v0/forwarding 1');
    command('sysctl ipv6/conf/v0/proxy_ndp 1');
    command('sysctl ipv4/conf/v0/rp_filter 2');
    const told: string[] = [];
    for await (const update of updates) {
      if (update.type === 'resync') continue;
      const { family, forwarding, proxyNeigh, rpFilter } = update.netconf;
      const word = (value: boolean): string => (value ? 'on' : 'off');
      told.push(
        `${family === 'ipv4' ? 'inet' : 'inet6'} v0${forwarding === undefined ? '' : ` forwarding ${word(forwarding)}`}${proxyNeigh === undefined ? '' : ` proxy_neigh ${word(proxyNeigh)}`}${rpFilter === undefined ? '' : ` rp_filter ${rpFilter}`}`,
      );
      if (told.length === 3) break;
    }
    const shown = await retryUntil(async () => {
      const lines = await monitor.after('rp_filter strict');
      return lines.length >= 3 && lines;
    });
    expect(shown.map((line) => line.trim().replace('dev ', '').replaceAll(/\s+/g, ' '))).toEqual(told);
  });
});

describe('nsidSubscribe', () => {
  it('keeps a view that equals the list, and tells what ip monitor shows', async () => {
    using monitor = new ToolMonitor('ip', ['-n', name, 'monitor', 'nsid']);
    const others = [uniqueName('o'), uniqueName('o'), uniqueName('o')] as const;
    using _ = makeNamespaces(...others);
    ip(`-n ${name} netns set ${others[0]} 5`);
    using view = viewOf<number>(nsidSubscribe({ namespace: name, listExisting: true }), ['nsid', 'nsids'], String);
    await retryUntil(() => view.objects.has('5'));
    ip(`-n ${name} netns set ${others[1]} 6`);
    ip(`link add va netns ${name} type veth peer name vb netns ${others[2]}`);
    const isAsListed = (): boolean =>
      comparable(view.objects.values()).join() === comparable(netlink.sync.nsidList()).join();
    await retryUntil(() => view.objects.size === 3 && isAsListed());
    expect(
      (JSON.parse(run('ip', ['-n', name, '-j', 'netns', 'list-id'])) as { nsid: number }[])
        .map(({ nsid }) => nsid)
        .sort(),
    ).toEqual([...view.objects.values()].sort());
    ip(`netns del ${others[1]}`);
    await retryUntil(() => view.objects.size === 2 && isAsListed(), 30_000);
    await retryUntil(() => monitor.lines.some((line) => /nsid 6/.test(line) && /[Dd]eleted/.test(line)));
    expect(view.counts).toMatchObject({ existing: 1, new: 2, deleted: 1 });
    await view.end();
  });
});

describe('the decoder of messages about VLANs', () => {
  it('never reads beyond a message, never loops and never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 200 }), (noise) => {
        const { ranges } = readVlanRanges(MessageBytes.from(noise), 0, noise.length);
        for (const { vid, vidEnd } of ranges) expect(vidEnd).toBeLessThanOrEqual(Math.max(vid, 4095));
      }),
      { numRuns: 3000 },
    );
  });
});
