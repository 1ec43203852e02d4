import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {
  type ActionFilter,
  type ActionSpec,
  type ChainSpec,
  type Filter,
  type FilterSpec,
  type GateEntry,
  genericSubscribe,
  Netlink,
  type TrafficClassSpec,
  type TunnelOptions,
  u32Match,
} from 'netlink-links';
import type { Attributes } from 'netlink-links/attributes';
import { BPF_PROG_LOAD, LITTLE_ENDIAN, sys } from 'netns-core/sys';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { capture, ipIn, makeNamespaces, retryUntil, run, uniqueName, vethBetween } from '#testkit';

const namespace = uniqueName('vf');
const other = uniqueName('vg');
let namespaces: Disposable;
let netlink: Netlink;
let peer: Netlink;

beforeAll(() => {
  namespaces = makeNamespaces(namespace, other);
  vethBetween(
    { namespace, name: 'v0', addresses: ['192.0.2.1/24'] },
    { namespace: other, name: 'v1', addresses: ['192.0.2.2/24'] },
  );
  ipIn(namespace, 'link add d0 type dummy');
  for (const [name, link] of [
    [namespace, 'v0'],
    [namespace, 'd0'],
    [other, 'v1'],
  ] as const)
    ipIn(name, `link set ${link} addrgenmode none up`);
  netlink = Netlink.open(namespace);
  peer = Netlink.open(other);
});
afterAll(() => {
  netlink.close();
  peer.close();
  namespaces[Symbol.dispose]();
});
function clear(): void {
  for (const link of ['v0', 'd0'])
    for (const qdisc of netlink.sync.qdiscList(link))
      if (qdisc.handle !== '0:' && (qdisc.parent === 'root' || qdisc.parent === 'ingress'))
        netlink.sync.qdiscDel(qdisc);
}
afterEach(clear);

/** `~` stands for a blank inside of a word. */
const tc = (line: string): string =>
  run('tc', ['-n', namespace, ...line.split(' ').map((word) => word.replaceAll('~', ' '))]);
const ping = (count: number, rest = ''): string =>
  run('sh', ['-c', `ip netns exec ${namespace} ping -q -n -c ${count} -i 0.05 -W 1 ${rest} 192.0.2.2 || true`]);
const received = (count: number, rest = ''): number =>
  Number(/(\d+) received/.exec(ping(count, rest))?.[1] ?? Number.NaN);
const txPackets = (link: string): bigint => netlink.sync.linkByName(link).statistics?.txPackets ?? 0n;

/** Classes of queueing disciplines that the development machine lacks. */
const CLASSES: readonly [string, string, TrafficClassSpec][] = [
  [
    'hfsc',
    'rt m1 2mbit d 20ms m2 1mbit ls m2 3mbit ul m2 4mbit',
    {
      kind: 'hfsc',
      classid: '1:1',
      realTime: { m1: 2_000_000, d: 20, m2: 1_000_000 },
      linkShare: { m1: 0, d: 0, m2: 3_000_000 },
      upperLimit: { m1: 0, d: 0, m2: 4_000_000 },
    },
  ],
  ['drr', 'quantum 3000', { kind: 'drr', classid: '1:1', quantum: 3000 }],
  ['qfq', 'weight 7 maxpkt 3000', { kind: 'qfq', classid: '1:1', weight: 7, maxPacket: 3000 }],
];

describe('classes on Debian’s kernel', () => {
  it.each(CLASSES)('of %s: ours and tc’s are the same, and are given back', (kind, words, spec) => {
    const { sync } = netlink;
    const renew = (): void => {
      clear();
      tc(`qdisc add dev v0 root handle 1: ${kind}`);
    };
    const read = () =>
      sync.classList({ link: 'v0', classid: '1:1' }).map(({ statistics: _statistics, ...each }) => each);
    const shown = (): string => tc('-d class show dev v0');
    renew();
    sync.classAdd({ ...spec, link: 'v0' });
    const ours = read();
    const oursShown = shown();
    expect(ours).toMatchObject([spec]);
    renew();
    tc(`class add dev v0 parent 1: classid 1:1 ${kind} ${words}`);
    expect(read()).toEqual(ours);
    expect(shown()).toBe(oursShown);
    renew();
    for (const each of ours) sync.classAdd(each as TrafficClassSpec);
    expect(read()).toEqual(ours);
  });

  it('of htb limit a flow to their rate', () => {
    const { sync } = netlink;
    sync.qdiscAdd({ kind: 'htb', link: 'v0', handle: '1:' });
    sync.classAdd({ kind: 'htb', link: 'v0', classid: '1:10', rate: 80_000, burst: 2000 });
    sync.filterAdd({ kind: 'matchall', link: 'v0', parent: '1:', classid: '1:10' });
    // 21 packets of 1042 bytes: all but the first two wait for 100 ms each.
    const started = process.hrtime.bigint();
    expect(received(21, '-s 1000')).toBe(21);
    expect(Number(process.hrtime.bigint() - started) / 1e9).toBeGreaterThan(1.7);
    const [read] = sync.classList({ link: 'v0', classid: '1:10' });
    expect(read?.statistics?.packets).toBeGreaterThanOrEqual(21n);
    expect(read?.statistics?.overlimits).toBeGreaterThan(5);
  });
});

/** What we make, and what makes tc make the same. */
const FILTERS: readonly [string, FilterSpec][] = [
  ['matchall action drop', { kind: 'matchall', actions: [{ kind: 'gact', control: 'drop' }] }],
  [
    'handle 16 fw classid 1:2 action pass random netrand drop 10',
    {
      kind: 'fw',
      mark: 16,
      classid: '1:2',
      actions: [{ kind: 'gact', control: 'pass', random: { mode: 'netrand', control: 'drop', value: 10 } }],
    },
  ],
  [
    'u32 match ip dst 192.0.2.2/32 action mirred egress mirror dev d0 action skbedit priority 1:5 mark 7/0xff pipe',
    {
      kind: 'u32',
      keys: u32Match({ dst: '192.0.2.2' }),
      actions: [
        { kind: 'mirred', mode: 'mirror', link: 'd0' },
        { kind: 'skbedit', priority: '1:5', mark: 7, mask: 255 },
      ],
    },
  ],
  [
    'flower indev v0 dst_mac 02:00:00:00:00:01 src_mac 02:00:00:00:00:00/ff:ff:00:00:00:00 ip_proto tcp dst_ip 192.0.2.0/25 src_ip 192.0.2.9 dst_port 80 src_port 1000 tcp_flags 0x2/0x12 ip_tos 0x10/0xfc ip_ttl 64 ip_flags nofrag action police rate 1mbit burst 10k conform-exceed drop/pipe',
    {
      kind: 'flower',
      indev: 'v0',
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
      fragment: 'nofrag',
      actions: [{ kind: 'police', rate: 1_000_000, burst: 10_240, exceed: 'drop', conform: 'pipe' }],
    },
  ],
  [
    'flower ip_proto udp dst_port 1000-2000 action police pkts_rate 100 pkts_burst 20 conform-exceed drop action goto chain 3',
    {
      kind: 'flower',
      ipProtocol: 'udp',
      destinationPort: [1000, 2000],
      actions: [
        { kind: 'police', packetRate: 100, packetBurst: 20, exceed: 'drop' },
        { kind: 'gact', control: { goto: 3 } },
      ],
    },
  ],
  [
    'bpf bytecode 1,6~0~0~4294967295 flowid 1:2 action pass',
    {
      kind: 'bpf',
      bytecode: [{ code: 6, jt: 0, jf: 0, k: 0xffffffff }],
      classid: '1:2',
      actions: [{ kind: 'gact' }],
    },
  ],
  [
    'bpf bytecode 1,6~0~0~0 direct-action',
    { kind: 'bpf', bytecode: [{ code: 6, jt: 0, jf: 0, k: 0 }], directAction: true },
  ],
  ['basic classid 1:2 action drop', { kind: 'basic', classid: '1:2', actions: [{ kind: 'gact', control: 'drop' }] }],
  [
    'flower enc_key_id 7 enc_dst_ip 192.0.2.0/24 enc_src_ip 192.0.2.9 enc_dst_port 4789 enc_tos 0x10/0xfc enc_ttl 9 action pass',
    {
      kind: 'flower',
      tunnel: {
        id: 7,
        dst: '192.0.2.0/24',
        src: '192.0.2.9',
        destinationPort: 4789,
        tos: { value: 0x10, mask: 0xfc },
        ttl: 9,
      },
      actions: [{ kind: 'gact' }],
    },
  ],
  [
    'flower enc_dst_ip 2001:db8::/33 geneve_opts 0102:80:00800022,0103:81:1122334455667788 action pass',
    {
      kind: 'flower',
      tunnel: {
        dst: '2001:db8::/33',
        options: {
          geneve: [
            { class: 0x0102, type: 0x80, data: Uint8Array.of(0, 0x80, 0, 0x22) },
            { class: 0x0103, type: 0x81, data: Uint8Array.of(0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88) },
          ],
        },
      },
      actions: [{ kind: 'gact' }],
    },
  ],
  [
    'flower enc_key_id 7 vxlan_opts 4660 action pass',
    {
      kind: 'flower',
      tunnel: { id: 7, options: { vxlan: { groupPolicy: 4660 } } },
      actions: [{ kind: 'gact' }],
    },
  ],
  [
    'flower enc_key_id 7 erspan_opts 1:77:0:0 action pass',
    {
      kind: 'flower',
      tunnel: { id: 7, options: { erspan: { version: 1, index: 77 } } },
      actions: [{ kind: 'gact' }],
    },
  ],
  [
    'flower enc_key_id 7 erspan_opts 2:0:1:21 action pass',
    {
      kind: 'flower',
      tunnel: { id: 7, options: { erspan: { version: 2, direction: 1, hardwareId: 21 } } },
      actions: [{ kind: 'gact' }],
    },
  ],
  [
    'flower ct_state +trk+est-new ct_zone 5 ct_mark 7/0xff ct_label 0102030405060708090a0b0c0d0e0f10/ffffffff000000000000000000000000 action pass',
    {
      kind: 'flower',
      ct: {
        state: { tracked: true, established: true, new: false },
        zone: 5,
        mark: { value: 7, mask: 0xff },
        label: '0102030405060708090a0b0c0d0e0f10/ffffffff000000000000000000000000',
      },
      actions: [{ kind: 'gact' }],
    },
  ],
];

/** The same with other protocols than IPv4. */
const OF_PROTOCOLS: readonly [string, string, FilterSpec][] = [
  [
    'arp',
    'flower arp_sip 192.0.2.0/24 arp_tip 192.0.2.9 arp_op reply arp_sha 02:00:00:00:00:01 arp_tha 02:00:00:00:00:00/ff:00:00:00:00:00 action drop',
    {
      kind: 'flower',
      arp: {
        senderIp: '192.0.2.0/24',
        targetIp: '192.0.2.9',
        operation: 'reply',
        senderMac: '02:00:00:00:00:01',
        targetMac: '02:00:00:00:00:00/ff:00:00:00:00:00',
      },
      actions: [{ kind: 'gact', control: 'drop' }],
    },
  ],
  [
    'mpls_uc',
    'flower mpls_label 100 mpls_tc 3 mpls_bos 1 mpls_ttl 9 action pass',
    { kind: 'flower', mpls: { label: 100, tc: 3, bos: true, ttl: 9 }, actions: [{ kind: 'gact' }] },
  ],
];

/** An action, and the words that make tc make the same. */
type Made = readonly [words: string, action: ActionSpec];
const CONTROLS = ['pass', 'drop', 'pipe', 'continue'] as const;
const control = fc.constantFrom(...CONTROLS);
const word = (name: string, value: string | number | undefined): string =>
  value === undefined ? '' : ` ${name} ${value}`;
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const u = (bits: number, min = 0): fc.Arbitrary<number> => fc.integer({ min, max: 2 ** bits - 1 });
const mac = fc
  .tuple(u(8), u(8))
  .map((bytes) => `02:00:00:00:${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')}`);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const blocks = fc
  .integer({ min: 1, max: 4 })
  .chain((words) => fc.uint8Array({ minLength: words * 4, maxLength: words * 4 }));

type Masked = number | { readonly value: number; readonly mask: number };
/** In hexadecimal, which tc takes everywhere. */
const maskedWord = (name: string, value: Masked | undefined): string => {
  const parts = typeof value === 'object' ? [value.value, value.mask] : [value];
  return value === undefined ? '' : ` ${name} ${parts.map((part) => `0x${part?.toString(16)}`).join('/')}`;
};
/** Without what is left out. */
const given = <T extends object>(of: T): object =>
  Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined));

/** What a tunnel's header has besides, of each protocol. */
const tunnelOptions: fc.Arbitrary<TunnelOptions> = fc.oneof(
  u(16).map((groupPolicy) => ({ vxlan: { groupPolicy } })),
  u(20).map((index) => ({ erspan: { version: 1, index } })),
  fc.tuple(u(1), u(6)).map(([direction, hardwareId]) => ({ erspan: { version: 2, direction, hardwareId } })),
  fc
    .array(fc.record({ class: u(16), type: u(8), data: blocks }), { minLength: 1, maxLength: 3 })
    .map((geneve) => ({ geneve })),
);
function optionWords({ vxlan, erspan, geneve }: TunnelOptions = {}): string {
  if (vxlan !== undefined) return ` vxlan_opts ${vxlan.groupPolicy}`;
  if (erspan !== undefined) {
    const { version, index = 0, direction = 0, hardwareId = 0 } = erspan;
    return ` erspan_opts ${[version, index, direction, hardwareId].join(':')}`;
  }
  const words = geneve?.map((each) => `${each.class.toString(16)}:${each.type.toString(16)}:${hex(each.data)}`);
  return words === undefined ? '' : ` geneve_opts ${words.join(',')}`;
}

/** Actions of every kind that tc can be told in words, as they come. */
const GENERATED: Readonly<Record<string, fc.Arbitrary<Made>>> = {
  vlan: fc.oneof(
    fc
      .record({
        mode: fc.constantFrom<'push' | 'modify'>('push', 'modify'),
        id: fc.integer({ min: 0, max: 4094 }),
        protocol: fc.constantFrom<'802.1q' | '802.1ad'>('802.1q', '802.1ad'),
        priority: maybe(u(3)),
        control,
      })
      .map(
        (action): Made => [
          `vlan ${action.mode} id ${action.id} protocol ${action.protocol}${word('priority', action.priority)} ${action.control}`,
          { kind: 'vlan', ...action },
        ],
      ),
    fc.constantFrom<Made>(
      ['vlan pop', { kind: 'vlan', mode: 'pop' }],
      ['vlan pop_eth', { kind: 'vlan', mode: 'pop_eth' }],
    ),
    fc
      .tuple(mac, mac)
      .map(
        ([dstMac, srcMac]): Made => [
          `vlan push_eth dst_mac ${dstMac} src_mac ${srcMac}`,
          { kind: 'vlan', mode: 'push_eth', dstMac, srcMac },
        ],
      ),
  ),
  pedit: fc
    .tuple(
      fc.array(
        fc.oneof(
          fc.tuple(fc.integer({ min: 0, max: 15 }), u(32), u(32)).map(([at, value, mask]) => ({
            words: `munge offset ${at * 4} u32 set 0x${value.toString(16)} retain 0x${mask.toString(16)}`,
            key: { offset: at * 4, value: (value & mask) >>> 0, mask },
          })),
          u(8).map((ttl) => ({
            words: `munge ip ttl set ${ttl}`,
            key: { header: 'ip' as const, offset: 8, value: (ttl << 24) >>> 0, mask: 0xff000000 },
          })),
          u(8).map((ttl) => ({
            words: `munge ip ttl add ${ttl}`,
            key: {
              header: 'ip' as const,
              command: 'add' as const,
              offset: 8,
              value: (ttl << 24) >>> 0,
              mask: 0xff000000,
            },
          })),
          u(16).map((port) => ({
            words: `munge tcp dport set ${port}`,
            key: { header: 'tcp' as const, offset: 0, value: port, mask: 0xffff },
          })),
          u(16).map((port) => ({
            words: `munge udp sport set ${port}`,
            key: { header: 'udp' as const, offset: 0, value: (port << 16) >>> 0, mask: 0xffff0000 },
          })),
        ),
        { minLength: 1, maxLength: 5 },
      ),
      control,
    )
    .map(([keys, then]): Made => {
      const extended = keys.some(({ key }) => 'header' in key);
      return [
        `pedit${extended ? ' ex' : ''} ${keys.map(({ words }) => words).join(' ')} ${then}`,
        { kind: 'pedit', control: then, keys: keys.map(({ key }) => key) },
      ];
    }),
  csum: fc
    .tuple(fc.subarray(['ip4h', 'icmp', 'igmp', 'tcp', 'udp', 'udplite', 'sctp'] as const, { minLength: 1 }), control)
    .map(([of, then]): Made => [`csum ${of.join(' and ')} ${then}`, { kind: 'csum', of, control: then }]),
  nat: fc
    .record({
      direction: fc.constantFrom<'ingress' | 'egress'>('ingress', 'egress'),
      from: fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 })),
      to: fc.ipV4(),
      control,
    })
    .map(
      ({ direction, from: [address, length], to, control: then }): Made => [
        `nat ${direction} ${address}/${length} ${to} ${then}`,
        {
          kind: 'nat',
          direction,
          from: length === 32 ? address : `${address}/${length}`,
          to,
          control: then,
        },
      ],
    ),
  tunnel_key: fc
    .record({
      id: maybe(u(32)),
      addresses: fc.oneof(
        fc.tuple(fc.ipV4(), fc.ipV4()),
        fc.constantFrom<[string, string]>(['2001:db8::1', '2001:db8::2'], ['::1', 'fe80::9']),
      ),
      destinationPort: maybe(u(16, 1)),
      tos: maybe(u(8, 1)),
      ttl: maybe(u(8, 1)),
      checksum: maybe(fc.boolean()),
      options: maybe(tunnelOptions),
      control,
    })
    .map(({ addresses: [src, dst], ...action }): Made => {
      const { id, destinationPort, tos, ttl, checksum, options } = action;
      return [
        `tunnel_key set${word('id', id)} src_ip ${src} dst_ip ${dst}${word('dst_port', destinationPort)}${word('tos', tos)}${word('ttl', ttl)}${optionWords(options)}${checksum === undefined ? '' : checksum ? ' csum' : ' nocsum'} ${action.control}`,
        { kind: 'tunnel_key', mode: 'set', src, dst, ...action },
      ];
    }),
  connmark: fc
    .tuple(u(16), control)
    .map(([zone, then]): Made => [`connmark zone ${zone} ${then}`, { kind: 'connmark', zone, control: then }]),
  sample: fc
    .tuple(u(32, 1), u(32), maybe(u(16, 1)), control)
    .map(
      ([rate, group, truncate, then]): Made => [
        `sample rate ${rate} group ${group}${word('trunc', truncate)} ${then}`,
        { kind: 'sample', rate, group, ...(truncate !== undefined && { truncate }), control: then },
      ],
    ),
  bpf: fc
    .tuple(u(32), control)
    .map(
      ([k, then]): Made => [
        `bpf bytecode 1,6~0~0~${k} ${then}`,
        { kind: 'bpf', bytecode: [{ code: 6, jt: 0, jf: 0, k }], control: then },
      ],
    ),
  mpls: fc.oneof(
    fc
      .record({
        mode: fc.constantFrom<'push' | 'mac_push'>('push', 'mac_push'),
        label: fc.integer({ min: 16, max: 0xfffff }),
        tc: maybe(u(3)),
        ttl: maybe(u(8, 1)),
        bos: maybe(fc.boolean()),
        control,
      })
      .map(
        ({ bos, ...action }): Made => [
          `mpls ${action.mode} label ${action.label}${word('tc', action.tc)}${word('ttl', action.ttl)}${word('bos', bos === undefined ? undefined : Number(bos))} ${action.control}`,
          { kind: 'mpls', ...action, ...(bos !== undefined && { bos }) },
        ],
      ),
    fc.constantFrom<Made>(
      ['mpls pop protocol ipv6', { kind: 'mpls', mode: 'pop', protocol: 'ipv6' }],
      ['mpls dec_ttl', { kind: 'mpls', mode: 'dec_ttl' }],
      ['mpls modify label 77 ttl 5', { kind: 'mpls', mode: 'modify', label: 77, ttl: 5 }],
    ),
  ),
  skbmod: fc.oneof(
    fc.tuple(maybe(mac), u(16, 1), maybe(mac)).map(
      ([dstMac, etherType, srcMac]): Made => [
        `skbmod set${word('dmac', dstMac)} etype ${etherType}${word('smac', srcMac)}`,
        {
          kind: 'skbmod',
          ...(dstMac !== undefined && { dstMac }),
          etherType,
          ...(srcMac !== undefined && { srcMac }),
        },
      ],
    ),
    fc.constant<Made>(['skbmod swap mac drop', { kind: 'skbmod', swapMac: true, control: 'drop' }]),
  ),
  simple: fc.stringMatching(/^[a-z0-9]{1,31}$/).map((text): Made => [`simple sdata ${text}`, { kind: 'simple', text }]),
  ctinfo: fc
    // tc sends no mask of zero, which would restore nothing.
    .record({ shift: maybe(u(4)), state: maybe(u(6, 1)), markMask: maybe(u(32, 1)), zone: u(16), control })
    .map(({ shift, state, markMask, zone, control: then }): Made => {
      // Six bits on one side, those that say when on the other.
      const dscpMask = shift === undefined ? undefined : 0x3f << shift;
      const dscpStateMask = shift === undefined || state === undefined ? undefined : (state << 26) >>> 0;
      return [
        `ctinfo${maskedWord('dscp', dscpMask)}${dscpStateMask === undefined ? '' : ` ${dscpStateMask}`}${maskedWord('cpmark', markMask)} zone ${zone} ${then}`,
        { kind: 'ctinfo', ...given({ dscpMask, dscpStateMask, markMask, zone }), control: then },
      ];
    }),
  gate: fc
    .record({
      entries: fc.array(
        fc
          .record({
            open: fc.boolean(),
            // The timer of a gate fires as often as it says.
            interval: fc.integer({ min: 50_000_000, max: 0xffffffff }),
            internalPriority: maybe(u(8)),
            maxOctets: maybe(u(31)),
          })
          // tc leaves out what counts for nothing.
          .map(({ open, interval, ...rest }) => (open ? { open, interval, ...rest } : { open, interval })),
        { minLength: 1, maxLength: 3 },
      ),
      clockid: maybe(fc.constantFrom('realtime', 'monotonic', 'boottime', 'tai')),
      baseTime: maybe(fc.bigInt({ min: 0n, max: 2n ** 60n })),
      cycleTime: maybe(fc.integer({ min: 2_000_000_000, max: 2 ** 40 })),
      cycleTimeExtension: maybe(u(40)),
      priority: maybe(u(31)),
      control,
    })
    .map(({ entries, cycleTime, cycleTimeExtension, ...action }): Made => {
      const { clockid, baseTime, priority, control: then } = action;
      const all = entries.map(({ open, interval, ...rest }) => {
        const { internalPriority = -1, maxOctets = -1 } = rest as Partial<GateEntry>;
        return ` sched-entry ${open ? 'open' : 'close'} ${interval} ${internalPriority} ${maxOctets}`;
      });
      return [
        `gate${word('priority', priority)}${word('base-time', baseTime?.toString())}${word('cycle-time', cycleTime)}${word('cycle-time-ext', cycleTimeExtension)}${word('clockid', clockid && `CLOCK_${clockid.toUpperCase()}`)}${all.join('')} ${then}`,
        {
          kind: 'gate',
          ...given(action),
          ...(cycleTime !== undefined && { cycleTime: cycleTime / 1e6 }),
          ...(cycleTimeExtension !== undefined && { cycleTimeExtension: cycleTimeExtension / 1e6 }),
          entries: entries.map(({ open, interval, ...rest }) => ({ open, interval: interval / 1e6, ...given(rest) })),
        } as ActionSpec,
      ];
    }),
  ct: fc.oneof(
    fc
      .record({
        zone: maybe(u(16)),
        mark: maybe(fc.tuple(u(32), u(32, 1))),
        type: fc.constantFrom<'src' | 'dst'>('src', 'dst'),
        ports: maybe(fc.tuple(u(15, 1), u(15))),
        force: fc.boolean(),
      })
      .map(({ zone, mark, type, ports, force }): Made => {
        const [first = 0, more = 0] = ports ?? [];
        const port = more === 0 ? first : ([first, first + more] as const);
        const counted = mark === undefined ? undefined : { value: (mark[0] & mark[1]) >>> 0, mask: mark[1] };
        return [
          // tc wants a word behind an address.
          `ct commit${force ? ' force' : ''}${word('zone', zone)}${counted === undefined ? '' : ` mark ${counted.value}/${counted.mask}`} nat ${type} addr 192.0.2.7${ports === undefined ? '' : ` port ${first}${more === 0 ? '' : `-${first + more}`}`} pipe`,
          {
            kind: 'ct',
            commit: true,
            ...(force && { force }),
            ...(zone !== undefined && { zone }),
            ...(counted !== undefined && { mark: counted.mask === 0xffffffff ? counted.value : counted }),
            nat: { type, address: '192.0.2.7', ...(ports !== undefined && { port }) },
          },
        ];
      }),
    fc.constantFrom<Made>(
      ['ct clear', { kind: 'ct', clear: true }],
      ['ct nat zone 3 drop', { kind: 'ct', nat: true, zone: 3, control: 'drop' }],
    ),
  ),
};

/** Links with clsact, without filters. */
function renew(...links: readonly string[]): void {
  clear();
  for (const link of links) netlink.sync.qdiscAdd({ kind: 'clsact', link });
}
const untimed = (filters: readonly object[]): unknown =>
  filters.map((filter) => {
    const { actions = [], ...rest } = filter as { actions?: readonly object[] };
    return { ...rest, actions: actions.map((action) => ({ ...action, statistics: undefined })) };
  });

/** Keys of flower, the protocol of their packets, and the words that make tc make the same. */
type MadeKeys = readonly [protocol: string, words: string, keys: object];
const network = fc
  .tuple(fc.ipV4(), fc.integer({ min: 1, max: 32 }))
  .map(([address, length]) => (length === 32 ? address : `${address}/${length}`));
/** A number of which some bits count. */
const masked = (bits: number) =>
  fc.oneof(
    u(bits),
    fc
      .tuple(u(bits), fc.integer({ min: 1, max: 2 ** bits - 2 }))
      .map(([value, mask]) => ({ value: (value & mask) >>> 0, mask })),
  );
const GENERATED_KEYS: Readonly<Record<string, fc.Arbitrary<MadeKeys>>> = {
  arp: fc
    .record({
      operation: maybe(fc.constantFrom<'request' | 'reply'>('request', 'reply')),
      senderIp: network,
      targetIp: maybe(network),
      senderMac: maybe(mac),
      targetMac: maybe(mac),
    })
    .map((arp): MadeKeys => {
      const { operation, senderIp, targetIp, senderMac, targetMac } = arp;
      return [
        'arp',
        `arp_sip ${senderIp}${word('arp_tip', targetIp)}${word('arp_op', operation)}${word('arp_sha', senderMac)}${word('arp_tha', targetMac)}`,
        { arp: given(arp) },
      ];
    }),
  mpls: fc
    .record({ label: u(20), tc: maybe(u(3)), bos: maybe(fc.boolean()), ttl: maybe(u(8)) })
    .map((mpls): MadeKeys => {
      const bos = mpls.bos === undefined ? undefined : Number(mpls.bos);
      const words = `mpls_label ${mpls.label}${word('mpls_tc', mpls.tc)}${word('mpls_bos', bos)}${word('mpls_ttl', mpls.ttl)}`;
      return ['mpls_uc', words, { mpls: given(mpls) }];
    }),
  tunnel: fc
    .record({
      id: u(32),
      addresses: fc.oneof(
        fc.tuple(maybe(network), maybe(network)),
        fc.constantFrom<[string, string]>(['2001:db8::/33', '2001:db8::1'], ['fe80::/10', '::1']),
      ),
      destinationPort: maybe(u(16)),
      tos: maybe(masked(8)),
      ttl: maybe(masked(8)),
      options: maybe(tunnelOptions),
    })
    .map(
      ({ id, addresses: [src, dst], destinationPort, tos, ttl, options }): MadeKeys => [
        'ip',
        `enc_key_id ${id}${word('enc_dst_ip', dst)}${word('enc_src_ip', src)}${word('enc_dst_port', destinationPort)}${maskedWord('enc_tos', tos)}${maskedWord('enc_ttl', ttl)}${optionWords(options)}`,
        { tunnel: given({ id, src, dst, destinationPort, tos, ttl, options }) },
      ],
    ),
  ct: fc
    .record({
      states: fc.uniqueArray(fc.constantFrom('new', 'established', 'related', 'invalid', 'reply' as const)),
      wanted: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
      zone: maybe(u(16)),
      mark: maybe(masked(32)),
      label: maybe(fc.uint8Array({ minLength: 16, maxLength: 16 })),
    })
    .map(({ states, wanted, zone, mark, label }): MadeKeys => {
      const short = { new: 'new', established: 'est', related: 'rel', invalid: 'inv', reply: 'rpl' } as const;
      // The kernel wants to know that the packet was tracked, and not what cannot be together.
      const state = Object.fromEntries([
        ['tracked', true],
        ...states.map((name, at) => [name, name !== 'invalid' && name !== 'new' && wanted[at]]),
      ]);
      const words = states.map((name) => `${state[name] === true ? '+' : '-'}${short[name]}`).join('');
      const text = label === undefined ? undefined : hex(label);
      return [
        'ip',
        `ct_state +trk${words}${word('ct_zone', zone)}${maskedWord('ct_mark', mark)}${word('ct_label', text)}`,
        { ct: given({ state, zone, mark, label: text }) },
      ];
    }),
};

/** Actions that were removed have their numbers for a while. */
const actionsAreGone = () =>
  retryUntil(() =>
    ['gact', 'mirred', 'police', 'skbedit', ...Object.keys(GENERATED)].every(
      (kind) => netlink.sync.actionList({ kind } as ActionFilter).length === 0,
    ),
  );

/** Ours and tc’s are the same, and what was read is given back. @returns the filter as it is read */
async function agree(line: string, spec: FilterSpec, protocol = 'ip'): Promise<Filter | undefined> {
  const { sync } = netlink;
  const renewed = async (): Promise<void> => {
    renew('v0');
    await actionsAreGone();
  };
  const read = (): unknown => untimed(sync.filterList('v0'));
  const shown = (): string => tc('-d filter show dev v0 ingress');
  await renewed();
  tc(`filter add dev v0 ingress protocol ${protocol} pref 5 ${line}`);
  const [theirs] = sync.filterList('v0');
  const theirsRead = read();
  const theirsShown = shown();
  await renewed();
  const place = sync.filterAdd({
    ...spec,
    link: 'v0',
    parent: 'ingress',
    protocol: theirs?.protocol,
    priority: 5,
  });
  const made = sync.filterList('v0');
  expect(made).toMatchObject([place]);
  expect(read()).toEqual(theirsRead);
  expect(shown()).toBe(theirsShown);
  await renewed();
  for (const filter of made) sync.filterAdd(filter);
  expect(read()).toEqual(theirsRead);
  expect(shown()).toBe(theirsShown);
  expect(made[0]).not.toHaveProperty('unknown');
  return made[0];
}

/** The same without properties that are `undefined`, at any depth. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([name, inner]) => [name, withoutUndefined(inner)]),
  );
}

describe('filters on Debian’s kernel', () => {
  it.each([...FILTERS.map(([line, spec]) => ['ip', line, spec] as const), ...OF_PROTOCOLS])(
    'of %s, %s: ours and tc’s are the same, and are given back',
    async (protocol, line, spec) => {
      const told = (await agree(line, spec, protocol)) as unknown as Record<string, unknown>;
      for (const [name, value] of Object.entries(spec)) if (name !== 'actions') expect(told[name], name).toEqual(value);
      expect(told.actions ?? []).toHaveLength(spec.actions?.length ?? 0);
    },
  );

  it.each(Object.entries(GENERATED))(
    'with generated actions of %s are the same of ours and of tc’s',
    async (_kind, made) => {
      await fc.assert(
        fc.asyncProperty(made, async ([words, action]) => {
          const filter = await agree(`matchall action ${words}`, { kind: 'matchall', actions: [action] });
          const [told] = filter?.actions ?? [];
          expect(told).not.toHaveProperty('unknown');
          expect(told).toMatchObject(withoutUndefined(action) as object);
        }),
        { numRuns: 6 },
      );
    },
  );

  it.each(Object.entries(GENERATED_KEYS))(
    'of flower with generated keys of %s are the same of ours and of tc’s',
    async (_name, made) => {
      await fc.assert(
        fc.asyncProperty(made, async ([protocol, words, keys]) => {
          const filter = await agree(`flower ${words}`, { kind: 'flower', ...keys }, protocol);
          expect(filter).toMatchObject(keys);
        }),
        { numRuns: 6 },
      );
    },
  );

  it('by extended matches, which tc writes, are given back', () => {
    const { sync } = netlink;
    renew('v0');
    tc(
      'filter add dev v0 ingress protocol ip pref 5 basic match u32(u32~0x01000000~0xff000000~at~8)~and~not~u32(u32~0x05~0xff~at~0) flowid 1:2 action drop',
    );
    const shown = tc('-d filter show dev v0 ingress');
    const read = sync.filterList('v0');
    expect(read).toMatchObject([{ kind: 'basic', classid: '1:2', ematch: expect.any(Uint8Array) }]);
    renew('v0');
    for (const filter of read) sync.filterAdd(filter);
    expect(tc('-d filter show dev v0 ingress')).toBe(shown);
    expect(untimed(sync.filterList('v0'))).toEqual(untimed(read));
  });

  it('drop, police, mirror, redirect and mark packets', () => {
    const { sync } = netlink;
    const place = { link: 'v0', parent: 'egress', protocol: 'ip', priority: 5 } as const;
    const icmp = { kind: 'flower', ipProtocol: 'icmp', icmpType: 8, ...place } as const;
    const only = (spec: FilterSpec): void => {
      clear();
      sync.qdiscAdd({ kind: 'clsact', link: 'v0' });
      sync.filterAdd(spec);
    };
    expect(received(3)).toBe(3);
    only({ ...icmp, actions: [{ kind: 'gact', control: 'drop' }] });
    expect(received(3)).toBe(0);
    // ping tries again what it is told was dropped.
    const dropped = sync.filterList('v0')[0]?.actions?.[0]?.statistics;
    expect(dropped?.drops).toBeGreaterThanOrEqual(3);
    expect(dropped?.packets).toBe(BigInt(dropped?.drops ?? 0));
    only({ ...icmp, icmpType: 9, actions: [{ kind: 'gact', control: 'drop' }] });
    expect(received(3)).toBe(3);

    // Two packets of 1042 bytes fit the bucket, and hardly anything is added to it meanwhile.
    only({ ...icmp, actions: [{ kind: 'police', rate: 800, burst: 2100, exceed: 'drop' }] });
    expect(received(8, '-s 1000')).toBeLessThanOrEqual(3);
    expect(sync.filterList('v0')[0]?.actions?.[0]?.statistics?.overlimits).toBeGreaterThanOrEqual(5);

    let before = txPackets('d0');
    only({ ...icmp, actions: [{ kind: 'mirred', mode: 'mirror', link: 'd0' }] });
    expect(received(4)).toBe(4);
    expect(txPackets('d0') - before).toBe(4n);
    before = txPackets('d0');
    only({ ...icmp, actions: [{ kind: 'mirred', mode: 'redirect', link: 'd0' }] });
    expect(received(4)).toBe(0);
    expect(txPackets('d0') - before).toBe(4n);

    // The mark of one filter is seen by another.
    only({ ...icmp, actions: [{ kind: 'skbedit', mark: 7, control: 'continue' }] });
    sync.filterAdd({ kind: 'fw', mark: 7, ...place, priority: 6, actions: [{ kind: 'gact', control: 'drop' }] });
    expect(received(3)).toBe(0);
    expect(sync.filterList({ link: 'v0', kind: 'fw' })).toMatchObject([{ mark: 7, handle: 7 }]);

    // Filters of another chain are asked only where an action goes there.
    only({ ...icmp, actions: [{ kind: 'gact', control: { goto: 5 } }] });
    expect(received(2)).toBe(2);
    sync.filterAdd({ kind: 'matchall', ...place, chain: 5, actions: [{ kind: 'gact', control: 'drop' }] });
    expect(received(2)).toBe(0);
    expect(sync.filterList({ link: 'v0', chain: 5 })).toMatchObject([{ kind: 'matchall', chain: 5 }]);
  });
});

const BPF_PROG_TYPE_SCHED_CLS = 3;
const BPF_PROG_TYPE_SCHED_ACT = 4;
const BPF_OBJ_PIN = 6;
const TC_ACT_SHOT = 2;

/** A program of two instructions: it returns a number. */
function load(type: number, result: number): number {
  const instructions = new DataView(new ArrayBuffer(16));
  instructions.setUint8(0, 0xb7); // r0 = …
  instructions.setInt32(4, result, LITTLE_ENDIAN);
  instructions.setUint8(8, 0x95); // exit
  const attributes = new DataView(new ArrayBuffer(48));
  attributes.setUint32(0, type, LITTLE_ENDIAN);
  attributes.setUint32(4, 2, LITTLE_ENDIAN);
  const fd = sys().bpf(BPF_PROG_LOAD, new Uint8Array(attributes.buffer), [
    [8, new Uint8Array(instructions.buffer)],
    [16, new TextEncoder().encode('GPL\0')],
  ]);
  if (fd < 0) throw new Error(`the BPF program cannot be loaded: ${fd}`);
  return fd;
}

const EGRESS = { link: 'v0', parent: 'egress', protocol: 'ip', priority: 5 } as const;
const INGRESS = { ...EGRESS, parent: 'ingress' } as const;
const REQUESTS = { kind: 'flower', ipProtocol: 'icmp', icmpType: 8 } as const;
const REPLIES = { kind: 'flower', ipProtocol: 'icmp', icmpType: 0 } as const;
const packetsOf = (filter: Filter | undefined, at = 0): bigint => filter?.actions?.[at]?.statistics?.packets ?? 0n;

describe('what actions do with packets', () => {
  /** What the other end of the veth sees of pings. */
  async function seen(options: readonly string[], count = 3): Promise<{ packets: string; answers: number }> {
    const peerSees = await capture(other, '', options);
    const answers = received(count);
    const packets = (await peerSees.stop()).join('\n');
    return { packets, answers };
  }

  it('vlan adds a tag, which the other end removes', async () => {
    const { sync } = netlink;
    // Of all interfaces together tags are not shown.
    const options = ['-i', 'v1', '-e'];
    expect((await seen(options)).packets).not.toMatch(/vlan 7\b/);
    renew('v0');
    sync.filterAdd({ ...REQUESTS, ...EGRESS, actions: [{ kind: 'vlan', mode: 'push', id: 7, priority: 3 }] });
    const tagged = await seen(options);
    expect(tagged.packets).toMatch(/vlan 7, p 3/);
    expect(tagged.answers).toBe(0);
    peer.sync.qdiscAdd({ kind: 'clsact', link: 'v1' });
    const place = { link: 'v1', parent: 'ingress', protocol: '802.1q', priority: 5 } as const;
    peer.sync.filterAdd({ ...place, kind: 'flower', vlanId: 7, actions: [{ kind: 'vlan', mode: 'pop' }] });
    expect(received(3)).toBe(3);
    peer.sync.qdiscDel({ kind: 'clsact', link: 'v1' });
  });

  it('pedit changes the header, and csum corrects what no longer fits', async () => {
    const { sync } = netlink;
    const keys = [{ header: 'ip', offset: 8, value: 9 * 2 ** 24, mask: 0xff000000 }] as const;
    renew('v0');
    const { handle } = sync.filterAdd({ ...REQUESTS, ...EGRESS, actions: [{ kind: 'pedit', keys }] });
    const broken = await seen(['-v']);
    expect(broken.packets).toMatch(/ttl 9,.*bad cksum/);
    expect(broken.answers).toBe(0);
    sync.filterReplace({
      ...REQUESTS,
      ...EGRESS,
      handle,
      actions: [
        { kind: 'pedit', keys, control: 'pipe' },
        { kind: 'csum', of: ['ip4h'] },
      ],
    });
    const right = await seen(['-v']);
    expect(right.packets).toMatch(/ttl 9,/);
    expect(right.packets).not.toMatch(/bad cksum/);
    expect(right.answers).toBe(3);
  });

  it('nat replaces the source on the way out and the destination on the way in', async () => {
    const { sync } = netlink;
    const { hardwareAddr } = sync.linkByName('v0');
    ipIn(other, `neigh replace 192.0.2.77 lladdr ${hardwareAddr} dev v1`);
    renew('v0');
    sync.filterAdd({
      ...REQUESTS,
      ...EGRESS,
      actions: [{ kind: 'nat', direction: 'egress', from: '192.0.2.1', to: '192.0.2.77' }],
    });
    const one = await seen([]);
    expect(one.packets).toMatch(/192\.0\.2\.77 > 192\.0\.2\.2: ICMP echo request/);
    expect(one.packets).toMatch(/192\.0\.2\.2 > 192\.0\.2\.77: ICMP echo reply/);
    expect(one.answers).toBe(0);
    sync.filterAdd({
      ...REPLIES,
      ...INGRESS,
      actions: [{ kind: 'nat', direction: 'ingress', from: '192.0.2.77', to: '192.0.2.1' }],
    });
    expect(received(3)).toBe(3);
    ipIn(other, 'neigh del 192.0.2.77 dev v1');
  });

  it('tunnel_key sends into a VXLAN that collects metadata, and flower sees what comes from it', () => {
    const { sync } = netlink;
    sync.linkAdd({ type: 'vxlan', name: 'vx0', collectMetadata: true, port: 4789, up: true });
    ipIn(namespace, 'addr add 198.51.100.1/24 dev vx0');
    ipIn(other, 'link add vx1 type vxlan id 42 remote 192.0.2.1 local 192.0.2.2 dstport 4789');
    ipIn(other, 'addr add 198.51.100.2/24 dev vx1');
    ipIn(other, 'link set vx1 up');
    const through = (): number => {
      const words = `ip netns exec ${namespace} ping -q -n -c 3 -i 0.05 -W 1 198.51.100.2 || true`;
      return Number(/(\d+) received/.exec(run('sh', ['-c', words]))?.[1] ?? Number.NaN);
    };
    try {
      expect(through()).toBe(0);
      sync.qdiscAdd({ kind: 'clsact', link: 'vx0' });
      sync.filterAdd({
        kind: 'matchall',
        link: 'vx0',
        parent: 'egress',
        actions: [{ kind: 'tunnel_key', mode: 'set', id: 42, src: '192.0.2.1', dst: '192.0.2.2' }],
      });
      const place = { link: 'vx0', parent: 'ingress', protocol: 'ip' } as const;
      const tunnel = { id: 42, src: '192.0.2.2', destinationPort: 4789 };
      const actions = [{ kind: 'gact', control: 'pass' }] as const;
      sync.filterAdd({ ...REPLIES, ...place, priority: 5, tunnel: { ...tunnel, id: 43 }, actions });
      sync.filterAdd({ ...REPLIES, ...place, priority: 6, tunnel, actions });
      expect(through()).toBe(3);
      const [not43, is42] = sync.filterList({ link: 'vx0', parent: 'ingress' });
      expect(packetsOf(not43)).toBe(0n);
      // The first three were waiting for the address of the neighbour.
      expect(packetsOf(is42)).toBeGreaterThanOrEqual(3n);
    } finally {
      sync.linkDel('vx0');
      peer.sync.linkDel('vx1');
    }
  });

  it('sample gives packets to the group of psample', async () => {
    const { sync } = netlink;
    renew('v0');
    sync.filterAdd({
      ...REQUESTS,
      ...EGRESS,
      actions: [{ kind: 'sample', rate: 1, group: 5, truncate: 60 }],
    });
    const samples = genericSubscribe({ family: 'psample', groups: ['packets'], namespace });
    try {
      expect(received(2)).toBe(2);
      const { value } = await samples.next();
      if (value?.type !== 'message') throw new Error('no sample came');
      // `PSAMPLE_ATTR_…` of <linux/psample.h>
      const attributes: Attributes = value.message.attributes;
      expect(attributes.u32(3)).toBe(5);
      expect(attributes.u32(5)).toBe(1);
      expect(attributes.u32(2)).toBe(98);
      // An ICMP packet to 192.0.2.2, from its Ethernet header on.
      const data = attributes.bytes(6) ?? new Uint8Array();
      expect(data).toHaveLength(60);
      expect([...data.subarray(12, 14), data[23], ...data.subarray(30, 34)]).toEqual([8, 0, 1, 192, 0, 2, 2]);
    } finally {
      samples.close();
    }
  });

  it('bpf classifies by instructions of classic BPF and by programs of eBPF', () => {
    const { sync } = netlink;
    renew('v0');
    const drop = [{ kind: 'gact', control: 'drop' }] as const;
    /** Whether byte 23, the protocol of IP, is a number. */
    const protocolIs = (number: number) => [
      { code: 0x30, jt: 0, jf: 0, k: 23 },
      { code: 0x15, jt: 0, jf: 1, k: number },
      { code: 6, jt: 0, jf: 0, k: 0xffffffff },
      { code: 6, jt: 0, jf: 0, k: 0 },
    ];
    sync.filterAdd({ ...EGRESS, kind: 'bpf', bytecode: protocolIs(17), actions: drop });
    expect(received(2)).toBe(2);
    sync.filterDel(EGRESS);
    sync.filterAdd({ ...EGRESS, kind: 'bpf', bytecode: protocolIs(1), actions: drop });
    expect(received(2)).toBe(0);
    sync.filterDel(EGRESS);

    const classifier = load(BPF_PROG_TYPE_SCHED_CLS, TC_ACT_SHOT);
    const action = load(BPF_PROG_TYPE_SCHED_ACT, TC_ACT_SHOT);
    sync.filterAdd({ ...EGRESS, kind: 'bpf', program: classifier, name: 'drop all', directAction: true });
    expect(received(2)).toBe(0);
    const [read] = sync.filterList('v0');
    expect(read).toMatchObject({
      kind: 'bpf',
      name: 'drop all',
      directAction: true,
      programId: expect.any(Number),
      tag: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(tc('filter show dev v0 egress')).toMatch(/drop all direct-action/);
    // Given back by its id, which names the program while a file descriptor of it is open.
    sync.filterDel(read as Filter);
    expect(received(2)).toBe(2);
    sync.filterAdd(read as Filter);
    expect(received(2)).toBe(0);
    expect(sync.filterList('v0')).toEqual([read]);
    sync.filterDel(read as Filter);

    sync.filterAdd({ ...REQUESTS, ...EGRESS, actions: [{ kind: 'bpf', program: action, name: 'act' }] });
    expect(received(2)).toBe(0);
    const [acting] = sync.filterList('v0');
    expect(acting?.actions).toMatchObject([{ kind: 'bpf', name: 'act', programId: expect.any(Number) }]);
    sync.filterDel(acting as Filter);
    sync.filterAdd(acting as Filter);
    expect(received(2)).toBe(0);
    // By the path that it is pinned at.
    const folder = mkdtempSync(path.join(tmpdir(), 'bpf-'));
    run('mount', ['-t', 'bpf', 'bpf', folder]);
    try {
      const pinned = path.join(folder, 'drop');
      const attributes = new DataView(new ArrayBuffer(16));
      attributes.setUint32(8, classifier, LITTLE_ENDIAN);
      const pathname = new TextEncoder().encode(`${pinned}\0`);
      expect(sys().bpf(BPF_OBJ_PIN, new Uint8Array(attributes.buffer), [[0, pathname]])).toBe(0);
      sync.filterReplace({ ...INGRESS, kind: 'bpf', program: { pinned }, directAction: true });
      expect(sync.filterList({ link: 'v0', parent: 'ingress' })).toMatchObject([
        { kind: 'bpf', programId: expect.any(Number), directAction: true },
      ]);
    } finally {
      run('umount', [folder]);
    }
    for (const fd of [classifier, action]) sys().close(fd);
  });

  it('ct tracks connections, whose state flower matches in the chain behind it, and connmark gives their mark', () => {
    const { sync } = netlink;
    renew('v0');
    const pass = [{ kind: 'gact', control: 'pass' }] as const;
    sync.filterAdd({
      ...REQUESTS,
      ...EGRESS,
      ct: { state: { tracked: false } },
      actions: [{ kind: 'ct', control: { goto: 1 } }],
    });
    sync.filterAdd({
      ...REQUESTS,
      ...EGRESS,
      chain: 1,
      ct: { state: { tracked: true, new: true } },
      actions: [
        { kind: 'ct', commit: true, mark: 7 },
        { kind: 'connmark', control: 'continue' },
      ],
    });
    sync.filterAdd({
      ...REQUESTS,
      ...EGRESS,
      chain: 1,
      priority: 6,
      ct: { state: { tracked: true, established: true } },
      actions: pass,
    });
    sync.filterAdd({ kind: 'fw', ...EGRESS, mark: 7, chain: 1, priority: 7, actions: pass });
    sync.filterAdd({
      ...REPLIES,
      ...INGRESS,
      actions: [{ kind: 'ct', control: 'pipe' }, ...pass],
    });
    expect(received(4)).toBe(4);
    const [untracked, fresh, established, marked] = sync.filterList({ link: 'v0', parent: 'egress' });
    expect(packetsOf(untracked)).toBe(4n);
    expect(packetsOf(fresh)).toBeGreaterThanOrEqual(1n);
    expect(packetsOf(fresh) + packetsOf(established)).toBe(4n);
    expect(packetsOf(established)).toBeGreaterThanOrEqual(1n);
    expect(packetsOf(marked)).toBe(packetsOf(fresh));
  });

  it('ctinfo restores the DSCP and the mark from the mark of the connection', () => {
    const { sync } = netlink;
    renew('v0');
    const expedited = 46;
    sync.filterAdd({
      ...REQUESTS,
      ...EGRESS,
      actions: [{ kind: 'ct', commit: true, mark: ((expedited << 26) | 0x01000005) >>> 0 }],
    });
    const restoring = (dscpStateMask: number): void => {
      const actions = [
        { kind: 'ctinfo', dscpMask: 0xfc000000, dscpStateMask, markMask: 0xff, control: 'continue' },
      ] as const;
      const [already] = sync.filterList({ link: 'v0', parent: 'ingress', kind: 'flower' });
      sync.filterReplace({ ...REPLIES, ...INGRESS, ...(already && { handle: already.handle }), actions });
    };
    restoring(0x01000000);
    const pass = [{ kind: 'gact', control: 'continue' }] as const;
    sync.filterAdd({ kind: 'flower', ...INGRESS, priority: 6, tos: expedited << 2, actions: pass });
    sync.filterAdd({ kind: 'fw', ...INGRESS, priority: 7, mark: 5, actions: pass });
    expect(received(3)).toBe(3);
    const [restored, ofDscp, ofMark] = sync.filterList({ link: 'v0', parent: 'ingress' });
    expect(restored?.actions).toMatchObject([{ counters: { dscpSet: 3n, dscpErrors: 0n, markSet: 3n } }]);
    expect(JSON.parse(JSON.stringify(restored?.actions))).toMatchObject([{ counters: { dscpSet: 3 } }]);
    expect([packetsOf(ofDscp), packetsOf(ofMark)]).toEqual([3n, 3n]);
    expect(tc('-s filter show dev v0 ingress')).toMatch(/DSCP set 3 error 0\s+CPMARK set 3/);

    // The mark of the connection lacks this bit.
    restoring(0x02000000);
    expect(received(2)).toBe(2);
    const [, notOfDscp, againOfMark] = sync.filterList({ link: 'v0', parent: 'ingress' });
    expect([packetsOf(notOfDscp), packetsOf(againOfMark)]).toEqual([3n, 5n]);
  });

  it('a gate drops what comes while it is closed, and what is too much while it is open', async () => {
    const { sync } = netlink;
    renew('v0');
    const { handle } = sync.filterAdd({
      ...REQUESTS,
      ...EGRESS,
      actions: [{ kind: 'gate', clockid: 'monotonic', entries: [{ open: false, interval: 50 }] }],
    });
    // Packets pass until the first cycle begins.
    await retryUntil(() => received(1) === 0);
    expect(received(3)).toBe(0);
    const gateOf = () => sync.filterList({ link: 'v0', parent: 'egress' })[0]?.actions?.[0];
    expect(gateOf()?.statistics?.drops).toBeGreaterThanOrEqual(4);
    const schedule = (...entries: readonly GateEntry[]): void => {
      const actions = [{ kind: 'gate', clockid: 'boottime', baseTime: 5n, entries }] as const;
      sync.filterReplace({ ...REQUESTS, ...EGRESS, handle, actions });
    };
    schedule({ open: true, interval: 50 });
    expect(received(3)).toBe(3);
    expect(JSON.parse(JSON.stringify(gateOf()))).toMatchObject({ baseTime: 5, clockid: 'boottime' });
    // One packet, which has 98 bytes, in two seconds.
    schedule({ open: true, interval: 2000, maxOctets: 100 });
    // ping tries again what was too much, and is right in the end.
    await retryUntil(() => received(2) === 2 && Number(gateOf()?.statistics?.overlimits) > 0);
  });

  it('mpls adds a label, and skbmod changes addresses', async () => {
    const { sync } = netlink;
    renew('v0');
    const { handle } = sync.filterAdd({
      ...REQUESTS,
      ...EGRESS,
      actions: [{ kind: 'mpls', mode: 'push', label: 100, ttl: 9 }],
    });
    expect((await seen(['-e'])).packets).toMatch(/MPLS \(label 100, .*ttl 9\)/);
    sync.filterReplace({
      ...REQUESTS,
      ...EGRESS,
      handle,
      actions: [{ kind: 'skbmod', srcMac: '02:00:00:00:00:77' }],
    });
    const changed = await seen(['-e']);
    expect(changed.packets).toMatch(/02:00:00:00:00:77/);
    expect(changed.answers).toBe(3);
  });

  it('a kind that the kernel lacks is named with its module', () => {
    renew('v0');
    const actions = [{ kind: 'generic', kernelKind: 'nosuch' }] as const;
    expect(() => netlink.sync.filterAdd({ kind: 'matchall', ...EGRESS, actions })).toThrow(
      /^cannot add filter matchall with priority 5 at egress of v0: the kernel has no action 'nosuch' \(module act_nosuch\): .*\(ENOENT\)$/,
    );
    expect(() =>
      netlink.sync.filterAdd({ kind: 'matchall', ...EGRESS, actions: [{ kind: 'gact' }, ...actions] }),
    ).toThrow(/the kernel lacks one of the actions 'gact', 'nosuch' \(modules act_gact, act_nosuch\): /);
    expect(() => netlink.sync.actionAdd({ kind: 'generic', kernelKind: 'nosuch' })).toThrow(
      /^cannot add action nosuch: the kernel has no action 'nosuch' \(module act_nosuch\): /,
    );
  });
});

describe('chains, blocks and shared actions', () => {
  it('a block filters all links that share it', () => {
    const { sync } = netlink;
    vethBetween(
      { namespace, name: 'w0', addresses: ['198.51.100.1/24'] },
      { namespace: other, name: 'w1', addresses: ['198.51.100.2/24'] },
    );
    const answers = (): number[] =>
      ['192.0.2.2', '198.51.100.2'].map((address) => {
        const words = `ip netns exec ${namespace} ping -q -n -c 3 -i 0.05 -W 1 ${address} || true`;
        return Number(/(\d+) received/.exec(run('sh', ['-c', words]))?.[1] ?? Number.NaN);
      });
    try {
      for (const link of ['v0', 'w0']) sync.qdiscAdd({ kind: 'clsact', link, ingressBlock: 7, egressBlock: 8 });
      expect(answers()).toEqual([3, 3]);
      const place = sync.filterAdd({
        ...REPLIES,
        block: 7,
        protocol: 'ip',
        actions: [{ kind: 'gact', control: 'drop' }],
      });
      expect(answers()).toEqual([0, 0]);
      const [read] = sync.filterList({ block: 7 });
      expect(read?.actions).toMatchObject([{ statistics: { packets: 6n, drops: 6 } }]);
      expect(sync.filterList({ link: 'w0', parent: 'ingress' })).toMatchObject([{ block: 7, handle: place.handle }]);
      expect(tc('filter show block 7')).toMatch(/flower/);
      sync.filterDel(read as Filter);
      expect(answers()).toEqual([3, 3]);
      // What goes out goes through the other block.
      sync.filterAdd({ ...REQUESTS, block: 8, protocol: 'ip', actions: [{ kind: 'gact', control: 'drop' }] });
      expect(answers()).toEqual([0, 0]);
    } finally {
      sync.linkDel('w0');
    }
  });

  it('a chain with a template keeps it', () => {
    const { sync } = netlink;
    renew('v0');
    tc(
      'chain add dev v0 ingress proto ip chain 5 flower dst_mac 00:00:00:00:00:00/ff:ff:ff:ff:ff:ff dst_ip 0.0.0.0/24',
    );
    const shown = tc('-d chain show dev v0 ingress');
    const read = sync.chainList('v0');
    expect(read).toMatchObject([{ chain: 5, parent: 'ingress', template: { kernelKind: 'flower' } }]);
    renew('v0');
    for (const chain of read) sync.chainAdd(chain as ChainSpec);
    expect(sync.chainList('v0')).toEqual(read);
    expect(tc('-d chain show dev v0 ingress')).toBe(shown);
    // A filter that looks at something else is refused.
    expect(() => sync.filterAdd({ ...REQUESTS, ...INGRESS, chain: 5 })).toThrow(/template/);
    sync.filterAdd({ kind: 'flower', ...INGRESS, chain: 5, dst: '192.0.2.0/24' });
  });

  it('an action is shared by filters, changed for all of them, and stays while one has it', async () => {
    const { sync } = netlink;
    renew('v0');
    const index = sync.actionAdd({ kind: 'gact', control: 'drop' });
    expect(index).toBeGreaterThan(0);
    expect(() => sync.actionAdd({ kind: 'gact', index })).toThrow(/^cannot add action gact \d+: .*\(EEXIST\)$/);
    for (const [place, match] of [
      [EGRESS, REQUESTS],
      [INGRESS, REPLIES],
    ] as const)
      sync.filterAdd({ ...match, ...place, actions: [{ kind: 'gact', control: 'drop', index }] });
    expect(sync.actionList({ kind: 'gact' })).toMatchObject([{ kind: 'gact', control: 'drop', index, bindings: 2 }]);
    expect(tc('actions list action gact')).toMatch(new RegExp(`action drop[^]*index ${index} ref 3 bind 2`));
    expect(received(3)).toBe(0);
    expect(sync.actionReplace({ kind: 'gact', control: 'pass', index })).toBe(index);
    expect(received(3)).toBe(3);
    expect(() => sync.actionDel({ kind: 'gact', index })).toThrow(/^cannot remove action gact \d+: /);
    clear();
    const left = await retryUntil(() => sync.actionList({ kind: 'gact' }).find(({ bindings }) => bindings === 0));
    expect(left).toMatchObject({ index, control: 'pass' });
    sync.actionDel(left);
    expect(sync.actionList({ kind: 'gact' })).toEqual([]);
  });

  it('lists more actions than one message has', () => {
    const { sync } = netlink;
    for (let index = 1; index <= 100; index += 1) sync.actionAdd({ kind: 'vlan', mode: 'push', id: index, index });
    const list = sync.actionList({ kind: 'vlan' });
    expect(list.map((action) => action.index)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1));
    expect(list[41]).toMatchObject({ kind: 'vlan', mode: 'push', id: 42 });
    for (const action of list) sync.actionDel(action);
    expect(sync.actionList({ kind: 'vlan' })).toEqual([]);
  });
});
