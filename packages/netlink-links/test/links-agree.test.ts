import fc from 'fast-check';
import { type AddressFlag, type AddressSpec, type Link, type LinkSpec, Netlink } from 'netlink-links';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipIn, ipJson, makeNamespaces, uniqueName } from '#testkit';

interface ShownLink {
  ifindex: number;
  ifname: string;
  link?: string | null;
  link_index?: number;
  flags: string[];
  mtu: number;
  qdisc: string;
  operstate: string;
  txqlen?: number;
  address?: string;
  broadcast?: string;
  ifalias?: string;
  altnames?: string[];
  promiscuity: number;
  min_mtu: number;
  max_mtu: number;
  num_tx_queues: number;
  num_rx_queues: number;
  gso_max_size: number;
  gso_max_segs: number;
  tso_max_size: number;
  tso_max_segs: number;
  gro_max_size: number;
  inet6_addr_gen_mode?: string;
  linkinfo?: { info_kind?: string };
}

/** A link of ours in the words of `ip -j -d`, and of ip's the same selection. */
const words = (link: Link): unknown => ({
  ifindex: link.index,
  ifname: link.name,
  // `ip` shows what it makes of the flags; M-DOWN and the like are its own.
  flags: link.flags
    .map((flag) => String(flag).toUpperCase())
    .filter((flag) => flag !== 'RUNNING')
    .sort(),
  mtu: link.mtu,
  qdisc: link.qdisc,
  operstate: link.operState.toUpperCase(),
  txqlen: link.txQLen,
  address: link.hardwareAddr,
  broadcast: link.broadcast,
  ifalias: link.alias,
  altnames: link.altNames,
  promiscuity: link.promiscuity,
  min_mtu: link.minMtu,
  max_mtu: link.maxMtu,
  num_tx_queues: link.numTxQueues,
  num_rx_queues: link.numRxQueues,
  gso_max_size: link.gsoMaxSize,
  gso_max_segs: link.gsoMaxSegs,
  tso_max_size: link.tsoMaxSize,
  tso_max_segs: link.tsoMaxSegs,
  gro_max_size: link.groMaxSize,
  inet6_addr_gen_mode: link.name === 'lo' ? undefined : link.ipv6AddrGenMode,
  kind: link.type === 'device' ? undefined : link.type,
});
const shownWords = (link: ShownLink): unknown => ({
  ifindex: link.ifindex,
  ifname: link.ifname,
  flags: link.flags.filter((flag) => !['M-DOWN', 'NO-CARRIER'].includes(flag)).sort(),
  mtu: link.mtu,
  qdisc: link.qdisc,
  operstate: link.operstate,
  txqlen: link.txqlen ?? 0,
  address: link.address ?? '',
  broadcast: link.broadcast ?? '',
  ifalias: link.ifalias,
  altnames: link.altnames ?? [],
  promiscuity: link.promiscuity,
  min_mtu: link.min_mtu,
  max_mtu: link.max_mtu,
  num_tx_queues: link.num_tx_queues,
  num_rx_queues: link.num_rx_queues,
  gso_max_size: link.gso_max_size,
  gso_max_segs: link.gso_max_segs,
  tso_max_size: link.tso_max_size,
  tso_max_segs: link.tso_max_segs,
  gro_max_size: link.gro_max_size,
  inet6_addr_gen_mode: link.inet6_addr_gen_mode,
  kind: link.linkinfo?.info_kind,
});

const hex = fc.integer({ min: 0, max: 255 }).map((byte) => byte.toString(16).padStart(2, '0'));
const mac = fc.tuple(hex, hex, hex).map((bytes) => `02:00:00:${bytes.join(':')}`);
const common = fc.record(
  {
    mtu: fc.integer({ min: 1280, max: 9000 }),
    hardwareAddr: mac,
    txQLen: fc.nat(5000),
    group: fc.nat(100),
    up: fc.boolean(),
    numTxQueues: fc.integer({ min: 1, max: 4 }),
    numRxQueues: fc.integer({ min: 1, max: 4 }),
    alias: fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((text) => !/[\0\n]/.test(text) && Buffer.byteLength(text) < 200),
  },
  { requiredKeys: [] },
);
const link: fc.Arbitrary<LinkSpec> = fc.oneof(
  common.map((settings): LinkSpec => ({ type: 'veth', peer: { name: 'peer' }, ...settings })),
  fc
    .tuple(
      common,
      fc.record(
        { ageingTime: fc.nat(100_000).map((n) => n * 100), priority: fc.nat(65_535), multicastSnooping: fc.boolean() },
        { requiredKeys: [] },
      ),
    )
    .map(([settings, own]): LinkSpec => ({ type: 'bridge', ...settings, ...own })),
  fc
    .tuple(common, fc.record({ mode: fc.constantFrom('private', 'vepa', 'bridge') }, { requiredKeys: [] }))
    .map(([{ mtu: _, ...settings }, own]): LinkSpec => ({ type: 'macvlan', parent: 'base', ...settings, ...own })),
  fc
    .tuple(
      common,
      fc.record({
        vxlanId: fc.nat(0xffffff),
        localAddress: fc.constantFrom('192.0.2.1', '198.51.100.7'),
        port: fc.integer({ min: 1024, max: 60_000 }),
        learning: fc.boolean(),
        ttl: fc.integer({ min: 1, max: 255 }),
        ageing: fc.integer({ min: 1, max: 5000 }),
      }),
    )
    .map(([settings, own]): LinkSpec => ({ type: 'vxlan', ...settings, ...own })),
);

/** The options of `ip` that mean the same. */
function ipOptions(spec: LinkSpec): string[] {
  const words: string[] = [];
  const say = (option: string, value: unknown): void => {
    if (value !== undefined) words.push(option, String(value));
  };
  if (spec.parent !== undefined) say('link', 'base');
  say('name', 'it');
  say('mtu', spec.mtu);
  say('address', spec.hardwareAddr);
  say('txqueuelen', spec.txQLen);
  say('numtxqueues', spec.numTxQueues);
  say('numrxqueues', spec.numRxQueues);
  say('group', spec.group);
  if (spec.up === true) words.push('up');
  words.push('type', spec.type);
  if (spec.type === 'veth') words.push('peer', 'name', 'peer');
  if (spec.type === 'bridge') {
    say('ageing_time', spec.ageingTime);
    say('priority', spec.priority);
    say('mcast_snooping', spec.multicastSnooping === undefined ? undefined : Number(spec.multicastSnooping));
  }
  if (spec.type === 'macvlan') say('mode', spec.mode);
  if (spec.type === 'vxlan') {
    say('id', spec.vxlanId);
    say('local', spec.localAddress);
    say('dstport', spec.port);
    words.push(spec.learning === false ? 'nolearning' : 'learning');
    say('ttl', spec.ttl);
    say('ageing', spec.ageing);
  }
  return words;
}

const here = uniqueName('ns');
let namespaces: Disposable;
let netlink: Netlink;
beforeAll(() => {
  namespaces = makeNamespaces(here);
  ipIn(here, 'link add base type veth peer name beyond');
  netlink = Netlink.open(here);
});
afterAll(() => {
  netlink.close();
  namespaces[Symbol.dispose]();
});

describe('we and iproute2 agree about generated links', () => {
  it('what we make, ip reads as we do; what ip makes with the same options is the same link', async () => {
    await fc.assert(
      fc.asyncProperty(link, async (spec) => {
        // What a failed run has left behind must not fail the runs that look for a smaller one.
        await netlink.linkDel('it').catch(() => undefined);
        // Without an address given the kernel makes one up; then only its presence can be compared.
        const settings = { hardwareAddr: '02:00:00:aa:bb:cc', ...spec, name: 'it' } as LinkSpec;
        await netlink.linkAdd(settings);
        const ours = ipJson<ShownLink>('link show it', here)[0] as ShownLink;
        const read = await netlink.linkByName('it');
        expect(words(read)).toEqual(shownWords(ours));
        const { name: _, up, alias, parent, peer, type, ...told } = settings as LinkSpec & { peer?: unknown };
        expect(read).toMatchObject({ ...told, type });
        expect(read.flags.includes('up')).toBe(up === true);
        expect(read.alias).toBe(alias);
        void parent;
        void peer;
        await netlink.linkDel('it');

        ip('-n', here, 'link', 'add', ...ipOptions(settings));
        if (alias !== undefined) ip('-n', here, 'link', 'set', 'it', 'alias', alias);
        const theirs = await netlink.linkByName('it');
        // Everything but what every new link has of its own.
        const same = ({
          index,
          statistics,
          carrierChanges,
          gcTimer: ___,
          ...rest
        }: Link & { gcTimer?: number }): object => ({
          ...rest,
          peerIndex: 0,
          parentIndex: 0,
        });
        expect(same(theirs)).toEqual(same(read));
        await netlink.linkDel('it');
      }),
      { numRuns: 40 },
    );
  });
});

interface ShownAddress {
  family: string;
  local: string;
  address?: string;
  prefixlen: number;
  broadcast?: string;
  scope: string;
  label?: string;
  metric?: number;
  valid_life_time: number;
  preferred_life_time: number;
}

/** Takes all addresses from the link. */
async function flush(): Promise<void> {
  for (const address of await netlink.addrList('base')) await netlink.addrDel('base', address);
}

describe('we and iproute2 agree about generated addresses', () => {
  const octet = fc.integer({ min: 1, max: 254 });
  const ipv4 = fc.record(
    {
      address: fc.tuple(octet, fc.integer({ min: 8, max: 32 })).map(([last, length]) => `192.0.2.${last}/${length}`),
      broadcast: fc.constantFrom('192.0.2.255', true as const),
      label: fc
        .string({ unit: fc.constantFrom('a', 'b', '7'), minLength: 1, maxLength: 8 })
        .map((text) => `base:${text}`),
      scope: fc.constantFrom('global', 'link', 'host', 'site', 77),
      metric: fc.integer({ min: 1, max: 0xffffffff }),
      flags: fc.constantFrom<AddressFlag[]>([], ['noprefixroute']),
      validLifetime: fc.integer({ min: 1000, max: 100_000 }),
    },
    { requiredKeys: ['address'] },
  );
  const group = fc.integer({ min: 1, max: 0xffff }).map((value) => value.toString(16));
  const ipv6 = fc.record(
    {
      address: fc
        .tuple(group, group, fc.integer({ min: 1, max: 128 }))
        .map(([a, b, length]) => `2001:db8::${a}:${b}/${length}`),
      flags: fc.constantFrom<AddressFlag[]>(['nodad'], ['nodad', 'noprefixroute'], ['nodad', 'homeaddress']),
      metric: fc.integer({ min: 1, max: 0xffffffff }),
      validLifetime: fc.integer({ min: 1000, max: 100_000 }),
    },
    { requiredKeys: ['address'] },
  );

  it('what we add ip shows, and what ip adds we read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(ipv4, ipv6), async (generated) => {
        const spec = generated as AddressSpec;
        await flush();
        const [address = '', length = ''] = spec.address.split('/');
        await netlink.addrAdd('base', spec);
        const shown = ipJson<{ addr_info: ShownAddress[] }>('addr show base', here)[0]?.addr_info.find(
          ({ local }) => local === address,
        );
        const read = (await netlink.addrList('base')).find(({ local }) => local === address);
        expect(shown).toBeDefined();
        expect(read).toMatchObject({
          address: spec.address,
          prefixLength: Number(length),
          family: shown?.family === 'inet' ? 'ipv4' : 'ipv6',
        });
        expect(String(read?.scope)).toBe(String(shown?.scope));
        expect(read?.label).toBe(shown?.label);
        expect(read?.broadcast).toBe(shown?.broadcast);
        expect(read?.metric).toBe(shown?.metric);
        const seconds = (value: number | undefined): number =>
          value === Number.POSITIVE_INFINITY ? 0xffffffff : (value ?? 0);
        expect(Math.abs(seconds(read?.validLifetime) - (shown?.valid_life_time ?? 0))).toBeLessThanOrEqual(2);
        await netlink.addrDel('base', spec.address);

        const options: string[] = [];
        if (spec.broadcast !== undefined)
          options.push('broadcast', spec.broadcast === true ? '+' : String(spec.broadcast));
        if (spec.label !== undefined) options.push('label', spec.label);
        if (spec.scope !== undefined) options.push('scope', String(spec.scope));
        if (spec.metric !== undefined) options.push('metric', String(spec.metric));
        for (const flag of spec.flags ?? []) options.push(flag === 'homeaddress' ? 'home' : String(flag));
        if (spec.validLifetime !== undefined)
          options.push('valid_lft', String(spec.validLifetime), 'preferred_lft', String(spec.validLifetime));
        ip('-n', here, 'addr', 'add', spec.address, 'dev', 'base', ...options);
        const theirs = (await netlink.addrList({ link: 'base', family: address.includes(':') ? 'ipv6' : 'ipv4' })).find(
          ({ local }) => local === address,
        );
        const same = (value: object | undefined): object => ({ ...value, validLifetime: 0, preferredLifetime: 0 });
        expect(same(theirs)).toEqual(same(read));
        await netlink.addrDel('base', theirs ?? '');
        expect(await netlink.addrList('base')).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('point-to-point addresses and lifetimes are changed in place', async () => {
    await flush();
    await netlink.addrAdd('base', { address: '192.0.2.1', peer: '192.0.2.2/32' });
    expect(ipJson<{ addr_info: ShownAddress[] }>('addr show base', here)[0]?.addr_info[0]).toMatchObject({
      local: '192.0.2.1',
      address: '192.0.2.2',
      prefixlen: 32,
    });
    expect((await netlink.addrList('base'))[0]).toMatchObject({ address: '192.0.2.1/32', peer: '192.0.2.2/32' });
    await netlink.addrDel('base', { address: '192.0.2.1', peer: '192.0.2.2/32' });
    await netlink.addrAdd('base', '198.51.100.1/24');
    await netlink.addrReplace('base', { address: '198.51.100.1/24', validLifetime: 500, preferredLifetime: 100 });
    const [address] = await netlink.addrList('base');
    expect(address?.validLifetime).toBeLessThanOrEqual(500);
    expect(address?.preferredLifetime).toBeLessThanOrEqual(100);
    await netlink.addrDel('base', '198.51.100.1/24');
  });
});
