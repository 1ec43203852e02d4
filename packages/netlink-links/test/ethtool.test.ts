import { spawnSync } from 'node:child_process';
import {
  type EthtoolFeature,
  type EthtoolUpdate,
  ethtoolSubscribe,
  LinkNotFoundError,
  Netlink,
  NetlinkError,
} from 'netlink-links';
import { type AttributeSpec, attr } from 'netlink-links/attributes';
import * as operations from 'netlink-links/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ipIn, makeNamespaces, run, uniqueName } from '#testkit';
import { encodeAttributes } from '../src/attributes/attribute-spec.js';
import { channels } from '../src/ethtool/channels.js';
import { coalesce } from '../src/ethtool/coalesce.js';
import { writeLinkSettings } from '../src/ethtool/link.js';
import { pause } from '../src/ethtool/pause.js';
import { ethtoolMessage } from '../src/ethtool/request.js';
import { rings } from '../src/ethtool/rings.js';
import { namedStats, readGroups } from '../src/ethtool/stats.js';
import { AttributeReader } from '../src/message/attribute-reader.js';
import { MessageBytes } from '../src/message/message-bytes.js';
import type { MessageWriter } from '../src/message/message-writer.js';
import { readNotification } from '../src/subscription/ethtool-subscribe.js';
import {
  ETHTOOL_A_STATS_GRP,
  ETHTOOL_A_STATS_GRP_HIST_BKT_HI,
  ETHTOOL_A_STATS_GRP_HIST_BKT_LOW,
  ETHTOOL_A_STATS_GRP_HIST_RX,
  ETHTOOL_A_STATS_GRP_HIST_TX,
  ETHTOOL_A_STATS_GRP_HIST_VAL,
  ETHTOOL_A_STATS_GRP_ID,
  ETHTOOL_A_STATS_GRP_SS_ID,
  ETHTOOL_A_STATS_GRP_STAT,
} from '../src/uapi/ethtool-netlink.js';

const namespace = uniqueName('et');
let namespaces: Disposable;
let netlink: Netlink;

beforeAll(() => {
  namespaces = makeNamespaces(namespace);
  ipIn(namespace, 'link add v0 numtxqueues 4 numrxqueues 4 type veth peer name v1');
  ipIn(namespace, 'link add br0 type bridge');
  for (const name of ['v0', 'v1']) ipIn(namespace, `link set ${name} up`);
  netlink = Netlink.open(namespace);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

const ethtool = (...args: string[]): string => run('ip', ['netns', 'exec', namespace, 'ethtool', ...args]);

interface ShownFeature {
  active: boolean | null;
  fixed: boolean | null;
  requested: boolean | null;
}

/** Features that it shows under the kernel's names, not under those of its own for several. */
function shownFeatures(link: string): [string, ShownFeature][] {
  const [all] = JSON.parse(ethtool('--json', '-k', link)) as [Record<string, ShownFeature>];
  return Object.entries(all).filter(
    ([name]) => /^(tx|rx)-|loopback|netns-local|esp-/.test(name) && !/checksumming/.test(name),
  );
}

describe('ethtool operations, in agreement with ethtool', () => {
  it.each(['v0', 'br0', 'lo'])('the features of %s', (link) => {
    const features = netlink.sync.ethtoolFeaturesGet(link);
    let compared = 0;
    for (const [name, { active, fixed }] of shownFeatures(link)) {
      const ours: EthtoolFeature | undefined = features[name];
      if (ours === undefined) continue;
      expect([name, ours.active, ours.changeable]).toEqual([name, active, !fixed]);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(20);
  });

  it('features are switched, by the names of the kernel and the short ones', async () => {
    const active = (name: string): boolean | null | undefined =>
      shownFeatures('v0').find(([each]) => each === name)?.[1].active;
    expect(active('tx-tcp-segmentation')).toBe(true);
    expect(await netlink.ethtoolFeaturesSet('v0', { tso: false, 'rx-gro-list': true })).toEqual({});
    expect(active('tx-tcp-segmentation')).toBe(false);
    expect(active('tx-tcp6-segmentation')).toBe(false);
    expect(active('rx-gro-list')).toBe(true);
    expect(netlink.sync.ethtoolFeaturesGet('v0')['rx-gro-list']).toEqual({
      active: true,
      wanted: true,
      changeable: true,
    });
    expect(netlink.sync.ethtoolFeaturesSet('v0', { tso: true, 'rx-gro-list': false })).toEqual({});
    expect(active('tx-tcp-segmentation')).toBe(true);
    // Fixed: it stays as it is, and that is told.
    expect(netlink.sync.ethtoolFeaturesSet('v0', { 'tx-checksum-ipv4': true })).toEqual({ 'tx-checksum-ipv4': false });
    expect(() => netlink.sync.ethtoolFeaturesSet('v0', { 'tx-tcp-segmentatoin': true })).toThrow(
      /^cannot set the features of link v0: the kernel has no feature 'tx-tcp-segmentatoin'; near it are .*tx-tcp-segmentation/,
    );
  });

  it('the connection of a veth', () => {
    const link = netlink.sync.ethtoolLinkGet('v0');
    expect(link).toMatchObject({
      linkDetected: true,
      speed: 10_000_000_000,
      duplex: 'full',
      port: 'tp',
      autoNegotiation: false,
    });
    const text = ethtool('v0');
    for (const line of [
      'Speed: 10000Mb/s',
      'Duplex: Full',
      'Auto-negotiation: off',
      'Port: Twisted Pair',
      'Link detected: yes',
    ])
      expect(text).toContain(line);
    expect(netlink.sync.ethtoolLinkGet('lo')).toEqual({ linkDetected: true });
    expect(() => netlink.sync.ethtoolLinkSet('v0', { speed: 1_000_000_000 })).toThrow(
      /^cannot set the connection of link v0: the driver of link v0 does not support it \(EOPNOTSUPP\)$/,
    );
  });

  it('channels, set by either', () => {
    const before = netlink.sync.ethtoolChannelsGet('v0');
    expect(before).toMatchObject({ rxMax: 4, txMax: 4 });
    netlink.sync.ethtoolChannelsSet('v0', { rx: 2, tx: 3 });
    const numbers = (text: string): number[] =>
      [...text.matchAll(/^(?:RX|TX):\s+(\d+)/gm)].map(([, number]) => Number(number));
    expect(numbers(ethtool('-l', 'v0'))).toEqual([4, 4, 2, 3]);
    ethtool('-L', 'v0', 'rx', '1', 'tx', '4');
    expect(netlink.sync.ethtoolChannelsGet('v0')).toMatchObject({ rx: 1, tx: 4 });
    // As read, with the maxima.
    netlink.sync.ethtoolChannelsSet('v0', before);
    expect(netlink.sync.ethtoolChannelsGet('v0')).toEqual(before);
    expect(() => netlink.sync.ethtoolChannelsSet('v0', { rx: 9 })).toThrow(/^cannot set the channels of link v0: /);
  });

  it('timestamps, and names', () => {
    const { capabilities, clockIndex } = netlink.sync.ethtoolTimestampingGet('v0');
    const shown = ethtool('-T', 'v0');
    for (const capability of capabilities) expect(shown).toContain(capability);
    expect(capabilities).toContain('software-receive');
    expect(clockIndex).toBeUndefined();
    const names = netlink.sync.ethtoolStringsGet('v0', 'features');
    expect(names).toContain('tx-tcp-segmentation');
    expect(new Set(Object.keys(netlink.sync.ethtoolFeaturesGet('v0')))).toEqual(
      new Set(names.filter((name) => name !== '')),
    );
  });

  it('what a driver does not have, and links that are not there', async () => {
    await expect(netlink.ethtoolPauseGet('v0')).rejects.toThrow(
      /^cannot read the pause parameters of link v0: the driver of link v0 does not support it \(EOPNOTSUPP\)$/,
    );
    await expect(netlink.ethtoolRingsGet('br0')).rejects.toThrow(NetlinkError);
    expect(() => netlink.sync.ethtoolCoalesceGet('br0')).toThrow(/\(EOPNOTSUPP\)$/);
    expect(() => netlink.sync.ethtoolLinkGet('none')).toThrow(LinkNotFoundError);
    await expect(netlink.ethtoolFeaturesGet(4000)).rejects.toThrow(LinkNotFoundError);
  });
});

describe('what drives a device, and its counters', () => {
  it('are those that ethtool shows', async () => {
    for (const link of ['v0', 'br0']) {
      const shown = Object.fromEntries(
        ethtool('-i', link)
          .split('\n')
          .map((line) => line.split(': ', 2)),
      );
      expect(netlink.sync.ethtoolDriverGet(link)).toEqual({
        driver: shown.driver,
        version: shown.version,
        busInfo: shown['bus-info'] ?? '',
        firmwareVersion: shown['firmware-version'] ?? '',
      });
    }
    expect((await netlink.ethtoolDriverGet('v0')).driver).toBe('veth');
  });

  /** The counters that ethtool shows, as text. */
  const shownCounters = (link: string): Record<string, string> =>
    Object.fromEntries(
      [...ethtool('-S', link).matchAll(/^ +(\S.*): (\d+)$/gm)].map(([, name, value]) => [name, value]),
    );

  it('are counted by the driver as ethtool shows it', async () => {
    const counters = await netlink.ethtoolDriverStatsGet('v0');
    expect(counters.peer_ifindex).toBe(BigInt(netlink.sync.linkByName('v1').index));
    expect(Object.keys(counters).length).toBeGreaterThan(4);
    const asText = Object.fromEntries(Object.entries(counters).map(([name, value]) => [name, String(value)]));
    expect(asText).toEqual(shownCounters('v0'));
    expect(JSON.parse(JSON.stringify(counters))).toMatchObject({ peer_ifindex: Number(counters.peer_ifindex) });
    expect(netlink.sync.ethtoolDriverStatsGet('v0')).toEqual(counters);
  });

  it('are as many as the device has channels', () => {
    const count = () => Object.keys(netlink.sync.ethtoolDriverStatsGet('v0')).length;
    netlink.sync.ethtoolChannelsSet('v0', { rx: 1, tx: 1 });
    const few = count();
    netlink.sync.ethtoolChannelsSet('v0', { rx: 4, tx: 4 });
    expect(count()).toBeGreaterThan(few);
    expect(Object.keys(shownCounters('v0'))).toHaveLength(count());
  });

  it('belong to the namespace of the connection, by index and by alternative name', () => {
    const { index } = netlink.sync.linkByName('v0');
    netlink.sync.linkAddAltName('v0', 'a-name-that-is-longer-than-fifteen');
    try {
      const { driver } = netlink.sync.ethtoolDriverGet('v0');
      expect(netlink.sync.ethtoolDriverGet(index).driver).toBe(driver);
      expect(netlink.sync.ethtoolDriverGet('a-name-that-is-longer-than-fifteen').driver).toBe(driver);
      expect(netlink.sync.ethtoolDriverStatsGet({ index })).toEqual(netlink.sync.ethtoolDriverStatsGet('v0'));
    } finally {
      netlink.sync.linkDelAltName('v0', 'a-name-that-is-longer-than-fifteen');
    }
  });

  it('and their errors: links that are not there, drivers without counters', async () => {
    expect(() => netlink.sync.ethtoolDriverGet('none')).toThrow(LinkNotFoundError);
    expect(() => netlink.sync.ethtoolDriverStatsGet(4000)).toThrow(LinkNotFoundError);
    await expect(netlink.ethtoolDriverStatsGet('an-alternative-name-of-none')).rejects.toThrow(LinkNotFoundError);
    expect(() => netlink.sync.ethtoolDriverStatsGet('br0')).toThrow(
      /^cannot read the counters of link br0: the driver of link br0 does not support it \(EOPNOTSUPP\)$/,
    );
    await expect(netlink.ethtoolDriverGet('lo')).rejects.toMatchObject({ code: 'EOPNOTSUPP' });
    netlink.sync.batch([operations.ethtoolDriverGet('v0'), operations.linkSetUp('v0')]);
  });

  it('that are of standards: a veth has none of them, in all groups', async () => {
    const stats = await netlink.ethtoolStatsGet('v0');
    expect(stats).toMatchObject({
      'eth-phy': { counters: {} },
      'eth-mac': { counters: {} },
      'eth-ctrl': { counters: {} },
      rmon: { counters: {} },
    });
    expect(Object.keys(netlink.sync.ethtoolStatsGet('v0', ['rmon']))).toEqual(['rmon']);
    const [shown] = JSON.parse(ethtool('--json', '-S', 'v0', '--groups', 'rmon')) as [Record<string, unknown>];
    expect(shown).toEqual({ ifname: 'v0', rmon: {} });
    expect(() => netlink.sync.ethtoolStatsGet('none')).toThrow(LinkNotFoundError);
  });

  it('that are of standards, as the kernel sends them', () => {
    const stat = (number: number, value: bigint) => attr.nested(ETHTOOL_A_STATS_GRP_STAT, [attr.u64(number, value)]);
    const bucket = (type: number, low: number, high: number, packets: bigint) =>
      attr.nested(type, [
        attr.u32(ETHTOOL_A_STATS_GRP_HIST_BKT_LOW, low),
        attr.u32(ETHTOOL_A_STATS_GRP_HIST_BKT_HI, high),
        attr.u64(ETHTOOL_A_STATS_GRP_HIST_VAL, packets),
      ]);
    const encoded = encodeAttributes([
      attr.nested(ETHTOOL_A_STATS_GRP, [
        attr.u32(ETHTOOL_A_STATS_GRP_ID, 3),
        attr.u32(ETHTOOL_A_STATS_GRP_SS_ID, 20),
        stat(0, 5n),
        stat(2, 2n ** 63n),
        bucket(ETHTOOL_A_STATS_GRP_HIST_RX, 0, 64, 7n),
        bucket(ETHTOOL_A_STATS_GRP_HIST_RX, 65, 127, 8n),
        bucket(ETHTOOL_A_STATS_GRP_HIST_TX, 0, 64, 9n),
      ]),
    ]);
    const bytes = MessageBytes.from(encoded);
    const groups = readGroups(new AttributeReader(bytes, 0, encoded.length));
    expect(bytes.error).toBeUndefined();
    expect(groups.map((group) => namedStats(group, ['etherStatsUndersizePkts']))).toEqual([
      {
        counters: { etherStatsUndersizePkts: 5n, 2: 2n ** 63n },
        rxHistogram: [
          { low: 0, high: 64, packets: 7n },
          { low: 65, high: 127, packets: 8n },
        ],
        txHistogram: [{ low: 0, high: 64, packets: 9n }],
      },
    ]);
    expect(JSON.stringify(groups.map((group) => namedStats(group, [])))).toContain('"packets":9');
  });
});

describe('ethtoolSubscribe', () => {
  it('tells of what ethtool changes, as the operations read it', async () => {
    ethtool('-K', 'v0', 'tso', 'on');
    ethtool('-L', 'v0', 'rx', '4', 'tx', '4');
    using updates = ethtoolSubscribe({ namespace });
    ethtool('-K', 'v0', 'tso', 'off');
    const { ifindex, ...features } = await next(updates, 'features');
    expect(ifindex).toBe(netlink.sync.linkByName('v0').index);
    expect(features).toEqual({ type: 'features', name: 'v0', features: netlink.sync.ethtoolFeaturesGet('v0') });
    expect(features.features['tx-tcp-segmentation']?.active).toBe(false);
    ethtool('-L', 'v0', 'rx', '2', 'tx', '3');
    const { channels: told } = await next(updates, 'channels');
    expect(told).toEqual(netlink.sync.ethtoolChannelsGet('v0'));
    expect(told).toMatchObject({ rx: 2, tx: 3 });
    ethtool('-K', 'v0', 'tso', 'on');
  });

  it('tells nothing of other namespaces, and ends with its signal', async () => {
    const controller = new AbortController();
    const elsewhere = uniqueName('eo');
    using _namespaces = makeNamespaces(elsewhere);
    const updates = ethtoolSubscribe({ namespace: elsewhere, signal: controller.signal });
    netlink.sync.ethtoolFeaturesSet('v0', { tso: false });
    netlink.sync.ethtoolFeaturesSet('v0', { tso: true });
    controller.abort();
    expect(await updates.next()).toEqual({ done: true, value: undefined });
  });

  it('reads what no device has here, in the short form of bits', () => {
    const names = { features: [], linkModes: ['10baseT/Half', '10baseT/Full'] };
    const device = attr.nested(1, [attr.u32(1, 7), attr.string(2, 'eth0')]);
    const update = (command: number, ...attributes: AttributeSpec[]) => {
      const encoded = encodeAttributes([device, ...attributes]);
      const bytes = MessageBytes.from(Uint8Array.of(command, 1, 0, 0, ...encoded));
      const read = readNotification(bytes, 0, encoded.length + 4, 0, names);
      expect(bytes.error).toBeUndefined();
      return read;
    };
    const at = { ifindex: 7, name: 'eth0' };
    const words = (type: number, word: number) => attr.u32(type, word);
    expect(
      update(
        5,
        attr.u8(2, 1),
        attr.nested(3, [attr.u32(2, 3), words(4, 0b010), words(5, 0b111)]),
        attr.nested(4, [attr.flag(1), attr.u32(2, 3), words(4, 0b100)]),
        attr.u32(5, 1000),
      ),
    ).toEqual({
      type: 'link',
      ...at,
      link: {
        autoNegotiation: true,
        speed: 1_000_000_000,
        linkModes: {
          supported: ['10baseT/Half', '10baseT/Full', '2'],
          advertised: ['10baseT/Full'],
          peer: ['2'],
        },
      },
    });
    expect(update(3, attr.u8(2, 0))).toEqual({ type: 'link', ...at, link: { port: 'tp' } });
    expect(update(17, attr.u32(6, 512))).toEqual({ type: 'rings', ...at, rings: { rx: 512 } });
    expect(update(21, attr.u32(2, 30))).toEqual({ type: 'coalesce', ...at, coalesce: { rxUsecs: 30 } });
    expect(update(23, attr.u8(3, 1))).toEqual({ type: 'pause', ...at, pause: { rx: true } });
    const other = update(10, attr.u32(4, 2));
    expect(other).toMatchObject({ type: 'other', ...at, message: { command: 10 } });
    expect(other?.type === 'other' ? other.message.attributes.u32(4) : undefined).toBe(2);
  });
});

/** The next update of a type. */
async function next<T extends EthtoolUpdate['type']>(
  updates: AsyncIterator<EthtoolUpdate>,
  type: T,
): Promise<Extract<EthtoolUpdate, { type: T }>> {
  for (;;) {
    const { value, done } = await updates.next();
    if (done === true) throw new Error('the subscription ended');
    if (value.type === type) return value as Extract<EthtoolUpdate, { type: T }>;
  }
}

/** What `ethtool` sends last, behind the number of the family, the flags and the sequence number. */
function sentByEthtool(line: string): string {
  const { stderr } = spawnSync(
    'ip',
    ['netns', 'exec', namespace, 'strace', '-e', 'trace=sendto', '-xx', '-s', '65536', 'ethtool', ...line.split(' ')],
    { encoding: 'utf8' },
  );
  const [message] = [...stderr.matchAll(/nlmsg_type=(?:ethtool|0x[0-9a-f]+)[^"]*"((?:\\x[0-9a-f]{2})*)"/g)].slice(-1);
  return (message?.[1] ?? '').replaceAll('\\x', '');
}

describe('settings, byte for byte what ethtool sends', () => {
  it.each<[string, number, (writer: MessageWriter) => void]>([
    [
      '-L v0 rx 1 tx 2 other 3 combined 4',
      18,
      (writer) => channels.write(writer, { rx: 1, tx: 2, other: 3, combined: 4 }),
    ],
    [
      '-G v0 rx 512 rx-mini 5 rx-jumbo 6 tx 256',
      16,
      (writer) => rings.write(writer, { rx: 512, rxMini: 5, rxJumbo: 6, tx: 256 }),
    ],
    [
      '-C v0 rx-usecs 30 rx-frames 4 tx-usecs 5 adaptive-rx on sample-interval 9',
      20,
      (writer) =>
        coalesce.write(writer, {
          rxUsecs: 30,
          rxMaxFrames: 4,
          txUsecs: 5,
          adaptiveRx: true,
          rateSampleInterval: 9,
        }),
    ],
    [
      '-A v0 autoneg off rx on tx off',
      22,
      (writer) => pause.write(writer, { autoNegotiation: false, rx: true, tx: false }),
    ],
    [
      '-s v0 speed 1000 duplex full autoneg off',
      5,
      (writer) => writeLinkSettings(writer, { speed: 1_000_000_000, duplex: 'full', autoNegotiation: false }),
    ],
  ])('%s', (line, command, fill) => {
    const NLMSG_HDRLEN = 16;
    expect(Buffer.from(ethtoolMessage(0x20, command, 'v0', 0, fill).subarray(NLMSG_HDRLEN)).toString('hex')).toBe(
      sentByEthtool(line),
    );
  });
});

it('refuses what cannot be', () => {
  expect(() => operations.ethtoolChannelsSet('v0', {})).toThrow(
    /^ethtoolChannelsSet needs at least one of rx, tx, other, combined$/,
  );
  expect(() => operations.ethtoolRingsSet('v0', { rx: 0 })).toThrow(/^rx must be an integer from 1 /);
  expect(() => operations.ethtoolRingsSet('v0', { rx_mini: 1 } as never)).toThrow(/rxMini/);
  expect(() => operations.ethtoolLinkSet('v0', { speed: 1500 })).toThrow(/^speed must be whole megabits/);
  expect(() => operations.ethtoolLinkSet('v0', {})).toThrow(/^ethtoolLinkSet needs at least one of/);
  expect(() => operations.ethtoolFeaturesSet('v0', { tso: 1 as never })).toThrow(/^features\['tso'\] must be/);
  expect(() => operations.ethtoolFeaturesSet('v0', {})).toThrow(/^ethtoolFeaturesSet needs at least one feature$/);
  expect(() => operations.ethtoolStatsGet('v0', ['mac' as never])).toThrow(
    /^groups\[0\] must be one of eth-phy, eth-mac, eth-ctrl, rmon, phydev, got 'mac'$/,
  );
  expect(() => operations.ethtoolStatsGet('v0', [])).toThrow(/^groups must be an array of at least one group/);
  expect(() => ethtoolSubscribe({ family: 'ethtool' } as never)).toThrow(/family/);
  expect(() => operations.ethtoolStringsGet('v0', 'nothing' as never)).toThrow(/^set must be one of test, stats/);
});
