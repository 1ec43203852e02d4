import type { Operation } from 'netlink-links';
import {
  addrAdd,
  addrDel,
  addrReplace,
  bridgeVlanAdd,
  bridgeVlanDel,
  linkAdd,
  linkAddAltName,
  linkDelAltName,
  linkModify,
  linkSetAlias,
  linkSetDown,
  linkSetHardwareAddr,
  linkSetMaster,
  linkSetMTU,
  linkSetName,
  linkSetNoMaster,
  linkSetTxQLen,
  linkSetUp,
  nexthopDel,
  nexthopReplace,
  qdiscAdd,
  setPromiscOn,
} from 'netlink-links/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipJson } from '#testkit';
import { ours, sentBy } from './sent-by.ts';

const RTM_NEWNEXTHOP = 104;

/** Makes attributes readable in a difference. */
function readable(hex: string): string {
  const message = Buffer.from(hex, 'hex');
  const type = message.readUInt16LE(4);
  const fixed = (type >= 20 && type < 24) || type >= RTM_NEWNEXTHOP ? 8 : 16;
  const lines = [
    `type ${type} flags 0x${message.readUInt16LE(6).toString(16)} ${message.subarray(16, 16 + fixed).toString('hex')}`,
  ];
  const walk = (from: number, to: number, indent: string, nested: readonly number[]): void => {
    for (let at = from; at + 4 <= to; ) {
      const length = message.readUInt16LE(at);
      const attribute = message.readUInt16LE(at + 2);
      if (length < 4) break;
      lines.push(`${indent}${attribute}: ${message.subarray(at + 4, at + length).toString('hex')}`);
      if (nested.includes(attribute & 0x3fff)) walk(at + 4, at + length, `${indent}  `, [2]);
      at += (length + 3) & ~3;
    }
  };
  walk(16 + fixed, message.length, '', fixed === 16 ? [18] : []);
  return lines.join('\n');
}

let v0 = 0;
let v1 = 0;

beforeAll(() => {
  ip('link add v0 type veth peer name v1');
  v0 = Number(ipJson('link show v0')[0]?.ifindex);
  v1 = Number(ipJson('link show v1')[0]?.ifindex);
});
afterAll(() => void ip('link del v1'));

const cases: readonly (readonly [string, () => Operation<unknown>])[] = [
  ['link add name d0 type dummy', () => linkAdd({ type: 'dummy', name: 'd0' })],
  [
    'link add name d0 index 77 mtu 1400 address 02:00:00:00:00:01 txqueuelen 5 numtxqueues 3 numrxqueues 2 type dummy',
    () =>
      linkAdd({
        type: 'dummy',
        name: 'd0',
        index: 77,
        mtu: 1400,
        hardwareAddr: '02:00:00:00:00:01',
        txQLen: 5,
        numTxQueues: 3,
        numRxQueues: 2,
      }),
  ],
  ['link add name i0 type ifb', () => linkAdd({ type: 'ifb', name: 'i0' })],
  ['link add name w0 type wireguard', () => linkAdd({ type: 'wireguard', name: 'w0' })],
  ['link add name vrf0 type vrf table 300', () => linkAdd({ type: 'vrf', name: 'vrf0', table: 300 })],
  ['link add name br0 type bridge', () => linkAdd({ type: 'bridge', name: 'br0' })],
  [
    'link add name br0 type bridge forward_delay 1500 hello_time 200 max_age 2000 ageing_time 0 stp_state 1 priority 100 vlan_filtering 1 vlan_protocol 802.1ad group_fwd_mask 8 group_address 01:80:c2:00:00:01 mcast_router 1 mcast_snooping 0 mcast_query_use_ifaddr 1 mcast_querier 1 mcast_hash_max 1024 mcast_last_member_count 3 mcast_startup_query_count 4 mcast_last_member_interval 90 mcast_membership_interval 26001 mcast_querier_interval 25501 mcast_query_interval 12501 mcast_query_response_interval 1001 mcast_startup_query_interval 3126 nf_call_iptables 1 nf_call_ip6tables 0 nf_call_arptables 1 vlan_default_pvid 7 vlan_stats_enabled 1 mcast_stats_enabled 1 mcast_igmp_version 3 mcast_mld_version 2',
    () =>
      linkAdd({
        type: 'bridge',
        name: 'br0',
        forwardDelay: 1500,
        helloTime: 200,
        maxAge: 2000,
        ageingTime: 0,
        stpState: 1,
        priority: 100,
        vlanFiltering: true,
        vlanProtocol: 0x88a8,
        groupFwdMask: 8,
        groupAddr: '01:80:c2:00:00:01',
        multicastRouter: 1,
        multicastSnooping: false,
        multicastQueryUseIfaddr: true,
        multicastQuerier: true,
        multicastHashMax: 1024,
        multicastLastMemberCount: 3,
        multicastStartupQueryCount: 4,
        multicastLastMemberInterval: 90,
        multicastMembershipInterval: 26001,
        multicastQuerierInterval: 25501,
        multicastQueryInterval: 12501,
        multicastQueryResponseInterval: 1001,
        multicastStartupQueryInterval: 3126,
        nfCallIptables: true,
        nfCallIp6tables: false,
        nfCallArptables: true,
        vlanDefaultPvid: 7,
        vlanStatsEnabled: true,
        multicastStatsEnabled: true,
        multicastIgmpVersion: 3,
        multicastMldVersion: 2,
      }),
  ],
  [
    'link add name br0 type bridge no_linklocal_learn 1 mcast_vlan_snooping 0',
    () => linkAdd({ type: 'bridge', name: 'br0', noLinkLocalLearn: true, multicastVlanSnooping: false }),
  ],
  ['link add name a0 type veth peer name a1', () => linkAdd({ type: 'veth', name: 'a0', peer: { name: 'a1' } })],
  [
    'link add name a0 mtu 1300 type veth peer name a1 mtu 1400 address 02:00:00:00:00:02',
    () =>
      linkAdd({
        type: 'veth',
        name: 'a0',
        mtu: 1300,
        peer: { name: 'a1', mtu: 1400, hardwareAddr: '02:00:00:00:00:02' },
      }),
  ],
  [
    `link add name a0 type veth peer name a1 netns ${process.pid}`,
    () => linkAdd({ type: 'veth', name: 'a0', peer: { name: 'a1', netnsPid: process.pid } }),
  ],
  [
    'link add link v0 name vl0 type vlan protocol 802.1ad id 5',
    () => linkAdd({ type: 'vlan', name: 'vl0', parent: v0, vlanId: 5, protocol: '802.1ad' }),
  ],
  [
    'link add link v0 name vl0 type vlan id 5 reorder_hdr off gvrp on mvrp on loose_binding off ingress-qos-map 1:2 3:4 egress-qos-map 5:6',
    () =>
      linkAdd({
        type: 'vlan',
        name: 'vl0',
        parent: v0,
        vlanId: 5,
        reorderHeader: false,
        gvrp: true,
        mvrp: true,
        looseBinding: false,
        ingressQos: { 1: 2, 3: 4 },
        egressQos: { 5: 6 },
      }),
  ],
  [
    'link add link v0 name m0 type macvlan mode bridge bcqueuelen 500',
    () => linkAdd({ type: 'macvlan', name: 'm0', parent: v0, mode: 'bridge', broadcastQueueLength: 500 }),
  ],
  [
    'link add link v0 name m0 type macvlan mode passthru nopromisc',
    () => linkAdd({ type: 'macvlan', name: 'm0', parent: v0, mode: 'passthru', macvlanFlags: 1 }),
  ],
  [
    'link add link v0 name m0 type macvtap mode vepa',
    () => linkAdd({ type: 'macvtap', name: 'm0', parent: v0, mode: 'vepa' }),
  ],
  [
    'link add link v0 name iv0 type ipvlan mode l3s private',
    () => linkAdd({ type: 'ipvlan', name: 'iv0', parent: v0, mode: 'l3s', isolation: 'private' }),
  ],
  [
    'link add name x0 type vxlan id 5 group 239.1.1.1 local 192.0.2.1 dev v0 dstport 4789',
    () =>
      linkAdd({
        type: 'vxlan',
        name: 'x0',
        vxlanId: 5,
        groupAddress: '239.1.1.1',
        localAddress: '192.0.2.1',
        underlayIndex: v0,
        port: 4789,
        learning: true,
      }),
  ],
  [
    'link add name x0 type vxlan id 6 remote 2001:db8::2 local 2001:db8::1 dstport 4789 ttl 9 tos 4 df set flowlabel 5 ageing 100 maxaddress 50 srcport 1000 2000 proxy rsc l2miss l3miss udpcsum udp6zerocsumtx udp6zerocsumrx remcsumtx remcsumrx gbp',
    () =>
      linkAdd({
        type: 'vxlan',
        name: 'x0',
        vxlanId: 6,
        groupAddress: '2001:db8::2',
        localAddress: '2001:db8::1',
        port: 4789,
        ttl: 9,
        tos: 4,
        df: 'set',
        flowLabel: 5,
        learning: true,
        ageing: 100,
        limit: 50,
        portRange: { low: 1000, high: 2000 },
        proxy: true,
        rsc: true,
        l2miss: true,
        l3miss: true,
        udpChecksum: true,
        udpZeroChecksum6Tx: true,
        udpZeroChecksum6Rx: true,
        remoteChecksumTx: true,
        remoteChecksumRx: true,
        gbp: true,
      }),
  ],
  [
    'link add name x0 type vxlan external dstport 4789',
    () => linkAdd({ type: 'vxlan', name: 'x0', port: 4789, collectMetadata: true, learning: false }),
  ],
  [
    'link add name g0 type geneve id 5 remote 192.0.2.9',
    () =>
      linkAdd({ type: 'geneve', name: 'g0', geneveId: 5, remoteAddress: '192.0.2.9', flowLabel: 0, ttl: 0, tos: 0 }),
  ],
  [
    'link add name g0 type geneve id 5 remote 2001:db8::9 ttl 7 tos 4 df unset flowlabel 9 dstport 6000 udp6zerocsumtx noudp6zerocsumrx',
    () =>
      linkAdd({
        type: 'geneve',
        name: 'g0',
        geneveId: 5,
        remoteAddress: '2001:db8::9',
        ttl: 7,
        tos: 4,
        df: 'unset',
        flowLabel: 9,
        port: 6000,
        udpZeroChecksum6Tx: true,
        udpZeroChecksum6Rx: false,
      }),
  ],
  [
    'link add name g0 type gretap local 192.0.2.1 remote 192.0.2.2 ttl 64 tos 4 key 7',
    () =>
      linkAdd({
        type: 'gretap',
        name: 'g0',
        localAddress: '192.0.2.1',
        remoteAddress: '192.0.2.2',
        ttl: 64,
        tos: 4,
        inputKey: 7,
        outputKey: 7,
        pmtuDiscovery: true,
        fwmark: 0,
        encapType: 0,
        encapFlags: 0,
        encapSourcePort: 0,
        encapDestinationPort: 0,
      }),
  ],
  [
    'link add name g0 type gre local 192.0.2.1 remote 192.0.2.2 nopmtudisc dev v0',
    () =>
      linkAdd({
        type: 'gre',
        name: 'g0',
        localAddress: '192.0.2.1',
        remoteAddress: '192.0.2.2',
        underlayIndex: v0,
        inputKey: 0,
        outputKey: 0,
        inputFlags: 0,
        outputFlags: 0,
        ttl: 0,
        tos: 0,
        pmtuDiscovery: false,
        fwmark: 0,
        encapType: 0,
        encapFlags: 0,
        encapSourcePort: 0,
        encapDestinationPort: 0,
      }),
  ],
  [
    'link add name g0 type ip6gretap local 2001:db8::1 remote 2001:db8::2',
    () =>
      linkAdd({
        type: 'ip6gretap',
        name: 'g0',
        localAddress: '2001:db8::1',
        remoteAddress: '2001:db8::2',
        ttl: 64,
        encapLimit: 4,
        inputKey: 0,
        outputKey: 0,
        inputFlags: 0,
        outputFlags: 0,
        flowInfo: 0,
        tunnelFlags: 0,
        fwmark: 0,
        erspanVersion: 1,
        encapType: 0,
        encapFlags: 2,
        encapSourcePort: 0,
        encapDestinationPort: 0,
      }),
  ],
  [
    'link add name t0 type ip6tnl local 2001:db8::1 remote 2001:db8::2 mode any dev v0 hoplimit 9 encaplimit 3 tclass 4 flowlabel 5 fwmark 7',
    () =>
      linkAdd({
        type: 'ip6tnl',
        name: 't0',
        localAddress: '2001:db8::1',
        remoteAddress: '2001:db8::2',
        protocol: 0,
        underlayIndex: v0,
        ttl: 9,
        encapLimit: 3,
        flowInfo: 0x40_0005,
        tunnelFlags: 0,
        fwmark: 7,
        encapType: 0,
        encapFlags: 2,
        encapSourcePort: 0,
        encapDestinationPort: 0,
      }),
  ],
  [
    'link add name t0 type ip6gre local 2001:db8::1 remote 2001:db8::2',
    () =>
      linkAdd({
        type: 'ip6gre',
        name: 't0',
        localAddress: '2001:db8::1',
        remoteAddress: '2001:db8::2',
        ttl: 64,
        encapLimit: 4,
        inputKey: 0,
        outputKey: 0,
        inputFlags: 0,
        outputFlags: 0,
        flowInfo: 0,
        tunnelFlags: 0,
        fwmark: 0,
        erspanVersion: 1,
        encapType: 0,
        encapFlags: 2,
        encapSourcePort: 0,
        encapDestinationPort: 0,
      }),
  ],
  [
    'link add name t0 type vti local 192.0.2.1 remote 192.0.2.2 key 5 fwmark 3 dev v0',
    () =>
      linkAdd({
        type: 'vti',
        name: 't0',
        localAddress: '192.0.2.1',
        remoteAddress: '192.0.2.2',
        inputKey: 5,
        outputKey: 5,
        fwmark: 3,
        underlayIndex: v0,
      }),
  ],
  [
    'link add name t0 type vti6 local 2001:db8::1 remote 2001:db8::2 ikey 5 okey 6',
    () =>
      linkAdd({
        type: 'vti6',
        name: 't0',
        localAddress: '2001:db8::1',
        remoteAddress: '2001:db8::2',
        inputKey: 5,
        outputKey: 6,
        fwmark: 0,
      }),
  ],
  [
    'link add name t0 type erspan local 192.0.2.1 remote 192.0.2.2 seq key 5 erspan_ver 1 erspan 7',
    () =>
      linkAdd({
        type: 'erspan',
        name: 't0',
        localAddress: '192.0.2.1',
        remoteAddress: '192.0.2.2',
        inputKey: 5,
        outputKey: 5,
        inputFlags: 0x3000,
        outputFlags: 0x3000,
        pmtuDiscovery: true,
        tos: 0,
        ttl: 0,
        fwmark: 0,
        erspanVersion: 1,
        erspanIndex: 7,
        encapType: 0,
        encapFlags: 0,
        encapSourcePort: 0,
        encapDestinationPort: 0,
      }),
  ],
  [
    'link add name t0 type ip6erspan local 2001:db8::1 remote 2001:db8::2 seq key 5 erspan_ver 2 erspan_dir egress erspan_hwid 7',
    () =>
      linkAdd({
        type: 'ip6erspan',
        name: 't0',
        localAddress: '2001:db8::1',
        remoteAddress: '2001:db8::2',
        inputKey: 5,
        outputKey: 5,
        inputFlags: 0x3000,
        outputFlags: 0x3000,
        ttl: 64,
        encapLimit: 4,
        flowInfo: 0,
        tunnelFlags: 0,
        fwmark: 0,
        erspanVersion: 2,
        erspanDirection: 'egress',
        erspanHardwareId: 7,
        encapType: 0,
        encapFlags: 2,
        encapSourcePort: 0,
        encapDestinationPort: 0,
      }),
  ],
  [
    'link add link v0 name t0 type macsec port 5 cipher gcm-aes-256 encrypt on protect on send_sci on end_station off scb off replay on window 64 validate strict encodingsa 2',
    () =>
      linkAdd({
        type: 'macsec',
        name: 't0',
        parent: v0,
        port: 5,
        cipher: 'gcm-aes-256',
        encrypt: true,
        protect: true,
        includeSci: true,
        es: false,
        scb: false,
        replayProtect: true,
        window: 64,
        validate: 'strict',
        encodingSa: 2,
      }),
  ],
  [
    'link add link v0 name t0 type macsec sci 00010203040500ff icvlen 12 offload off',
    () =>
      linkAdd({ type: 'macsec', name: 't0', parent: v0, sci: 0x0001_0203_0405_00ffn, icvLength: 12, offload: 'off' }),
  ],
  [
    'link add link v0 name t0 type ipvtap mode l3s private',
    () => linkAdd({ type: 'ipvtap', name: 't0', parent: v0, mode: 'l3s', isolation: 'private' }),
  ],
  ['link add name t0 type vcan', () => linkAdd({ type: 'vcan', name: 't0' })],
  ['link add name t0 type vxcan peer name t1', () => linkAdd({ type: 'vxcan', name: 't0', peer: { name: 't1' } })],
  ['link add name t0 type nlmon', () => linkAdd({ type: 'nlmon', name: 't0' })],
  [
    'link add name t0 type hsr slave1 v0 slave2 v1 supervision 45 version 1',
    () => linkAdd({ type: 'hsr', name: 't0', ports: [v0, v1], supervision: 45, version: 1 }),
  ],
  [
    'link add name t0 type hsr slave1 v1 slave2 v0 proto 1',
    () => linkAdd({ type: 'hsr', name: 't0', ports: [v1, v0], proto: 'prp' }),
  ],
  [
    'link add name t0 type bareudp dstport 6635 ethertype mpls_uc srcportmin 12345 multiproto',
    () =>
      linkAdd({
        type: 'bareudp',
        name: 't0',
        port: 6635,
        etherType: 'mpls',
        sourcePortMin: 12_345,
        multiproto: true,
      }),
  ],
  [
    'link add name t0 type bareudp dstport 6635 ethertype ipv4 nomultiproto',
    () => linkAdd({ type: 'bareudp', name: 't0', port: 6635, etherType: 'ip', multiproto: false }),
  ],
  [
    'link add name t0 type gtp role sgsn hsize 1000 restart_count 7',
    () => linkAdd({ type: 'gtp', name: 't0', role: 'sgsn', hashSize: 1000, restartCount: 7 }),
  ],
  ['link add name t0 type gtp role ggsn', () => linkAdd({ type: 'gtp', name: 't0', role: 'ggsn', hashSize: 1024 })],
  [
    'link add link v0 name t0 type ipoib pkey 0x8001 mode connected umcast 1',
    () => linkAdd({ type: 'ipoib', name: 't0', parent: v0, pkey: 0x8001, mode: 'connected', umcast: true }),
  ],
  [
    'link add name t0 type amt mode gateway local 192.0.2.1 discovery 192.0.2.2 dev v0 relay_port 2268 gateway_port 2269',
    () =>
      linkAdd({
        type: 'amt',
        name: 't0',
        mode: 'gateway',
        localAddress: '192.0.2.1',
        discoveryAddress: '192.0.2.2',
        underlayIndex: v0,
        relayPort: 2268,
        gatewayPort: 2269,
      }),
  ],
  [
    'link add name t0 type amt mode relay local 192.0.2.1 dev v0 max_tunnels 5',
    () =>
      linkAdd({
        type: 'amt',
        name: 't0',
        mode: 'relay',
        localAddress: '192.0.2.1',
        underlayIndex: v0,
        maxTunnels: 5,
      }),
  ],
  ['link add link v0 name t0 type rmnet mux_id 7', () => linkAdd({ type: 'rmnet', name: 't0', parent: v0, muxId: 7 })],
  ['link add name t0 type netdevsim', () => linkAdd({ type: 'netdevsim', name: 't0' })],
  [
    'link add name t0 type batadv ra BATMAN_V',
    () => linkAdd({ type: 'batadv', name: 't0', routingAlgorithm: 'BATMAN_V' }),
  ],
  [
    'link set v0 type can bitrate 500000 sample-point 0.875',
    () => linkModify(v0, { type: 'can', bitrate: 500_000, samplePoint: 87.5 }),
  ],
  [
    'link set v0 type can restart-ms 100 termination 120 bitrate 500000 sample-point 0.875 sjw 2 dbitrate 2000000 dsample-point 0.7 loopback on listen-only off fd on',
    () =>
      linkModify(v0, {
        type: 'can',
        restartMs: 100,
        termination: 120,
        bitrate: 500_000,
        samplePoint: 87.5,
        jumpWidth: 2,
        dataBitrate: 2_000_000,
        dataSamplePoint: 70,
        loopback: true,
        listenOnly: false,
        fd: true,
      }),
  ],
  [
    'link set v0 type can tq 125 prop-seg 6 phase-seg1 7 phase-seg2 2 sjw 1 dtq 25 dprop-seg 1 dphase-seg1 2 dphase-seg2 3 dsjw 1 triple-sampling on one-shot on berr-reporting on fd-non-iso on presume-ack on cc-len8-dlc on tdc-mode manual tdcv 1 tdco 2 tdcf 3',
    () =>
      linkModify(v0, {
        type: 'can',
        timeQuantum: 125,
        propagationSegment: 6,
        phaseSegment1: 7,
        phaseSegment2: 2,
        jumpWidth: 1,
        dataTimeQuantum: 25,
        dataPropagationSegment: 1,
        dataPhaseSegment1: 2,
        dataPhaseSegment2: 3,
        dataJumpWidth: 1,
        tripleSampling: true,
        oneShot: true,
        berrReporting: true,
        fdNonIso: true,
        presumeAck: true,
        ccLen8Dlc: true,
        tdcManual: true,
        tdc: { value: 1, offset: 2, filter: 3 },
      }),
  ],
  ['link set v0 type can restart', () => linkModify(v0, { type: 'can', restart: true })],
  ['link set v0 type dsa conduit v1', () => linkModify(v0, { type: 'dsa', conduitIndex: v1 })],
  ['link add name t0 type team', () => linkAdd({ type: 'team', name: 't0' })],
  [
    'link add name t0 type ipip local 192.0.2.1 remote 192.0.2.2 ttl 9',
    () =>
      linkAdd({
        type: 'ipip',
        name: 't0',
        localAddress: '192.0.2.1',
        remoteAddress: '192.0.2.2',
        ttl: 9,
        tos: 0,
        pmtuDiscovery: true,
        protocol: 0,
        underlayIndex: 0,
        fwmark: 0,
        encapType: 0,
        encapFlags: 0,
        encapSourcePort: 0,
        encapDestinationPort: 0,
      }),
  ],
  [
    'link add name t0 type sit local 192.0.2.1 remote 192.0.2.2 6rd-prefix 2002::/16 6rd-relay_prefix 192.0.0.0/8',
    () =>
      linkAdd({
        type: 'sit',
        name: 't0',
        localAddress: '192.0.2.1',
        remoteAddress: '192.0.2.2',
        sixRdPrefix: '2002::/16',
        sixRdRelayPrefix: '192.0.0.0/8',
        ttl: 0,
        tos: 0,
        pmtuDiscovery: true,
        protocol: 0,
        underlayIndex: 0,
        fwmark: 0,
        tunnelFlags: 0,
        encapType: 0,
        encapFlags: 0,
        encapSourcePort: 0,
        encapDestinationPort: 0,
      }),
  ],
  [
    'link add name xf0 type xfrm dev v0 if_id 5',
    () => linkAdd({ type: 'xfrm', name: 'xf0', underlayIndex: v0, interfaceId: 5 }),
  ],
  [
    'link add name b0 type bond mode 802.3ad miimon 100 updelay 200 downdelay 300 use_carrier 1 xmit_hash_policy layer3+4 resend_igmp 2 num_grat_arp 3 all_slaves_active 1 min_links 2 lp_interval 5 packets_per_slave 6 lacp_rate fast lacp_active on ad_select bandwidth ad_actor_sys_prio 100 ad_user_port_key 5 ad_actor_system 02:00:00:00:00:07 tlb_dynamic_lb 0',
    () =>
      linkAdd({
        type: 'bond',
        name: 'b0',
        mode: '802.3ad',
        miimon: 100,
        upDelay: 200,
        downDelay: 300,
        useCarrier: true,
        transmitHashPolicy: 'layer3+4',
        resendIgmp: 2,
        numPeerNotifications: 3,
        allSlavesActive: true,
        minLinks: 2,
        learningPacketInterval: 5,
        packetsPerSlave: 6,
        lacpRate: 'fast',
        lacpActive: true,
        aggregatorSelect: 'bandwidth',
        actorSystemPriority: 100,
        userPortKey: 5,
        actorSystem: '02:00:00:00:00:07',
        tlbDynamicLb: false,
      }),
  ],
  [
    'link add name b0 type bond mode active-backup arp_interval 100 arp_ip_target 192.0.2.1,192.0.2.2 arp_validate active arp_all_targets all primary v0 primary_reselect better fail_over_mac follow',
    () =>
      linkAdd({
        type: 'bond',
        name: 'b0',
        mode: 'active-backup',
        arpInterval: 100,
        arpIpTargets: ['192.0.2.1', '192.0.2.2'],
        arpValidate: 'active',
        arpAllTargets: 'all',
        primaryIndex: v0,
        primaryReselect: 'better',
        failOverMac: 'follow',
      }),
  ],
  ['link set dev v0 up', () => linkSetUp(v0)],
  ['link set dev v0 down', () => linkSetDown(v0)],
  ['link set dev v0 promisc on', () => setPromiscOn(v0)],
  ['link set dev v0 mtu 1300', () => linkSetMTU(v0, 1300)],
  ['link set dev v0 address 02:00:00:00:00:09', () => linkSetHardwareAddr(v0, '02:00:00:00:00:09')],
  ['link set dev v0 txqueuelen 9', () => linkSetTxQLen(v0, 9)],
  ['link set dev v0 alias hello', () => linkSetAlias(v0, 'hello')],
  ['link set dev v0 master v1', () => linkSetMaster(v0, v1)],
  ['link set dev v0 nomaster', () => linkSetNoMaster(v0)],
  [
    'link set dev v0 group 5 allmulticast on arp off protodown off',
    () => linkModify(v0, { group: 5, allMulticast: true, arp: false, protoDown: false }),
  ],
  ['link set dev v0 addrgenmode none', () => linkModify(v0, { ipv6AddrGenMode: 'none' })],
  ['link set dev v0 type bridge ageing_time 0', () => linkModify(v0, { type: 'bridge', ageingTime: 0 })],
  ['link property add dev v0 altname another altname third', () => linkAddAltName(v0, 'another', 'third')],
  ['link property del dev v0 altname another', () => linkDelAltName(v0, 'another')],
  ['addr add 192.0.2.1/24 dev v0', () => addrAdd(v0, '192.0.2.1/24')],
  ['addr add 127.0.0.9/8 dev v0', () => addrAdd(v0, '127.0.0.9/8')],
  [
    'addr add 192.0.2.1/24 broadcast 192.0.2.255 label v0:x metric 5 noprefixroute dev v0',
    () => addrAdd(v0, { address: '192.0.2.1/24', broadcast: true, label: 'v0:x', metric: 5, flags: ['noprefixroute'] }),
  ],
  [
    'addr add 192.0.2.1 peer 192.0.2.2/32 dev v0 scope link',
    () => addrAdd(v0, { address: '192.0.2.1', peer: '192.0.2.2/32', scope: 'link' }),
  ],
  [
    'addr add 2001:db8::1/64 dev v0 nodad valid_lft 1000 preferred_lft 500',
    () => addrAdd(v0, { address: '2001:db8::1/64', flags: ['nodad'], validLifetime: 1000, preferredLifetime: 500 }),
  ],
  ['addr replace 192.0.2.1/24 dev v0', () => addrReplace(v0, '192.0.2.1/24')],
  ['addr del 192.0.2.1/24 dev v0', () => addrDel(v0, '192.0.2.1/24')],
  [
    'nexthop replace id 7 via 192.0.2.9 dev v0 proto 77',
    () => nexthopReplace({ id: 7, gateway: '192.0.2.9', oif: v0, protocol: 77 }),
  ],
  [
    'nexthop replace id 7 via 2001:db8::9 dev v0 onlink',
    () => nexthopReplace({ id: 7, gateway: '2001:db8::9', oif: v0, flags: ['onlink'] }),
  ],
  ['nexthop replace id 7 blackhole', () => nexthopReplace({ id: 7, type: 'blackhole' })],
  ['nexthop replace id 7 via 192.0.2.9 fdb', () => nexthopReplace({ id: 7, gateway: '192.0.2.9', fdb: true })],
  [
    'nexthop replace id 7 group 1,3/2,256',
    () =>
      nexthopReplace({
        id: 7,
        members: [
          { id: 1, weight: 3 },
          { id: 2, weight: 256 },
        ],
      }),
  ],
  [
    'nexthop replace id 7 group 1/2 type resilient buckets 8 idle_timer 50 unbalanced_timer 60',
    () =>
      nexthopReplace({
        id: 7,
        members: [{ id: 1 }, { id: 2 }],
        resilient: { buckets: 8, idleTimer: 50, unbalancedTimer: 60 },
      }),
  ],
  ['nexthop del id 7', () => nexthopDel(7)],
  // The last one: it is done.
  ['link set dev v0 name v7', () => linkSetName(v0, 'v7')],
];

describe('what is sent is what iproute2 sends, byte for byte', () => {
  it.each(cases)('ip %s', (line, operation) => {
    const [theirs = ''] = sentBy('ip', line);
    expect(readable(ours(operation()))).toBe(readable(theirs));
    expect(ours(operation())).toBe(theirs);
  });

  it.each<[string, () => Operation<unknown>]>([
    [
      'qdisc add dev v1 root stab overhead 20 pfifo limit 9',
      () => qdiscAdd({ kind: 'pfifo', link: v1, limit: 9, sizeTable: { overhead: 20 } }),
    ],
    [
      'qdisc add dev v1 root estimator 1sec 8sec pfifo limit 9',
      () => qdiscAdd({ kind: 'pfifo', link: v1, limit: 9, rateEstimator: { interval: 1, timeConstant: 8 } }),
    ],
    [
      'qdisc add dev v1 root estimator 250ms 500ms pfifo limit 9',
      () => qdiscAdd({ kind: 'pfifo', link: v1, limit: 9, rateEstimator: { interval: 0.25, timeConstant: 0.5 } }),
    ],
    [
      'qdisc add dev v1 root stab linklayer atm overhead -4 pfifo limit 9',
      () => qdiscAdd({ kind: 'pfifo', link: v1, limit: 9, sizeTable: { overhead: -4, linklayer: 'atm' } }),
    ],
    [
      'qdisc add dev v1 root stab linklayer ethernet mpu 64 mtu 200000 tsize 16 pfifo limit 9',
      () =>
        qdiscAdd({
          kind: 'pfifo',
          link: v1,
          limit: 9,
          sizeTable: { linklayer: 'ethernet', minimumPacketUnit: 64, mtu: 200_000, tableSize: 16 },
        }),
    ],
    [
      'qdisc add dev v1 ingress_block 7 egress_block 9 clsact',
      () => qdiscAdd({ kind: 'clsact', link: v1, ingressBlock: 7, egressBlock: 9 }),
    ],
  ])('tc %s', (line, operation) => {
    const [theirs = ''] = sentBy('tc', line);
    expect(readable(ours(operation()))).toBe(readable(theirs));
    expect(ours(operation())).toBe(theirs);
  });

  // `bridge` marks nothing as nested, and maps VLANs in a message of its own.
  it.each<[string, () => Operation<unknown>]>([
    ['vlan add vid 10 dev v1 pvid untagged', () => bridgeVlanAdd({ link: v1, vid: 10, pvid: true, untagged: true })],
    ['vlan del vid 10-12 dev v1', () => bridgeVlanDel({ link: v1, vid: 10, vidEnd: 12, tunnelId: 100 })],
    ['vlan add vid 10 dev v1 tunnel_info id 100', () => bridgeVlanAdd({ link: v1, vid: 10, tunnelId: 100 })],
    [
      'vlan add vid 10-12 dev v1 tunnel_info id 100-102',
      () => bridgeVlanAdd({ link: v1, vid: 10, vidEnd: 12, tunnelId: 100 }),
    ],
  ])('bridge %s', (line, operation) => {
    const [theirs = ''] = sentBy('bridge', line);
    const specification = (hex: string): string => hex.slice((16 + 16 + 4) * 2);
    expect(specification(theirs)).not.toBe('');
    expect(specification(ours(operation()))).toMatch(new RegExp(`${specification(theirs)}$`));
  });
});
