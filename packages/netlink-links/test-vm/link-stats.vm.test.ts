import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Netlink } from 'netlink-links';
import { runInNamespace } from 'netns-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ipIn, makeNamespaces, retryUntil, run, uniqueName, vethBetween } from '#testkit';

const here = uniqueName('sa');
const there = uniqueName('sb');
let namespaces: Disposable;
let netlink: Netlink;
beforeAll(() => {
  namespaces = makeNamespaces(here, there);
  vethBetween({ namespace: here, name: 'v0', addresses: [] }, { namespace: there, name: 'v1', addresses: [] });
  netlink = Netlink.open(here);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

const shown = <T>(line: string): T[] => JSON.parse(run('ip', ['-n', here, '-j', 'stats', 'show', ...line.split(' ')]));

it('the VLANs of a bridge and of its ports are counted, as ip and bridge show them', async () => {
  ipIn(here, 'link add br0 type bridge vlan_filtering 1 vlan_stats_enabled 1 vlan_stats_per_port 1');
  ipIn(here, 'link set v0 master br0');
  ipIn(here, 'link set br0 up');
  ipIn(here, 'addr add 192.0.2.1/24 dev br0');
  ipIn(there, 'addr add 192.0.2.2/24 dev v1');
  await retryUntil(
    () => spawnSync('ip', ['netns', 'exec', here, 'ping', '-c', '2', '-i', '0.2', '192.0.2.2']).status === 0,
    60_000,
  );
  for (let vid = 100; vid < 700; vid += 100) netlink.sync.bridgeVlanAdd({ link: 'v0', vid, vidEnd: vid + 99 });
  const [port] = netlink.sync.linkStatsList({ link: 'v0', groups: ['bridge'] });
  const vlan = port?.bridgePort?.vlans.find(({ vid }) => vid === 1);
  expect(Number(vlan?.rxPackets)).toBeGreaterThan(1);
  // All of them, which take the kernel several messages.
  expect(port?.bridgePort?.vlans).toHaveLength(601);
  // A packet may arrive at any time: routers are solicited for a while.
  const ofBridge = (): number => {
    const [stats] = netlink.sync.linkStatsList({ link: 'br0', groups: ['bridge'] });
    return Number(stats?.bridge?.vlans[0]?.rxPackets);
  };
  const before = ofBridge();
  const [vlanShown] = JSON.parse(run('bridge', ['-n', here, '-j', '-s', 'vlan', 'show', 'dev', 'br0', 'vid', '1'])) as {
    vlans: { rx_packets: number }[];
  }[];
  expect(vlanShown?.vlans[0]?.rx_packets).toBeGreaterThanOrEqual(before);
  expect(vlanShown?.vlans[0]?.rx_packets).toBeLessThanOrEqual(ofBridge());
});

it('LACP of a bond and of its ports is counted, as ip shows it', async () => {
  ipIn(here, 'link add bond0 type bond mode 802.3ad');
  ipIn(here, 'link add b0 type veth peer name b1');
  ipIn(here, 'link set b0 master bond0');
  for (const name of ['bond0', 'b0', 'b1']) ipIn(here, `link set ${name} up`);
  await retryUntil(() => {
    const [stats] = netlink.sync.linkStatsList({ link: 'bond0', groups: ['bond'] });
    return (stats?.bond?.lacpduTx ?? 0n) > 0n;
  }, 60_000);
  const [before] = netlink.sync.linkStatsList({ link: 'b0', groups: ['bond'] });
  const [{ '802.3ad': told }] = shown('dev b0 group xstats_slave subgroup bond suite 802.3ad') as [
    { '802.3ad': { lacpdu_tx: number; lacpdu_rx: number } },
  ];
  const [after] = netlink.sync.linkStatsList({ link: 'b0', groups: ['bond'] });
  expect(told.lacpdu_tx).toBeGreaterThanOrEqual(Number(before?.bondPort?.lacpduTx));
  expect(told.lacpdu_tx).toBeLessThanOrEqual(Number(after?.bondPort?.lacpduTx));
  expect(told.lacpdu_rx).toBeGreaterThanOrEqual(Number(before?.bondPort?.lacpduRx));
  expect(told.lacpdu_rx).toBeLessThanOrEqual(Number(after?.bondPort?.lacpduRx));
});

it('packets with labels are counted, as ip shows them', async () => {
  const set = (name: string, value: string): void =>
    runInNamespace(here, () => writeFileSync(`/proc/sys/net/mpls/${name}`, value));
  set('platform_labels', '1000');
  ipIn(here, 'link set v0 nomaster');
  set('conf/v0/input', '1');
  ipIn(there, 'route add 203.0.113.0/24 encap mpls 100 via 192.0.2.1');
  ipIn(here, 'addr del 192.0.2.1/24 dev br0');
  ipIn(here, 'addr add 192.0.2.1/24 dev v0');
  spawnSync('ip', ['netns', 'exec', there, 'ping', '-c', '3', '-i', '0.2', '-W', '1', '203.0.113.1']);
  const [stats] = await netlink.linkStatsList({ link: 'v0', groups: ['mpls'] });
  // What follows compares with a later reading: no packet with a label is sent any more.
  expect(Number(stats?.mpls?.rxPackets)).toBeGreaterThan(0);
  expect(stats?.mpls?.rxNoRoute).toBe(stats?.mpls?.rxPackets);
  const [{ mpls_stats: told }] = shown('dev v0 group afstats subgroup mpls') as [
    { mpls_stats: { rx: { packets: number; noroute: number } } },
  ];
  expect(told.rx).toMatchObject({
    packets: Number(stats?.mpls?.rxPackets),
    noroute: Number(stats?.mpls?.rxNoRoute),
  });
});
