import { type Link, LinkNotFoundError, type LinkSpec, Netlink } from 'netlink-links';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ipIn, ipJson, makeNamespaces, uniqueName } from '#testkit';
import { giveBackLink } from '../test/given-back-link.ts';

/** A link that is made in two ways that mean the same, and how it can be changed afterwards. */
interface Case {
  /** Ours; `name` is `x0`. */
  spec: LinkSpec;
  /** The rest of `ip link add name x0 …`. */
  ip: string;
  /** What of `spec` the kernel does not tell, or tells in other words. */
  untold?: readonly string[];
  /** Changes to what the kind has, as the kernel allows them, and what `ip -j -d` must then show. */
  changes?: Record<string, unknown>;
  shown?: Record<string, unknown>;
  /** Makes the change on a link that is down. */
}

const namespace = uniqueName('vm');
let netlink: Netlink;
let namespaces: Disposable;
const MAC = '02:00:00:00:00:77';
/** Index of the dummy link below. */
const PARENT = 50;

beforeAll(() => {
  namespaces = makeNamespaces(namespace);
  ipIn(namespace, `link add p0 index ${PARENT} type dummy`);
  ipIn(namespace, 'link set p0 up');
  netlink = Netlink.open(namespace);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});
afterEach(() => {
  // What a failure has left behind must not fail those after it.
  for (const { name } of netlink.sync.linkList())
    if (name !== 'lo' && name !== 'p0' && name !== 'x1') netlink.sync.linkDel(name);
});

const CASES: readonly (readonly [string, Case])[] = [
  [
    'dummy',
    {
      spec: { type: 'dummy', name: 'x0', hardwareAddr: MAC, mtu: 1400, txQLen: 77, group: 5 },
      ip: `address ${MAC} mtu 1400 txqueuelen 77 group 5 type dummy`,
    },
  ],
  ['ifb', { spec: { type: 'ifb', name: 'x0', hardwareAddr: MAC }, ip: `address ${MAC} type ifb` }],
  [
    'VLAN with everything',
    {
      spec: {
        type: 'vlan',
        name: 'x0',
        parent: 'p0',
        vlanId: 4094,
        protocol: '802.1ad',
        reorderHeader: false,
        gvrp: true,
        looseBinding: true,
        mvrp: false,
        ingressQos: { 1: 2, 3: 4 },
        egressQos: { 5: 6 },
      },
      ip: 'link p0 type vlan id 4094 protocol 802.1ad reorder_hdr off gvrp on loose_binding on mvrp off ingress-qos-map 1:2 3:4 egress-qos-map 5:6',
      changes: { gvrp: false, egressQos: { 5: 7 } },
      shown: { id: 4094, egress_qos: [{ from: 5, to: 7 }] },
    },
  ],
  ['plain VLAN', { spec: { type: 'vlan', name: 'x0', parent: PARENT, vlanId: 7 }, ip: 'link p0 type vlan id 7' }],
  [
    'VRF',
    {
      spec: { type: 'vrf', name: 'x0', table: 100_000, hardwareAddr: MAC },
      ip: `address ${MAC} type vrf table 100000`,
    },
  ],
  ...(['l2', 'l3', 'l3s'] as const).map((mode): readonly [string, Case] => [
    `ipvlan ${mode}`,
    {
      spec: { type: 'ipvlan', name: 'x0', parent: 'p0', mode, isolation: 'private' },
      ip: `link p0 type ipvlan mode ${mode} private`,
      changes: { mode: 'l3' },
      shown: { mode: 'l3' },
    },
  ]),
  [
    'ipvlan as vepa',
    {
      spec: { type: 'ipvlan', name: 'x0', parent: 'p0', mode: 'l2', isolation: 'vepa' },
      ip: 'link p0 type ipvlan mode l2 vepa',
    },
  ],
  ...(['private', 'vepa', 'bridge'] as const).map((mode): readonly [string, Case] => [
    `macvlan ${mode}`,
    {
      spec: { type: 'macvlan', name: 'x0', parent: 'p0', mode, hardwareAddr: MAC },
      ip: `link p0 address ${MAC} type macvlan mode ${mode}`,
      changes: { mode: mode === 'vepa' ? 'bridge' : 'vepa' },
      shown: { mode: mode === 'vepa' ? 'bridge' : 'vepa' },
    },
  ]),
  // It takes the address of the link below.
  [
    'macvlan passthru',
    {
      spec: { type: 'macvlan', name: 'x0', parent: 'p0', mode: 'passthru', macvlanFlags: 1 },
      ip: 'link p0 type macvlan mode passthru nopromisc',
    },
  ],
  [
    'macvlan by source',
    {
      spec: {
        type: 'macvlan',
        name: 'x0',
        parent: 'p0',
        mode: 'source',
        hardwareAddr: MAC,
        sourceAddresses: ['02:00:00:00:00:01'],
      },
      ip: `link p0 address ${MAC} type macvlan mode source macaddr set 02:00:00:00:00:01`,
      changes: { sourceAddresses: ['02:00:00:00:00:03'] },
    },
  ],
  [
    'macvtap',
    {
      spec: { type: 'macvtap', name: 'x0', parent: 'p0', mode: 'bridge', hardwareAddr: MAC },
      ip: `link p0 address ${MAC} type macvtap mode bridge`,
    },
  ],
  [
    'VXLAN with everything',
    {
      spec: {
        type: 'vxlan',
        name: 'x0',
        hardwareAddr: MAC,
        vxlanId: 77,
        localAddress: '192.0.2.1',
        groupAddress: '192.0.2.2',
        underlayIndex: PARENT,
        ttl: 9,
        tos: 4,
        df: 'set',
        learning: false,
        ageing: 123,
        limit: 55,
        port: 4789,
        portRange: { low: 1000, high: 2000 },
        proxy: true,
        rsc: true,
        l2miss: true,
        l3miss: true,
        udpChecksum: true,
      },
      ip: `address ${MAC} type vxlan id 77 local 192.0.2.1 remote 192.0.2.2 dev p0 ttl 9 tos 4 df set nolearning ageing 123 maxaddress 55 dstport 4789 srcport 1000 2000 proxy rsc l2miss l3miss udpcsum`,
      changes: { ageing: 321, ttl: 11 },
      shown: { ageing: 321, ttl: 11 },
    },
  ],
  [
    'VXLAN over IPv6',
    {
      spec: {
        type: 'vxlan',
        name: 'x0',
        hardwareAddr: MAC,
        vxlanId: 78,
        localAddress: '2001:db8::1',
        groupAddress: '2001:db8::2',
        port: 4790,
        flowLabel: 5,
        udpZeroChecksum6Tx: true,
        udpZeroChecksum6Rx: true,
        ttlInherit: true,
      },
      ip: `address ${MAC} type vxlan id 78 local 2001:db8::1 remote 2001:db8::2 dstport 4790 flowlabel 5 udp6zerocsumtx udp6zerocsumrx ttl inherit`,
    },
  ],
  [
    'VXLAN whose identifiers come with the packets',
    {
      spec: {
        type: 'vxlan',
        name: 'x0',
        hardwareAddr: MAC,
        collectMetadata: true,
        learning: false,
        port: 4791,
        gbp: true,
      },
      ip: `address ${MAC} type vxlan external dstport 4791 gbp`,
    },
  ],
  [
    'GRE with keys',
    {
      spec: {
        type: 'gre',
        name: 'x0',
        localAddress: '192.0.2.1',
        remoteAddress: '192.0.2.2',
        inputKey: 5,
        outputKey: 6,
        ttl: 33,
        tos: 4,
        pmtuDiscovery: true,
        underlayIndex: PARENT,
        fwmark: 9,
      },
      ip: 'type gre local 192.0.2.1 remote 192.0.2.2 ikey 5 okey 6 ttl 33 tos 4 pmtudisc dev p0 fwmark 9',
      changes: { ttl: 44 },
      shown: { ttl: 44, local: '192.0.2.1', remote: '192.0.2.2', ikey: '0.0.0.5', okey: '0.0.0.6' },
    },
  ],
  [
    'GRE without a key',
    {
      spec: {
        type: 'gre',
        name: 'x0',
        localAddress: '192.0.2.1',
        remoteAddress: '192.0.2.2',
        ttl: 0,
        pmtuDiscovery: false,
      },
      ip: 'type gre local 192.0.2.1 remote 192.0.2.2 ttl inherit nopmtudisc',
    },
  ],
  [
    'GRE with Ethernet',
    {
      spec: {
        type: 'gretap',
        name: 'x0',
        hardwareAddr: MAC,
        localAddress: '192.0.2.1',
        remoteAddress: '192.0.2.2',
        inputKey: 0xfffffffe,
        outputKey: 1,
        ttl: 9,
        tos: 4,
        pmtuDiscovery: true,
      },
      ip: `address ${MAC} type gretap local 192.0.2.1 remote 192.0.2.2 ikey 4294967294 okey 1 ttl 9 tos 4`,
      changes: { ttl: 12 },
      shown: { ttl: 12, local: '192.0.2.1', remote: '192.0.2.2' },
    },
  ],
  [
    'GRE with Ethernet, addresses with the packets',
    {
      spec: { type: 'gretap', name: 'x0', hardwareAddr: MAC, collectMetadata: true },
      ip: `address ${MAC} type gretap external`,
    },
  ],
  [
    'GRE with Ethernet over IPv6',
    {
      spec: {
        type: 'ip6gretap',
        name: 'x0',
        hardwareAddr: MAC,
        localAddress: '2001:db8::1',
        remoteAddress: '2001:db8::2',
        inputKey: 3,
        outputKey: 4,
        ttl: 7,
        encapLimit: 3,
        encapFlags: 2,
        underlayIndex: PARENT,
        flowInfo: 0x0010_0005,
      },
      ip: `address ${MAC} type ip6gretap local 2001:db8::1 remote 2001:db8::2 ikey 3 okey 4 hoplimit 7 encaplimit 3 tclass 0x01 flowlabel 5 dev p0`,
    },
  ],
  [
    'IPv4 in IPv4',
    {
      spec: {
        type: 'ipip',
        name: 'x0',
        localAddress: '192.0.2.1',
        remoteAddress: '192.0.2.2',
        ttl: 9,
        tos: 4,
        pmtuDiscovery: true,
        underlayIndex: PARENT,
        fwmark: 3,
        protocol: 4,
      },
      ip: 'type ipip local 192.0.2.1 remote 192.0.2.2 ttl 9 tos 4 dev p0 fwmark 3 mode ipip',
      changes: { ttl: 10 },
      shown: { ttl: 10, local: '192.0.2.1', remote: '192.0.2.2' },
    },
  ],
  [
    'IPv4 in IPv4 through GUE',
    {
      spec: {
        type: 'ipip',
        name: 'x0',
        localAddress: '192.0.2.1',
        remoteAddress: '192.0.2.2',
        protocol: 0,
        encapType: 2,
        encapSourcePort: 5555,
        encapDestinationPort: 6666,
        encapFlags: 1,
      },
      ip: 'type ipip local 192.0.2.1 remote 192.0.2.2 ttl inherit encap gue encap-sport 5555 encap-dport 6666 encap-csum',
    },
  ],
  [
    'IPv6 in IPv4',
    {
      spec: {
        type: 'sit',
        name: 'x0',
        localAddress: '192.0.2.1',
        remoteAddress: '192.0.2.2',
        ttl: 9,
        tos: 4,
        protocol: 41,
        tunnelFlags: 0,
      },
      ip: 'type sit local 192.0.2.1 remote 192.0.2.2 ttl 9 tos 4 mode ip6ip',
    },
  ],
  [
    '6rd',
    {
      spec: {
        type: 'sit',
        name: 'x0',
        localAddress: '192.0.2.1',
        ttl: 64,
        protocol: 0,
        sixRdPrefix: '2001:db8::/32',
        sixRdRelayPrefix: '192.0.0.0/8',
      },
      ip: 'type sit local 192.0.2.1 ttl 64 6rd-prefix 2001:db8::/32 6rd-relay_prefix 192.0.0.0/8',
      untold: ['sixRdRelayPrefix'],
    },
  ],
  [
    'IPv6 in IPv6',
    {
      spec: {
        type: 'ip6tnl',
        name: 'x0',
        localAddress: '2001:db8::1',
        remoteAddress: '2001:db8::2',
        protocol: 41,
        ttl: 7,
        encapLimit: 3,
        flowInfo: 0x40_0005,
        underlayIndex: PARENT,
        fwmark: 9,
        encapFlags: 2,
      },
      ip: 'type ip6tnl local 2001:db8::1 remote 2001:db8::2 mode ip6ip6 hoplimit 7 encaplimit 3 tclass 4 flowlabel 5 dev p0 fwmark 9',
      changes: { ttl: 8 },
      shown: { ttl: 8, local: '2001:db8::1', remote: '2001:db8::2' },
    },
  ],
  [
    'GRE over IPv6',
    {
      spec: {
        type: 'ip6gre',
        name: 'x0',
        localAddress: '2001:db8::1',
        remoteAddress: '2001:db8::2',
        inputKey: 3,
        outputKey: 4,
        ttl: 7,
        encapLimit: 3,
        encapFlags: 2,
      },
      ip: 'type ip6gre local 2001:db8::1 remote 2001:db8::2 ikey 3 okey 4 hoplimit 7 encaplimit 3',
      changes: { ttl: 8 },
      shown: { ttl: 8, local: '2001:db8::1', remote: '2001:db8::2' },
    },
  ],
  [
    'VTI',
    {
      spec: {
        type: 'vti',
        name: 'x0',
        localAddress: '192.0.2.1',
        remoteAddress: '192.0.2.2',
        inputKey: 5,
        outputKey: 6,
        underlayIndex: PARENT,
        fwmark: 3,
      },
      ip: 'type vti local 192.0.2.1 remote 192.0.2.2 ikey 5 okey 6 dev p0 fwmark 3',
      changes: { inputKey: 7 },
      shown: { ikey: '0.0.0.7', okey: '0.0.0.6', local: '192.0.2.1', remote: '192.0.2.2' },
    },
  ],
  [
    'VTI over IPv6',
    {
      spec: {
        type: 'vti6',
        name: 'x0',
        localAddress: '2001:db8::1',
        remoteAddress: '2001:db8::2',
        inputKey: 5,
        outputKey: 6,
      },
      ip: 'type vti6 local 2001:db8::1 remote 2001:db8::2 ikey 5 okey 6',
      changes: { inputKey: 7 },
      shown: { ikey: '0.0.0.7', okey: '0.0.0.6' },
    },
  ],
  [
    'ERSPAN 1',
    {
      spec: {
        type: 'erspan',
        name: 'x0',
        hardwareAddr: MAC,
        localAddress: '192.0.2.1',
        remoteAddress: '192.0.2.2',
        inputKey: 5,
        outputKey: 5,
        inputFlags: 0x3000,
        outputFlags: 0x3000,
        erspanVersion: 1,
        erspanIndex: 7,
      },
      ip: `address ${MAC} type erspan local 192.0.2.1 remote 192.0.2.2 seq key 5 erspan_ver 1 erspan 7`,
    },
  ],
  [
    'ERSPAN 2 over IPv6',
    {
      spec: {
        type: 'ip6erspan',
        name: 'x0',
        hardwareAddr: MAC,
        localAddress: '2001:db8::1',
        remoteAddress: '2001:db8::2',
        inputKey: 5,
        outputKey: 5,
        inputFlags: 0x3000,
        outputFlags: 0x3000,
        ttl: 64,
        encapLimit: 4,
        encapFlags: 2,
        erspanVersion: 2,
        erspanDirection: 'egress',
        erspanHardwareId: 7,
      },
      ip: `address ${MAC} type ip6erspan local 2001:db8::1 remote 2001:db8::2 seq key 5 erspan_ver 2 erspan_dir egress erspan_hwid 7`,
    },
  ],
  [
    'MACsec',
    {
      spec: {
        type: 'macsec',
        name: 'x0',
        parent: 'p0',
        sci: 0x0200_0000_0077_0001n,
        cipher: 'gcm-aes-256',
        icvLength: 16,
        encrypt: true,
        protect: true,
        includeSci: true,
        es: false,
        scb: false,
        replayProtect: true,
        window: 7,
        validate: 'check',
        encodingSa: 2,
      },
      ip: 'link p0 type macsec sci 0200000000770001 cipher gcm-aes-256 encrypt on protect on replay on window 7 validate check encodingsa 2',
      changes: { encrypt: false, encodingSa: 1 },
      shown: { encrypt: false, encoding_sa: 1 },
    },
  ],
  [
    'ipvtap',
    {
      spec: { type: 'ipvtap', name: 'x0', parent: 'p0', mode: 'l2', isolation: 'private' },
      ip: 'link p0 type ipvtap mode l2 private',
    },
  ],
  ['CAN bus', { spec: { type: 'vcan', name: 'x0', mtu: 72 }, ip: 'mtu 72 type vcan' }],
  ['nlmon', { spec: { type: 'nlmon', name: 'x0' }, ip: 'type nlmon' }],
  [
    'GTP',
    {
      spec: { type: 'gtp', name: 'x0', role: 'sgsn', hashSize: 100, restartCount: 7 },
      ip: 'type gtp role sgsn hsize 100 restart_count 7',
    },
  ],
  [
    'B.A.T.M.A.N. mesh',
    {
      spec: { type: 'batadv', name: 'x0', hardwareAddr: MAC, routingAlgorithm: 'BATMAN_V' },
      ip: `address ${MAC} type batadv ra BATMAN_V`,
      untold: ['routingAlgorithm'],
    },
  ],
  ['team', { spec: { type: 'team', name: 'x0', hardwareAddr: MAC }, ip: `address ${MAC} type team` }],
  [
    'pair of CAN devices',
    {
      spec: { type: 'vxcan', name: 'x0', peer: { name: 'x1' } },
      ip: 'type vxcan peer name x1',
      untold: ['peer'],
    },
  ],
  ['WireGuard', { spec: { type: 'wireguard', name: 'x0', mtu: 1400 }, ip: 'mtu 1400 type wireguard' }],
  ...(['balance-rr', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb'] as const).map(
    (mode): readonly [string, Case] => [
      `bond ${mode}`,
      {
        spec: { type: 'bond', name: 'x0', hardwareAddr: MAC, mode, miimon: 100 },
        ip: `address ${MAC} type bond mode ${mode} miimon 100`,
      },
    ],
  ),
  [
    'bond with a reserve',
    {
      spec: {
        type: 'bond',
        name: 'x0',
        hardwareAddr: MAC,
        mode: 'active-backup',
        miimon: 50,
        upDelay: 100,
        downDelay: 150,
        peerNotifyDelay: 200,
        useCarrier: true,
        primaryReselect: 'better',
        failOverMac: 'active',
        numPeerNotifications: 3,
        allSlavesActive: true,
        minLinks: 0,
        resendIgmp: 4,
        learningPacketInterval: 7,
      },
      ip: `address ${MAC} type bond mode active-backup miimon 50 updelay 100 downdelay 150 peer_notify_delay 200 use_carrier 1 primary_reselect better fail_over_mac active num_grat_arp 3 all_slaves_active 1 min_links 0 resend_igmp 4 lp_interval 7`,
      changes: { miimon: 60, primaryReselect: 'failure' },
      shown: { miimon: 60, primary_reselect: 'failure' },
    },
  ],
  [
    'bond that watches by ARP',
    {
      spec: {
        type: 'bond',
        name: 'x0',
        hardwareAddr: MAC,
        mode: 'active-backup',
        arpInterval: 100,
        arpIpTargets: ['192.0.2.9', '192.0.2.10'],
        arpValidate: 'active',
        arpAllTargets: 'all',
        arpMissedMax: 4,
      },
      ip: `address ${MAC} type bond mode active-backup arp_interval 100 arp_ip_target 192.0.2.9,192.0.2.10 arp_validate active arp_all_targets all arp_missed_max 4`,
    },
  ],
  [
    'bond with LACP',
    {
      spec: {
        type: 'bond',
        name: 'x0',
        hardwareAddr: MAC,
        mode: '802.3ad',
        miimon: 100,
        lacpRate: 'fast',
        aggregatorSelect: 'bandwidth',
        transmitHashPolicy: 'layer3+4',
        actorSystemPriority: 500,
        userPortKey: 9,
        actorSystem: '02:00:00:00:00:05',
        lacpActive: false,
      },
      ip: `address ${MAC} type bond mode 802.3ad miimon 100 lacp_rate fast ad_select bandwidth xmit_hash_policy layer3+4 ad_actor_sys_prio 500 ad_user_port_key 9 ad_actor_system 02:00:00:00:00:05 lacp_active off`,
    },
  ],
  [
    'Geneve with everything',
    {
      spec: {
        type: 'geneve',
        name: 'x0',
        hardwareAddr: MAC,
        geneveId: 77,
        remoteAddress: '192.0.2.2',
        ttl: 9,
        tos: 4,
        df: 'set',
        port: 6082,
        udpChecksum: true,
      },
      ip: `address ${MAC} type geneve id 77 remote 192.0.2.2 ttl 9 tos 4 df set dstport 6082 udpcsum`,
      changes: { ttl: 19 },
      shown: { ttl: 19 },
    },
  ],
  [
    'Geneve over IPv6',
    {
      spec: {
        type: 'geneve',
        name: 'x0',
        hardwareAddr: MAC,
        geneveId: 78,
        remoteAddress: '2001:db8::2',
        flowLabel: 5,
        udpZeroChecksum6Tx: true,
        udpZeroChecksum6Rx: true,
        ttlInherit: true,
      },
      ip: `address ${MAC} type geneve id 78 remote 2001:db8::2 flowlabel 5 udp6zerocsumtx udp6zerocsumrx ttl inherit`,
    },
  ],
  [
    'Geneve whose identifiers come with the packets',
    {
      spec: { type: 'geneve', name: 'x0', hardwareAddr: MAC, collectMetadata: true },
      ip: `address ${MAC} type geneve external`,
    },
  ],
  [
    'XFRM',
    { spec: { type: 'xfrm', name: 'x0', interfaceId: 99, underlayIndex: PARENT }, ip: 'type xfrm dev p0 if_id 99' },
  ],
  [
    'XFRM whose identifiers come with the packets',
    { spec: { type: 'xfrm', name: 'x0', collectMetadata: true }, ip: 'type xfrm external' },
  ],
  [
    'bridge with everything',
    {
      spec: {
        type: 'bridge',
        name: 'x0',
        hardwareAddr: MAC,
        forwardDelay: 400,
        helloTime: 300,
        maxAge: 1000,
        ageingTime: 0,
        stpState: 0,
        priority: 100,
        vlanFiltering: true,
        vlanProtocol: 0x88a8,
        vlanDefaultPvid: 7,
        groupFwdMask: 8,
        groupAddr: '01:80:c2:00:00:05',
        multicastSnooping: true,
        multicastQuerier: true,
        multicastHashMax: 256,
        multicastLastMemberCount: 3,
        multicastStartupQueryCount: 4,
        multicastQueryInterval: 5000,
        multicastIgmpVersion: 3,
        multicastMldVersion: 2,
        multicastStatsEnabled: true,
        vlanStatsEnabled: true,
        nfCallIptables: true,
        nfCallIp6tables: true,
        nfCallArptables: true,
      },
      ip: `address ${MAC} type bridge forward_delay 400 hello_time 300 max_age 1000 ageing_time 0 stp_state 0 priority 100 vlan_filtering 1 vlan_protocol 802.1ad vlan_default_pvid 7 group_fwd_mask 8 group_address 01:80:c2:00:00:05 mcast_snooping 1 mcast_querier 1 mcast_hash_max 256 mcast_last_member_count 3 mcast_startup_query_count 4 mcast_query_interval 5000 mcast_igmp_version 3 mcast_mld_version 2 mcast_stats_enabled 1 vlan_stats_enabled 1 nf_call_iptables 1 nf_call_ip6tables 1 nf_call_arptables 1`,
      changes: { ageingTime: 12_300, vlanFiltering: false },
      shown: { ageing_time: 12_300, vlan_filtering: 0 },
    },
  ],
  [
    'veth',
    {
      spec: {
        type: 'veth',
        name: 'x0',
        hardwareAddr: MAC,
        mtu: 1300,
        peer: { name: 'x1', mtu: 1200, hardwareAddr: '02:00:00:00:00:88', txQLen: 5 },
      },
      ip: `address ${MAC} mtu 1300 type veth peer name x1 mtu 1200 address 02:00:00:00:00:88 txqueuelen 5`,
      untold: ['peer'],
    },
  ],
];

/** What two links of the same making may differ in: times, counters, and what the kernel chooses anew. */
function lasting(link: Link): Record<string, unknown> {
  const all: Record<string, unknown> = { ...link };
  for (const key of [
    'index',
    'statistics',
    'carrierChanges',
    'carrierUpCount',
    'carrierDownCount',
    'peerIndex',
    'parentIndex',
    'gcTimer',
    'helloTimer',
    'permanentHardwareAddr',
  ])
    delete all[key];
  // Made up by the kernel where none was asked for.
  if (link.hardwareAddr !== MAC) delete all.hardwareAddr;
  return all;
}

interface Shown {
  linkinfo: { info_kind: string; info_data?: Record<string, unknown> };
  mtu: number;
  [key: string]: unknown;
}

function show(): Shown {
  const [link] = ipJson<Shown>('link show x0', namespace);
  if (link === undefined) throw new Error('ip shows no link x0');
  return link;
}

/** Without timers that run. */
function info({ linkinfo }: Shown): Record<string, unknown> {
  const { gc_timer: _gc, hello_timer: _hello, ...data } = linkinfo.info_data ?? {};
  return { kind: linkinfo.info_kind, data };
}

describe('kinds of links on Debian’s kernel', () => {
  it.each(CASES)(
    'makes a %s as ip does, reads back all of it, changes and deletes it',
    (_name, { spec, ip, untold = [], changes, shown }) => {
      const { sync } = netlink;
      sync.linkAdd(spec);
      const ours = sync.linkByName('x0');
      const oursShown = show();
      const told: Record<string, unknown> = { ...spec };
      for (const key of [...untold, 'parent']) delete told[key];
      expect(ours).toMatchObject(told);
      if ('parent' in spec) expect(ours.parentIndex).toBe(PARENT);
      if (changes !== undefined) {
        sync.linkModify('x0', { type: spec.type, ...changes } as Parameters<typeof sync.linkModify>[1]);
        expect(sync.linkByName('x0')).toMatchObject(changes);
        expect(show().linkinfo.info_data).toMatchObject(shown ?? {});
      }
      sync.linkDel('x0');
      expect(() => sync.linkByName('x0')).toThrow(LinkNotFoundError);

      ipIn(namespace, `link add name x0 ${ip}`);
      const theirs = sync.linkByName('x0');
      expect(info(oursShown)).toEqual(info(show()));
      expect(lasting(theirs)).toEqual(lasting(ours));
      sync.linkDel('x0');
    },
  );

  it('lists links of one kind, as ip does', () => {
    netlink.sync.linkAdd({ type: 'vrf', name: 'red', table: 7 });
    netlink.sync.linkAdd({ type: 'dummy', name: 'd1', master: 'red' });
    expect(netlink.sync.linkList({ type: 'vrf' }).map(({ name }) => name)).toEqual(['red']);
    expect(netlink.sync.linkList({ master: 'red' }).map(({ name }) => name)).toEqual(['d1']);
    expect(ipJson<{ ifname: string }>('link show master red', namespace).map(({ ifname }) => ifname)).toEqual(['d1']);
    netlink.sync.linkDel('d1');
    netlink.sync.linkDel('red');
  });

  it('gives a kind that it does not know as it is, and makes it again from that', () => {
    ipIn(namespace, 'link add x0 type vsockmon');
    const link = netlink.sync.linkByName('x0');
    if (link.type !== 'generic') throw new Error(`vsockmon came as ${link.type}`);
    expect(link.kind).toBe('vsockmon');
    const before = info(show());
    netlink.sync.linkDel('x0');
    netlink.sync.linkAdd({
      type: 'generic',
      name: 'x0',
      kind: 'vsockmon',
      ...(link.data !== undefined && { data: link.data }),
    });
    expect(info(show())).toEqual(before);
    netlink.sync.linkDel('x0');
  });
});

/** More lines of iproute2, and kinds that come as `generic`. */
const MORE: readonly string[] = [
  'link p0 type macsec sci 0200000000770001 encrypt on protect on replay on window 7',
  'link p0 type macsec port 5 cipher gcm-aes-256 validate check encodingsa 2',
  'type ip6tnl mode any local 2001:db8::1 remote 2001:db8::2 encaplimit 3 hoplimit 7 tclass 4 flowlabel 5 dev p0',
  'type ip6gre local 2001:db8::1 remote 2001:db8::2 ikey 3 okey 4 hoplimit 7 dev p0',
  'type ip6tnl mode ip6ip6 local 2001:db8::1 remote 2001:db8::2 encaplimit none tclass inherit',
  'type vti6 local 2001:db8::1 remote 2001:db8::2 key 7',
  'type vsockmon',
  'type batadv',
];

describe('a link that was read and is given back is as it was, as ip shows it', () => {
  const made = CASES.filter(
    ([name, { spec }]) =>
      spec.type !== 'veth' && spec.type !== 'vxcan' && !name.startsWith('GRE with Ethernet, addresses'),
  ).map(([, { ip }]) => ip);

  it.each([...made, ...MORE])('%s', (line) => {
    ipIn(namespace, `link add name it ${line}`);
    giveBackLink(netlink, namespace, ['mtu']);
  });
});

describe('ports of bonds', () => {
  const BOND = 'link add name bo0 type bond mode active-backup miimon 100';
  const shown = (): Record<string, unknown> =>
    ipJson<{ linkinfo: { info_slave_data: Record<string, unknown> } }>('-d link show it', namespace)[0]?.linkinfo
      .info_slave_data ?? {};
  beforeEach(() => {
    ipIn(namespace, BOND);
    ipIn(namespace, 'link add it type veth peer name that');
    ipIn(namespace, 'link set it master bo0');
  });
  afterEach(() => {
    for (const name of ['it', 'bo0']) netlink.sync.linkDel(name);
  });

  it('are as ip shows them, written here or by ip', () => {
    netlink.sync.linkSetPort('it', { queueId: 5, priority: -7, type: 'bond' });
    const port = netlink.sync.linkByName('it').masterPort;
    expect(port).toMatchObject({ type: 'bond', queueId: 5, priority: -7, linkFailureCount: 0 });
    if (port?.type !== 'bond') throw new Error('it is not a port of a bond');
    expect(shown()).toMatchObject({
      state: String(port.state).toUpperCase(),
      mii_status: String(port.miiStatus).toUpperCase(),
      perm_hwaddr: port.permanentHardwareAddr,
      queue_id: 5,
    });
    ipIn(namespace, 'link set it type bond_slave queue_id 9');
    expect(netlink.sync.linkByName('it').masterPort).toMatchObject({ queueId: 9, priority: -7 });
    netlink.sync.linkSetPort('it', port);
    expect(shown()).toMatchObject({ queue_id: 5 });
  });

  it('take no settings of a bridge, which the kernel would take for those of a bond', () => {
    const before = shown();
    expect(() => netlink.sync.linkSetPort('it', { guard: true })).toThrow(
      'cannot set the port settings of link it: it is a port of a bond, not of a bridge',
    );
    expect(shown()).toEqual(before);
  });

  it('are made with their link, and given back with it', () => {
    netlink.sync.linkDel('it');
    const peer = { name: 'that' };
    netlink.sync.linkAdd({ type: 'veth', name: 'it', master: 'bo0', masterPort: { queueId: 4 }, peer });
    expect(shown()).toMatchObject({ queue_id: 4 });
    const read = netlink.sync.linkByName('it');
    ipIn(namespace, 'link set it nomaster');
    netlink.sync.linkModify('it', read);
    expect(shown()).toMatchObject({ queue_id: 4 });
  });
});

describe('VRF devices', () => {
  it('route what their ports receive, and what is bound to them, by their own table', () => {
    const { sync } = netlink;
    sync.linkAdd({ type: 'vrf', name: 'blue', table: 1001, up: true });
    sync.linkAdd({ type: 'dummy', name: 'b0', master: 'blue', up: true });
    sync.addrAdd('b0', '198.51.100.1/24');
    sync.routeAdd({ dst: 'default', gateway: '198.51.100.2', table: 1001 });
    expect(sync.linkByName('b0').masterIndex).toBe(sync.linkByName('blue').index);
    expect(sync.routeList({ table: 1001, type: 'unicast', family: 'ipv4' }).map(({ dst }) => dst)).toEqual([
      '0.0.0.0/0',
      '198.51.100.0/24',
    ]);
    expect(sync.routeGet('203.0.113.1', { oif: 'blue' })).toMatchObject({ gateway: '198.51.100.2', table: 1001 });
    expect(ipJson<{ gateway?: string }>('route get 203.0.113.1 vrf blue', namespace)[0]?.gateway).toBe('198.51.100.2');
    expect(() => sync.routeGet('203.0.113.1')).toThrow(/ENETUNREACH/);
    // The kernel makes the rule for VRF devices with the first of them.
    expect(sync.ruleList({ family: 'ipv4' })).toContainEqual(expect.objectContaining({ l3mdev: true, priority: 1000 }));
    sync.linkDel('b0');
    sync.linkDel('blue');
  });
});
