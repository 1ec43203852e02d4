import fc from 'fast-check';
import {
  type ActionSpec,
  type ChainSpec,
  type Filter,
  type FilterSpec,
  LinkNotFoundError,
  Netlink,
  u32Match,
} from 'netlink-links';
import { attr } from 'netlink-links/attributes';
import {
  actionAdd,
  actionDel,
  actionList,
  actionReplace,
  chainAdd,
  chainDel,
  filterAdd,
  filterChange,
  filterDel,
  filterReplace,
} from 'netlink-links/operations';
import { InvalidOptionError } from 'netns-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ipIn, makeNamespaces, run, uniqueName } from '#testkit';
import { ACTION_KINDS } from '../src/action/kinds/index.js';
import { FILTER_KINDS } from '../src/filter/kinds/index.js';
import { readFilter, readFilterPlace } from '../src/filter/read.js';
import { MessageBytes } from '../src/message/message-bytes.js';
import { ours, sentBy } from './sent-by.ts';

const namespace = uniqueName('fl');
let namespaces: Disposable;
let netlink: Netlink;
let v0 = 0;
let v1 = 0;

beforeAll(() => {
  namespaces = makeNamespaces(namespace);
  ipIn(namespace, 'link add v0 type veth peer name v1');
  for (const name of ['v0', 'v1']) ipIn(namespace, `link set ${name} addrgenmode none up`);
  netlink = Netlink.open(namespace);
  v0 = netlink.sync.linkByName('v0').index;
  v1 = netlink.sync.linkByName('v1').index;
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});
function clear(): void {
  for (const qdisc of netlink.sync.qdiscList('v0')) if (qdisc.handle !== '0:') netlink.sync.qdiscDel(qdisc);
}
afterEach(clear);

const tc = (line: string): string => run('tc', ['-n', namespace, ...line.split(' ')]);
/** Not as JSON: tc 6.1 writes none that can be read of filters with offsets. */
const shown = (place: string): string => tc(`-d filter show ${place}`);

/** A filter, and what makes tc make the same. Its words are in the order that we write in. */
type Case = [string, () => FilterSpec];
const at = { parent: 'ingress', priority: 5, protocol: 'all' } as const;
const ip = { ...at, protocol: 'ip' } as const;

describe('filters, byte for byte what tc sends', () => {
  const compare = (line: string, spec: () => FilterSpec): void => {
    const { protocol } = spec();
    for (const [word, operation] of [
      ['add', filterAdd],
      ['replace', filterReplace],
      ['change', filterChange],
    ] as const) {
      const [theirs = ''] = sentBy(
        'tc',
        `filter ${word} dev v0 ingress protocol ${protocol} pref 5 ${line}`,
        namespace,
      );
      // We ask for an echo besides.
      const flags = (hex: string): string => {
        const message = Buffer.from(hex, 'hex');
        message.writeUInt16LE(message.readUInt16LE(6) & ~0x8, 6);
        return message.toString('hex');
      };
      expect(flags(ours(operation({ ...spec(), ifindex: v0 } as FilterSpec)))).toBe(theirs);
    }
  };

  it.each<Case>([
    ['matchall classid 1:2', () => ({ ...at, kind: 'matchall', classid: '1:2' })],
    [
      'matchall skip_hw action drop',
      () => ({ ...at, kind: 'matchall', skipHw: true, actions: [{ kind: 'gact', control: 'drop' }] }),
    ],
    ['handle 0x10/0xff fw classid 1:2', () => ({ ...at, kind: 'fw', mark: 16, mask: 255, classid: '1:2' })],
    [
      'u32 match ip src 192.0.2.0/24 match ip dport 80 0xffff flowid 1:3',
      () => ({ ...ip, kind: 'u32', keys: u32Match({ src: '192.0.2.0/24', destinationPort: 80 }), classid: '1:3' }),
    ],
    [
      'u32 match ip6 dst 2001:db8::/47 match ip6 protocol 6 0xff match ip6 priority 7 0xff match ip6 sport 9 0xffff',
      () => ({
        ...at,
        protocol: 'ipv6',
        kind: 'u32',
        keys: u32Match({ dst: '2001:db8::/47', protocol: 6, tos: 7, sourcePort: 9 }),
      }),
    ],
    [
      'u32 match u32 0x01020304 0xff00ff00 at nexthdr+4 match u8 0x10 0xff at 1 skip_sw',
      () => ({
        ...ip,
        kind: 'u32',
        keys: [
          { offset: 4, value: 0x01000300, mask: 0xff00ff00, nextHeader: true },
          { offset: 0, value: 0x100000, mask: 0xff0000 },
        ],
        skipSw: true,
      }),
    ],
    ['handle 1: u32 divisor 256', () => ({ ...ip, kind: 'u32', handle: '1:', divisor: 256 })],
    [
      'handle ::3 u32 link 1: ht 800: match ip protocol 6 0xff offset at 0 mask 0f00 shift 6 plus 4 eat hashkey mask 0xff at 12',
      () => ({
        ...ip,
        kind: 'u32',
        handle: '::3',
        linkTable: '1:',
        hashTable: '800:',
        keys: u32Match({ protocol: 6 }),
        nextHeaderAt: { at: 0, mask: 0x0f00, shift: 6, plus: 4, eat: true },
        hashKey: { offset: 12, mask: 0xff },
      }),
    ],
    [
      'flower classid 1:2 indev v1 dst_mac 02:00:00:00:00:01 src_mac 02:00:00:00:00:00/ff:ff:00:00:00:00 ip_proto tcp dst_ip 192.0.2.0/25 src_ip 192.0.2.9 dst_port 80 src_port 1000 tcp_flags 0x2/0x12 ip_tos 0x10/0xfc ip_ttl 64',
      () => ({
        ...ip,
        kind: 'flower',
        classid: '1:2',
        indev: 'v1',
        dstMac: '02:00:00:00:00:01',
        srcMac: '02:00:00:00:00:00/ff:ff:00:00:00:00',
        ipProtocol: 'tcp',
        dst: '192.0.2.0/25',
        src: '192.0.2.9',
        destinationPort: 80,
        sourcePort: 1000,
        tcpFlags: { value: 2, mask: 0x12 },
        tos: { value: 0x10, mask: 0xfc },
        ttl: 64,
      }),
    ],
    [
      'flower ip_proto udp dst_ip 2001:db8::/33 dst_port 1000-2000 ip_flags nofirstfrag skip_hw',
      () => ({
        ...at,
        protocol: 'ipv6',
        kind: 'flower',
        ipProtocol: 'udp',
        dst: '2001:db8::/33',
        destinationPort: [1000, 2000],
        fragment: 'nofirstfrag',
        skipHw: true,
      }),
    ],
    [
      'flower vlan_id 7 vlan_prio 3 vlan_ethtype ip ip_proto icmp type 8 code 0',
      () => ({
        ...at,
        protocol: '802.1q',
        kind: 'flower',
        vlanId: 7,
        vlanPriority: 3,
        vlanEtherType: 'ip',
        ipProtocol: 'icmp',
        icmpType: 8,
        icmpCode: 0,
      }),
    ],
    [
      'flower vlan_id 7 vlan_ethtype 802.1q cvlan_id 8 cvlan_prio 1 cvlan_ethtype ipv6 ip_proto sctp src_ip 2001:db8::1 src_port 9',
      () => ({
        ...at,
        protocol: '802.1ad',
        kind: 'flower',
        vlanId: 7,
        vlanEtherType: '802.1q',
        cvlanId: 8,
        cvlanPriority: 1,
        cvlanEtherType: 'ipv6',
        ipProtocol: 'sctp',
        src: '2001:db8::1',
        sourcePort: 9,
      }),
    ],
    [
      'flower arp_sip 192.0.2.0/24 arp_tip 192.0.2.9 arp_op reply arp_sha 02:00:00:00:00:01 arp_tha 02:00:00:00:00:00/ff:00:00:00:00:00',
      () => ({
        ...at,
        protocol: 'arp',
        kind: 'flower',
        arp: {
          senderIp: '192.0.2.0/24',
          targetIp: '192.0.2.9',
          operation: 'reply',
          senderMac: '02:00:00:00:00:01',
          targetMac: '02:00:00:00:00:00/ff:00:00:00:00:00',
        },
      }),
    ],
    [
      'flower mpls_label 100 mpls_tc 3 mpls_bos 1 mpls_ttl 9',
      () => ({ ...at, protocol: 34_887, kind: 'flower', mpls: { label: 100, tc: 3, bos: true, ttl: 9 } }),
    ],
    [
      'flower enc_key_id 7 enc_dst_ip 192.0.2.0/24 enc_src_ip 192.0.2.9 enc_dst_port 4789 enc_tos 0x10/0xfc enc_ttl 9',
      () => ({
        ...ip,
        kind: 'flower',
        tunnel: {
          id: 7,
          dst: '192.0.2.0/24',
          src: '192.0.2.9',
          destinationPort: 4789,
          tos: { value: 0x10, mask: 0xfc },
          ttl: 9,
        },
      }),
    ],
    [
      'flower enc_dst_ip 2001:db8::/33 geneve_opts 0102:80:00800022',
      () => ({
        ...ip,
        kind: 'flower',
        tunnel: {
          dst: '2001:db8::/33',
          options: { geneve: [{ class: 0x0102, type: 0x80, data: Uint8Array.of(0, 0x80, 0, 0x22) }] },
        },
      }),
    ],
    [
      'flower enc_key_id 7 vxlan_opts 4660',
      () => ({ ...ip, kind: 'flower', tunnel: { id: 7, options: { vxlan: { groupPolicy: 4660 } } } }),
    ],
    [
      'flower enc_key_id 7 erspan_opts 1:258:0:0',
      () => ({
        ...ip,
        kind: 'flower',
        tunnel: { id: 7, options: { erspan: { version: 1, index: 258, direction: 0, hardwareId: 0 } } },
      }),
    ],
    [
      'flower enc_key_id 7 erspan_opts 2:0:1:16',
      () => ({
        ...ip,
        kind: 'flower',
        tunnel: { id: 7, options: { erspan: { version: 2, index: 0, direction: 1, hardwareId: 16 } } },
      }),
    ],
    [
      'flower ct_state +trk+est-new ct_zone 5 ct_mark 7/0xff ct_label 0102030405060708090a0b0c0d0e0f10/ffffffff000000000000000000000000',
      () => ({
        ...ip,
        kind: 'flower',
        ct: {
          state: { tracked: true, established: true, new: false },
          zone: 5,
          mark: { value: 7, mask: 0xff },
          label: '0102030405060708090a0b0c0d0e0f10/ffffffff000000000000000000000000',
        },
      }),
    ],
    [
      'bpf bytecode 1,6~0~0~4294967295 classid 1:2 action drop',
      () => ({
        ...at,
        kind: 'bpf',
        bytecode: [{ code: 6, jt: 0, jf: 0, k: 0xffffffff }],
        classid: '1:2',
        actions: [{ kind: 'gact', control: 'drop' }],
      }),
    ],
    [
      'bpf bytecode 1,6~0~0~0 direct-action skip_hw',
      () => ({
        ...at,
        kind: 'bpf',
        bytecode: [{ code: 6, jt: 0, jf: 0, k: 0 }],
        directAction: true,
        skipHw: true,
      }),
    ],
    [
      'basic classid 1:2 action drop',
      () => ({ ...at, kind: 'basic', classid: '1:2', actions: [{ kind: 'gact', control: 'drop' }] }),
    ],
  ])('%s', compare);

  const matchall = (...actions: NonNullable<FilterSpec['actions']>): FilterSpec => ({
    ...at,
    kind: 'matchall',
    actions,
  });
  it.each<Case>([
    ['action pass', () => matchall({ kind: 'gact' })],
    [
      'action drop index 7 cookie 0102',
      () => matchall({ kind: 'gact', control: 'drop', index: 7, cookie: Uint8Array.of(1, 2) }),
    ],
    [
      'action continue random determ drop 5',
      () => matchall({ kind: 'gact', control: 'continue', random: { mode: 'determ', control: 'drop', value: 5 } }),
    ],
    ['action goto chain 9', () => matchall({ kind: 'gact', control: { goto: 9 } })],
    [
      'action jump 1 action reclassify action trap',
      () =>
        matchall(
          { kind: 'gact', control: { jump: 1 } },
          { kind: 'gact', control: 'reclassify' },
          { kind: 'gact', control: 'trap' },
        ),
    ],
    ['action mirred egress redirect dev v1', () => matchall({ kind: 'mirred', mode: 'redirect', ifindex: v1 })],
    [
      'action mirred ingress mirror dev v1 action mirred egress mirror dev v1 drop',
      () =>
        matchall(
          { kind: 'mirred', direction: 'ingress', mode: 'mirror', link: v1 },
          { kind: 'mirred', direction: 'egress', mode: 'mirror', link: { index: v1 }, control: 'drop' },
        ),
    ],
    [
      'action skbedit queue_mapping 3 priority 1:5 mark 7/0xff ptype otherhost action skbedit inheritdsfield continue',
      () =>
        matchall(
          { kind: 'skbedit', queueMapping: 3, priority: '1:5', mark: 7, mask: 0xff, packetType: 'otherhost' },
          { kind: 'skbedit', inheritDsfield: true, control: 'continue' },
        ),
    ],
    ['action police rate 1mbit burst 10k', () => matchall({ kind: 'police', rate: 1_000_000, burst: 10_240 })],
    [
      'action police rate 1mbit burst 10k mtu 2k peakrate 2mbit conform-exceed drop/pipe mpu 64 overhead 10 linklayer atm index 5',
      () =>
        matchall({
          kind: 'police',
          rate: 1_000_000,
          burst: 10_240,
          mtu: 2048,
          peakRate: 2_000_000,
          exceed: 'drop',
          conform: 'pipe',
          mpu: 64,
          overhead: 10,
          linkLayer: 'atm',
          index: 5,
        }),
    ],
    [
      'action police pkts_rate 100 pkts_burst 20 conform-exceed drop',
      () => matchall({ kind: 'police', packetRate: 100, packetBurst: 20, exceed: 'drop' }),
    ],
    ['action police rate 40gbit burst 1m', () => matchall({ kind: 'police', rate: 40_000_000_000, burst: 1_048_576 })],
    ['action vlan push id 7', () => matchall({ kind: 'vlan', mode: 'push', id: 7 })],
    [
      'action vlan push id 7 protocol 802.1ad priority 3 pass action vlan modify id 9 priority 0 index 4 action vlan pop',
      () =>
        matchall(
          { kind: 'vlan', mode: 'push', id: 7, protocol: '802.1ad', priority: 3, control: 'pass' },
          { kind: 'vlan', mode: 'modify', id: 9, priority: 0, index: 4 },
          { kind: 'vlan', mode: 'pop' },
        ),
    ],
    [
      'action vlan push_eth dst_mac 02:00:00:00:00:01 src_mac 02:00:00:00:00:02 action vlan pop_eth drop',
      () =>
        matchall(
          { kind: 'vlan', mode: 'push_eth', dstMac: '02:00:00:00:00:01', srcMac: '02:00:00:00:00:02' },
          { kind: 'vlan', mode: 'pop_eth', control: 'drop' },
        ),
    ],
    [
      'action pedit munge offset 0 u32 set 0x01020304 munge offset -12 u32 set 0x05060000 retain 0xffff0000',
      () =>
        matchall({
          kind: 'pedit',
          keys: [
            { offset: 0, value: 0x01020304 },
            { offset: -12, value: 0x05060000, mask: 0xffff0000 },
          ],
        }),
    ],
    [
      'action pedit ex munge ip ttl set 64 munge ip ttl add 0xff munge eth dst set 02:00:00:00:00:09 munge udp dport set 0x1234 munge ip dst set 192.0.2.7 pipe',
      () =>
        matchall({
          kind: 'pedit',
          control: 'pipe',
          keys: [
            { header: 'ip', offset: 8, value: 0x40000000, mask: 0xff000000 },
            { header: 'ip', command: 'add', offset: 8, value: 0xff000000, mask: 0xff000000 },
            { header: 'eth', offset: 0, value: 0x02000000 },
            { header: 'eth', offset: 4, value: 0x00090000, mask: 0xffff0000 },
            { header: 'udp', offset: 0, value: 0x1234, mask: 0xffff },
            { header: 'ip', offset: 16, value: 0xc0000207 },
          ],
        }),
    ],
    [
      'action pedit munge offset 4 u32 at 0 f 2 set 0x01020304',
      () =>
        matchall({
          kind: 'pedit',
          keys: [{ offset: 4, value: 0x01020304, offsetFrom: { at: 0, mask: 0xf, shift: 2 } }],
        }),
    ],
    [
      'action csum ip4h udp tcp icmp pipe action csum igmp udplite sctp index 3',
      () =>
        matchall(
          { kind: 'csum', of: ['ip4h', 'icmp', 'tcp', 'udp'], control: 'pipe' },
          { kind: 'csum', of: ['igmp', 'udplite', 'sctp'], index: 3 },
        ),
    ],
    [
      'action nat ingress 192.0.2.1 198.51.100.1 action nat egress 192.0.2.0/25 198.51.100.0 pipe',
      () =>
        matchall(
          { kind: 'nat', direction: 'ingress', from: '192.0.2.1', to: '198.51.100.1' },
          { kind: 'nat', direction: 'egress', from: '192.0.2.0/25', to: '198.51.100.0', control: 'pipe' },
        ),
    ],
    [
      'action tunnel_key set id 7 src_ip 192.0.2.1 dst_ip 192.0.2.2 dst_port 4789 tos 0x10 ttl 9 nocsum action tunnel_key unset drop',
      () =>
        matchall(
          {
            kind: 'tunnel_key',
            mode: 'set',
            id: 7,
            src: '192.0.2.1',
            dst: '192.0.2.2',
            destinationPort: 4789,
            tos: 0x10,
            ttl: 9,
            checksum: false,
          },
          { kind: 'tunnel_key', mode: 'unset', control: 'drop' },
        ),
    ],
    [
      'action tunnel_key set src_ip 2001:db8::1 dst_ip 2001:db8::2 geneve_opts 0102:80:00800022,0103:81:1122334455667788',
      () =>
        matchall({
          kind: 'tunnel_key',
          mode: 'set',
          src: '2001:db8::1',
          dst: '2001:db8::2',
          options: {
            geneve: [
              { class: 0x0102, type: 0x80, data: Uint8Array.of(0, 0x80, 0, 0x22) },
              { class: 0x0103, type: 0x81, data: Uint8Array.of(0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88) },
            ],
          },
        }),
    ],
    [
      'action tunnel_key set id 5 src_ip 192.0.2.1 dst_ip 192.0.2.2 vxlan_opts 4660',
      () =>
        matchall({
          kind: 'tunnel_key',
          mode: 'set',
          id: 5,
          src: '192.0.2.1',
          dst: '192.0.2.2',
          options: { vxlan: { groupPolicy: 4660 } },
        }),
    ],
    [
      'action tunnel_key set src_ip 192.0.2.1 dst_ip 192.0.2.2 erspan_opts 1:258:0:0 action tunnel_key set src_ip 192.0.2.1 dst_ip 192.0.2.2 erspan_opts 2:0:1:16',
      () =>
        matchall(
          {
            kind: 'tunnel_key',
            mode: 'set',
            src: '192.0.2.1',
            dst: '192.0.2.2',
            options: { erspan: { version: 1, index: 258, direction: 0, hardwareId: 0 } },
          },
          {
            kind: 'tunnel_key',
            mode: 'set',
            src: '192.0.2.1',
            dst: '192.0.2.2',
            options: { erspan: { version: 2, index: 0, direction: 1, hardwareId: 16 } },
          },
        ),
    ],
    [
      'action connmark zone 5 drop action connmark',
      () => matchall({ kind: 'connmark', zone: 5, control: 'drop' }, { kind: 'connmark' }),
    ],
    [
      'action sample rate 100 group 5 trunc 64 action sample rate 1 group 0 continue index 2',
      () =>
        matchall(
          { kind: 'sample', rate: 100, group: 5, truncate: 64 },
          { kind: 'sample', rate: 1, group: 0, control: 'continue', index: 2 },
        ),
    ],
    [
      'action bpf bytecode 1,6~0~0~4294967295 drop index 9',
      () =>
        matchall({
          kind: 'bpf',
          bytecode: [{ code: 6, jt: 0, jf: 0, k: 0xffffffff }],
          control: 'drop',
          index: 9,
        }),
    ],
    [
      'action mpls push protocol mpls_uc label 100 tc 3 ttl 9 bos 1 action mpls pop protocol ip pass action mpls dec_ttl action mpls modify label 7 action mpls mac_push label 8',
      () =>
        matchall(
          { kind: 'mpls', mode: 'push', protocol: 'mpls', label: 100, tc: 3, ttl: 9, bos: true },
          { kind: 'mpls', mode: 'pop', protocol: 'ip', control: 'pass' },
          { kind: 'mpls', mode: 'dec_ttl' },
          { kind: 'mpls', mode: 'modify', label: 7 },
          { kind: 'mpls', mode: 'mac_push', label: 8 },
        ),
    ],
    [
      'action skbmod set dmac 02:00:00:00:00:01 etype 0x88b5 smac 02:00:00:00:00:02 action skbmod swap mac drop',
      () =>
        matchall(
          { kind: 'skbmod', dstMac: '02:00:00:00:00:01', etherType: 0x88b5, srcMac: '02:00:00:00:00:02' },
          { kind: 'skbmod', swapMac: true, control: 'drop' },
        ),
    ],
    [
      'action ct commit force zone 5 mark 7/0xff label 0102030405060708090a0b0c0d0e0f10/ffffffff000000000000000000000000 nat src addr 192.0.2.1-192.0.2.9 port 1000-2000 action ct clear action ct nat zone 3 drop',
      () =>
        matchall(
          {
            kind: 'ct',
            commit: true,
            force: true,
            zone: 5,
            mark: { value: 7, mask: 0xff },
            label: '0102030405060708090a0b0c0d0e0f10/ffffffff000000000000000000000000',
            nat: { type: 'src', address: ['192.0.2.1', '192.0.2.9'], port: [1000, 2000] },
          },
          { kind: 'ct', clear: true },
          { kind: 'ct', nat: true, zone: 3, control: 'drop' },
        ),
    ],
    [
      'action ctinfo dscp 0xfc000000 0x01000000 cpmark 0x00ffffff zone 5 drop index 3 action ctinfo dscp 0x3f',
      () =>
        matchall(
          {
            kind: 'ctinfo',
            zone: 5,
            dscpMask: 0xfc000000,
            dscpStateMask: 0x01000000,
            markMask: 0xffffff,
            control: 'drop',
            index: 3,
          },
          { kind: 'ctinfo', zone: 0, dscpMask: 0x3f },
        ),
    ],
    [
      'action gate priority 3 flags 1 base-time 1000 cycle-time 5000000 cycle-time-ext 77 clockid CLOCK_TAI sched-entry open 2000000 1 100 sched-entry close 3000001 -1 -1 index 4 drop action gate clockid CLOCK_MONOTONIC sched-entry open 1 -1 8',
      () =>
        matchall(
          {
            kind: 'gate',
            priority: 3,
            flags: 1,
            baseTime: 1000n,
            cycleTime: 5,
            cycleTimeExtension: 0.000077,
            clockid: 'tai',
            entries: [
              { open: true, interval: 2, internalPriority: 1, maxOctets: 100 },
              { open: false, interval: 3.000001 },
            ],
            control: 'drop',
            index: 4,
          },
          { kind: 'gate', clockid: 'monotonic', entries: [{ open: true, interval: 0.000001, maxOctets: 8 }] },
        ),
    ],
  ])('matchall %s', (line, spec) => compare(`matchall ${line}`, spec));

  it('in chains and blocks, at other parents, and to be removed', () => {
    const remove = (line: string) => sentBy('tc', `filter del ${line}`, namespace)[0];
    expect(
      ours(filterDel({ ifindex: v0, parent: 'egress', chain: 3, priority: 5, protocol: 'ip', handle: 7, kind: 'fw' })),
    ).toBe(remove('dev v0 egress chain 3 protocol ip pref 5 handle 7 fw'));
    expect(
      ours(filterDel({ ifindex: v0, parent: '1:', priority: 5, protocol: 'ip', handle: '800::800', kind: 'u32' })),
    ).toBe(remove('dev v0 parent 1: protocol ip pref 5 handle 800::800 u32'));
    expect(ours(filterDel({ ifindex: v0, parent: 'ingress' }))).toBe(remove('dev v0 ingress'));
    expect(ours(filterDel({ block: 9, priority: 5 }))).toBe(remove('block 9 pref 5'));
  });

  it('chains', () => {
    const chain = (line: string) => sentBy('tc', `chain ${line}`, namespace)[0];
    expect(ours(chainAdd({ ifindex: v0, parent: 'egress', chain: 7 }))).toBe(chain('add dev v0 egress chain 7'));
    expect(ours(chainDel({ ifindex: v0, parent: '1:', chain: 9 }))).toBe(chain('del dev v0 parent 1: chain 9'));
    expect(ours(chainAdd({ block: 5, chain: 0 }))).toBe(chain('add block 5 chain 0'));
  });

  it('actions by themselves', () => {
    const sent = (line: string) => sentBy('tc', `actions ${line}`, namespace)[0];
    const unechoed = (hex: string): string => {
      const message = Buffer.from(hex, 'hex');
      message.writeUInt16LE(message.readUInt16LE(6) & ~0x8, 6);
      return message.toString('hex');
    };
    expect(unechoed(ours(actionAdd({ kind: 'gact', control: 'drop', index: 7 })))).toBe(
      sent('add action drop index 7'),
    );
    expect(unechoed(ours(actionReplace({ kind: 'vlan', mode: 'pop', index: 9 })))).toBe(
      sent('replace action vlan pop index 9'),
    );
    expect(ours(actionDel({ kind: 'gact', index: 7 }))).toBe(sent('del action gact index 7'));
  });
});

describe('chains of filters', () => {
  it('are added, listed as tc lists them, and removed with their filters', async () => {
    const { sync } = netlink;
    sync.qdiscAdd({ kind: 'clsact', link: 'v0' });
    const theirs = (side: string): unknown => {
      const text = tc(`-j chain show dev v0 ${side}`).trim();
      return (text === '' ? [] : (JSON.parse(text) as { chain: number }[])).map(({ chain }) => chain);
    };
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 0x0fffffff }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom<'ingress' | 'egress'>('ingress', 'egress'),
        (numbers, parent) => {
          for (const chain of numbers) sync.chainAdd({ link: 'v0', parent, chain });
          const read = sync.chainList({ link: 'v0', parent });
          expect(read).toEqual(numbers.map((chain) => ({ ifindex: v0, parent, chain })));
          expect(sync.chainList('v0')).toEqual(read);
          expect(theirs(parent)).toEqual(numbers);
          for (const chain of read) sync.chainDel(chain);
          expect(theirs(parent)).toEqual([]);
          for (const chain of numbers) tc(`chain add dev v0 ${parent} chain ${chain}`);
          expect(sync.chainList({ link: 'v0', parent })).toEqual(read);
          for (const chain of read) sync.chainDel(chain);
          for (const chain of read) sync.chainAdd(chain);
          expect(sync.chainList({ link: 'v0', parent })).toEqual(read);
          for (const chain of read) sync.chainDel(chain);
        },
      ),
      { numRuns: 8 },
    );
    const place = { link: 'v0', parent: 'ingress', chain: 5 } as const;
    await netlink.chainAdd(place);
    expect(() => sync.chainAdd(place)).toThrow(/^cannot add chain 5 at ingress of v0: .*\(EEXIST\)$/);
    sync.filterAdd({ ...place, kind: 'u32', protocol: 'ip', keys: u32Match({ protocol: 6 }) });
    sync.filterAdd({ ...place, chain: 6, kind: 'u32', protocol: 'ip', keys: u32Match({ protocol: 6 }) });
    // A filter makes its chain by itself, which goes with it.
    expect(sync.chainList({ link: 'v0', chain: 6 })).toEqual([{ ifindex: v0, parent: 'ingress', chain: 6 }]);
    sync.filterDel({ ...place, chain: 6 });
    expect(sync.chainList('v0').map(({ chain }) => chain)).toEqual([5]);
    sync.chainDel(place);
    expect(sync.filterList('v0')).toEqual([]);
    expect(sync.chainList('v0')).toEqual([]);
    expect(() => sync.chainDel(place)).toThrow(/^cannot remove chain 5 at ingress of v0: /);
    expect(() => sync.chainList('nolink')).toThrow(LinkNotFoundError);
  });

  it('are those of a block that several links share', () => {
    const { sync } = netlink;
    for (const link of ['v0', 'v1']) sync.qdiscAdd({ kind: 'clsact', link, ingressBlock: 7 });
    sync.chainAdd({ block: 7, chain: 3 });
    expect(sync.chainList({ block: 7 })).toEqual([{ block: 7, chain: 3 }]);
    expect(sync.chainList('v1')).toEqual([{ block: 7, chain: 3 }]);
    sync.chainDel({ block: 7, chain: 3 });
    expect(sync.chainList({ block: 7 })).toEqual([]);
    sync.qdiscDel({ kind: 'clsact', link: 'v1' });
  });

  it.each<[object, RegExp]>([
    [{ link: 'v0' }, /^chainAdd needs the number of a `chain`$/],
    [{ chain: 1 }, /^a chain needs a link/],
    [{ link: 'v0', block: 1, chain: 1 }, /^link and block exclude each other: a chain is at a link or in a block$/],
    [{ link: 'v0', chain: 0x10000000 }, /^chain must be an integer from 0 to 268435455/],
    [{ link: 'v0', chain: 1, priority: 5 }, /priority/],
    [
      { link: 'v0', chain: 1, template: { options: new Uint8Array(4) } },
      /^template\.kernelKind must be the kernel's name/,
    ],
    [
      { link: 'v0', chain: 1, template: { kernelKind: 'flower', options: 'x' } },
      /^template\.options must be a Uint8Array/,
    ],
  ])('that cannot be: %j', (spec, message) => {
    expect(() => chainAdd(spec as ChainSpec)).toThrow(message);
  });
});

describe('u32 filters, in agreement with tc', () => {
  it('are the same written by tc and by us, and are given back', () => {
    const { sync } = netlink;
    const network = fc
      .tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 }))
      .map(([address, length]) => `${address}/${length}`);
    fc.assert(
      fc.property(
        fc.record({
          src: fc.option(network, { nil: undefined }),
          dst: network,
          protocol: fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }),
          destinationPort: fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined }),
          sourcePort: fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined }),
          tos: fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }),
          chain: fc.integer({ min: 0, max: 3 }),
          side: fc.constantFrom<'ingress' | 'egress'>('ingress', 'egress'),
        }),
        ({ chain, side, ...match }) => {
          const renew = (): void => {
            clear();
            sync.qdiscAdd({ kind: 'clsact', link: 'v0' });
          };
          renew();
          const place = sync.filterAdd({
            kind: 'u32',
            link: 'v0',
            parent: side,
            chain,
            priority: 10,
            protocol: 'ip',
            keys: u32Match(match),
            classid: '1:5',
          });
          expect(place).toEqual({ ifindex: v0, parent: side, chain, priority: 10, protocol: 'ip', handle: '800::800' });
          const read = sync.filterList('v0');
          const oursShown = shown(`dev v0 ${side}`);
          expect(read).toMatchObject([{ kind: 'u32', ...place, keys: u32Match(match), classid: '1:5' }]);
          renew();
          const word = (name: string, value: number | string | undefined, mask = '') =>
            value === undefined ? '' : ` match ip ${name} ${value}${mask}`;
          tc(
            `filter add dev v0 ${side} chain ${chain} protocol ip pref 10 u32${word('src', match.src)}${word('dst', match.dst)}${word('protocol', match.protocol, ' 0xff')}${word('tos', match.tos, ' 0xff')}${word('sport', match.sourcePort, ' 0xffff')}${word('dport', match.destinationPort, ' 0xffff')} flowid 1:5`,
          );
          expect(sync.filterList('v0')).toEqual(read);
          expect(shown(`dev v0 ${side}`)).toEqual(oursShown);
          renew();
          for (const filter of read) sync.filterAdd(filter);
          expect(sync.filterList('v0')).toEqual(read);
          for (const filter of read) sync.filterDel(filter);
          expect(sync.filterList('v0')).toEqual([]);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('with tables, links to them and headers that follow are given back', () => {
    const { sync } = netlink;
    const lines = [
      'handle 1: u32 divisor 16',
      'u32 ht 1:3: match ip dst 192.0.2.1/32 flowid 1:1',
      'u32 ht 1:: match u32 0x00500000 0xffff0000 at nexthdr+0 flowid 1:2',
      'u32 link 1: match ip protocol 6 0xff offset at 0 mask 0f00 shift 6 hashkey mask 0x0000000f at 16',
    ];
    sync.qdiscAdd({ kind: 'htb', link: 'v0', handle: '1:' });
    for (const line of lines) tc(`filter add dev v0 parent 1: protocol ip pref 7 ${line}`);
    const before = shown('dev v0 parent 1:');
    const read = sync.filterList('v0');
    expect(read).toHaveLength(4);
    expect(read).toContainEqual(
      expect.objectContaining({ kind: 'u32', handle: '1:', divisor: 16, parent: '1:', priority: 7 }),
    );
    expect(read).toContainEqual(expect.objectContaining({ handle: '1:3:800', hashTable: '1:3:' }));
    expect(read).toContainEqual(
      expect.objectContaining({
        linkTable: '1:',
        nextHeaderAt: { at: 0, mask: 0x0f00, shift: 6 },
        hashKey: { offset: 16, mask: 15 },
      }),
    );
    clear();
    sync.qdiscAdd({ kind: 'htb', link: 'v0', handle: '1:' });
    // Tables first: the filters name them.
    for (const filter of [...read].sort((a, b) => Number('keys' in a) - Number('keys' in b))) sync.filterAdd(filter);
    expect(shown('dev v0 parent 1:')).toEqual(before);
    expect(sync.filterList({ link: 'v0', parent: 'root' })).toEqual(read);
  });

  it('choose the class of htb, and are changed, replaced and removed', () => {
    const { sync } = netlink;
    sync.qdiscAdd({ kind: 'htb', link: 'v0', handle: '1:', defaultClass: 1 });
    for (const classid of ['1:1', '1:2']) sync.classAdd({ kind: 'htb', link: 'v0', classid, rate: 8_000_000 });
    const place = sync.filterAdd({
      kind: 'u32',
      link: 'v0',
      parent: '1:',
      protocol: 'ip',
      keys: u32Match({ dst: '192.0.2.9', protocol: 1 }),
      classid: '1:2',
    });
    expect(place).toMatchObject({ ifindex: v0, parent: '1:', priority: 49_152, handle: '800::800' });
    const spec = { ...place, kind: 'u32', keys: u32Match({ dst: '192.0.2.9', protocol: 1 }) } as const;
    expect(() => sync.filterAdd({ ...spec, classid: '1:2' })).toThrow(
      /^cannot add filter u32 with priority 49152 at 1: of #\d+: .*\(EEXIST\)$/,
    );
    ipIn(namespace, 'addr add 192.0.2.1/24 dev v0');
    for (const host of [8, 9]) {
      ipIn(namespace, `neigh replace 192.0.2.${host} lladdr 02:00:00:00:00:09 dev v0`);
      run('sh', ['-c', `ip netns exec ${namespace} ping -q -n -c ${host} -i 0.02 -W 0.1 192.0.2.${host} || true`]);
    }
    ipIn(namespace, 'addr del 192.0.2.1/24 dev v0');
    const packets = (classid: string) => sync.classList({ link: 'v0', classid })[0]?.statistics?.packets;
    expect([packets('1:1'), packets('1:2')]).toEqual([8n, 9n]);
    sync.filterChange({ ...spec, classid: '1:1' });
    expect(sync.filterList({ link: 'v0', kind: 'u32', priority: 49_152 })).toMatchObject([{ classid: '1:1' }]);
    expect(sync.filterReplace({ ...spec, classid: '1:2' })).toEqual(place);
    expect(sync.filterList('v0')).toMatchObject([{ classid: '1:2' }]);
    expect(sync.filterList({ link: 'v0', protocol: 'ipv6' })).toEqual([]);
    expect(sync.filterList({ link: 'v0', chain: 1 })).toEqual([]);
    expect(sync.filterList({ link: 'v0', parent: '1:1' })).toEqual([]);
    sync.filterDel({ link: 'v0', parent: '1:' });
    expect(sync.filterList('v0')).toEqual([]);
    expect(() => sync.filterDel({ link: 'v0', parent: '1:', priority: 5 })).toThrow(
      /^cannot remove filter with priority 5/,
    );
    expect(() => sync.filterList('nolink')).toThrow(LinkNotFoundError);
    expect(() =>
      sync.filterAdd({ kind: 'u32', link: 'v0', actions: [{ kind: 'mirred', mode: 'mirror', link: 'nolink' }] }),
    ).toThrow(LinkNotFoundError);
  });

  it('in a block are those of all that share it', async () => {
    const { sync } = netlink;
    sync.qdiscAdd({ kind: 'clsact', link: 'v0', ingressBlock: 7 });
    const place = await netlink.filterAdd({
      kind: 'u32',
      block: 7,
      protocol: 'ip',
      priority: 3,
      keys: u32Match({ protocol: 17 }),
      classid: '1:1',
    });
    expect(place).toEqual({ block: 7, chain: 0, priority: 3, protocol: 'ip', handle: '800::800' });
    const [read] = sync.filterList({ block: 7 });
    expect(read).toMatchObject({ kind: 'u32', ...place });
    expect(sync.filterList('v0')).toEqual([read]);
    sync.filterDel(read as Filter);
    expect(sync.filterList({ block: 7 })).toEqual([]);
  });

  it('name the module of a classifier that the kernel lacks', () => {
    const { sync } = netlink;
    sync.qdiscAdd({ kind: 'clsact', link: 'v0' });
    expect(() =>
      sync.filterAdd({ kind: 'generic', kernelKind: 'nosuch', link: 'v0', parent: 'ingress', protocol: 'ip' }),
    ).toThrow(
      /TC classifier not found; where the kernel has it as a module, `modprobe cls_nosuch` loads it \(ENOENT\)$/,
    );
  });

  it('name the module of an action that the kernel lacks', () => {
    const { sync } = netlink;
    sync.qdiscAdd({ kind: 'clsact', link: 'v0' });
    const actions = [{ kind: 'generic', kernelKind: 'nosuch' }] as const;
    expect(() => sync.filterAdd({ kind: 'u32', link: 'v0', parent: 'ingress', protocol: 'ip', actions })).toThrow(
      /^cannot add filter u32 at ingress of v0: the kernel has no action 'nosuch' \(module act_nosuch\): .*\(ENOENT\)$/,
    );
  });
});

describe('filters that cannot be', () => {
  const flower = { kind: 'flower', link: 'v0', protocol: 'ip' } as const;
  it.each<[object, RegExp]>([
    [{ kind: 'matchall' }, /^a filter needs a link/],
    [{ kind: 'matchall', link: 'v0', block: 1 }, /^link and block exclude each other/],
    [{ kind: 'nosuch', link: 'v0' }, /^kind must be one of /],
    [{ kind: 'matchall', link: 'v0', keys: [] }, /keys/],
    // What tc calls them, in the kind that has them.
    [
      { kind: 'u32', link: 'v0', match: {} },
      /^filterAdd of a u32 filter has no property 'match': did you mean keys\?$/,
    ],
    [{ ...flower, dst_port: 80 }, /has no property 'dst_port': did you mean destinationPort\?$/],
    [{ kind: 'nosuch', link: 'v0', match: {} }, /^filterAdd has no property 'match'/],
    [{ kind: 'matchall', link: 'v0', priority: 0 }, /^priority must be an integer from 1 to 65535, got 0$/],
    [{ kind: 'matchall', link: 'v0', protocol: 'ipx' }, /^protocol must be one of all, ip, /],
    [{ kind: 'matchall', link: 'v0', handle: '1:1' }, /^handle must be a number from 0 to 4294967295, got '1:1'$/],
    [{ kind: 'matchall', link: 'v0', skipHw: true, skipSw: true }, /^skipHw and skipSw exclude each other/],
    [{ kind: 'fw', link: 'v0' }, /^a filter of fw needs a `mark`/],
    [{ kind: 'fw', link: 'v0', mark: 1, handle: 2 }, /^mark and handle are the same number: 1 and 2 are not$/],
    [{ kind: 'fw', link: 'v0', mark: 1, skipHw: true }, /^skipHw is not for filters of fw/],
    [
      { kind: 'u32', link: 'v0', keys: [{ offset: 1, value: 1, mask: 1 }] },
      /^keys\[0\]\.offset must be a multiple of four, got 1$/,
    ],
    [{ kind: 'u32', link: 'v0', keys: [{ offset: 0, value: 1 }] }, /^keys\[0\] needs `mask`$/],
    [
      { kind: 'u32', link: 'v0', keys: new Array(256).fill({ offset: 0, value: 0, mask: 0 }) },
      /^keys must be at most 255 keys/,
    ],
    [{ kind: 'u32', link: 'v0', divisor: 3 }, /^divisor must be a power of two/],
    [{ kind: 'u32', link: 'v0', divisor: 4, keys: [] }, /^divisor makes a table, which has no keys/],
    [{ kind: 'u32', link: 'v0', handle: 'x' }, /^handle must be a handle of u32/],
    [{ ...flower, destinationPort: 80 }, /^destinationPort needs an ipProtocol, tcp, udp or sctp/],
    [{ ...flower, ipProtocol: 'icmp', tcpFlags: 2 }, /^tcpFlags needs an ipProtocol, tcp/],
    [{ ...flower, dst: '2001:db8::/32' }, /^dst 2001:db8::\/32 needs the protocol 'ipv6', and this filter has 'ip'$/],
    [{ ...flower, ipProtocol: 'udp', sourcePort: [9, 9] }, /^sourcePort must be a range \[first, last\]/],
    [{ ...flower, indev: 'a/b' }, /^indev 'a\/b' cannot be the name of a link/],
    [{ ...flower, dstMac: '02:00' }, /^dstMac must be an address/],
    [{ ...flower, vlanId: 4096 }, /^vlanId must be an integer from 0 to 4095/],
    [{ ...flower, fragment: 'first' }, /^fragment must be one of frag, nofrag/],
    [{ kind: 'generic', link: 'v0' }, /^a 'generic' filter needs its `kernelKind`/],
    [
      { kind: 'generic', link: 'v0', kernelKind: 'x', classid: '1:1' },
      /^the classid of a generic filter is among its options/,
    ],
  ])('%j', (spec, message) => {
    expect(() => filterAdd(spec as FilterSpec)).toThrow(message);
  });

  it.each<[object, RegExp]>([
    [{ kind: 'drop' }, /^actions\[1\]: kind must be one of .*gact/],
    [{ kind: 'gact', control: 'shot' }, /^actions\[1\]: control must be one of pass, drop, /],
    [{ kind: 'gact', control: { goto: -1 } }, /^actions\[1\]: control\.goto must be an integer from 0/],
    [{ kind: 'gact', random: { mode: 'determ', value: 5 } }, /^actions\[1\]: random needs a `control`/],
    [{ kind: 'gact', cookie: new Uint8Array(17) }, /^actions\[1\]: cookie must be of 1 to 16 bytes/],
    [{ kind: 'gact', mode: 'mirror' }, /mode/],
    [{ kind: 'mirred', mode: 'mirror' }, /^actions\[1\]: mirred needs a link/],
    [{ kind: 'mirred', link: 'v1' }, /^actions\[1\]: mode must be 'redirect' or 'mirror', got undefined$/],
    [{ kind: 'skbedit', mask: 1 }, /^actions\[1\]: mask says which bits of `mark` are set/],
    [{ kind: 'police' }, /^actions\[1\]: police needs a `rate` in bits per second/],
    [{ kind: 'police', rate: 8000 }, /^actions\[1\]: rate and burst belong together$/],
    [{ kind: 'police', packetRate: 8 }, /^actions\[1\]: packetRate and packetBurst belong together$/],
    [
      { kind: 'police', rate: 8000, burst: 1600, peakRate: 9000 },
      /^actions\[1\]: peakRate needs a `rate` and an `mtu`$/,
    ],
    [{ kind: 'police', rate: 8000, burst: 1600, control: 'drop' }, /^actions\[1\]: police has `conform` and `exceed`/],
    [
      { kind: 'generic', kernelKind: 'ct', index: 3 },
      /^actions\[1\]: the index of a generic action is among its options/,
    ],
  ])('with the action %j', (action, message) => {
    const actions = [{ kind: 'gact' }, action] as NonNullable<FilterSpec['actions']>;
    expect(() => filterAdd({ kind: 'matchall', link: 'v0', actions })).toThrow(message);
  });

  const push = { kind: 'vlan', mode: 'push' } as const;
  const key = { offset: 0, value: 1 } as const;
  const set = { kind: 'tunnel_key', mode: 'set', src: '192.0.2.1', dst: '192.0.2.2' } as const;
  it.each<[object, RegExp]>([
    [{ kind: 'vlan' }, /^actions\[1\]: mode must be one of push, pop, modify, push_eth, pop_eth or a number/],
    [push, /^actions\[1\]: push needs the `id` of the VLAN$/],
    [{ ...push, id: 4095 }, /^actions\[1\]: id must be an integer from 0 to 4094, got 4095$/],
    [{ kind: 'vlan', mode: 'pop', id: 7 }, /^actions\[1\]: id is for the modes push and modify: pop has none$/],
    [{ kind: 'vlan', mode: 'push_eth', dstMac: '02:00:00:00:00:01' }, /^actions\[1\]: push_eth needs `srcMac`$/],
    [{ ...push, id: 7, srcMac: '02:00:00:00:00:01' }, /^actions\[1\]: srcMac is for the mode push_eth/],
    [{ kind: 'pedit' }, /^actions\[1\]: keys must be an array of 1 to 255 changes, got undefined$/],
    [{ kind: 'pedit', keys: [{ ...key, offset: 2 }] }, /keys\[0\]\.offset must be a multiple of four, got 2$/],
    [{ kind: 'pedit', keys: [{ offset: 0 }] }, /^actions\[1\]: keys\[0\] needs `offset` and `value`$/],
    [
      { kind: 'pedit', keys: [{ ...key, header: 'sctp' }] },
      /keys\[0\]\.header must be one of raw, eth, ip, ip6, tcp, udp/,
    ],
    [{ kind: 'pedit', keys: [{ ...key, offsetFrom: { at: 1, shift: 2 } }] }, /offsetFrom\.mask must be given/],
    [{ kind: 'csum' }, /^actions\[1\]: of must be an array of headers, ip4h, icmp, /],
    [{ kind: 'csum', of: ['ip'] }, /^actions\[1\]: of must be an array of headers/],
    [{ kind: 'nat', direction: 'out' }, /^actions\[1\]: direction must be 'ingress' or 'egress', got 'out'$/],
    [{ kind: 'nat', direction: 'egress', to: '192.0.2.1' }, /^actions\[1\]: nat needs `from` and `to`/],
    [
      { kind: 'nat', direction: 'egress', from: '2001:db8::1', to: '192.0.2.1' },
      /^actions\[1\]: from must be an IPv4 address or network, got '2001:db8::1'$/,
    ],
    [
      { kind: 'nat', direction: 'egress', from: '192.0.2.0/24', to: '192.0.2.0/24' },
      /^actions\[1\]: to must be an address: its prefix is that of `from`/,
    ],
    [{ ...set, src: undefined }, /^actions\[1\]: tunnel_key needs `src` and `dst`: the outer addresses$/],
    [{ ...set, dst: '2001:db8::1' }, /^actions\[1\]: src 192\.0\.2\.1 and dst 2001:db8::1 must be of the same family$/],
    [{ kind: 'tunnel_key', mode: 'unset', id: 5 }, /^actions\[1\]: id is for the mode set: unset has none$/],
    [{ ...set, options: {} }, /^actions\[1\]: options must have one of geneve, vxlan and erspan$/],
    [
      { ...set, options: { geneve: [{ class: 1, type: 1, data: new Uint8Array(3) }] } },
      /options\.geneve\[0\]\.data must be of 4 to 124 bytes, a multiple of four, got 3$/,
    ],
    [{ ...set, options: { vxlan: {} } }, /^actions\[1\]: options\.vxlan needs `groupPolicy`$/],
    [{ kind: 'connmark', zone: 65_536 }, /^actions\[1\]: zone must be an integer from 0 to 65535/],
    [{ kind: 'sample', rate: 5 }, /^actions\[1\]: sample needs a `rate` .* and the number of a `group`$/],
    [{ kind: 'sample', rate: 0, group: 1 }, /^actions\[1\]: rate must be an integer from 1 to/],
    [{ kind: 'bpf' }, /^actions\[1\]: a bpf action needs a `program`, or the `bytecode` of classic BPF$/],
    [{ kind: 'bpf', bytecode: [] }, /^actions\[1\]: bytecode must be an array of 1 to 4096 instructions/],
    [{ kind: 'bpf', bytecode: [{ code: 6, jt: 0, jf: 0 }] }, /^actions\[1\]: bytecode\[0\] needs `k`$/],
    [
      { kind: 'bpf', program: 3, bytecode: [{ code: 6, jt: 0, jf: 0, k: 0 }] },
      /^actions\[1\]: bytecode and program exclude each other/,
    ],
    [{ kind: 'bpf', program: { id: 0 } }, /^actions\[1\]: program\.id must be an integer from 1/],
    [{ kind: 'mpls', mode: 'push' }, /^actions\[1\]: push needs a `label`$/],
    [{ kind: 'mpls', mode: 'pop' }, /^actions\[1\]: pop needs the `protocol` of what is inside$/],
    [{ kind: 'mpls', mode: 'dec_ttl', ttl: 5 }, /^actions\[1\]: ttl is for the modes push, mac_push and modify/],
    [{ kind: 'skbmod' }, /^actions\[1\]: skbmod needs something to change: /],
    [{ kind: 'simple' }, /^actions\[1\]: simple needs a `text`$/],
    [{ kind: 'simple', text: 'x'.repeat(32) }, /^actions\[1\]: text must be at most 31 bytes/],
    [{ kind: 'ct', mark: 5 }, /^actions\[1\]: mark needs `commit`, which keeps the connection$/],
    [{ kind: 'ct', clear: true, zone: 5 }, /^actions\[1\]: zone and clear exclude each other/],
    [{ kind: 'ct', commit: true, nat: true }, /^actions\[1\]: nat must be \{ type, address, port \} beside `commit`/],
    [{ kind: 'ctinfo', dscpMask: 0x7f }, /^actions\[1\]: dscpMask must be six bits that are next to each other/],
    [{ kind: 'ctinfo', dscpMask: 0 }, /^actions\[1\]: dscpMask must be six bits/],
    [{ kind: 'ctinfo', dscpStateMask: 1 }, /^actions\[1\]: dscpStateMask needs `dscpMask`/],
    [
      { kind: 'ctinfo', dscpMask: 0x3f, dscpStateMask: 0x21 },
      /^actions\[1\]: dscpStateMask and dscpMask must have no bit in common$/,
    ],
    [{ kind: 'ctinfo', cpmark: 1 }, /markMask/],
    [{ kind: 'gate' }, /^actions\[1\]: gate needs `entries`: an array of \{ open, interval \}, in order$/],
    [
      { kind: 'gate', entries: [{ interval: 1 }] },
      /^actions\[1\]: entries\[0\]\.open must be true or false, got undefined$/,
    ],
    [
      { kind: 'gate', entries: [{ open: true, interval: 0 }] },
      /^actions\[1\]: entries\[0\]\.interval must be milliseconds, 0\.000001 or more, got 0$/,
    ],
    [
      { kind: 'gate', entries: [{ open: true, interval: 5000 }] },
      /^actions\[1\]: entries\[0\]\.interval must be a number from 0 to 4294\.967295 ms, got 5000$/,
    ],
    [{ kind: 'gate', entries: [{ open: true, interval: 1, ipv: 3 }] }, /internalPriority/],
    [
      { kind: 'gate', baseTime: 5, entries: [{ open: true, interval: 1 }] },
      /^actions\[1\]: baseTime must be nanoseconds as a bigint/,
    ],
    [
      { kind: 'gate', clockid: 'utc', entries: [{ open: true, interval: 1 }] },
      /^actions\[1\]: clockid must be one of realtime, monotonic, boottime, tai, got 'utc'$/,
    ],
    [{ kind: 'ct', commit: true, label: '01' }, /^actions\[1\]: label must be 32 hexadecimal digits/],
  ])('with the action %j', (action, message) => {
    const actions = [{ kind: 'gact' }, action] as NonNullable<FilterSpec['actions']>;
    expect(() => filterAdd({ kind: 'matchall', link: 'v0', actions })).toThrow(message);
    expect(() => actionAdd(action as ActionSpec)).toThrow(InvalidOptionError);
  });

  it.each<[object, RegExp]>([
    [
      { protocol: 'ip', arp: { operation: 'request' } },
      /^arp needs the protocol 'arp' or 32821, and this filter has 'ip'$/,
    ],
    [{ protocol: 'arp', arp: { operation: 'ask' } }, /^arp\.operation must be one of request, reply/],
    [{ protocol: 'arp', arp: { senderIp: '2001:db8::1' } }, /^arp\.senderIp must be an IPv4 address or network/],
    [{ protocol: 'arp', arp: { sip: '192.0.2.1' } }, /senderIp/],
    [{ protocol: 'ip', mpls: { label: 5 } }, /^mpls needs the protocol 'mpls' or 34888, and this filter has 'ip'$/],
    [{ protocol: 'mpls', mpls: { tc: 8 } }, /^mpls\.tc must be an integer from 0 to 7, got 8$/],
    [{ tunnel: { src: '192.0.2.1', dst: '2001:db8::1' } }, /^tunnel: src 192\.0\.2\.1 and dst 2001:db8::1 must be of/],
    [{ tunnel: { options: { erspan: { ver: 1 } } } }, /version/],
    [
      { tunnel: { options: { erspan: { version: 1, index: -1 } } } },
      /^tunnel\.options\.erspan\.index must be an integer/,
    ],
    [{ tunnel: { ttl: { value: 1 } } }, /^tunnel\.ttl must be a number or \{ value, mask \}/],
    [{ ct: { state: { fresh: true } } }, /fresh/],
    [{ ct: { state: { new: 1 } } }, /^ct\.state\.new must be true or false/],
    [{ ct: { label: 'xyz' } }, /^ct\.label must be 32 hexadecimal digits/],
  ])('with the keys of flower %j', (keys, message) => {
    expect(() => filterAdd({ kind: 'flower', link: 'v0', ...keys } as FilterSpec)).toThrow(message);
  });

  it('of bpf have a program of one sort', () => {
    expect(() => filterAdd({ kind: 'bpf', link: 'v0' })).toThrow(/^a bpf filter needs a `program`, or the `bytecode`/);
    expect(() => filterAdd({ kind: 'bpf', link: 'v0', program: '/sys/fs/bpf/x' as never })).toThrow(
      /^program must be a file descriptor, \{ id \} or \{ pinned \}/,
    );
    expect(() => netlink.sync.filterAdd({ kind: 'bpf', link: 'v0', program: { pinned: '/nowhere/at/all' } })).toThrow(
      /^cannot add filter bpf at root of v0: the BPF program at \/nowhere\/at\/all cannot be opened \(bpf: E\w+\)$/,
    );
  });

  it('nor are actions that are removed without their number', () => {
    expect(() => actionDel({ kind: 'gact' })).toThrow(/^index must be the number of the action, got undefined$/);
    expect(() => actionDel({ kind: 'generic', index: 1 })).toThrow(/^a 'generic' action needs its `kernelKind`/);
    expect(() => actionList({ kind: 'nosuch' as never })).toThrow(/^kind must be one of bpf, connmark, /);
  });

  it('have at most 32 actions', () => {
    const actions = new Array(33).fill({ kind: 'gact' });
    expect(() => filterAdd({ kind: 'matchall', link: 'v0', actions })).toThrow(
      /^actions must be at most 32 actions, got 33$/,
    );
  });

  it('are not to be removed by a handle or a protocol alone', () => {
    expect(() => filterDel({ link: 'v0', handle: 1 })).toThrow(/^a filter is removed by its handle and its priority/);
    expect(() => filterDel({ link: 'v0', protocol: 'ip' })).toThrow(/^filters are removed by their priority/);
  });
});

describe('filters as they are read', () => {
  const reread = (spec: FilterSpec): Filter | undefined => {
    const message = Buffer.from(ours(filterAdd(spec)), 'hex');
    return readFilter(MessageBytes.from(message), 16, message.length);
  };
  const unknown = [{ attribute: 300, data: Uint8Array.of(1, 2, 3, 4) }];
  /** One of each kind whose options are read. */
  const ACTIONS: readonly ActionSpec[] = [
    { kind: 'bpf', bytecode: [{ code: 6, jt: 0, jf: 0, k: 0 }] },
    { kind: 'connmark' },
    { kind: 'csum', of: ['tcp'] },
    { kind: 'ct', commit: true, nat: { type: 'dst', address: '2001:db8::1', port: 5 } },
    { kind: 'ctinfo', dscpMask: 0xfc, dscpStateMask: 1, markMask: 5, zone: 7 },
    { kind: 'gact' },
    {
      kind: 'gate',
      baseTime: -5n,
      cycleTime: 7,
      entries: [
        { open: true, interval: 3, unknown: [{ attribute: 300, data: Uint8Array.of(1, 2, 3, 4) }] },
        { open: false, interval: 4 },
      ],
    },
    { kind: 'mirred', mode: 'mirror', ifindex: 1 },
    { kind: 'mpls', mode: 'dec_ttl' },
    { kind: 'nat', direction: 'egress', from: '192.0.2.0/255.0.255.0', to: '192.0.2.1' },
    { kind: 'pedit', keys: [{ header: 'raw', command: 'set', offset: 0, value: 1, mask: 3 }] },
    { kind: 'police', packetRate: 5, packetBurst: 5 },
    { kind: 'sample', rate: 1, group: 1 },
    { kind: 'simple', text: 'x' },
    { kind: 'skbedit', mark: 5 },
    { kind: 'skbmod', ecn: true },
    {
      kind: 'tunnel_key',
      mode: 'set',
      src: '192.0.2.1',
      dst: '192.0.2.2',
      options: { erspan: { version: 2, direction: 1, hardwareId: 5 } },
    },
    { kind: 'vlan', mode: 'pop' },
  ];

  it('cover all kinds of actions', () => {
    expect(ACTIONS.map(({ kind }) => kind)).toEqual(Object.keys(ACTION_KINDS).filter((kind) => kind !== 'generic'));
  });

  it.each(Object.keys(FILTER_KINDS).filter((kind) => kind !== 'generic'))(
    'of %s keep what is not known here',
    (kind) => {
      const needed: Readonly<Record<string, object>> = {
        fw: { mark: 5 },
        bpf: { bytecode: [{ code: 6, jt: 0, jf: 0, k: 0 }] },
      };
      const spec = {
        kind,
        ifindex: v0,
        parent: 'ingress',
        priority: 1,
        unknown,
        unknownCommon: unknown,
        ...needed[kind],
      } as FilterSpec;
      const read = reread(spec);
      expect(read).toMatchObject({ kind, unknown, unknownCommon: unknown });
      const again = (filter: FilterSpec) => ours(filterAdd({ ...filter, chain: undefined, handle: undefined }));
      expect(again(read as Filter)).toBe(again(spec));
    },
  );

  it('keep of their actions what is not known here', () => {
    const actions: ActionSpec[] = [
      ...ACTIONS.map((action) => ({ ...action, unknown, unknownCommon: unknown })),
      { kind: 'generic', kernelKind: 'ife', options: Uint8Array.of(8, 0, 1, 0, 1, 2, 3, 4) },
    ];
    const read = reread({ kind: 'matchall', ifindex: v0, actions });
    expect(read?.actions).toMatchObject(actions);
  });

  it.each([
    ['dec_ttl', 4],
    ['modify', 3],
  ])('tell no protocol of an mpls action that has none: %s, for which the kernel tells one', (mode, number) => {
    const parms = new Uint8Array(24);
    parms[20] = number;
    const { data: options } = attr.nested(2, [attr.bytes(2, parms), attr.be16(4, 0x8847)]);
    const read = reread({ kind: 'matchall', ifindex: v0, actions: [{ kind: 'generic', kernelKind: 'mpls', options }] });
    const told = { control: 'pass', index: 0, references: 0, bindings: 0 };
    expect(read?.actions).toEqual([{ kind: 'mpls', mode, ...told }]);
    expect(() => filterAdd({ kind: 'matchall', ifindex: v0, actions: read?.actions })).not.toThrow();
  });

  it('tell that some bits of tunnel options count as the kernel wants it back', () => {
    const geneve = (mask: number) =>
      attr.nested(1, [attr.be16(1, mask), attr.u8(2, 0xff), attr.bytes(3, new Uint8Array(4).fill(0xff))]);
    const { data: options } = attr.nested(2, [
      attr.nested(84, [geneve(0x0102)], { flagged: false }),
      attr.nested(85, [geneve(0xff00)], { flagged: false }),
      attr.nested(84, [attr.nested(9, [attr.u8(1, 2)])], { flagged: false }),
    ]);
    const read = reread({ kind: 'generic', kernelKind: 'flower', ifindex: v0, options });
    expect(read).toMatchObject({
      tunnel: { options: { geneve: [{ class: 0x0102, type: 0xff }] } },
      unknown: [
        { attribute: 85, nested: true },
        { attribute: 84, nested: true },
      ],
    });
  });

  it('are nowhere where the kernel does not say it: handle 0 would mean all of the priority', () => {
    const place = (spec: FilterSpec): unknown => {
      const request = filterAdd(spec).single;
      const message = request?.message ?? new Uint8Array();
      return readFilterPlace(MessageBytes.from(message), 16, message.length, FILTER_KINDS[spec.kind]);
    };
    const [TCMSG_SIZE, HANDLE] = [20, 8];
    const silent = new Uint8Array(TCMSG_SIZE);
    expect(readFilterPlace(MessageBytes.from(silent), 0, TCMSG_SIZE, FILTER_KINDS.matchall)).toBeUndefined();
    silent[HANDLE] = 1;
    expect(readFilterPlace(MessageBytes.from(silent), 0, TCMSG_SIZE, FILTER_KINDS.matchall)).toMatchObject({
      handle: 1,
    });
    expect(place({ kind: 'matchall', ifindex: v0, parent: 'ingress', priority: 5 })).toMatchObject({ priority: 5 });
  });

  it('never fail with an exception, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(FILTER_KINDS)),
        fc.uint8Array({ maxLength: 120 }),
        (kernelKind, options) => {
          reread({ kind: 'generic', kernelKind, ifindex: v0, options });
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(ACTION_KINDS)),
        fc.uint8Array({ maxLength: 120 }),
        (kernelKind, options) => {
          reread({ kind: 'matchall', ifindex: v0, actions: [{ kind: 'generic', kernelKind, options }] });
        },
      ),
    );
  });
});
