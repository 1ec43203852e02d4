import { LinkNotFoundError, type NeighbourTable, Netlink } from 'netlink-links';
import { neighTableSet } from 'netlink-links/operations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ipIn, makeNamespaces, run, uniqueName } from '#testkit';
import { ours, sentBy } from './sent-by.ts';

const namespace = uniqueName('nt');
let namespaces: Disposable;
let netlink: Netlink;
beforeAll(() => {
  namespaces = makeNamespaces(namespace);
  ipIn(namespace, 'link add v0 type veth peer name v1');
  ipIn(namespace, 'link set v0 up');
  netlink = Netlink.open(namespace);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

type Shown = Record<string, unknown>;
/** What `ip` shows of the parameters of tables. */
const shown = (line = ''): Shown[] =>
  JSON.parse(run('ip', ['-n', namespace, '-j', 'ntable', 'show', ...line.split(' ').filter((word) => word !== '')]));

const NAMES = {
  baseReachable: 'base_reachable',
  retransmit: 'retrans',
  gcStale: 'gc_stale',
  delayProbe: 'delay_probe',
  queueLength: 'queue',
  appProbes: 'app_probes',
  unicastProbes: 'ucast_probes',
  multicastProbes: 'mcast_probes',
  anycastDelay: 'anycast_delay',
  proxyDelay: 'proxy_delay',
  proxyQueueLength: 'proxy_queue',
  locktime: 'locktime',
} as const satisfies Partial<Record<keyof NeighbourTable, string>>;

/** A table by the words of `ip`. */
const inWordsOfIp = (table: NeighbourTable): Shown =>
  Object.fromEntries(Object.entries(NAMES).map(([ours, theirs]) => [theirs, table[ours as keyof typeof NAMES]]));
const tableOf = (name: string, link?: string): NeighbourTable => {
  const ifindex = link === undefined ? undefined : netlink.sync.linkByName(link).index;
  const table = netlink.sync.neighTableList().find((each) => each.name === name && each.ifindex === ifindex);
  if (table === undefined) throw new Error(`there is no ${name} of ${link}`);
  return table;
};

describe('tables of neighbours', () => {
  it('are those that ip shows', async () => {
    const tables = await netlink.neighTableList();
    expect(tables.filter(({ unknown }) => unknown !== undefined)).toEqual([]);
    expect(tables.filter(({ ifindex }) => ifindex === undefined).map(({ name, family }) => [name, family])).toEqual(
      expect.arrayContaining([
        ['arp_cache', 'ipv4'],
        ['ndisc_cache', 'ipv6'],
      ]),
    );
    for (const name of ['arp_cache', 'ndisc_cache'])
      for (const link of ['v0', 'lo']) {
        const [theirs] = shown(`dev ${link} name ${name}`);
        expect(theirs).toMatchObject(inWordsOfIp(tableOf(name, link)));
      }
    const { gcThresholds, gcInterval, statistics, entries } = tableOf('arp_cache');
    const [whole] = shown('name arp_cache');
    expect(whole).toMatchObject({
      thresh1: gcThresholds?.[0],
      thresh2: gcThresholds?.[1],
      thresh3: gcThresholds?.[2],
      gc_interval: gcInterval,
    });
    expect(entries).toBeTypeOf('number');
    expect(statistics?.lookups).toBeTypeOf('bigint');
  });

  it('are changed for a link, by ip and here, and others stay as they are', () => {
    const others = () => [tableOf('arp_cache', 'lo'), tableOf('ndisc_cache', 'v0')].map(inWordsOfIp);
    const before = others();
    netlink.sync.neighTableSet('arp_cache', {
      link: 'v0',
      baseReachable: 40_000,
      retransmit: 2000,
      gcStale: 50_000,
      delayProbe: 6000,
      queueBytes: 100_000,
      appProbes: 1,
      unicastProbes: 5,
      multicastProbes: 6,
      anycastDelay: 2000,
      proxyDelay: 400,
      proxyQueueLength: 32,
      locktime: 3000,
    });
    expect(shown('dev v0 name arp_cache')[0]).toMatchObject({
      base_reachable: 40_000,
      retrans: 2000,
      gc_stale: 50_000,
      delay_probe: 6000,
      app_probes: 1,
      ucast_probes: 5,
      mcast_probes: 6,
      anycast_delay: 2000,
      proxy_delay: 400,
      proxy_queue: 32,
      locktime: 3000,
    });
    expect(tableOf('arp_cache', 'v0')).toMatchObject({ baseReachable: 40_000, unicastProbes: 5, locktime: 3000 });
    ipIn(namespace, 'ntable change name arp_cache dev v0 base_reachable 60000 ucast_probes 7');
    expect(tableOf('arp_cache', 'v0')).toMatchObject({ baseReachable: 60_000, unicastProbes: 7, locktime: 3000 });
    expect(others()).toEqual(before);
  });

  it('are changed by the message that ip sends', () => {
    const { index } = netlink.sync.linkByName('v0');
    for (const [words, settings] of [
      ['base_reachable 40000', { baseReachable: 40_000 }],
      [
        'proxy_queue 8 app_probes 1 ucast_probes 2 mcast_probes 3',
        { proxyQueueLength: 8, appProbes: 1, unicastProbes: 2, multicastProbes: 3 },
      ],
      [
        'gc_stale 1000 delay_probe 2000 retrans 3000 anycast_delay 4000 proxy_delay 5000 locktime 6000',
        { gcStale: 1000, delayProbe: 2000, retransmit: 3000, anycastDelay: 4000, proxyDelay: 5000, locktime: 6000 },
      ],
    ] as const) {
      const [sent] = sentBy('ip', `-n ${namespace} ntable change name arp_cache dev v0 ${words}`);
      // ip says a flag that nothing looks at, and no family.
      const attributes = (hex = ''): string => hex.slice((16 + 4) * 2);
      expect(attributes(ours(neighTableSet('arp_cache', { ifindex: index, ...settings })))).toBe(attributes(sent));
    }
  });

  it('are given back as they were read, of a link and of what new links get', async () => {
    const link = tableOf('ndisc_cache', 'v0');
    netlink.sync.neighTableSet('ndisc_cache', { ifindex: link.ifindex, unicastProbes: 9, locktime: 8000 });
    await netlink.neighTableSet('ndisc_cache', link);
    expect({ ...tableOf('ndisc_cache', 'v0'), reachable: 0 }).toEqual({ ...link, reachable: 0 });
    // What is so already is not sent: another namespace than the first can set none of it.
    const whole = tableOf('arp_cache');
    await netlink.neighTableSet('arp_cache', whole);
    expect(tableOf('arp_cache')).toMatchObject({ multicastProbes: whole.multicastProbes });
  });

  it.each([{ gcThresholds: [1, 2, 3] as const }, { gcInterval: 5 }, { unicastProbes: 77 }])(
    'cannot be given other defaults in another namespace than the first: %o',
    async (settings) => {
      await expect(netlink.neighTableSet('arp_cache', settings)).rejects.toThrow(
        /^cannot set the neighbour table arp_cache: what new links get, gcThresholds and gcInterval can be set in the initial network namespace alone; name a link \(ENOENT\)$/,
      );
    },
  );

  it('and what else cannot be', async () => {
    await expect(netlink.neighTableSet('arp_cache', { link: 'none', locktime: 0 })).rejects.toThrow(LinkNotFoundError);
    expect(() => neighTableSet('x' as never, { locktime: 0 })).toThrow(/^name must be one of arp_cache, ndisc_cache/);
    expect(() => neighTableSet('arp_cache', {})).toThrow(/^neighTableSet needs at least one of queueBytes, /);
    expect(() => neighTableSet('arp_cache', { link: 'v0', gcInterval: 5 })).toThrow(
      /^gcThresholds and gcInterval are of the whole table/,
    );
    expect(() => neighTableSet('arp_cache', { gcThresholds: [1, 2] as never })).toThrow(/^gcThresholds must be/);
    expect(() => neighTableSet('arp_cache', { retrans: 5 } as never)).toThrow(/retransmit/);
    expect(() => neighTableSet('arp_cache', { locktime: 1.5 })).toThrow(/^locktime must be an integer from 0 /);
  });
});
