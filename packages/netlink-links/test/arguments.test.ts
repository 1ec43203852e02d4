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
  mplsRouteAdd: [
    [
      {
        label: 100,
        swapTo: [200],
        via: '192.0.2.9',
        oif: 'eth0',
        protocol: 'static',
        ttlPropagate: true,
        flags: ['dead'],
        unknown: [{ attribute: 200, data: new Uint8Array(4) }],
      },
    ],
    [
      {
        label: 100,
        nexthops: [
          { swapTo: [200], via: '02:00:00:00:00:01', oif: 7, weight: 1, flags: ['onlink'] },
          { via: '2001:db8::1', unknown: [{ attribute: 200, data: new Uint8Array(4) }] },
        ],
      },
    ],
  ],
  bridgeVlanSet: [
    [{ link: 'eth0', vid: 10, state: 'blocking', multicastRouter: 2, neighSuppress: true }],
    [{ ifindex: 7, vid: 10, vidEnd: 12, state: 4, untagged: true, pvid: false, self: false, tunnelId: 5 }],
  ],
  devlinkList: [[]],
  devlinkPortList: [[]],
  devlinkInfoGet: [['pci/0000:03:00.0'], [{ bus: 'pci', device: '0000:03:00.0' }]],
  devlinkEswitchSet: [
    [
      'pci/0000:03:00.0',
      {
        mode: 'switchdev',
        inlineMode: 'none',
        encapMode: 'basic',
        unknown: [{ attribute: 200, data: new Uint8Array(4) }],
      },
    ],
  ],
  linkSetVf: [
    [
      'eth0',
      3,
      {
        hardwareAddr: '02:00:00:00:00:03',
        vlan: { id: 10, qos: 5, protocol: '802.1q' },
        minTxRate: 1_000_000,
        maxTxRate: 100_000_000,
        linkState: 'auto',
        spoofCheck: true,
        trust: false,
        rssQuery: true,
        nodeGuid: '00:11:22:33:44:55:66:77',
        portGuid: '00:11:22:33:44:55:66:78',
        unknown: [{ attribute: 200, data: new Uint8Array(4) }],
      },
    ],
    [1, 0, { vlan: [{ id: 10, protocol: '802.1ad' }] }],
  ],
  linkStatsList: [[{ link: 'eth0', groups: ['link', 'bridge'] }], ['eth0'], [{ groups: ['mpls'] }]],
  mplsRouteList: [[]],
  neighTableList: [[]],
  neighTableSet: [
    [
      'arp_cache',
      {
        link: 'eth0',
        baseReachable: 30_000,
        retransmit: 1000,
        gcStale: 60_000,
        delayProbe: 5000,
        intervalProbe: 5000,
        queueBytes: 1000,
        appProbes: 1,
        unicastProbes: 3,
        multicastProbes: 3,
        multicastReprobes: 1,
        anycastDelay: 1000,
        proxyDelay: 800,
        proxyQueueLength: 64,
        locktime: 1000,
        unknown: [{ attribute: 200, data: new Uint8Array(4) }],
      },
    ],
    ['ndisc_cache', { gcThresholds: [128, 512, 1024], gcInterval: 30_000 }],
    ['ndisc_cache', { ifindex: 7, locktime: 0 }],
  ],
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
    [{ type: 'hsr', name: 'h0', ports: [1, 2], supervision: 3, proto: 'hsr', version: 1, interlinkIndex: 4 }],
    [{ type: 'bareudp', name: 'u0', port: 6635, etherType: 'mpls', sourcePortMin: 5, multiproto: true }],
    [{ type: 'gtp', name: 'g0', role: 'sgsn', hashSize: 5, restartCount: 6, fd0: 7, fd1: 8 }],
    [{ type: 'ipoib', name: 'i0', parent: 1, pkey: 0x8001, mode: 'connected', umcast: true }],
    [
      {
        type: 'amt',
        name: 'a0',
        mode: 'gateway',
        localAddress: '192.0.2.1',
        discoveryAddress: '192.0.2.2',
        underlayIndex: 1,
        relayPort: 2268,
        gatewayPort: 2269,
        maxTunnels: 5,
      },
    ],
    [{ type: 'rmnet', name: 'r0', parent: 1, muxId: 5, ingressDeaggregation: true, egressMapChecksumV5: false }],
    [{ type: 'batadv', name: 'b0', routingAlgorithm: 'BATMAN_V' }],
    [
      {
        type: 'can',
        name: 'c0',
        bitrate: 500_000,
        samplePoint: 87.5,
        jumpWidth: 1,
        dataTimeQuantum: 25,
        dataPhaseSegment1: 2,
        fd: true,
        tdcManual: true,
        tdc: { value: 1, offset: 2, filter: 3 },
        restartMs: 5,
        termination: 120,
      },
    ],
    [{ type: 'generic', name: 'x0', kind: 'nlmon', data: new Uint8Array(8) }],
  ],
  linkAddAltName: [['eth0', 'other']],
  linkByAlias: [['a']],
  linkByIndex: [[1]],
  linkByName: [['eth0'], ['eth0', { vfs: true }]],
  linkList: [[{ type: 'veth', master: 'br0', up: true, statistics: false, vfs: true }]],
  linkModify: [
    ['eth0', { mtu: 1500, name: 'eth1', netnsFd: 3 }],
    [1, { type: 'bridge', ageingTime: 0 }],
  ],
  linkSetAlias: [['eth0', 'a']],
  linkSetHardwareAddr: [['eth0', '02:00:00:00:00:01']],
  linkSetMaster: [['eth0', 'br0']],
  ethtoolChannelsGet: [['eth0']],
  ethtoolChannelsSet: [['eth0', { rx: 1, tx: 2, other: 1, combined: 4 }]],
  ethtoolCoalesceSet: [
    ['eth0', { rxUsecs: 1, adaptiveRx: true, unknown: [{ attribute: 40, data: new Uint8Array(4) }] }],
  ],
  ethtoolFeaturesSet: [['eth0', { tso: true }]],
  ethtoolLinkSet: [
    ['eth0', { autoNegotiation: true, speed: 1_000_000_000, duplex: 'full', advertise: ['1000baseT/Full'] }],
  ],
  ethtoolPauseSet: [['eth0', { autoNegotiation: true, rx: true, tx: true }]],
  ethtoolRingsSet: [['eth0', { rx: 512, tx: 512, tcpDataSplit: 'enabled' }]],
  ethtoolStatsGet: [['eth0'], ['eth0', ['eth-mac', 'rmon']]],
  ethtoolStringsGet: [['eth0', 'features']],
  linkSetXdp: [
    ['eth0', { program: 3, mode: 'generic', replaces: { id: 7 } }],
    [1, { program: { pinned: '/sys/fs/bpf/x' }, onlyIfNone: true }],
    ['eth0', { program: null }],
  ],
  macvlanAddressAdd: [['m0', ['02:00:00:00:00:01']]],
  linkSetMTU: [['eth0', 1500]],
  linkSetName: [['eth0', 'eth1']],
  linkSetPort: [
    [
      'eth0',
      {
        type: 'bridge',
        state: 'blocking',
        cost: 5,
        priority: 7,
        hairpin: true,
        groupFwdMask: 8,
        multicastRouter: 2,
        backupPort: 'eth1',
        unknown: [{ attribute: 200, data: new Uint8Array(4) }],
      },
    ],
    [1, { type: 'bond', queueId: 3, priority: -5 }],
    [1, { type: 'generic', kind: 'team', data: new Uint8Array(8) }],
  ],
  linkSetNetns: [
    ['eth0', 'red'],
    [1, { path: '/run/netns/red' }],
  ],
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
  neighFlush: [
    [{ family: 'bridge', link: 'br0', vlan: 5, state: 'noarp', flags: ['master', 'sticky'] }],
    [{ family: 'bridge', ifindex: 3, vni: 5, sourceVni: 6, dst: '192.0.2.1', port: 4789, nexthopId: 3 }],
  ],
  bridgeVniList: [[{ link: 'vx0' }], ['vx0']],
  bridgeVniAdd: [[{ link: 'vx0', vni: 5, vniEnd: 7, groupAddress: '192.0.2.1' }], [{ ifindex: 3, vni: 5 }]],
  bridgeVlanTunnelDel: [[{ link: 'vx0', vid: 5, vidEnd: 7, tunnelId: 5 }]],
  mdbList: [[{ bridge: 'br0', port: 'p0', group: '233.252.0.1' }]],
  mdbAdd: [
    [
      {
        bridge: 'br0',
        port: 'p0',
        group: '233.252.0.1',
        vid: 5,
        state: 'permanent',
        filterMode: 'include',
        sources: ['192.0.2.1'],
        protocol: 'zebra',
        dst: '192.0.2.2',
        dstPort: 4789,
        vni: 5,
        sourceVni: 6,
        viaIndex: 3,
      },
    ],
    [{ ifindex: 3, portIndex: 4, group: 'ff0e::1', source: '2001:db8::1' }],
  ],
  neighList: [[{ family: 'ipv4', link: 'eth0', master: 1, dst: '192.0.2.1', state: 'stale', proxy: true }]],
  nsidGet: [['']],
  nsidList: [[]],
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
    [{ kind: 'cbs', ifindex: 1, hiCredit: 30, loCredit: -5, idleSlope: 1000, sendSlope: -2000, offload: false }],
    [{ kind: 'etf', ifindex: 1, delta: 1, clockid: 'tai', deadlineMode: true, offload: true, skipSockCheck: true }],
    [{ kind: 'plug', ifindex: 1, action: 'buffer' }],
    [{ kind: 'skbprio', ifindex: 1, limit: 5 }],
    [
      {
        kind: 'mqprio',
        ifindex: 1,
        trafficClasses: 2,
        priomap: [0, 1],
        queues: [{ count: 1, offset: 0 }],
        hardware: true,
        mode: 'channel',
        shaper: 'bw_rlimit',
        minRates: [8],
        maxRates: [16],
      },
    ],
    [
      {
        kind: 'taprio',
        ifindex: 1,
        priomap: [0, 1],
        queues: [
          { count: 1, offset: 0 },
          { count: 1, offset: 1 },
        ],
        entries: [{ gates: 1, interval: 5, command: 'hold', unknown: [{ attribute: 200, data: new Uint8Array(4) }] }],
        clockid: 'tai',
        baseTime: 5n,
        cycleTime: 5,
        cycleTimeExtension: 1,
        flags: ['txtime-assist'],
        txtimeDelay: 1,
        classes: [{ index: 1, maxSdu: 300, unknown: [{ attribute: 200, data: new Uint8Array(4) }] }],
      },
    ],
    [{ kind: 'prio', ifindex: 1, bands: 3, priomap: [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1] }],
    [{ kind: 'htb', ifindex: 1, defaultClass: 5, rateToQuantum: 10, directQueueLength: 5, offload: true }],
    [{ kind: 'generic', ifindex: 1, kernelKind: 'cake', options: new Uint8Array(4) }],
  ],
  qdiscDel: [[{ link: 'eth0', parent: 'root', handle: '1:', kind: 'tbf' }]],
  qdiscList: [[{ link: 'eth0', kind: 'tbf', parent: 'root' }]],
  nexthopAdd: [
    [
      {
        id: 7,
        type: 'unicast',
        family: 'ipv4',
        gateway: '192.0.2.1',
        oif: 'eth0',
        encap: { type: 'mpls', data: new Uint8Array(8) },
        protocol: 'static',
        flags: ['onlink'],
        unknown: [{ attribute: 200, data: new Uint8Array(4) }],
      },
    ],
    [{ id: 8, gateway: '192.0.2.1', fdb: true }],
    [
      {
        id: 9,
        members: [{ id: 7, weight: 5 }, { id: 8 }],
        resilient: { buckets: 8, idleTimer: 5, unbalancedTimer: 0.5 },
      },
    ],
  ],
  netconfList: [[{ family: 'ipv4', link: 'eth0' }], ['eth0']],
  nexthopBucketList: [[{ id: 9, nexthopId: 7, link: 'eth0' }]],
  nexthopDel: [[7], [{ id: 7, type: 'blackhole', family: 'ipv4' }]],
  nexthopGet: [[7]],
  nexthopList: [[{ id: 7, link: 'eth0', master: 'br0', groups: true, fdb: true, protocol: 'static' }]],
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
        encap: { type: 'mpls', labels: [100, 200], ttl: 5 },
        flow: 5,
        unknown: [{ attribute: 200, data: new Uint8Array(4) }],
      },
    ],
    [
      {
        dst: '198.51.100.0/24',
        gateway: '192.0.2.1',
        encap: {
          type: 'bpf',
          in: { program: 3, name: 'a' },
          out: { program: { id: 5 }, name: 'b' },
          xmit: { program: { pinned: '/x' }, name: 'c' },
          headroom: 14,
        },
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
    [{ family: ['unix', 'vsock', 2], states: ['listen'], inode: 1, cookie: 1n, details: ['shutdown'] }],
    [{ family: ['packet', 'xdp'], link: 'eth0', uid: 0, details: ['memory'] }],
    [{ family: ['netlink', 16] }],
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
    [{ family: 'unix', inode: 5, cookie: 1n, type: 'stream', path: '/run/socket' }],
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
  classList: [[{ link: 'eth0', parent: '1:', classid: '1:10' }], ['eth0']],
  classAdd: [
    [
      {
        link: 'eth0',
        classid: '1:10',
        parent: '1:1',
        kind: 'htb',
        rate: 8000,
        ceil: 16_000,
        burst: 1600,
        cburst: 1600,
        priority: 3,
        quantum: 1500,
        mtu: 1600,
        mpu: 64,
        overhead: 4,
        linkLayer: 'ethernet',
        unknown: [{ attribute: 200, data: new Uint8Array(4) }],
      },
    ],
    [
      {
        ifindex: 1,
        classid: '1:10',
        kind: 'hfsc',
        realTime: { m1: 8000, d: 10, m2: 4000 },
        linkShare: { m2: 4000 },
        upperLimit: { m2: 80_000 },
      },
    ],
    [{ link: 'eth0', classid: '1:10', kind: 'drr', quantum: 1500 }],
    [{ link: 'eth0', classid: '1:10', kind: 'qfq', weight: 5, maxPacket: 1500 }],
    [{ link: 'eth0', classid: '1:10', kind: 'generic', kernelKind: 'mq', options: new Uint8Array(4) }],
  ],
  classDel: [[{ link: 'eth0', classid: '1:10' }], [{ ifindex: 1, classid: '1:10', parent: '1:' }]],
  filterList: [
    [{ link: 'eth0', parent: 'ingress', chain: 1, priority: 5, protocol: 'ip', kind: 'u32' }],
    [{ block: 7 }],
    ['eth0'],
  ],
  filterAdd: [
    [
      {
        link: 'eth0',
        parent: 'ingress',
        chain: 1,
        priority: 5,
        protocol: 'ip',
        handle: '800::800',
        kind: 'u32',
        keys: [
          { offset: 16, value: 0xc0000201, mask: 0xffffffff, offsetMask: 0 },
          { offset: 0, value: 5, mask: 255, nextHeader: true },
        ],
        classid: '1:10',
        skipHw: true,
        mark: { value: 1, mask: 3 },
      },
    ],
    [
      {
        ifindex: 1,
        parent: 'egress',
        protocol: 'ip',
        handle: 7,
        kind: 'flower',
        srcMac: '02:00:00:00:00:01/ff:ff:ff:00:00:00',
        dstMac: '02:00:00:00:00:02',
        ipProtocol: 'tcp',
        src: '192.0.2.0/24',
        dst: '198.51.100.1',
        sourcePort: 7,
        destinationPort: [80, 90],
        tcpFlags: { value: 2, mask: 2 },
        tos: 4,
        ttl: { value: 1, mask: 255 },
        fragment: 'nofrag',
        indev: 'eth1',
      },
    ],
    [{ link: 'eth0', kind: 'fw', mark: 5, mask: 0xff, classid: '1:10' }],
    [
      {
        block: 7,
        kind: 'matchall',
        actions: [
          { kind: 'gact', control: 'drop', random: { mode: 'determ', control: 'pass', value: 3 }, index: 7 },
          { kind: 'mirred', mode: 'redirect', direction: 'egress', link: 'eth1', cookie: new Uint8Array(4) },
          { kind: 'police', rate: 8000, burst: 1600, exceed: 'drop', conform: 'pipe' },
          { kind: 'skbedit', mark: 5, mask: 7, priority: '1:1', queueMapping: 2, packetType: 'host' },
          { kind: 'generic', kernelKind: 'ife', options: new Uint8Array(4) },
          { kind: 'vlan', mode: 'push', id: 7, protocol: '802.1ad', priority: 3 },
          {
            kind: 'pedit',
            keys: [
              {
                header: 'ip',
                command: 'add',
                offset: 8,
                value: 5,
                mask: 0xff,
                offsetFrom: { at: 0, mask: 15, shift: 2 },
              },
            ],
          },
          { kind: 'csum', of: ['ip4h', 'tcp'] },
          { kind: 'nat', direction: 'egress', from: '192.0.2.0/24', to: '198.51.100.0' },
          {
            kind: 'tunnel_key',
            mode: 'set',
            id: 7,
            src: '192.0.2.1',
            dst: '192.0.2.2',
            destinationPort: 4789,
            tos: 4,
            ttl: 9,
            checksum: false,
            options: { geneve: [{ class: 1, type: 2, data: new Uint8Array(4) }] },
          },
          { kind: 'connmark', zone: 5 },
          { kind: 'sample', rate: 5, group: 1, truncate: 64 },
          { kind: 'bpf', bytecode: [{ code: 6, jt: 0, jf: 0, k: 0 }], name: 'x' },
          { kind: 'mpls', mode: 'push', label: 100, tc: 3, ttl: 9, bos: true, protocol: 'mpls' },
          { kind: 'skbmod', dstMac: '02:00:00:00:00:01', swapMac: true, etherType: 5 },
          { kind: 'simple', text: 'x' },
          {
            kind: 'gate',
            clockid: 'tai',
            baseTime: 5n,
            cycleTime: 3,
            cycleTimeExtension: 1,
            priority: 2,
            flags: 1,
            entries: [
              {
                open: true,
                interval: 3,
                internalPriority: 1,
                maxOctets: 9,
                unknown: [{ attribute: 200, data: new Uint8Array(4) }],
              },
            ],
          },
          { kind: 'ctinfo', dscpMask: 0xfc, dscpStateMask: 1, markMask: 5, zone: 7 },
          {
            kind: 'ct',
            commit: true,
            force: true,
            zone: 5,
            mark: { value: 1, mask: 3 },
            label: '01'.repeat(16),
            nat: { type: 'src', address: ['192.0.2.1', '192.0.2.9'], port: [1000, 2000] },
          },
        ],
      },
    ],
    [{ ifindex: 1, kind: 'basic', ematch: new Uint8Array(4), classid: '1:1' }],
    [{ ifindex: 1, kind: 'bpf', program: 5, name: 'x', directAction: true, skipHw: true }],
    [{ ifindex: 1, kind: 'bpf', program: { id: 5 } }],
    [
      {
        ifindex: 1,
        kind: 'flower',
        protocol: 'arp',
        arp: { operation: 'reply', senderIp: '192.0.2.0/24', targetIp: '192.0.2.1', senderMac: '02:00:00:00:00:01' },
      },
    ],
    [{ ifindex: 1, kind: 'flower', protocol: 'mpls', mpls: { label: 100, tc: 3, bos: true, ttl: 9 } }],
    [
      {
        ifindex: 1,
        kind: 'flower',
        protocol: 'ip',
        tunnel: {
          id: 7,
          src: '192.0.2.0/24',
          dst: '192.0.2.1',
          sourcePort: 9,
          destinationPort: { value: 1, mask: 3 },
          tos: 4,
          ttl: 9,
          options: { vxlan: { groupPolicy: 5 } },
        },
        ct: { state: { tracked: true, new: false }, zone: 5, mark: { value: 1, mask: 3 }, label: '01'.repeat(16) },
      },
    ],
  ],
  filterDel: [
    [{ link: 'eth0', parent: 'ingress', chain: 1, priority: 5, protocol: 'ip', handle: '800::800', kind: 'u32' }],
    [{ ifindex: 1, parent: '1:' }],
  ],
  chainList: [[{ link: 'eth0', parent: 'ingress', chain: 5 }], [{ block: 7 }], ['eth0']],
  chainAdd: [
    [
      {
        link: 'eth0',
        parent: 'ingress',
        chain: 5,
        template: { kernelKind: 'flower', options: new Uint8Array(4) },
        unknownCommon: [{ attribute: 200, data: new Uint8Array(4) }],
      },
    ],
    [{ block: 7, chain: 5 }],
    [{ ifindex: 1, chain: 0 }],
  ],
  actionList: [[{ kind: 'gact' }], [{ kind: 'generic', kernelKind: 'ife' }]],
  actionAdd: [
    [{ kind: 'gact', control: { goto: 5 }, index: 7, cookie: new Uint8Array(4) }],
    [{ kind: 'mirred', mode: 'redirect', link: 'eth1' }],
    [{ kind: 'bpf', program: { pinned: '/sys/fs/bpf/x' } }],
    [{ kind: 'generic', kernelKind: 'ife', options: new Uint8Array(4) }],
  ],
  actionDel: [[{ kind: 'gact', index: 7 }], [{ kind: 'generic', kernelKind: 'ife', index: 7 }]],
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
  classChange: 'classAdd',
  classReplace: 'classAdd',
  filterChange: 'filterAdd',
  filterReplace: 'filterAdd',
  chainDel: 'chainAdd',
  actionReplace: 'actionAdd',
  qdiscChange: 'qdiscAdd',
  qdiscReplace: 'qdiscAdd',
  mplsRouteDel: 'mplsRouteAdd',
  mplsRouteReplace: 'mplsRouteAdd',
  nexthopReplace: 'nexthopAdd',
  routeAppend: 'routeAdd',
  routeChange: 'routeAdd',
  routeDel: 'routeAdd',
  routeReplace: 'routeAdd',
  ruleDel: 'ruleAdd',
  bridgeVlanDel: 'bridgeVlanAdd',
  bridgeVniDel: 'bridgeVniAdd',
  mdbReplace: 'mdbAdd',
  mdbDel: 'mdbAdd',
  socketDestroy: 'socketGet',
  socketDestroyAll: 'socketList',
  devlinkEswitchGet: 'devlinkInfoGet',
  ethtoolCoalesceGet: 'ethtoolChannelsGet',
  ethtoolDriverGet: 'ethtoolChannelsGet',
  ethtoolDriverStatsGet: 'ethtoolChannelsGet',
  ethtoolFeaturesGet: 'ethtoolChannelsGet',
  ethtoolLinkGet: 'ethtoolChannelsGet',
  ethtoolPauseGet: 'ethtoolChannelsGet',
  ethtoolRingsGet: 'ethtoolChannelsGet',
  ethtoolTimestampingGet: 'ethtoolChannelsGet',
  macvlanAddressDel: 'macvlanAddressAdd',
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
