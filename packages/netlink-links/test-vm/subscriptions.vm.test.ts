import { writeFileSync } from 'node:fs';
import {
  type BridgeVlan,
  bridgeVlanSubscribe,
  linkSubscribe,
  type MdbEntry,
  type MplsRoute,
  mdbSubscribe,
  mplsRouteSubscribe,
  Netlink,
} from 'netlink-links';
import { runInNamespace } from 'netns-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ip, ipIn, makeNamespaces, retryUntil, run, uniqueName } from '#testkit';
import { attemptAll, churnWith, ToolMonitor, viewOf } from '../test/subscription-view.ts';
import { followTraffic } from '../test/traffic-views.ts';

let name = '';
let namespaces: Disposable;
let netlink: Netlink;
beforeEach(() => {
  name = uniqueName('sv');
  namespaces = makeNamespaces(name);
  netlink = Netlink.open(name);
});
afterEach(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});
const command = (line: string): string => {
  const [tool = '', ...args] = line.split(' ');
  return run(tool, ['-n', name, ...args]);
};
const attempt = (lines: readonly string[]): number => attemptAll(command, lines);

describe('bridgeVlanSubscribe', () => {
  beforeEach(() => {
    for (const line of [
      'link add br0 type bridge vlan_filtering 1',
      'link add vx0 type vxlan external dstport 4789 local 192.0.2.1',
      'link add p0 type veth peer name p1',
      'link set vx0 master br0 up',
      'link set p0 master br0 up',
      'link set vx0 type bridge_slave vlan_tunnel on',
    ])
      ipIn(name, line);
  });

  it('keeps a view that equals the list after random changes, of links too', async () => {
    await churnWith(
      attempt,
      [
        'bridge vlan add dev p0 vid 10',
        'bridge vlan add dev p0 vid 20-24',
        'bridge vlan add dev p0 vid 22-30 untagged',
        'bridge vlan add dev p0 vid 40 pvid untagged',
        'bridge vlan add dev p0 vid 41 pvid',
        'bridge vlan add dev p0 vid 41',
        'bridge vlan del dev p0 vid 20-22',
        'bridge vlan del dev p0 vid 10',
        'bridge vlan del dev p0 vid 40',
        'bridge vlan add dev br0 vid 10 self',
        'bridge vlan add dev br0 vid 11-13 pvid self',
        'bridge vlan del dev br0 vid 10 self',
        'bridge vlan add dev vx0 vid 50-53',
        'bridge vlan add dev vx0 vid 50 tunnel_info id 1000',
        'bridge vlan add dev vx0 vid 51-53 tunnel_info id 1001-1003',
        'bridge vlan add dev vx0 vid 50-53 untagged',
        'bridge vlan del dev vx0 vid 51-52 tunnel_info id 1001-1002',
        'bridge vlan del dev vx0 vid 50-51',
        'ip link set p0 nomaster',
        'ip link set p0 master br0',
        'ip link set p0 down',
        'ip link set p0 up',
        'ip link set br0 type bridge vlan_default_pvid 7',
        'ip link set br0 type bridge vlan_default_pvid 1',
        'ip link set br0 type bridge vlan_filtering 0',
        'ip link set br0 type bridge vlan_filtering 1',
        'ip link add br1 type bridge vlan_filtering 1',
        'bridge vlan add dev br1 vid 60 self',
        'ip link del br1',
      ],
      () => [
        {
          view: viewOf<BridgeVlan>(
            bridgeVlanSubscribe({ namespace: name, listExisting: true }),
            ['vlan', 'vlans'],
            ({ ifindex, vid }) => `${ifindex} ${vid}`,
          ),
          list: () => netlink.sync.bridgeVlanList(),
        },
      ],
      { cleanUp: ['ip link del br1', 'ip link set p0 master br0'], numRuns: 12, maxLength: 30 },
    );
  });

  it('tells what bridge monitor shows', async () => {
    using monitor = new ToolMonitor('stdbuf', ['-oL', 'bridge', '-n', name, 'monitor', 'vlan']);
    await monitor.begin(() => attempt(['bridge vlan add dev p0 vid 9', 'bridge vlan del dev p0 vid 9']));
    command('bridge vlan add dev p0 vid 4000');
    await monitor.after('4000');
    using updates = bridgeVlanSubscribe({ namespace: name, listExisting: true });
    for (const line of [
      'add dev p0 vid 10',
      'add dev p0 vid 20-22 untagged',
      'del dev p0 vid 10',
      'add dev p0 vid 4001',
    ])
      command(`bridge vlan ${line}`);
    const told: string[] = [];
    for await (const update of updates) {
      if (update.type === 'resync' || update.type === 'existing') continue;
      const { vid, untagged } = update.vlan;
      told.push(`${update.type} ${vid}${untagged ? ' untagged' : ''}`);
      if (vid === 4001) break;
    }
    expect(told).toEqual(['new 10', ...[20, 21, 22].map((vid) => `new ${vid} untagged`), 'deleted 10', 'new 4001']);
    const shown = await retryUntil(async () => {
      const lines = await monitor.after('4000');
      return lines.some((line) => line.includes('4001')) && lines;
    });
    const vids = shown
      .filter((line) => !line.includes('state '))
      .map((line) => /(Deleted )?.*?(\d+(?:-\d+)?)( Egress Untagged)?\s*$/.exec(line.trim()))
      .filter((match) => match !== null)
      .map(([, deleted = '', vid, untagged = '']) => `${deleted}${vid}${untagged}`);
    expect(vids).toEqual(['10', '20-22 Egress Untagged', 'Deleted 10', '4001']);
  });
});

describe('subscriptions to traffic control', () => {
  it('keep views that equal the lists, with kinds that make classes and queueing disciplines by themselves', async () => {
    for (const line of [
      'link add v0 numtxqueues 2 numrxqueues 2 type veth peer name v1 numtxqueues 2 numrxqueues 2',
      'link set v0 up',
      'link set v1 up',
    ])
      ipIn(name, line);
    const filter = 'protocol ip matchall';
    await churnWith(
      attempt,
      [
        'tc qdisc replace dev v0 root handle 1: prio',
        'tc qdisc replace dev v0 root handle 1: mq',
        'tc qdisc replace dev v0 root handle 1: hfsc',
        'tc qdisc replace dev v0 root handle 1: drr',
        'tc qdisc replace dev v0 root fq_codel',
        'tc qdisc replace dev v0 root handle 2: tbf rate 1mbit burst 10k latency 10ms',
        'tc qdisc del dev v0 root',
        'tc qdisc replace dev v0 parent 1:1 handle 11: netem delay 1ms',
        'tc qdisc replace dev v0 parent 1:2 handle 12: fq_codel',
        'tc qdisc del dev v0 parent 1:1',
        'tc class replace dev v0 parent 1: classid 1:1 drr quantum 1000',
        'tc class replace dev v0 parent 1: classid 1:1 hfsc ls m2 1mbit',
        'tc class replace dev v0 parent 1:1 classid 1:2 hfsc ls m2 1mbit',
        'tc class del dev v0 classid 1:2',
        'tc class del dev v0 classid 1:1',
        `tc filter add dev v0 parent 1: prio 5 ${filter} action drop`,
        `tc filter add dev v0 parent 1:1 prio 5 ${filter} action drop`,
        'tc filter del dev v0 parent 1: prio 5',
        'tc qdisc add dev v0 clsact',
        'tc qdisc del dev v0 clsact',
        `tc filter add dev v0 ingress prio 6 ${filter} action gact drop index 5`,
        `tc filter add dev v0 egress prio 7 protocol ip flower ip_proto tcp dst_port 80 action gact drop index 5`,
        'tc actions change action gact pass index 5',
        'tc actions change action gact drop index 5',
        'ip link set v0 down',
        'ip link set v0 up',
        'ip link add w0 numtxqueues 2 numrxqueues 2 type veth peer name w1',
        'ip link set w0 up',
        'tc qdisc add dev w0 root handle 1: prio',
        'ip link del w0',
      ],
      () => followTraffic(name, netlink),
      {
        cleanUp: ['tc qdisc del dev v0 root', 'tc qdisc del dev v0 clsact', 'ip link del w0'],
        numRuns: 12,
        maxLength: 30,
      },
    );
  });
});

describe('mdbSubscribe', () => {
  it('keeps a view that equals the list, whatever becomes of the bridge', async () => {
    for (const line of ['add v0 type veth peer name v1', 'set v0 up', 'set v1 up']) ipIn(name, `link ${line}`);
    const group = 'bridge mdb add dev br0 port v0 grp 233.252.0.1 permanent';
    await churnWith(
      attempt,
      [
        group,
        'bridge mdb del dev br0 port v0 grp 233.252.0.1',
        'bridge mdb add dev br0 port br0 grp 233.252.0.3',
        'ip link set v0 down',
        'ip link set v0 up',
        'ip link set v0 nomaster',
        'ip link set v0 master br0',
        'ip link set br0 type bridge mcast_snooping 0',
        'ip link set br0 type bridge mcast_snooping 1',
        'ip link del br0',
      ],
      () => {
        for (const line of ['add br0 type bridge', 'set br0 up', 'set v0 master br0']) attempt([`ip link ${line}`]);
        return [
          {
            view: viewOf<MdbEntry>(
              mdbSubscribe({ namespace: name, listExisting: true }),
              ['entry', 'entries'],
              ({ ifindex, portIndex, group: address, vid }) => `${ifindex} ${portIndex} ${address} ${vid}`,
            ),
            list: () => netlink.sync.mdbList(),
            varying: ['timer'],
          },
        ];
      },
      {
        cleanUp: ['ip link del br0'],
        examples: [
          [group, 'ip link set br0 type bridge mcast_snooping 0'],
          [
            group,
            'ip link set br0 type bridge mcast_snooping 0',
            'pause',
            'ip link set br0 type bridge mcast_snooping 1',
          ],
          ['bridge mdb add dev br0 port br0 grp 233.252.0.3', 'ip link del br0'],
        ],
        numRuns: 3,
      },
    );
  });
});

describe('mplsRouteSubscribe', () => {
  it('keeps a view that equals the list after random changes, of links too', async () => {
    for (const line of [
      'link add v0 type veth peer name v1',
      'link set v0 up',
      'link set v1 up',
      'addr add 192.0.2.1/24 dev v0',
    ])
      ipIn(name, line);
    runInNamespace(name, () => writeFileSync('/proc/sys/net/mpls/platform_labels', '1000'));
    await churnWith(
      attempt,
      [
        'ip -f mpls route add 100 as 200 via inet 192.0.2.2 dev v0',
        'ip -f mpls route replace 100 as 201 via inet 192.0.2.3 dev v0',
        'ip -f mpls route change 100 as 202 via inet 192.0.2.3 dev v0',
        'ip -f mpls route add 101 nexthop as 200 via inet 192.0.2.2 dev v0 nexthop as 201 via inet 198.51.100.2 dev w0',
        'ip -f mpls route add 102 dev lo',
        'ip -f mpls route del 100',
        'ip -f mpls route del 101',
        'ip link set v0 down',
        'ip link set v0 up',
        'ip link set v1 down',
        'ip link set v1 up',
        'ip link add w0 type veth peer name w1',
        'ip link set w0 up',
        'ip link set w1 up',
        'ip addr add 198.51.100.1/24 dev w0',
        'ip link del w0',
      ],
      () => [
        {
          view: viewOf<MplsRoute>(
            mplsRouteSubscribe({ namespace: name, listExisting: true }),
            ['route', 'routes'],
            ({ label }) => String(label),
          ),
          list: () => netlink.sync.mplsRouteList(),
        },
      ],
      {
        cleanUp: ['ip link del w0', 'ip link set v0 up', 'ip link set v1 up'],
        examples: [
          ['ip -f mpls route add 100 as 200 via inet 192.0.2.2 dev v0', 'ip link set v1 down'],
          ['ip link set v0 down'],
          [
            'ip link add w0 type veth peer name w1',
            'ip link set w0 up',
            'ip link set w1 up',
            'ip addr add 198.51.100.1/24 dev w0',
            'ip -f mpls route add 101 nexthop as 200 via inet 192.0.2.2 dev v0 nexthop as 201 via inet 198.51.100.2 dev w0',
            'ip link del w0',
          ],
        ],
        numRuns: 5,
      },
    );
  });

  it('tells what ip monitor shows', async () => {
    ipIn(name, 'link add v0 type veth peer name v1');
    for (const line of ['link set v0 up', 'link set v1 up', 'addr add 192.0.2.1/24 dev v0']) ipIn(name, line);
    runInNamespace(name, () => writeFileSync('/proc/sys/net/mpls/platform_labels', '1000'));
    using monitor = new ToolMonitor('ip', ['-n', name, '-f', 'mpls', 'monitor', 'route']);
    await monitor.begin(() => attempt(['ip -f mpls route add 900 dev lo', 'ip -f mpls route del 900']));
    command('ip -f mpls route add 901 dev lo');
    await monitor.after('901');
    using updates = mplsRouteSubscribe({ namespace: name });
    for (const line of [
      'add 100 as 200 via inet 192.0.2.2 dev v0',
      'replace 100 as 201 via inet 192.0.2.3 dev v0',
      'del 100',
      'add 902 dev lo',
    ])
      command(`ip -f mpls route ${line}`);
    const told: string[] = [];
    for await (const update of updates) {
      if (update.type === 'resync' || update.type === 'existing') continue;
      const { route, type, change = '' } = update;
      told.push(`${type} ${route.label} ${route.swapTo ?? ''} ${change}`);
      if (route.label === 902) break;
    }
    expect(told).toEqual(['new 100 200 added', 'new 100 201 replaced', 'deleted 100 201 ', 'new 902  added']);
    const shown = await retryUntil(async () => {
      const lines = await monitor.after('901');
      return lines.some((line) => line.includes('902')) && lines;
    });
    expect(shown.map((line) => /(Deleted )?\d+( as to \d+)?/.exec(line)?.[0])).toEqual([
      '100 as to 200',
      '100 as to 201',
      'Deleted 100 as to 201',
      '902',
    ]);
  });
});

describe('subscriptions to all namespaces', () => {
  it('hear of another one here too', async () => {
    const other = uniqueName('so');
    using _ = makeNamespaces(other);
    ip(`-n ${name} netns set ${other} 7`);
    using updates = linkSubscribe({ namespace: name, allNamespaces: true });
    ipIn(other, 'link add k0 type bridge');
    for await (const update of updates)
      if (update.type === 'new' && update.link.name === 'k0') {
        expect(update.nsid).toBe(7);
        break;
      }
  });
});
