import { execFile, execFileSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import dns, { type LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, connect as netConnect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { InvalidNameError, InvalidOptionError, namespaceCookie } from 'netns-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Capture,
  capture,
  ip,
  ipIn,
  leakedFds,
  makeNamespaces,
  openFds,
  retryUntil,
  run,
  uniqueName,
  vethBetween,
} from '#testkit';
import type { ResolveMessage } from '../../src/diagnostics.js';
import {
  clearDnsCache,
  createVrfLookup,
  createVrfResolver,
  type VrfLookup,
  type VrfLookupOptions,
} from '../../src/resolve/index.js';
import type { VrfTarget } from '../../src/target/target.js';
import { type RunningServer, startDnsmasq, startMisbehavingServer, writeNetnsFiles } from './name-servers.js';

const RED = uniqueName('red');
const BLUE = uniqueName('blue');
const SRV = uniqueName('srv');
const DNS = '198.51.100.53';
const MANY = 150;

let namespaces: { remove(): void };
let directory: string;
let dnsmasq: RunningServer;
let watched: Capture[];

const RESOLV_CONF = `nameserver ${DNS}\nsearch one.example two.example\noptions timeout:1 attempts:5\n`;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'lookup-'));
  namespaces = makeNamespaces(RED, BLUE, SRV);
  vethBetween(
    { namespace: RED, name: 'eth0', addresses: ['198.51.100.1/24', '2001:db8:98::1/64'] },
    { namespace: SRV, name: 'eth0', addresses: [`${DNS}/24`, '2001:db8:98::53/64'] },
  );
  ipIn(RED, 'route add default via 198.51.100.53');
  ipIn(RED, '-6 route add default via 2001:db8:98::53');
  ipIn(BLUE, `addr add ${DNS}/32 dev lo`);
  ip(`addr replace ${DNS} dev lo`);
  const hosts = path.join(directory, 'hosts');
  writeFileSync(
    hosts,
    [
      '203.0.113.7 dual.example',
      '2001:db8::7 dual.example',
      '203.0.113.8 four.example',
      '2001:db8::9 six.example',
      '203.0.113.10 searched.two.example',
      '203.0.113.11 dotted.host.one.example',
      ...Array.from({ length: MANY }, (_, index) => `203.0.113.${index + 50} many.example`),
    ].join('\n'),
  );
  // It is read while dnsmasq may already have dropped its rights.
  run('chmod', ['-R', 'a+rX', directory]);
  dnsmasq = await startDnsmasq(SRV, [
    '--listen-address=198.51.100.53,2001:db8:98::53',
    `--addn-hosts=${hosts}`,
    '--local-ttl=60',
    '--cname=alias.example,dual.example',
    '--cname=alias2.example,alias.example',
    '--local=/example/',
    '--host-record=xn--bcher-kva.example,203.0.113.12',
  ]);
  writeNetnsFiles(RED, { 'resolv.conf': RESOLV_CONF, hosts: '', 'nsswitch.conf': 'hosts: files dns\n' });
  const filter = `port 53 and dst host ${DNS}`;
  watched = [await capture(undefined, filter), await capture(BLUE, filter)];
  // The first hop of a process opens what it keeps.
  namespaceCookie(RED);
});

afterAll(async () => {
  const packets = await Promise.all(
    (watched ?? []).map(async (one) => (await one.stop()).filter((line) => line !== '')),
  );
  await dnsmasq?.stop();
  namespaces?.remove();
  ip(`addr del ${DNS}/32 dev lo`);
  rmSync(`/etc/netns/${RED}`, { recursive: true, force: true });
  rmSync(directory, { recursive: true, force: true });
  expect(packets).toEqual([[], []]);
});

beforeEach(clearDnsCache);

const lookup = createVrfLookup({ namespace: RED });

function look(name: string, options: VrfLookupOptions = {}, by: VrfLookup = lookup): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    by(name, { all: true, ...options }, (error, found) => (error ? reject(error) : resolve(found as LookupAddress[])));
  });
}

const addresses = async (name: string, options?: VrfLookupOptions, by?: VrfLookup): Promise<string[]> =>
  (await look(name, options, by)).map(({ address }) => address);

/** Options of `dns.lookup` that JSON can carry. */
type Plain = Omit<VrfLookupOptions, 'signal'>;

/** What Node's own `dns.lookup` says, glibc's resolver that is, in a process that `ip netns exec` has put there. */
async function fromInside(
  cases: readonly (readonly [string, Plain])[],
): Promise<({ found: LookupAddress[] } | { code: string })[]> {
  const program = `
    const dns = require('node:dns');
    const cases = ${JSON.stringify(cases)};
    Promise.all(cases.map(([name, options]) => new Promise((resolve) => {
      dns.lookup(name, { all: true, ...options }, (error, found) => resolve(error ? { code: error.code } : { found }));
    }))).then((all) => console.log(JSON.stringify(all)));`;
  // Not synchronously: dnsmasq stops when its log is not read.
  const { stdout } = await promisify(execFile)('ip', ['netns', 'exec', RED, process.execPath, '-e', program]);
  return JSON.parse(stdout) as ({ found: LookupAddress[] } | { code: string })[];
}

describe('createVrfLookup beside dns.lookup in a process inside the namespace', () => {
  const names = [
    ...['dual.example', 'four.example', 'six.example', 'alias2.example', 'searched', 'dotted.host', 'DUAL.example.'],
    ...['many.example', 'nosuch.example', 'nosuch', '203.0.113.99', '2001:db8::99', 'bücher.example'],
  ];
  const options: Plain[] = [
    {},
    { family: 4 },
    { family: 6 },
    { order: 'ipv4first' },
    { order: 'ipv6first' },
    { hints: dns.ADDRCONFIG },
    { family: 6, hints: dns.V4MAPPED },
    { family: 6, hints: dns.V4MAPPED | dns.ALL },
  ];

  it('gives the same addresses, and the same codes where there are none', async () => {
    const cases = names.flatMap((name) => options.map((option) => [name, option] as const));
    // glibc holds against our order what it alone knows (longest common prefix): sets are compared.
    const sorted = (found: readonly LookupAddress[]): string[] =>
      found.map(({ address, family }) => `${family} ${address}`).sort();
    const expected = await fromInside(cases);
    for (const [index, [name, option]] of cases.entries()) {
      const reference = expected[index];
      const ours = await look(name, option).then(
        (found) => ({ found }),
        (error: NodeJS.ErrnoException) => ({ code: error.code }),
      );
      const title = `${name} ${JSON.stringify(option)}`;
      expect('found' in ours ? sorted(ours.found) : ours, title).toEqual(
        reference !== undefined && 'found' in reference ? sorted(reference.found) : reference,
      );
    }
  });

  it('has the same order of families', async () => {
    const cases = (['ipv4first', 'ipv6first', 'verbatim'] as const).map(
      (order) => ['dual.example', { order }] as const,
    );
    const expected = await fromInside(cases);
    for (const [index, [name, option]] of cases.entries())
      expect({ found: await look(name, option) }).toEqual(expected[index]);
  });

  it('has the order of its target where a call says nothing else', async () => {
    const target = (order: 'ipv4first' | 'ipv6first' | 'verbatim'): VrfLookup =>
      createVrfLookup({ namespace: RED, dns: { order } });
    const [four, six] = ['203.0.113.7', '2001:db8::7'];
    expect(await addresses('dual.example', {}, target('ipv4first'))).toEqual([four, six]);
    expect(await addresses('dual.example', {}, target('ipv6first'))).toEqual([six, four]);
    expect(await addresses('dual.example', { order: 'verbatim' }, target('ipv4first'))).toEqual([six, four]);
    expect(await addresses('dual.example', { verbatim: false }, target('ipv6first'))).toEqual([four, six]);
    // What a JavaScript program may pass: the types refuse it.
    const wrong = { namespace: RED, dns: { order: 'ipv4' } } as unknown as VrfTarget;
    expect(() => createVrfLookup(wrong)).toThrow(
      "dns.order must be 'ipv4first', 'ipv6first' or 'verbatim', got 'ipv4'",
    );
  });

  it('puts IPv4 first where there is no route for IPv6', async () => {
    const plain = uniqueName('plain');
    using _made = makeNamespaces(plain);
    vethBetween(
      { namespace: plain, name: 'eth0', addresses: ['198.51.100.2/24'] },
      { namespace: SRV, name: 'eth1', addresses: [] },
    );
    // The server is asked through the other veth pair of its namespace: this one only has to exist.
    ipIn(plain, 'route add default via 198.51.100.53');
    writeNetnsFiles(plain, { hosts: '203.0.113.7 both\n2001:db8::7 both\n' });
    const there = createVrfLookup({ namespace: plain });
    expect(await addresses('both', {}, there)).toEqual(['203.0.113.7', '2001:db8::7']);
    expect(await addresses('both', { order: 'ipv6first' }, there)).toEqual(['2001:db8::7', '203.0.113.7']);
    expect(await addresses('both', { hints: dns.ADDRCONFIG }, there)).toEqual(['203.0.113.7']);
    rmSync(`/etc/netns/${plain}`, { recursive: true });
  });
});

describe('the shape of the function', () => {
  it('takes a callback alone, a family, or options', async () => {
    const once = (...args: readonly unknown[]): Promise<unknown[]> =>
      new Promise((resolve) => {
        (lookup as (...all: unknown[]) => void)(...args, (...answer: unknown[]) => resolve(answer));
      });
    expect(await once('dual.example')).toEqual([null, '2001:db8::7', 6]);
    expect(await once('dual.example', 4)).toEqual([null, '203.0.113.7', 4]);
    expect(await once('dual.example', { family: 'IPv4' })).toEqual([null, '203.0.113.7', 4]);
    expect(await once('dual.example', { all: true, family: 4 })).toEqual([
      null,
      [{ address: '203.0.113.7', family: 4 }],
    ]);
    expect(await once('', {})).toEqual([null, null, 4]);
    const [error] = await once('nosuch.example', {});
    expect(error).toMatchObject({ code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'nosuch.example' });
  });

  // What a JavaScript program may pass: the types refuse most of it.
  it.each([
    ['order', { order: 'x' }],
    ['family', { family: 5 }],
    ['family', 5],
    ['hints', { hints: 1 << 20 }],
    ['hints', { hints: '1' }],
    ['all', { all: 'yes' }],
    ['verbatim', { verbatim: 1 }],
    ['options', 'all'],
  ])('refuses the %s of %j by name, as dns.lookup does', async (option, wrong) => {
    const callback = (): void => undefined;
    for (const name of ['dual.example', '192.0.2.1', '']) {
      expect(() => dns.lookup('192.0.2.1', wrong as dns.LookupOptions, callback)).toThrow(option);
      expect(() => lookup(name, wrong as dns.LookupOptions, callback)).toThrow(expect.objectContaining({ option }));
    }
    await expect(
      createVrfResolver({ namespace: RED }).lookup('dual.example', wrong as dns.LookupOneOptions),
    ).rejects.toMatchObject({ option });
  });

  it('takes null for options that are not given, as dns.lookup does, and those of other names', async () => {
    const nothing = { order: null, family: null, hints: null, verbatim: null, signal: null, port: 80 };
    expect(await addresses('192.0.2.1', nothing as unknown as Plain)).toEqual(['192.0.2.1']);
    const one = { ...nothing, all: null } as unknown as { all?: false };
    expect(await createVrfResolver({ namespace: RED }).lookup('192.0.2.1', one)).toMatchObject({ family: 4 });
    expect(() => lookup('192.0.2.1', { signal: 1 } as unknown as Plain, () => undefined)).toThrow(
      expect.objectContaining({ option: 'signal' }),
    );
  });

  it('never calls back before it returns', async () => {
    await look('dual.example');
    for (const name of ['dual.example', '192.0.2.1', 'localhost', '', 'a b']) {
      let returned = false;
      const called = new Promise<boolean>((resolve) => lookup(name, () => resolve(returned)));
      returned = true;
      expect(await called).toBe(true);
    }
  });

  it('serves Node itself', async () => {
    writeNetnsFiles(RED, { hosts: '127.0.0.1 here.example\n' });
    await retryUntil(async () => (await addresses('here.example').catch(() => [])).length === 1);
    const server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    for (const autoSelectFamily of [true, false]) {
      const socket = netConnect({
        host: 'here.example',
        port: (server.address() as AddressInfo).port,
        lookup,
        autoSelectFamily,
      });
      const [data] = (await once(socket, 'data')) as [Buffer];
      expect(String(data)).toBe('hello');
      socket.destroy();
    }
    server.close();
  });

  it('refuses what cannot be right, when it is made or called', () => {
    const bad =
      (target: unknown): (() => unknown) =>
      (): unknown =>
        createVrfLookup(target as VrfTarget);
    expect(bad({ vrf: 'a', namespace: 'b' })).toThrow(InvalidOptionError);
    expect(bad({ namespace: '../x' })).toThrow(InvalidNameError);
    expect(bad({ namespace: RED, dns: { servers: ['ns.example'] } })).toThrow(/dns\.servers.*'ns\.example'/);
    expect(bad({ namespace: RED, dns: { search: ['a b'] } })).toThrow(/dns\.search.*'a b'/);
    const call = lookup as (...args: unknown[]) => void;
    expect(() => call('x')).toThrow(/callback/);
    expect(() => call('x', { family: 5 }, () => undefined)).toThrow(/family/);
    expect(() => call(7, () => undefined)).toThrow(/host name/);
  });

  it('ends with its signal', async () => {
    const before = openFds();
    await using silent = await startMisbehavingServer(SRV, { addresses: [DNS], mode: 'silent', port: 5300 });
    const slow = createVrfLookup({ namespace: RED, dns: { servers: [`${DNS}:5300`] } });
    const controller = new AbortController();
    const ended = look('dual.example', { signal: controller.signal }, slow).catch((error: unknown) => error);
    await retryUntil(async () => (await silent.seen()).length > 0);
    controller.abort();
    expect(await ended).toMatchObject({ name: 'AbortError' });
    await silent.stop();
    await retryUntil(() => leakedFds(before).length === 0);
  });
});

describe('sources', () => {
  it('are the hosts file of the namespace, then the servers of its resolv.conf with their search list', async () => {
    writeNetnsFiles(RED, { hosts: '203.0.113.200 dual.example inhosts\n' });
    await retryUntil(async () => (await addresses('inhosts').catch(() => [])).length === 1);
    // A name in the file has the addresses in the file, and no others.
    expect(await addresses('Dual.Example')).toEqual(['203.0.113.200']);
    expect(await addresses('dual.example', { family: 6 })).toEqual(['2001:db8::7']);
    expect(await addresses('searched')).toEqual(['203.0.113.10']);
    expect(await addresses('dual.example', {}, createVrfLookup({ namespace: RED, dns: { hosts: false } }))).toEqual([
      '2001:db8::7',
      '203.0.113.7',
    ]);
    expect(
      await addresses('dual', {}, createVrfLookup({ namespace: RED, dns: { hosts: false, search: ['example'] } })),
    ).toHaveLength(2);
  });

  it('follow nsswitch.conf of the namespace', async () => {
    writeNetnsFiles(RED, {
      hosts: '203.0.113.200 dual.example onlyhosts.example\n',
      'nsswitch.conf': 'hosts: dns files\n',
    });
    await retryUntil(async () => (await addresses('dual.example')).length === 2);
    expect(await addresses('onlyhosts.example')).toEqual(['203.0.113.200']);
    writeNetnsFiles(RED, { 'nsswitch.conf': 'hosts: files\n' });
    await retryUntil(async () => (await addresses('dual.example')).length === 1);
    const before = (await dnsmasq.seen()).length;
    await expect(look('four.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(await dnsmasq.seen()).toHaveLength(before);
    writeNetnsFiles(RED, { hosts: '', 'nsswitch.conf': 'hosts: files dns\n' });
    await retryUntil(async () => (await addresses('dual.example')).length === 2);
  });

  it('are read again when they change: a new server is asked', async () => {
    ipIn(SRV, 'addr add 2001:db8:98::54/64 dev eth0 nodad');
    await using _other = await startMisbehavingServer(SRV, { addresses: ['2001:db8:98::54'] });
    expect(await addresses('four.example')).toEqual(['203.0.113.8']);
    writeNetnsFiles(RED, { 'resolv.conf': 'nameserver 2001:db8:98::54\n' });
    await retryUntil(async () => (await addresses('four.example'))[0] === '2001:db8::7');
    writeNetnsFiles(RED, { 'resolv.conf': RESOLV_CONF });
    await retryUntil(async () => (await addresses('four.example'))[0] === '203.0.113.8');
  });

  it('take turns with rotate', async () => {
    writeNetnsFiles(RED, {
      'resolv.conf': `nameserver ${DNS}\nnameserver 2001:db8:98::53\noptions rotate timeout:1\n`,
    });
    const to = await capture(RED, 'udp dst port 53');
    await retryUntil(async () => {
      clearDnsCache();
      await look('dual.example');
      return (
        to.packets.some((line) => line.includes('2001:db8:98::53.53')) &&
        to.packets.some((line) => line.includes(`${DNS}.53`))
      );
    });
    await to.stop();
    writeNetnsFiles(RED, { 'resolv.conf': RESOLV_CONF });
    await new Promise((resolve) => setTimeout(resolve, 1100));
  });

  it("are the host's own files for a namespace without files, and the error says how to name others", async () => {
    const bare = uniqueName('bare');
    using _made = makeNamespaces(bare);
    const error = await look('dual.example', {}, createVrfLookup({ namespace: bare })).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: 'EAI_AGAIN' });
    expect(String(error)).toContain(`/etc/netns/${bare}/resolv.conf`);
  });

  it('know localhost and everything below it without asking', async () => {
    const before = (await dnsmasq.seen()).length;
    expect(await addresses('localhost')).toEqual(expect.arrayContaining(['127.0.0.1', '::1']));
    expect(await addresses('a.b.LOCALHOST.', { family: 4 })).toEqual(['127.0.0.1']);
    expect(await dnsmasq.seen()).toHaveLength(before);
  });
});

describe('a real server', () => {
  it('answers over TCP what does not fit into a datagram', async () => {
    const seen = await capture(SRV, 'port 53');
    expect(new Set(await addresses('many.example', { family: 4 })).size).toBe(MANY);
    const packets = await seen.stop();
    expect(packets.some((line) => line.includes('Flags [S]'))).toBe(true);
  });

  it('is heard through a network that loses every second query', async () => {
    execFileSync('ip', ['netns', 'exec', SRV, 'nft', '-f', '-'], {
      input: `table inet loss {
        chain input { type filter hook input priority 0; udp dport 53 numgen inc mod 2 0 counter drop; }
      }`,
    });
    try {
      const uncached = createVrfLookup({ namespace: RED, dns: { cache: false } });
      expect(await addresses('dual.example', { family: 4 }, uncached)).toEqual(['203.0.113.7']);
      expect(await addresses('alias.example', { family: 6 }, uncached)).toEqual(['2001:db8::7']);
      expect((await addresses('dual.example', {}, uncached)).length).toBeGreaterThan(0);
      expect(run('ip', ['netns', 'exec', SRV, 'nft', 'list', 'ruleset'])).toMatch(/counter packets [1-9]/);
    } finally {
      run('ip', ['netns', 'exec', SRV, 'nft', 'delete', 'table', 'inet', 'loss']);
    }
  });

  it('is asked over the interface that the target names, at home', async () => {
    const device = uniqueName('vh');
    ip(`link add ${device} type veth peer name home0 netns ${SRV}`);
    try {
      ip(`addr add 192.0.2.201/30 dev ${device}`);
      ip(`link set ${device} up`);
      ipIn(SRV, 'addr add 192.0.2.202/30 dev home0');
      ipIn(SRV, 'link set home0 up');
      await using server = await startMisbehavingServer(SRV, { addresses: ['192.0.2.202'] });
      const by = (name: string): VrfLookup =>
        createVrfLookup({ interface: name, dns: { servers: ['192.0.2.202'], search: [], hosts: false } });
      expect(await addresses('plain.example', { family: 4 }, by(device))).toEqual(['198.51.100.7']);
      expect(await server.seen()).toHaveLength(1);
      await expect(look('plain2.example', { family: 4 }, by('nosuchdev'))).rejects.toMatchObject({ code: 'ENODEV' });
      // By another device the query gets nowhere.
      await expect(
        look('plain3.example', { family: 4, signal: AbortSignal.timeout(500) }, by('lo')),
      ).rejects.toMatchObject({ name: 'TimeoutError' });
      expect(await server.seen()).toHaveLength(1);
    } finally {
      ip(`link del ${device}`);
    }
  });
});

describe('a namespace that is not there', () => {
  it('is waited for as long as the target says', async () => {
    const late = uniqueName('late');
    await expect(look('x.example', {}, createVrfLookup({ namespace: late }))).rejects.toMatchObject({ code: 'ENOENT' });
    const waiting = look(
      'here',
      {},
      createVrfLookup({ namespace: late, waitForNamespace: 20_000, dns: { servers: ['127.0.0.1'], search: [] } }),
    ).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 100));
    using _made = makeNamespaces(late);
    expect(await waiting).toMatchObject({ code: 'EAI_AGAIN' });
  });
});

describe('seen from outside', () => {
  it('each lookup is published with its source and its outcome', async () => {
    const messages: ResolveMessage[] = [];
    const listener = (message: unknown): void => void messages.push(message as ResolveMessage);
    subscribe('vrf-dial:resolve', listener);
    try {
      await look('dual.example');
      await look('dual.example');
      await look('localhost');
      await look('nosuch.example').catch(() => undefined);
    } finally {
      unsubscribe('vrf-dial:resolve', listener);
    }
    expect(messages.map(({ hostname, source }) => [hostname, source])).toEqual([
      ['dual.example', 'server'],
      ['dual.example', 'cache'],
      ['localhost', 'local'],
      ['nosuch.example', 'server'],
    ]);
    expect(messages[0]?.addresses).toEqual(['2001:db8::7', '203.0.113.7']);
    expect(messages[3]?.error).toMatchObject({ code: 'ENOTFOUND' });
  });
});
