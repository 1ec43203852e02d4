import { Netlink, type Route, type RouteEncap, type RouteSpec } from 'netlink-links';
import * as operations from 'netlink-links/operations';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ipIn, ipJson, makeNamespaces, retryUntil, run, uniqueName, vethBetween } from '#testkit';
import { ours, sentBy } from './sent-by.ts';

const namespace = uniqueName('en');
const other = uniqueName('eo');
let netlink: Netlink;
let namespaces: Disposable;
let oif = 0;

beforeAll(() => {
  namespaces = makeNamespaces(namespace, other);
  vethBetween(
    { namespace, name: 'v0', addresses: ['192.0.2.1/24', '2001:db8::1/64'] },
    { namespace: other, name: 'v1', addresses: ['192.0.2.2/24', '2001:db8::2/64'] },
  );
  netlink = Netlink.open(namespace);
  oif = netlink.sync.linkByName('v0').index;
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});
afterEach(() => {
  for (const route of netlink.sync.routeList()) if (route.protocol !== 'kernel') netlink.sync.routeDel(route);
});

const IPV6 = '2001:db8:9::/48';
const IPV4 = '203.0.113.0/24';

/** What `ip route add … encap …` makes, and what is made here. */
const CASES: readonly (readonly [dst: string, line: string, encap: RouteEncap])[] = [
  [
    IPV4,
    'ip id 7 dst 192.0.2.7 src 192.0.2.8 tos 4 ttl 9',
    { type: 'ip', id: 7n, dst: '192.0.2.7', src: '192.0.2.8', tos: 4, ttl: 9 },
  ],
  [
    IPV4,
    'ip id 4294967296 dst 192.0.2.7 csum key seq',
    { type: 'ip', id: 4_294_967_296n, dst: '192.0.2.7', src: '0.0.0.0', tos: 0, ttl: 0, flags: ['csum', 'key', 'seq'] },
  ],
  [
    IPV6,
    'ip6 id 7 dst 2001:db8::7 src 2001:db8::8 tc 4 hoplimit 9 key',
    { type: 'ip6', id: 7n, dst: '2001:db8::7', src: '2001:db8::8', tos: 4, ttl: 9, flags: ['key'] },
  ],
  [
    IPV6,
    'seg6 mode encap segs 2001:db8::7,2001:db8::8',
    { type: 'seg6', mode: 'encap', segments: ['2001:db8::7', '2001:db8::8'] },
  ],
  [IPV6, 'seg6 mode inline segs 2001:db8::7', { type: 'seg6', mode: 'inline', segments: ['2001:db8::7'] }],
  [
    IPV4,
    'seg6 mode encap segs 2001:db8::7 hmac 4660',
    { type: 'seg6', mode: 'encap', segments: ['2001:db8::7'], hmac: 4660 },
  ],
  [IPV6, 'seg6 mode encap.red segs 2001:db8::7', { type: 'seg6', mode: 'encap.red', segments: ['2001:db8::7'] }],
  [IPV6, 'seg6 mode l2encap segs 2001:db8::7', { type: 'seg6', mode: 'l2encap', segments: ['2001:db8::7'] }],
  [IPV6, 'seg6local action End', { type: 'seg6local', action: 'End' }],
  [IPV6, 'seg6local action End flavors psp', { type: 'seg6local', action: 'End', flavors: ['psp'] }],
  [IPV6, 'seg6local action End.X nh6 2001:db8::7', { type: 'seg6local', action: 'End.X', nh6: '2001:db8::7' }],
  [IPV6, 'seg6local action End.T table 300', { type: 'seg6local', action: 'End.T', table: 300 }],
  [IPV6, 'seg6local action End.DX4 nh4 192.0.2.7', { type: 'seg6local', action: 'End.DX4', nh4: '192.0.2.7' }],
  [IPV6, 'seg6local action End.DX6 nh6 2001:db8::7', { type: 'seg6local', action: 'End.DX6', nh6: '2001:db8::7' }],
  [IPV6, 'seg6local action End.DT6 table 300', { type: 'seg6local', action: 'End.DT6', table: 300 }],
  [
    IPV6,
    'seg6local action End.B6 srh segs 2001:db8::7,2001:db8::8',
    { type: 'seg6local', action: 'End.B6', segments: ['2001:db8::7', '2001:db8::8'] },
  ],
  [
    IPV6,
    'seg6local action End.B6.Encaps srh segs 2001:db8::7',
    { type: 'seg6local', action: 'End.B6.Encaps', segments: ['2001:db8::7'] },
  ],
];

const shown = (dst: string) => ipJson(`-d ${dst === IPV4 ? '-4' : '-6'} route show ${dst}`, namespace);

describe('the encapsulation of routes', () => {
  it.each(CASES)('to %s by "%s" is read, and written, as ip does', (dst, line, encap) => {
    const { sync } = netlink;
    ipIn(namespace, `route add ${dst} encap ${line} dev v0`);
    const before = shown(dst);
    const [route] = sync.routeList({ dst });
    expect(route?.encap).toEqual(encap);
    sync.routeDel(route as Route);
    expect(shown(dst)).toEqual([]);
    sync.routeAdd({ dst, oif, encap });
    expect(shown(dst)).toEqual(before);
    sync.routeReplace(sync.routeList({ dst })[0] as Route);
    expect(sync.routeList({ dst })).toEqual([route]);
    if (dst === IPV4) return;
    const id = sync.nexthopAdd({ family: 'ipv6', oif, encap });
    expect(sync.nexthopGet(id)).toMatchObject({ encap });
    sync.nexthopDel(id);
  });

  it('counts packets where that is wanted', () => {
    const { sync } = netlink;
    sync.routeAdd({ dst: IPV6, oif, encap: { type: 'seg6local', action: 'End', count: true } });
    const [route] = sync.routeList({ dst: IPV6 });
    expect(route?.encap).toEqual({
      type: 'seg6local',
      action: 'End',
      count: true,
      counters: { packets: 0n, bytes: 0n, errors: 0n },
    });
    expect(JSON.stringify(route)).toContain('"counters":{"packets":0,"bytes":0,"errors":0}');
    sync.routeReplace(route as Route);
    expect(sync.routeList({ dst: IPV6 })).toEqual([route]);
  });

  it('can be given as the attributes that the kernel has for it, whatever its type', () => {
    const { sync } = netlink;
    const data = Uint8Array.of(12, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 7, 8, 0, 2, 0, 192, 0, 2, 7);
    sync.routeAdd({ dst: IPV4, oif, encap: { type: 'ip', data } });
    expect(sync.routeList({ dst: IPV4 })[0]?.encap).toMatchObject({ type: 'ip', id: 7n, dst: '192.0.2.7' });
  });

  it('names the module that the kernel lacks', () => {
    expect(() => netlink.sync.routeAdd({ dst: IPV4, oif, encap: { type: 'mpls', labels: [100] } })).toThrow(
      /^cannot add route .*: lwt encapsulation type not supported; .*`modprobe mpls_iptunnel` loads it \(EOPNOTSUPP\)$/,
    );
  });

  it('forwards along segments, and out of them', async () => {
    const { sync } = netlink;
    const far = '2001:db8:5::5';
    const segment = '2001:db8:6::1';
    ipIn(other, `addr add ${far}/128 dev lo nodad`);
    ipIn(other, 'link set lo up');
    for (const name of [namespace, other])
      for (const setting of ['all.seg6_enabled', 'all.forwarding'])
        run('ip', ['netns', 'exec', name, 'sysctl', '-qw', `net.ipv6.conf.${setting}=1`]);
    run('ip', ['netns', 'exec', other, 'sysctl', '-qw', 'net.ipv6.conf.v1.seg6_enabled=1']);
    sync.routeAdd({ dst: `${segment}/128`, gateway: '2001:db8::2', oif });
    sync.routeAdd({ dst: `${far}/128`, oif, encap: { type: 'seg6', mode: 'encap', segments: [segment] } });
    using remote = Netlink.open(other);
    // The segment takes packets out and looks them up in the table of local addresses.
    const local: RouteSpec = {
      dst: `${segment}/128`,
      oif: 'v1',
      encap: { type: 'seg6local', action: 'End.DT6', table: 255, count: true },
    };
    remote.sync.routeAdd(local);
    await retryUntil(() => {
      try {
        run('ip', ['netns', 'exec', namespace, 'ping', '-6', '-c', '1', '-W', '1', '-I', '2001:db8::1', far]);
        return true;
      } catch {
        return false;
      }
    });
    const [route] = remote.sync.routeList({ dst: `${segment}/128` });
    expect(route?.encap).toMatchObject({ action: 'End.DT6', counters: { errors: 0n } });
    expect(route?.encap).not.toMatchObject({ counters: { packets: 0n } });
  });
});

describe('what is sent for an encapsulation is what iproute2 sends', () => {
  /** The value of the attribute that has it. */
  function encapIn(hex: string): string | undefined {
    const message = Buffer.from(hex, 'hex');
    for (let at = 28; at + 4 <= message.length; ) {
      const length = message.readUInt16LE(at);
      if ((message.readUInt16LE(at + 2) & 0x3fff) === 22) return message.subarray(at + 4, at + length).toString('hex');
      at += (length + 3) & ~3;
    }
    return undefined;
  }

  // The kernel of the development machine lacks some of these: iproute2 sends them all the same.
  it.each<readonly [string, string, RouteEncap]>([
    ...CASES.filter(([, line]) => !/^ip|hoplimit/.test(line)),
    [IPV4, 'mpls 100/200/300', { type: 'mpls', labels: [100, 200, 300] }],
    [IPV4, 'mpls 16 ttl 7', { type: 'mpls', labels: [16], ttl: 7 }],
    [IPV6, 'xfrm if_id 7', { type: 'xfrm', ifId: 7 }],
    [IPV6, 'seg6local action End.DT4 vrftable 300', { type: 'seg6local', action: 'End.DT4', vrfTable: 300 }],
    [IPV6, 'seg6local action End.DT46 vrftable 300', { type: 'seg6local', action: 'End.DT46', vrfTable: 300 }],
  ])('for %s by "%s"', (dst, line, encap) => {
    const [theirs = ''] = sentBy('ip', `route add ${dst} encap ${line} dev lo`);
    expect(encapIn(theirs)).toBeDefined();
    const mine = encapIn(ours(operations.routeAdd({ dst, oif: 1, encap })));
    // `ttl` stands before the labels here.
    const sorted = (hex: string | undefined) => (line.includes('ttl') ? [...(hex ?? '')].sort().join('') : hex);
    expect(sorted(mine)).toBe(sorted(encapIn(theirs)));
  });
});

describe('encapsulations that cannot be', () => {
  it.each<[string, unknown, RegExp]>([
    ['an unknown type', { type: 'gre' }, /encap\.type must be one of mpls, ip, /],
    ['no object', 'mpls', /encap needs an object, got 'mpls'/],
    ['no program', { type: 'bpf' }, /encap needs a program: `in`, `out` or `xmit`/],
    ['a program without a name', { type: 'bpf', in: { program: 3 } }, /encap\.in\.name must be a name/],
    ['a program by nothing', { type: 'bpf', xmit: { name: 'x' } }, /encap\.xmit\.program is missing: the kernel tells/],
    [
      'a program by two things',
      { type: 'bpf', out: { program: { id: 1, pinned: '/x' }, name: 'x' } },
      /encap\.out\.program must be/,
    ],
    [
      'too much headroom',
      { type: 'bpf', in: { program: 3, name: 'x' }, headroom: 257 },
      /encap\.headroom must be an integer from 0 to 256/,
    ],
    ['no labels', { type: 'mpls' }, /encap\.labels must be an array of 1 to 30 labels/],
    ['too many labels', { type: 'mpls', labels: Array(31).fill(16) }, /1 to 30 labels/],
    ['a label of 21 bits', { type: 'mpls', labels: [0x100000] }, /integers from 0 to 1048575/],
    ['implicit null', { type: 'mpls', labels: [16, 3] }, /cannot have the label 3 \(implicit null\)/],
    ['a TTL of 256', { type: 'mpls', labels: [16], ttl: 256 }, /encap\.ttl must be an integer from 0 to 255/],
    ['an id that is a number', { type: 'ip', id: 7 }, /encap\.id must be a bigint/],
    ['an address of the other family', { type: 'ip', dst: '2001:db8::1' }, /encap\.dst must be an IPv4 address/],
    ['an unknown flag', { type: 'ip', flags: ['cksum'] }, /encap\.flags must be an array of flags, csum, key, seq/],
    ['no mode', { type: 'seg6', segments: ['2001:db8::7'] }, /encap\.mode must be/],
    [
      'another mode',
      { type: 'seg6', mode: 'outline', segments: ['2001:db8::7'] },
      /encap\.mode must be one of inline, encap/,
    ],
    ['no segments', { type: 'seg6', mode: 'encap' }, /encap\.segments must be an array of 1 to/],
    [
      'a segment of IPv4',
      { type: 'seg6', mode: 'encap', segments: ['192.0.2.1'] },
      /encap\.segments\[0\] must be an IPv6 address/,
    ],
    ['no action', { type: 'seg6local' }, /encap\.action is missing: one of End, /],
    ['another action', { type: 'seg6local', action: 'End.DX' }, /encap\.action must be one of End, End\.X/],
    ['an action without what it needs', { type: 'seg6local', action: 'End.DX6' }, /the action 'End\.DX6' needs `nh6`/],
    [
      'both tables',
      { type: 'seg6local', action: 'End.DT6', table: 1, vrfTable: 2 },
      /needs one of `table` and `vrfTable`/,
    ],
    [
      'another flavor',
      { type: 'seg6local', action: 'End', flavors: ['sweet'] },
      /encap\.flavors must be an array of psp/,
    ],
    [
      'bits without their flavor',
      { type: 'seg6local', action: 'End', locatorBlockBits: 32 },
      /is for the flavor 'next-csid'/,
    ],
    ['no id of an XFRM link', { type: 'xfrm' }, /encap\.ifId is missing/],
    [
      'a word of ip',
      { type: 'seg6', mode: 'encap', segs: ['2001:db8::7'] },
      /no property 'segs': did you mean segments/,
    ],
    ['no data for a type without properties', { type: 'ila' }, /encap\.data is missing: a Uint8Array/],
    ['data and properties', { type: 'mpls', data: new Uint8Array(4), labels: [16] }, /no property 'labels'/],
  ])('are refused before anything is sent: %s', (_what, encap, message) => {
    expect(() => operations.routeAdd({ dst: IPV4, oif: 1, encap: encap as RouteEncap })).toThrow(message);
  });
});
