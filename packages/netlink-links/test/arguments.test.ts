import fc from 'fast-check';
import { InvalidNameError, InvalidOptionError } from 'netns-core';
import { describe, expect, it } from 'vitest';
import * as operations from '../src/netlink/operations.js';

type Make = (...args: unknown[]) => { readonly name: string; readonly description: string; readonly target: string };
const table = operations as unknown as Readonly<Record<string, Make>>;

/** Arguments with which each operation can be made; every property that it has stands in one of them. */
const VALID: Readonly<Record<string, readonly (readonly unknown[])[]>> = {
  addrAdd: [
    [1, '192.0.2.1/24'],
    [
      'eth0',
      {
        address: '192.0.2.1/24',
        peer: '192.0.2.2/32',
        broadcast: '192.0.2.255',
        label: 'eth0:1',
        scope: 'link',
        flags: ['nodad'],
        validLifetime: 60,
        preferredLifetime: 50,
        metric: 5,
        protocol: 4,
        unknown: [{ attribute: 200, data: new Uint8Array(4) }],
      },
    ],
  ],
  addrList: [[{ link: 'eth0', family: 'ipv4' }], ['eth0']],
  genericFamilyGet: [['nlctrl'], [16]],
  genericFamilyList: [[]],
  genericRequest: [
    [
      'nlctrl',
      {
        command: 3,
        version: 1,
        header: new Uint8Array(4),
        attributes: [{ type: 1, data: new Uint8Array(2), nested: true }],
        answer: 'one',
      },
    ],
    [
      { id: 16, name: 'nlctrl', headerSize: 0 },
      { command: 3, answer: 'dump' },
    ],
  ],
  rawRequest: [
    [
      {
        protocol: 'route',
        type: 18,
        flags: 0x400,
        header: new Uint8Array(16),
        attributes: [{ type: 1, data: new Uint8Array(2), nested: true }],
        answer: 'echo',
      },
    ],
    [{ protocol: 4, type: 20, payload: new Uint8Array(5), answer: 'ack' }],
  ],
  linkAdd: [
    [
      {
        type: 'bridge',
        name: 'br0',
        mtu: 1500,
        hardwareAddr: '02:00:00:00:00:01',
        broadcast: 'ff:ff:ff:ff:ff:ff',
        txQLen: 5,
        alias: 'a',
        master: 1,
        group: 1,
        up: true,
        promisc: true,
        multicast: true,
        arp: true,
        linkMode: 'default',
        ipv6AddrGenMode: 'none',
        gsoMaxSize: 65536,
        forwardDelay: 1500,
        priority: 7,
        vlanFiltering: true,
        groupAddr: '01:80:c2:00:00:00',
        multicastQueryInterval: 100,
        mstEnabled: true,
        altNames: ['other'],
        unknown: [{ attribute: 200, data: new Uint8Array(4) }],
      },
    ],
    [{ type: 'veth', name: 'v0', index: 5, peer: { name: 'v1', index: 6, mtu: 1500, netns: '' } }],
    [{ type: 'vlan', name: 'vl0', parent: 1, vlanId: 7, protocol: '802.1Q', gvrp: true, ingressQos: { 1: 2 } }],
    [
      {
        type: 'vxlan',
        name: 'vx0',
        vxlanId: 42,
        groupAddress: '192.0.2.1',
        ttl: 5,
        ttlInherit: true,
        df: 'set',
        portRange: { low: 1, high: 2 },
        learning: true,
        port: 4789,
        flowLabel: 5,
        localBypass: false,
        flowLabelPolicy: 'inherit',
        reservedBits: '0xf7ffffff000000ff',
        multicastRoute: true,
      },
    ],
    [
      {
        type: 'bond',
        name: 'bo0',
        mode: '802.3ad',
        miimon: 100,
        arpIpTargets: ['192.0.2.1'],
        actorSystem: '02:00:00:00:00:01',
      },
    ],
    [{ type: 'macvlan', name: 'mv0', parent: 1, mode: 'source', sourceAddresses: ['02:00:00:00:00:01'] }],
    [
      {
        type: 'gre',
        name: 'g0',
        localAddress: '192.0.2.1',
        remoteAddress: '192.0.2.2',
        inputKey: 7,
        pmtuDiscovery: true,
      },
    ],
    [
      {
        type: 'sit',
        name: 's0',
        localAddress: '192.0.2.1',
        sixRdPrefix: '2002::/16',
        sixRdRelayPrefix: '192.0.2.0/24',
      },
    ],
    [{ type: 'tuntap', name: 't0', mode: 'tap', owner: 0, ownerGroup: 0, vnetHeader: true, multiQueue: true }],
    [{ type: 'netkit', name: 'n0', mode: 'l3', policy: 'blackhole', headroom: 5, peer: { name: 'n1' } }],
    [{ type: 'geneve', name: 'ge0', geneveId: 7, remoteAddress: '2001:db8::1', df: 'set', port: 6081 }],
    [{ type: 'generic', name: 'x0', kind: 'nlmon', data: new Uint8Array(8) }],
  ],
  linkAddAltName: [['eth0', 'other']],
  linkByAlias: [['a']],
  linkByIndex: [[1]],
  linkByName: [['eth0']],
  linkList: [[{ type: 'veth', master: 'br0', up: true, statistics: false }]],
  linkModify: [
    ['eth0', { mtu: 1500, name: 'eth1', netnsFd: 3 }],
    [1, { type: 'bridge', ageingTime: 0 }],
  ],
  linkSetAlias: [['eth0', 'a']],
  linkSetHardwareAddr: [['eth0', '02:00:00:00:00:01']],
  linkSetMaster: [['eth0', 'br0']],
  linkSetMTU: [['eth0', 1500]],
  linkSetName: [['eth0', 'eth1']],
  linkSetNsFd: [['eth0', 3]],
  linkSetNsPid: [['eth0', 1]],
  linkSetTxQLen: [['eth0', 5]],
  neighAdd: [
    [
      {
        family: 'bridge',
        dst: '192.0.2.1',
        lladdr: '02:00:00:00:00:01',
        link: 'vx0',
        state: 'permanent',
        flags: ['self'],
        vlan: 1,
        vni: 1,
        sourceVni: 1,
        port: 1,
        viaIndex: 1,
        protocol: 'static',
        nexthopId: 1,
        masterIndex: 1,
        unknown: [{ attribute: 200, data: new Uint8Array(4) }],
      },
    ],
    [{ dst: '192.0.2.1', lladdr: '02:00:00:00:00:01', ifindex: 1 }],
  ],
  neighAppend: [[{ family: 'bridge', lladdr: '00:00:00:00:00:00', dst: '192.0.2.1', link: 'vx0' }]],
  neighList: [[{ family: 'ipv4', link: 'eth0', master: 1, dst: '192.0.2.1', state: 'stale', proxy: true }]],
  nsidGet: [['']],
  nsidSet: [['', 5]],
  qdiscAdd: [
    [{ kind: 'tbf', link: 'eth0', parent: 'root', handle: '1:', rate: 1e6, burst: 1e4, latency: 50, linklayer: 'atm' }],
    [
      {
        kind: 'netem',
        ifindex: 1,
        latency: 5,
        jitter: 1,
        loss: 0,
        reorder: 5,
        rate: 1e6,
        ecn: true,
        lossModel: { type: 'gemodel', p: 1, r: 2, h: 3, k1: 4 },
        slot: { minDelay: 1, maxDelay: 2, maxPackets: 3, maxBytes: 4 },
      },
    ],
    [
      {
        kind: 'sfq',
        ifindex: 1,
        perturb: 5,
        depth: 7,
        headDrop: true,
        red: { min: 1, max: 2, maxProbability: 3, wlog: 4, plog: 5, scellLog: 6, ecn: true, hardDrop: false },
      },
    ],
    [
      {
        kind: 'clsact',
        ifindex: 1,
        sizeTable: { overhead: 4, linklayer: 'atm', mtu: 1500, tableSize: 16, minimumPacketUnit: 64 },
        ingressBlock: 7,
        egressBlock: 9,
        unknown: [{ attribute: 200, data: new Uint8Array(4) }],
      },
    ],
    [{ kind: 'fq', ifindex: 1, buckets: 1024, pacing: true, maxRate: 1e6, timerSlack: 0.01, weights: [1, 2, 3] }],
    [{ kind: 'fq_codel', ifindex: 1, target: 5, ecn: true, ceThresholdMask: 3 }],
    [{ kind: 'prio', ifindex: 1, bands: 3, priomap: [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1] }],
    [{ kind: 'htb', ifindex: 1, defaultClass: 5, rateToQuantum: 10, directQueueLength: 5, offload: true }],
    [{ kind: 'generic', ifindex: 1, kernelKind: 'cake', options: new Uint8Array(4) }],
  ],
  qdiscDel: [[{ link: 'eth0', parent: 'root', handle: '1:', kind: 'tbf' }]],
  qdiscList: [[{ link: 'eth0', kind: 'tbf', parent: 'root' }]],
  routeAdd: [
    [
      {
        family: 'ipv4',
        type: 'unicast',
        dst: '198.51.100.0/24',
        gateway: '192.0.2.1',
        prefSrc: '192.0.2.2',
        oif: 'eth0',
        table: 'main',
        protocol: 'static',
        scope: 'global',
        priority: 5,
        tos: 4,
        flags: ['onlink'],
        metrics: { mtu: 1400, rtt: 5, ecn: true, congestion: 'cubic', lock: ['mtu'] },
        encap: { type: 'mpls', data: new Uint8Array(8) },
        flow: 5,
        unknown: [{ attribute: 200, data: new Uint8Array(4) }],
      },
    ],
    [
      {
        dst: '2001:db8::/32',
        src: '2001:db8::/64',
        preference: 'low',
        expires: 5,
        nexthops: [
          {
            gateway: '2001:db8::1',
            oif: 1,
            weight: 2,
            flags: [],
            unknown: [{ attribute: 200, data: new Uint8Array(4) }],
          },
        ],
      },
    ],
    [{ dst: 'default', nexthopId: 5 }],
  ],
  routeGet: [
    [
      '192.0.2.1',
      { from: '192.0.2.2', iif: 'eth0', mark: 1, tos: 4, uid: 0, ipProtocol: 6, sourcePort: 1, fibMatch: true },
    ],
  ],
  routeList: [
    [
      {
        family: 'ipv4',
        table: 'all',
        protocol: 'static',
        type: 'unicast',
        oif: 'eth0',
        dst: '198.51.100.0/24',
        gateway: '192.0.2.1',
        prefSrc: '192.0.2.2',
        scope: 'global',
        priority: 5,
        tos: 4,
      },
    ],
  ],
  ruleAdd: [
    [
      {
        family: 'ipv4',
        priority: 5,
        action: 'lookup',
        table: 7,
        src: '192.0.2.0/24',
        dst: '198.51.100.0/24',
        iif: 'eth0',
        oif: 'eth1',
        fwmark: 1,
        fwmask: 1,
        tos: 4,
        invert: true,
        uidRange: [0, 5],
        ipProtocol: 6,
        sourcePorts: [1, 2],
        tunnelId: 5n,
        suppressPrefixLength: 0,
        protocol: 'static',
        unknown: [{ attribute: 25, data: new Uint8Array(1) }],
      },
    ],
  ],
  ruleList: [[{ family: 'ipv4', table: 7, priority: 5 }]],
  socketList: [
    [
      {
        family: ['ipv4', 'ipv6'],
        protocol: 'tcp',
        states: ['listen', 13],
        local: { address: '192.0.2.0/24', port: [1, 1024] },
        remote: { address: '192.0.2.1', port: 5 },
        link: 'eth0',
        mark: { value: 1, mask: 1 },
        inode: 1,
        cookie: 1n,
        uid: 0,
        details: ['memory', 'tcp', 'congestion', 'tos', 'mark', 'shutdown', 'cgroup', 'ulp'],
      },
    ],
    [{ mark: 7 }],
  ],
  socketGet: [
    [
      {
        family: 'ipv4',
        protocol: 'tcp',
        local: { address: '192.0.2.1', port: 1 },
        remote: { address: '192.0.2.2', port: 2 },
        ifindex: 1,
        cookie: 1n,
        state: 'established',
        inode: 5,
      },
    ],
  ],
  wireguardGet: [['wg0']],
  wireguardSet: [
    [
      'wg0',
      {
        privateKey: 'yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=',
        listenPort: 51_820,
        fwmark: 1,
        replacePeers: true,
        name: 'wg0',
        peers: [
          {
            publicKey: 'xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=',
            presharedKey: null,
            endpoint: '[fe80::1%7]:51820',
            persistentKeepalive: 25,
            allowedIPs: ['192.0.2.0/24', '::/0'],
            replaceAllowedIPs: true,
            updateOnly: true,
            rxBytes: 5n,
          },
          { publicKey: 'TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=', remove: true },
        ],
      },
    ],
  ],
  bridgeVlanAdd: [[{ link: 'br0', vid: 5, vidEnd: 5, pvid: true, untagged: true, self: true, tunnelId: 7 }]],
  bridgeVlanList: [['br0']],
};
const SAME_AS: Readonly<Record<string, string>> = {
  addrDel: 'addrAdd',
  addrReplace: 'addrAdd',
  linkDel: 'bridgeVlanList',
  linkDelAltName: 'linkAddAltName',
  linkSetDown: 'bridgeVlanList',
  linkSetNoMaster: 'bridgeVlanList',
  linkSetUp: 'bridgeVlanList',
  neighDel: 'neighAdd',
  neighSet: 'neighAdd',
  qdiscChange: 'qdiscAdd',
  qdiscReplace: 'qdiscAdd',
  routeAppend: 'routeAdd',
  routeDel: 'routeAdd',
  routeReplace: 'routeAdd',
  ruleDel: 'ruleAdd',
  bridgeVlanDel: 'bridgeVlanAdd',
  socketDestroy: 'socketGet',
  socketDestroyAll: 'socketList',
  setPromiscOff: 'bridgeVlanList',
  setPromiscOn: 'bridgeVlanList',
};
const argumentsOf = (name: string): readonly (readonly unknown[])[] => VALID[SAME_AS[name] ?? name] ?? [];

/** Values that make no sense nearly anywhere, those that cannot be made into a text included. */
const absurd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    Number.NaN,
    -1,
    1.5,
    2 ** 40,
    5n,
    '',
    '\0',
    'x'.repeat(300),
    true,
    Symbol('s'),
    [],
    [null],
    [undefined],
    [[]],
    {},
    Object.create(null),
    Object.assign(Object.create(null), { index: {} }),
    { index: 'x' },
    () => {},
    new Date(0),
    new Map(),
  ),
  fc.anything({ maxDepth: 2, maxKeys: 3, withBigInt: true, withNullPrototype: true, withSparseArray: true }),
);

/** Makes the operation; a refusal must be one of ours. */
function attempt(name: string, args: readonly unknown[]): InvalidOptionError | InvalidNameError | undefined {
  try {
    const made = table[name]?.(...args);
    // What it is called is a text, whatever was passed.
    expect(typeof made?.description).toBe('string');
    return undefined;
  } catch (error) {
    // A name that no namespace can have has an error of its own.
    if (!(error instanceof InvalidOptionError || error instanceof InvalidNameError)) throw error;
    return error;
  }
}

/** Paths to all values in an argument: `[1, 'nexthops', 0, 'weight']`. */
function pathsIn(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  const here = path.length === 0 ? [] : [[...path]];
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return here;
  return [...here, ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy: Record<string, unknown> = (Array.isArray(value) ? [...value] : { ...(value as object) }) as never;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

describe('arguments of operations', () => {
  it('are known to this test for every operation', () => {
    expect(Object.keys(table).filter((name) => argumentsOf(name).length === 0)).toEqual([]);
  });

  it.each(Object.keys(table))('%s is made of valid ones, before anything is asked of the kernel', (name) => {
    for (const args of argumentsOf(name)) expect(attempt(name, args)).toBeUndefined();
  });

  it.each(Object.keys(table))('%s refuses absurd ones as InvalidOptionError', (name) => {
    fc.assert(
      fc.property(fc.array(absurd, { minLength: 0, maxLength: 3 }), (args) => {
        attempt(name, args);
      }),
      { numRuns: 60 },
    );
  });

  const withArguments = Object.keys(table).filter((name) => argumentsOf(name).some((args) => args.length > 0));
  it.each(withArguments)('%s names the property that has an absurd value', (name) => {
    const places = argumentsOf(name).flatMap((args) =>
      pathsIn(args).map((path) => ({ args, path: path.map((key) => (/^\d+$/.test(String(key)) ? Number(key) : key)) })),
    );
    fc.assert(
      fc.property(fc.constantFrom(...places), absurd, ({ args, path }, value) => {
        const error = attempt(name, replaced(args, path, value) as unknown[]);
        const properties = path.filter((key) => typeof key === 'string');
        // Only what a property itself says can be told to be its fault: not whether it goes with the others.
        const [first] = properties;
        if (!(error instanceof InvalidOptionError) || first === undefined || Object.is(value, true)) return;
        expect(`${error.option}: ${error.message}`).toContain(first);
      }),
      { numRuns: 40 + places.length * 8 },
    );
  });
});
