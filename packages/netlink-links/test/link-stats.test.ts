import { isDeepStrictEqual } from 'node:util';
import { LinkNotFoundError, type LinkStats, Netlink } from 'netlink-links';
import { attr } from 'netlink-links/attributes';
import { linkStatsList } from 'netlink-links/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipIn, makeNamespaces, retryUntil, run, uniqueName, vethBetween } from '#testkit';
import { encodeAttributes } from '../src/attributes/attribute-spec.js';
import { joinLinkStats, readLinkStats } from '../src/link-stats/read.js';
import { MessageBytes } from '../src/message/message-bytes.js';

const namespace = uniqueName('ls');
const other = uniqueName('lo');
let namespaces: Disposable;
let netlink: Netlink;
beforeAll(() => {
  namespaces = makeNamespaces(namespace, other);
  vethBetween(
    { namespace, name: 'v0', addresses: ['192.0.2.1/24'] },
    { namespace: other, name: 'v1', addresses: ['192.0.2.2/24'] },
  );
  ipIn(namespace, 'link add br0 type bridge mcast_stats_enabled 1 stp_state 1');
  ipIn(namespace, 'link add p0 type veth peer name p1');
  ipIn(namespace, 'link set p0 master br0');
  for (const name of ['br0', 'p0', 'p1']) ipIn(namespace, `link set ${name} up`);
  ip('netns', 'exec', namespace, 'ping', '-c', '2', '-i', '0.2', '192.0.2.2');
  netlink = Netlink.open(namespace);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

const index = (name: string): number => netlink.sync.linkByName(name).index;
type Shown = Record<string, unknown> & { ifname: string; group: string; subgroup?: string; suite?: string };
const shown = (line: string): Shown[] =>
  JSON.parse(run('ip', ['-n', namespace, '-j', 'stats', 'show', ...line.split(' ')]));

describe('what links count', () => {
  it('is what ip shows, of one link and of all', async () => {
    // The same numbers before and after ip has looked: nothing was counted in between.
    const of = async () => {
      const [stats, ...others] = await netlink.linkStatsList({ link: 'v0', groups: ['link'] });
      expect(others).toEqual([]);
      return stats;
    };
    const [stats, { rx, tx }] = await retryUntil(async () => {
      const before = await of();
      const [{ stats64 }] = shown('dev v0 group link') as unknown as [
        { stats64: { rx: Record<string, number>; tx: Record<string, number> } },
      ];
      const { statistics } = netlink.sync.linkByName('v0');
      const isSame = isDeepStrictEqual(before, await of()) && isDeepStrictEqual(before?.link, statistics);
      return isSame && ([before, stats64] as const);
    });
    expect(stats?.ifindex).toBe(index('v0'));
    expect(Number(stats?.link?.rxPackets)).toBe(rx.packets);
    expect(Number(stats?.link?.txBytes)).toBe(tx.bytes);
    expect(rx.packets).toBeGreaterThan(1);
    const all = netlink.sync.linkStatsList({ groups: ['link'] });
    expect(all.map(({ ifindex }) => ifindex).sort()).toEqual(
      netlink.sync
        .linkList()
        .map((link) => link.index)
        .sort(),
    );
    expect(all.find(({ ifindex }) => ifindex === index('v0'))?.link?.rxPackets).toBeGreaterThan(1n);
  });

  it('is multicast of bridges and their ports, and the spanning tree protocol of ports', async () => {
    // The bridge sends messages of the protocol every two seconds.
    await retryUntil(() => {
      const [stats] = netlink.sync.linkStatsList({ link: 'p0', groups: ['bridge'] });
      return (stats?.bridgePort?.stp?.txBpdu ?? 0n) > 0n;
    });
    const [bridge] = netlink.sync.linkStatsList({ link: 'br0', groups: ['bridge'] });
    const [ofBridge] = shown('dev br0 group xstats subgroup bridge suite mcast') as unknown as [
      { multicast: Record<string, unknown> },
    ];
    expect(bridge?.bridgePort).toBeUndefined();
    expect(bridge?.bridge?.multicast).toBeDefined();
    expect(Number(bridge?.bridge?.multicast?.mldV2Reports.tx)).toBe(
      (ofBridge.multicast.mld_reports as { tx_v2: number }).tx_v2,
    );
    // The same numbers before and after ip has looked: nothing was counted in between.
    const ofPort = () => netlink.sync.linkStatsList({ link: 'p0', groups: ['bridge'] })[0];
    const [port, stp] = await retryUntil(() => {
      const before = ofPort();
      const [told] = shown('dev p0 group xstats_slave subgroup bridge suite stp') as unknown as [
        { stp: Record<string, number> },
      ];
      return isDeepStrictEqual(before, ofPort()) && ([before, told.stp] as const);
    });
    expect(port?.bridge).toBeUndefined();
    expect(stp).toMatchObject({
      tx_bpdu: Number(port?.bridgePort?.stp?.txBpdu),
      transition_blk: Number(port?.bridgePort?.stp?.transitionsToBlocking),
      transition_fwd: Number(port?.bridgePort?.stp?.transitionsToForwarding),
    });
  });

  it('is nothing where there is none, and links that are not there are refused', async () => {
    expect(netlink.sync.linkStatsList({ link: 'v0', groups: ['bond', 'mpls'] })).toEqual([{ ifindex: index('v0') }]);
    await expect(netlink.linkStatsList('none')).rejects.toThrow(LinkNotFoundError);
    expect(() => netlink.sync.linkStatsList(4000)).toThrow(LinkNotFoundError);
    expect(() => netlink.sync.linkStatsList({ link: 4000, groups: ['link'] })).toThrow(LinkNotFoundError);
  });

  it('can be written as JSON', () => {
    for (const stats of netlink.sync.linkStatsList()) expect(JSON.parse(JSON.stringify(stats))).toBeTypeOf('object');
  });
});

/** What the reader makes of attributes. */
function read(...attributes: Parameters<typeof encodeAttributes>[0]): LinkStats {
  const encoded = encodeAttributes(attributes);
  const bytes = MessageBytes.from(Uint8Array.of(0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, ...encoded));
  const stats = readLinkStats(bytes, 0, 12 + encoded.length);
  expect(bytes.error).toBeUndefined();
  return stats as LinkStats;
}
const u64s = (...values: bigint[]): Uint8Array => new Uint8Array(BigUint64Array.from(values).buffer);

describe('what no link counts here', () => {
  it('is read as the kernel sends it: VLANs, LACP, hardware, MPLS, and what is not known', () => {
    const vlan = (vid: number) => attr.bytes(1, Uint8Array.of(...u64s(1n, 2n, 3n, 4n), vid, 0, 4, 0, 0, 0, 0, 0));
    const stats = read(
      attr.nested(2, [
        attr.nested(1, [vlan(10), vlan(11), attr.flag(3), attr.u32(9, 1)]),
        attr.nested(2, [attr.nested(1, [attr.u64(0, 5n), attr.u64(8, 6n), attr.flag(9), attr.u64(20, 7n)])]),
      ]),
      attr.nested(3, [attr.nested(2, [attr.nested(1, [attr.u64(1, 8n)])])]),
      attr.nested(4, [
        attr.nested(2, [attr.nested(3, [attr.u8(1, 1), attr.u8(2, 0)])]),
        attr.bytes(3, u64s(1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n)),
      ]),
      attr.nested(5, [attr.nested(28, [attr.bytes(1, u64s(1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n))])]),
      attr.u32(99, 1),
    );
    expect(stats).toMatchObject({
      ifindex: 7,
      bridge: {
        vlans: [
          { vid: 10, flags: 4, rxBytes: 1n, rxPackets: 2n, txBytes: 3n, txPackets: 4n },
          { vid: 11, flags: 4 },
        ],
        unknown: [{ attribute: 9 }],
      },
      bond: { lacpduRx: 5n, lacpduTx: 0n, markerUnknownRx: 6n, unknown: [{ attribute: 20 }] },
      bondPort: { lacpduTx: 8n },
      offload: { l3: { requested: true, used: false, statistics: { rxPackets: 1n, multicast: 9n } } },
      mpls: { rxPackets: 1n, rxNoRoute: 9n },
      unknown: [{ attribute: 99 }],
    });
  });

  it('is one object if it comes in several messages', () => {
    const part = (vid: number): LinkStats => ({
      ifindex: 7,
      bridge: { vlans: [{ vid, flags: 0, rxBytes: 0n, rxPackets: 0n, txBytes: 0n, txPackets: 0n }] },
    });
    expect(joinLinkStats([part(1), { ifindex: 8 }, part(2)])).toMatchObject([
      { ifindex: 7, bridge: { vlans: [{ vid: 1 }, { vid: 2 }] } },
      { ifindex: 8 },
    ]);
  });
});

it('refuses groups that there are not', () => {
  expect(() => linkStatsList({ groups: ['x' as never] })).toThrow(
    /^groups\[0\] must be one of link, bridge, bond, offload, mpls, got 'x'$/,
  );
  expect(() => linkStatsList({ groups: [] })).toThrow(/^groups must be an array of at least one group/);
  expect(() => linkStatsList({ family: 'ipv4' } as never)).toThrow(/family/);
});
