import type { BondPortSettings, BridgePortSettings, LinkPort, Operation } from 'netlink-links';
import { Attributes } from 'netlink-links/attributes';
import { bridgeVlanSet, bridgeVniAdd, bridgeVniDel, linkSetPort, mdbAdd, mdbDel } from 'netlink-links/operations';
import { linkFixture } from 'netlink-links/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipJson } from '#testkit';
import { ours, sentBy } from './sent-by.ts';

const BRIDGE_PORT = { type: 'bridge' } as LinkPort;
const BOND_PORT = { type: 'bond' } as LinkPort;
let v0 = 0;
let v1 = 0;
beforeAll(() => {
  ip('link add v0 type veth peer name v1');
  v0 = Number(ipJson('link show v0')[0]?.ifindex);
  v1 = Number(ipJson('link show v1')[0]?.ifindex);
});
afterAll(() => void ip('link del v1'));

describe('what is sent about bridges is what iproute2 sends', () => {
  it.each<[string, () => Operation<unknown>]>([
    ['vlan set vid 10 dev v1 state blocking', () => bridgeVlanSet({ link: v1, vid: 10, state: 'blocking' })],
    [
      'vlan set vid 10-12 dev v1 state forwarding mcast_router 2',
      () => bridgeVlanSet({ link: v1, vid: 10, vidEnd: 12, state: 'forwarding', multicastRouter: 2 }),
    ],
    ['vni add dev v1 vni 7', () => bridgeVniAdd({ link: v1, vni: 7 })],
    [
      'vni add dev v1 vni 7-9 group 233.252.0.1',
      () => bridgeVniAdd({ link: v1, vni: 7, vniEnd: 9, groupAddress: '233.252.0.1' }),
    ],
    ['vni add dev v1 vni 7 remote 2001:db8::1', () => bridgeVniAdd({ link: v1, vni: 7, groupAddress: '2001:db8::1' })],
    ['vni delete dev v1 vni 7-9', () => bridgeVniDel({ link: v1, vni: 7, vniEnd: 9 })],
    ['mdb add dev v1 port v0 grp 233.252.0.1', () => mdbAdd({ bridge: v1, port: v0, group: '233.252.0.1' })],
    [
      'mdb add dev v1 port v0 grp 233.252.0.1 src 192.0.2.1 permanent vid 10',
      () => mdbAdd({ bridge: v1, port: v0, group: '233.252.0.1', source: '192.0.2.1', state: 'permanent', vid: 10 }),
    ],
    ['mdb add dev v1 port v0 grp ff0e::1', () => mdbAdd({ bridge: v1, port: v0, group: 'ff0e::1' })],
    [
      'mdb add dev v1 port v0 grp 01:00:5e:00:00:05 permanent',
      () => mdbAdd({ bridge: v1, port: v0, group: '01:00:5e:00:00:05', state: 'permanent' }),
    ],
    [
      'mdb del dev v1 port v0 grp 233.252.0.1 vid 10',
      () => mdbDel({ bridge: v1, port: v0, group: '233.252.0.1', vid: 10 }),
    ],
  ])('bridge %s', (line, operation) => {
    const [theirs = ''] = sentBy('bridge', line);
    expect(ours(operation())).toBe(theirs);
  });

  it.each<[string, LinkPort, BridgePortSettings | BondPortSettings]>([
    [
      'bridge_slave state 3 cost 5 priority 6 hairpin on guard on root_block on fastleave on learning off flood off mcast_flood off bcast_flood off isolated on proxy_arp on proxy_arp_wifi on neigh_suppress on vlan_tunnel on mcast_to_unicast on mcast_router 2 group_fwd_mask 8 locked on',
      BRIDGE_PORT,
      {
        state: 'forwarding',
        cost: 5,
        priority: 6,
        hairpin: true,
        guard: true,
        rootBlock: true,
        fastLeave: true,
        learning: false,
        flood: false,
        multicastFlood: false,
        broadcastFlood: false,
        isolated: true,
        proxyArp: true,
        proxyArpWifi: true,
        neighSuppress: true,
        vlanTunnel: true,
        multicastToUnicast: true,
        multicastRouter: 2,
        groupFwdMask: 8,
        locked: true,
      },
    ],
    ['bridge_slave fdb_flush', BRIDGE_PORT, { flushFdb: true }],
    ['bridge_slave backup_port v1', BRIDGE_PORT, { backupPort: 'v1' }],
    ['bond_slave queue_id 5', BOND_PORT, { type: 'bond', queueId: 5 }],
    ['bond_slave queue_id 5 prio 7', BOND_PORT, { type: 'bond', queueId: 5, priority: 7 }],
  ])('ip link set dev v0 type %s', (words, masterPort, settings) => {
    const [theirs = ''] = sentBy('ip', `link set dev v0 type ${words}`);
    const slaveKind = masterPort.type;
    const program = linkSetPort(v0, settings).start();
    program.next();
    let step = program.next(linkFixture({ name: 'v0', index: v0, slaveKind, masterPort }));
    // The index of the other port.
    if ('backupPort' in settings) step = program.next(v1);
    const message = Buffer.from((step.value as { message: Uint8Array }).message);
    // ip calls the kind 'bridge_slave' where the kernel calls it 'bridge', and looks at neither.
    const settingsIn = (bytes: Uint8Array): unknown =>
      [...(Attributes.of(bytes.subarray(32)).nested(18)?.nested(5) ?? [])]
        .map(({ type, data }) => [type, Buffer.from(data).toString('hex')])
        .sort();
    expect(settingsIn(message)).toEqual(settingsIn(Buffer.from(theirs, 'hex')));
    expect(settingsIn(message)).not.toEqual([]);
  });
});
