import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { type BridgePortSettings, type LinkPort, Netlink, NetlinkError } from 'netlink-links';
import * as operations from 'netlink-links/operations';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ipIn, ipJson, makeNamespaces, retryUntil, run, uniqueName, vethBetween } from '#testkit';

const namespace = uniqueName('po');
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

function clear(): void {
  for (const name of ['it', 'other', 'br0', 'red'])
    if (netlink.sync.linkList().some((link) => link.name === name)) netlink.sync.linkDel(name);
}
beforeEach(() => {
  for (const line of ['link add name br0 type bridge', 'link add it type veth peer name that', 'link set br0 up'])
    ipIn(namespace, line);
  for (const name of ['it', 'that']) ipIn(namespace, `link set ${name} up`);
  ipIn(namespace, 'link add other type veth peer name others');
  for (const name of ['it', 'other']) ipIn(namespace, `link set ${name} master br0`);
});
afterEach(clear);

/** What `bridge` and `ip` show of the link `it` as a port. */
function shown(): Record<string, unknown> {
  const [link] = JSON.parse(run('bridge', ['-n', namespace, '-j', '-d', 'link', 'show', 'dev', 'it'])) as object[];
  const [other] = ipJson<{ linkinfo: { info_slave_data: object } }>('-d link show it', namespace);
  return { ...link, ...other?.linkinfo.info_slave_data };
}

const portOf = (name = 'it'): LinkPort | undefined => netlink.sync.linkByName(name).masterPort;
function bridgePort(): Extract<LinkPort, { type: 'bridge' }> {
  const port = portOf();
  if (port?.type !== 'bridge') throw new Error('it is not a port of a bridge');
  return port;
}

/** The switches, as `ip link set … type bridge_slave` calls and shows them. */
const SWITCHES = {
  hairpin: ['hairpin', 'hairpin'],
  isolated: ['isolated', 'isolated'],
  learning: ['learning', 'learning'],
  flood: ['flood', 'flood'],
  multicastFlood: ['mcast_flood', 'mcast_flood'],
  broadcastFlood: ['bcast_flood', 'bcast_flood'],
  guard: ['guard', 'guard'],
  fastLeave: ['fastleave', 'fastleave'],
  rootBlock: ['root_block', 'root_block'],
  proxyArp: ['proxy_arp', 'proxy_arp'],
  proxyArpWifi: ['proxy_arp_wifi', 'proxy_arp_wifi'],
  neighSuppress: ['neigh_suppress', 'neigh_suppress'],
  vlanTunnel: ['vlan_tunnel', 'vlan_tunnel'],
  multicastToUnicast: ['mcast_to_unicast', 'mcast_to_unicast'],
  locked: ['locked', 'locked'],
} as const;
const NUMBERS = {
  cost: ['cost', 1, 0xffff],
  priority: ['priority', 0, 63],
  multicastRouter: ['mcast_router', 0, 2],
} as const;

const settings = fc.record(
  {
    ...(Object.fromEntries(Object.keys(SWITCHES).map((name) => [name, fc.boolean()])) as Record<
      keyof typeof SWITCHES,
      fc.Arbitrary<boolean>
    >),
    ...(Object.fromEntries(
      Object.entries(NUMBERS).map(([name, [, min, max]]) => [name, fc.integer({ min, max })]),
    ) as Record<keyof typeof NUMBERS, fc.Arbitrary<number>>),
    groupFwdMask: fc.constantFrom(0, 8, 0x10, 0x8000),
  },
  { requiredKeys: ['cost'] },
);

describe('ports of bridges, in agreement with iproute2', () => {
  /** The settings in the words of `ip`, as it takes and as it shows them. */
  function inWordsOfIp(port: BridgePortSettings): { command: string; json: object } {
    const command: string[] = [];
    const json: Record<string, unknown> = {};
    for (const [name, [word, key]] of Object.entries(SWITCHES)) {
      const value = port[name as keyof typeof SWITCHES];
      if (value === undefined) continue;
      command.push(`${word} ${value ? 'on' : 'off'}`);
      json[key] = value;
    }
    for (const [name, [word]] of Object.entries(NUMBERS)) {
      const value = port[name as keyof typeof NUMBERS];
      if (value === undefined) continue;
      command.push(`${word} ${value}`);
      json[word === 'mcast_router' ? 'multicast_router' : word] = value;
    }
    if (port.groupFwdMask !== undefined) {
      command.push(`group_fwd_mask ${port.groupFwdMask}`);
      json.group_fwd_mask_str = `0x${port.groupFwdMask.toString(16)}`;
    }
    return { command: command.join(' '), json };
  }
  const settable = (port: BridgePortSettings): object =>
    Object.fromEntries(
      [...Object.keys(SWITCHES), ...Object.keys(NUMBERS), 'groupFwdMask'].map((name) => [
        name,
        port[name as keyof typeof SWITCHES],
      ]),
    );
  const resetPort = (): void => {
    ipIn(namespace, 'link set it nomaster');
    ipIn(namespace, 'link set it master br0');
  };

  it('written here, they are as ip and bridge show them; written by ip, they are read so', () => {
    fc.assert(
      fc.property(settings, (port) => {
        const { command, json } = inWordsOfIp(port);
        resetPort();
        netlink.sync.linkSetPort('it', port);
        expect(shown()).toMatchObject(json);
        const ours = bridgePort();
        expect(ours).toMatchObject(port);
        resetPort();
        ipIn(namespace, `link set it type bridge_slave ${command}`);
        expect(settable(ours)).toEqual(settable(bridgePort()));
      }),
      { numRuns: 15 },
    );
  });

  it('what the bridge makes of the port is told as ip shows it', () => {
    const port = bridgePort();
    const json = shown();
    expect(json).toMatchObject({
      state: port.state,
      id: `0x${port.id.toString(16)}`,
      no: `0x${port.number.toString(16)}`,
      designated_port: port.designatedPort,
      designated_cost: port.designatedCost,
      topology_change_ack: Number(port.topologyChangeAck),
      config_pending: Number(port.configPending),
    });
    expect(port.rootId).toMatch(/^8000\.([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    // ip writes bytes without a leading zero.
    const asIpWrites = (id: string): string => id.replace(/(?<=[.:])0/g, '');
    expect(json.root_id).toBe(asIpWrites(port.rootId));
    expect(json.bridge_id).toBe(asIpWrites(port.bridgeId));
    expect(port.multicastGroups).toBeTypeOf('number');
    expect(port).not.toHaveProperty('unknown');
  });

  it('the state is set, and the kernel keeps it where spanning tree runs', () => {
    netlink.sync.linkSetPort('it', { state: 'learning' });
    expect(shown()).toMatchObject({ state: 'learning' });
    const read = bridgePort();
    netlink.sync.linkSetPort('it', { state: 'forwarding' });
    netlink.sync.linkSetPort('it', read);
    expect(shown()).toMatchObject({ state: 'learning' });
    ipIn(namespace, 'link set br0 type bridge stp_state 1');
    expect(() => netlink.sync.linkSetPort('it', { state: 'listening' })).toThrow(/\(EBUSY\)$/);
    // One that was read says its state as well: it is taken.
    netlink.sync.linkSetPort('it', { ...read, state: 'forwarding', cost: 9 });
    expect(shown()).toMatchObject({ cost: 9 });
  });

  it('the backup port is given by any reference, and taken away', () => {
    netlink.sync.linkSetPort('it', { backupPort: 'other' });
    const { index } = netlink.sync.linkByName('other');
    expect(bridgePort().backupPortIndex).toBe(index);
    expect(shown()).toMatchObject({ backup_port: 'other' });
    const read = bridgePort();
    netlink.sync.linkSetPort('it', { backupPort: null });
    expect(bridgePort()).not.toHaveProperty('backupPortIndex');
    const without = bridgePort();
    netlink.sync.linkSetPort('it', read);
    expect(bridgePort().backupPortIndex).toBe(index);
    netlink.sync.linkSetPort('it', without);
    expect(bridgePort()).not.toHaveProperty('backupPortIndex');
    expect(() => netlink.sync.linkSetPort('it', { backupPort: 'nothing' })).toThrow(/there is no link "nothing"/);
  });

  it('settings of newer kernels are set and read back', () => {
    const newer = { mab: true, locked: true, multicastMaxGroups: 12, neighVlanSuppress: true, backupNexthopId: 7 };
    const port = bridgePort();
    const known = Object.fromEntries(Object.entries(newer).filter(([name]) => name in port || name === 'locked'));
    netlink.sync.linkSetPort('it', { backupPort: 'other', multicastEhtHostsLimit: 99, ...known });
    expect(bridgePort()).toMatchObject({ ...known, multicastEhtHostsLimit: 99 });
    const read = bridgePort();
    resetPort();
    netlink.sync.linkSetPort('it', read);
    expect(bridgePort()).toMatchObject({ ...known, multicastEhtHostsLimit: 99 });
  });

  it('flushFdb forgets what was learnt from the port', () => {
    run('bridge', ['-n', namespace, ...'fdb add 02:00:00:00:00:77 dev it master dynamic'.split(' ')]);
    const learnt = () => netlink.sync.neighList({ family: 'bridge', link: 'it' }).map(({ lladdr }) => lladdr);
    expect(learnt()).toContain('02:00:00:00:00:77');
    netlink.sync.linkSetPort('it', { flushFdb: true });
    expect(learnt()).not.toContain('02:00:00:00:00:77');
  });

  it('a port that was read and is given as it was has nothing to say', () => {
    const read = netlink.sync.linkByName('it');
    const steps = operations.linkSetPort('it', bridgePort()).start();
    steps.next();
    expect(steps.next(read)).toEqual({ done: true, value: undefined });
  });
});

describe('ports together with their links', () => {
  it('linkAdd makes a link with its master and its settings', () => {
    netlink.sync.linkDel('it');
    netlink.sync.linkAdd({
      type: 'veth',
      name: 'it',
      master: 'br0',
      masterPort: { hairpin: true, isolated: true },
      peer: { name: 'that' },
    });
    expect(shown()).toMatchObject({ hairpin: true, isolated: true, master: 'br0' });
  });

  it('linkAdd does not leave a link behind whose settings are refused', () => {
    netlink.sync.linkDel('it');
    const spec = { type: 'veth', name: 'it', master: 'br0', peer: { name: 'that' } } as const;
    // Pause frames.
    expect(() => netlink.sync.linkAdd({ ...spec, masterPort: { groupFwdMask: 2 } })).toThrow(NetlinkError);
    expect(() => netlink.sync.linkAdd({ ...spec, masterPort: { queueId: 2 } })).toThrow(
      'cannot add link it: it is a port of a bridge, not of a bond',
    );
    expect(netlink.sync.linkList().map(({ name }) => name)).not.toContain('it');
  });

  it('linkModify gives the master first, and then the settings, in a batch, too', async () => {
    ipIn(namespace, 'link set it nomaster');
    netlink.sync.linkModify('it', { master: 'br0', masterPort: { hairpin: true }, mtu: 1400 });
    expect(shown()).toMatchObject({ hairpin: true, mtu: 1400 });
    netlink.sync.linkModify('it', { masterPort: { learning: false } });
    expect(shown()).toMatchObject({ hairpin: true, learning: false });
    await netlink.batch([
      operations.linkSetNoMaster('it'),
      operations.linkModify('it', { master: 'br0', masterPort: { cost: 77 } }),
      operations.linkSetPort('it', { priority: 5, type: 'bridge' }),
    ]);
    expect(shown()).toMatchObject({ cost: 77, priority: 5, hairpin: false });
  });

  it('a link of one bridge is given back to another with its settings', () => {
    netlink.sync.linkSetPort('it', { isolated: true, cost: 99, state: 'learning' });
    const read = netlink.sync.linkByName('it');
    ipIn(namespace, 'link set it nomaster');
    netlink.sync.linkModify('it', read);
    expect(shown()).toMatchObject({ isolated: true, cost: 99, state: 'learning' });
    netlink.sync.linkModify('it', { ...read, masterPort: { type: 'bridge', hairpin: true } });
    expect(shown()).toMatchObject({ isolated: true, hairpin: true });
  });

  it('a link without a master has none, and one of a bridge is none of a bond', () => {
    expect(portOf('that')).toBeUndefined();
    expect(() => netlink.sync.linkSetPort('that', { hairpin: true })).toThrow(
      'cannot set the port settings of link that: that is not a port of a bridge (EOPNOTSUPP)',
    );
    const refused = () => netlink.sync.linkSetPort('it', { type: 'bond', queueId: 5 });
    expect(refused).toThrow('cannot set the port settings of link it: it is a port of a bridge, not of a bond');
    expect(refused).toThrow(expect.objectContaining({ code: 'ERR_PORT_MISMATCH', operation: 'linkSetPort' }));
    expect(() => netlink.sync.linkSetPort('nothing', { hairpin: true })).toThrow(/there is no link "nothing"/);
  });

  it('what cannot be is refused before anything is sent', () => {
    const refused = (port: unknown): string => {
      try {
        operations.linkSetPort('it', port as BridgePortSettings);
      } catch (error) {
        return (error as Error).message;
      }
      return 'made';
    };
    expect(refused({ cost: 0 })).toBe('cost must be an integer from 1 to 65535, got 0');
    expect(refused({ type: 'bridge', priority: 64 })).toBe('priority must be an integer from 0 to 63, got 64');
    expect(refused({ multicastRouter: 4 })).toContain('multicastRouter must be an integer from 0 to 3');
    expect(refused({ queueId: 65_536 })).toContain('queueId must be an integer from 0 to 65535');
    expect(refused({ type: 'bond', hairpin: true })).toContain("no property 'hairpin'");
    expect(refused({ priority: 5 })).toContain("needs the `type` of the port, 'bridge' or 'bond': both have priority");
    expect(refused({ type: 'bridge', id: 5 })).toBe('id can be read of a port of a bridge, but not set');
    expect(refused({ type: 'vrf', table: 5 })).toBe('table can be read of a port of a VRF device, but not set');
    expect(refused({ type: 'team', x: 5 })).toBe("type must be one of bridge, bond, vrf, generic, got 'team'");
    expect(refused({})).toContain('needs at least one setting');
    expect(refused({ flushFdb: false })).toBe('flushFdb must be true, got false');
    expect(refused({ state: 'asleep' })).toContain('state must be one of disabled, listening');
    expect(refused({ hairpin: true, root_block: true })).toContain('rootBlock');
    const add = { type: 'veth', name: 'x' } as const;
    expect(() => operations.linkAdd({ ...add, masterPort: { hairpin: true } })).toThrow(
      'masterPort needs the `master`',
    );
    expect(() => operations.linkAdd({ ...add, master: 'br0', masterPort: { cost: 0 } })).toThrow(
      'masterPort.cost must be an integer',
    );
    expect(() => operations.linkModify('x', { netns: 'red', masterPort: { hairpin: true } })).toThrow(
      'masterPort cannot be given together with netns',
    );
    expect(() => operations.linkAdd({ ...add, master: 'br0', netns: 'red', masterPort: { cost: 1 } })).toThrow(
      /masterPort/,
    );
  });
});

describe('what the settings of a bridge’s ports do', () => {
  const sw = uniqueName('ps');
  const hosts = [1, 2, 3].map((host) => ({ host, name: uniqueName('ph') }));
  let all: Disposable;
  let bridge: Netlink;
  beforeAll(() => {
    all = makeNamespaces(sw, ...hosts.map(({ name }) => name));
    ipIn(sw, 'link add name br0 type bridge mcast_snooping 0');
    ipIn(sw, 'link set br0 up');
    for (const { host, name } of hosts) {
      vethBetween(
        { namespace: sw, name: `p${host}`, addresses: [] },
        { namespace: name, name: 'eth0', addresses: [`192.0.2.${host}/24`] },
      );
      ipIn(sw, `link set p${host} master br0`);
    }
    bridge = Netlink.open(sw);
  });
  afterAll(() => {
    bridge.close();
    all[Symbol.dispose]();
  });
  const pings = (from: string, to: string): boolean =>
    spawnSync('ip', ['netns', 'exec', from, 'ping', '-c', '1', '-W', '1', to]).status === 0;
  const nameOf = (host: number): string => hosts[host - 1]?.name ?? '';

  it('isolated ports reach those that are not isolated, and each other no more', async () => {
    await retryUntil(() => pings(nameOf(1), '192.0.2.2'));
    for (const port of ['p1', 'p2']) bridge.sync.linkSetPort(port, { isolated: true });
    expect(pings(nameOf(1), '192.0.2.2')).toBe(false);
    expect(pings(nameOf(1), '192.0.2.3')).toBe(true);
    for (const port of ['p1', 'p2']) bridge.sync.linkSetPort(port, { isolated: false });
    await retryUntil(() => pings(nameOf(1), '192.0.2.2'));
  });

  it('a hairpin port sends a frame back to where it came from', async () => {
    // Two links of one host that talk to each other by the switch alone.
    const inner = hosts.map(() => uniqueName('pv')).slice(0, 2);
    using _ = makeNamespaces(...inner);
    for (const [index, name] of inner.entries()) {
      ipIn(nameOf(3), `link add mv${index} link eth0 netns ${name} type macvlan mode vepa`);
      ipIn(name, `addr add 198.51.100.${index + 1}/24 dev mv${index}`);
      ipIn(name, `link set mv${index} up`);
    }
    const [first = ''] = inner;
    expect(pings(first, '198.51.100.2')).toBe(false);
    bridge.sync.linkSetPort('p3', { hairpin: true });
    await retryUntil(() => pings(first, '198.51.100.2'));
    bridge.sync.linkSetPort('p3', { hairpin: false });
  });

  it('with neighSuppress the bridge answers for the host behind the port', () => {
    const [eth0] = ipJson<{ address: string }>('link show eth0', nameOf(2));
    const { address = '' } = eth0 ?? {};
    const [other] = ipJson<{ address: string }>('link show eth0', nameOf(1));
    // A host that answers no question.
    ipIn(nameOf(2), 'link set eth0 arp off');
    ipIn(nameOf(2), `neigh replace 192.0.2.1 lladdr ${other?.address} dev eth0`);
    ipIn(nameOf(1), 'neigh flush all');
    expect(pings(nameOf(1), '192.0.2.2')).toBe(false);
    bridge.sync.neighSet({ link: 'br0', dst: '192.0.2.2', lladdr: address });
    bridge.sync.neighSet({ family: 'bridge', link: 'p2', lladdr: address, flags: ['master'], state: 'noarp' });
    ipIn(nameOf(1), 'neigh flush all');
    expect(pings(nameOf(1), '192.0.2.2')).toBe(false);
    bridge.sync.linkSetPort('p2', { neighSuppress: true });
    ipIn(nameOf(1), 'neigh flush all');
    expect(pings(nameOf(1), '192.0.2.2')).toBe(true);
  });
});
