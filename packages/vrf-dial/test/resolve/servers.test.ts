import { NetnsError, namespaceCookie } from 'netns-core';
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
  uniqueName,
  vethBetween,
} from '#testkit';
import { clearDnsCache, HostResolver, NameResolutionError, targetContext } from '../../src/resolve/index.js';
import { resolveTarget, type VrfDnsOptions } from '../../src/target/target.js';
import { type RunningServer, startMisbehavingServer, writeNetnsFiles } from './name-servers.js';

const RED = uniqueName('red');
const SRV = uniqueName('srv');
/** Has the servers' addresses, too, and must never see a packet. */
const BLUE = uniqueName('blue');

const V4 = '198.51.100.7';
const V6 = '2001:db8::7';
const SERVERS = ['192.0.2.53', '192.0.2.54', '192.0.2.55', '2001:db8:53::53'];

let namespaces: { remove(): void };
let server: RunningServer;
let silentServer: RunningServer;
let watched: Capture[];

function resolver(dns: VrfDnsOptions = {}): HostResolver {
  return new HostResolver(
    targetContext(
      resolveTarget({ namespace: RED, dns: { servers: ['192.0.2.53'], search: [], hosts: false, ...dns } }),
    ),
  );
}

async function addresses(name: string, dns: VrfDnsOptions = {}, family: 0 | 4 | 6 = 0): Promise<string[]> {
  return (await resolver(dns).resolve(name, { family })).map(({ address }) => address);
}

async function failure(promise: Promise<unknown>): Promise<NameResolutionError> {
  const error = await promise.then(
    (value) => expect.fail(`resolved to ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NameResolutionError);
  return error as NameResolutionError;
}

beforeAll(async () => {
  namespaces = makeNamespaces(RED, SRV, BLUE);
  vethBetween(
    { namespace: RED, name: 'eth0', addresses: ['192.0.2.1/24', '2001:db8:53::1/64'] },
    {
      namespace: SRV,
      name: 'eth0',
      addresses: ['192.0.2.53/24', '192.0.2.54/24', '192.0.2.55/24', '192.0.2.66/24', '2001:db8:53::53/64'],
    },
  );
  // A packet that left from the wrong place would find a receiver, and be seen.
  for (const address of SERVERS) {
    ipIn(BLUE, `addr add ${address} dev lo`);
    ip(`addr replace ${address} dev lo`);
  }
  // Link-local addresses work once the kernel has made sure that no other host has them.
  await retryUntil(() => !ipIn(SRV, 'addr show dev eth0 tentative').includes('inet6'));
  server = await startMisbehavingServer(SRV, {
    addresses: ['192.0.2.53', '2001:db8:53::53'],
    spoofer: '192.0.2.66',
  });
  silentServer = await startMisbehavingServer(SRV, { addresses: ['192.0.2.54'], mode: 'silent' });
  const filter = `port 53 and (${SERVERS.map((address) => `host ${address}`).join(' or ')})`;
  watched = [await capture(undefined, filter), await capture(BLUE, filter)];
  // The first hop of a process opens what it keeps.
  namespaceCookie(RED);
  // Servers are given by each test; the rest of the file holds for all of them.
  writeNetnsFiles(RED, { 'resolv.conf': 'options timeout:1 attempts:2\n' });
});

// A test that is tried again asks again.
beforeEach(clearDnsCache);

afterAll(async () => {
  const packets = await Promise.all(
    (watched ?? []).map(async (one) => (await one.stop()).filter((line) => line !== '')),
  );
  await server?.stop();
  await silentServer?.stop();
  namespaces?.remove();
  writeNetnsFiles(RED, { 'resolv.conf': undefined });
  for (const address of SERVERS) ip(`addr del ${address}/${address.includes(':') ? 128 : 32} dev lo`);
  // Whatever the tests of this file did, nothing was asked from home or from another namespace.
  expect(packets).toEqual([[], []]);
});

describe('what a server answers', () => {
  it('gives the addresses of both families, IPv6 first, asked for at the same time from one port', async () => {
    const before = openFds();
    expect(await addresses('plain.example')).toEqual([V6, V4]);
    const queries = await server.of('plain.example');
    expect(queries.map(({ type }) => type).sort()).toEqual([1, 28]);
    expect(new Set(queries.map(({ port }) => port)).size).toBe(1);
    expect(new Set(queries.map(({ id }) => id)).size).toBe(2);
    expect(queries.every(({ edns }) => edns)).toBe(true);
    expect(queries.every(({ from }) => from === '192.0.2.1')).toBe(true);
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('asks for one family only where only one is wanted', async () => {
    expect(await addresses('one.plain.example', {}, 4)).toEqual([V4]);
    expect(await addresses('two.plain.example', {}, 6)).toEqual([V6]);
    expect((await server.of('one.plain.example')).map(({ type }) => type)).toEqual([1]);
    expect((await server.of('two.plain.example')).map(({ type }) => type)).toEqual([28]);
  });

  it('is content with one family', async () => {
    expect(await addresses('v4only.example')).toEqual([V4]);
    expect(await addresses('v6only.example')).toEqual([V6]);
  });

  it('follows a chain of aliases within an answer, whatever the order of its records', async () => {
    const [entry] = await resolver().resolve('cname.example', { family: 4 });
    expect(entry).toEqual({ address: V4, family: 4, ttl: 60 });
  });

  it('asks on where the answer ends in an alias', async () => {
    expect(await addresses('dangling.example')).toEqual([V6, V4]);
    expect(await server.of('found.example')).toHaveLength(2);
  });

  it('gets out of aliases that lead in circles', async () => {
    expect((await failure(addresses('loop.example'))).code).toBe('ENOTFOUND');
    expect((await failure(addresses('longloop.1.example'))).code).toBe('ENOTFOUND');
    expect((await server.seen()).filter(({ name }) => name.startsWith('longloop')).length).toBeLessThan(30);
  });

  it('believes no record of a name that it did not ask for', async () => {
    expect((await failure(addresses('stranger.example'))).code).toBe('ENOTFOUND');
    expect((await failure(addresses('dotted.example'))).code).toBe('ENOTFOUND');
  });

  it('works over IPv6 as well', async () => {
    expect(await addresses('six.plain.example', { servers: ['2001:db8:53::53'] })).toEqual([V6, V4]);
    expect(await addresses('port.plain.example', { servers: ['[2001:db8:53::53]:53'] })).toEqual([V6, V4]);
  });

  it('reaches a server at a link-local address through its interface in the namespace', async () => {
    const [link] = JSON.parse(ip('-n', SRV, '-j', 'addr', 'show', 'dev', 'eth0')) as [
      { addr_info: { scope: string; local: string }[] },
    ];
    const local = link.addr_info.find(({ scope }) => scope === 'link')?.local ?? '';
    await retryUntil(() => !ipIn(RED, 'addr show dev eth0 tentative').includes('inet6'));
    await using linkLocal = await startMisbehavingServer(SRV, { addresses: [`${local}%eth0`] });
    expect(await addresses('zone.plain.example', { servers: [`${local}%eth0`] })).toEqual([V6, V4]);
    expect(await linkLocal.seen()).toHaveLength(2);
    expect(await addresses('truncate.zone.example', { servers: [`${local}%eth0`] })).toEqual([V6, V4]);
    const error = await resolver({ servers: ['fe80::1%nosuch0'] })
      .resolve('zone2.plain.example')
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NetnsError);
    expect(String(error)).toContain('nosuch0');
  });
});

describe('unpredictable queries', () => {
  it('come from another port with another id each time', async () => {
    const count = 40;
    for (let index = 0; index < count; index += 1) await addresses(`n${index}.plain.example`, {}, 4);
    const queries = (await server.seen()).filter(({ name }) => /^n\d+\.plain\.example$/.test(name));
    expect(queries).toHaveLength(count);
    const ids = queries.map(({ id }) => id);
    const ports = queries.map(({ port }) => port);
    expect(new Set(ids).size).toBeGreaterThan(count - 4);
    expect(new Set(ports).size).toBeGreaterThan(count - 4);
    // Neither counts up: of ordered numbers all differences would be positive.
    for (const numbers of [ids, ports]) {
      const rising = numbers.filter((number, index) => index > 0 && number > (numbers[index - 1] ?? 0)).length;
      expect(rising).toBeGreaterThan(count / 8);
      expect(rising).toBeLessThan((count * 7) / 8);
    }
  });
});

describe('messages that are not answers', () => {
  it.each([
    ['with wrong ids', 'wrongid'],
    ['about another name', 'wrongname'],
    ['about another type', 'wrongtype'],
    ['that are queries themselves', 'query'],
    ['that are garbage', 'garbage'],
    ['from other addresses and ports', 'spoof'],
  ])('are passed over: %s', async (_, label) => {
    const before = openFds();
    expect(await addresses(`${label}.example`)).toEqual([V6, V4]);
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('are passed over when they come too late', async () => {
    expect(await addresses('late.example', {}, 4)).toEqual([V4]);
    expect(await server.of('late.example')).toHaveLength(2);
  });
});

describe('a server that does not answer', () => {
  it('is asked again, and the answer to the second try taken', async () => {
    expect(await addresses('lossy.example')).toEqual([V6, V4]);
    expect(await server.of('lossy.example')).toHaveLength(4);
  });

  it.each(['plain', 'truncate'])('is not taken for one because the event loop was blocked: %s', async (label) => {
    const name = `${label}.blocked.example`;
    const dns = { timeout: 500, attempts: 1 };
    const answer = label === 'plain' ? addresses(name, dns) : addresses(name, { ...dns, tcp: true });
    await new Promise((sent) => process.nextTick(sent));
    // Meanwhile the server answers.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    expect(await answer).toEqual([V6, V4]);
  });

  it('is given up after the configured tries, with an error that names it and the VRF', async () => {
    const before = openFds();
    const started = performance.now();
    const error = await failure(addresses('silent.example'));
    // `timeout:1 attempts:2`: two seconds, and no hurry asked of a busy machine.
    expect(performance.now() - started).toBeGreaterThan(1900);
    expect(error).toMatchObject({
      code: 'EAI_AGAIN',
      syscall: 'getaddrinfo',
      hostname: 'silent.example',
      servers: ['192.0.2.53'],
    });
    expect(error.message).toContain('192.0.2.53');
    expect(error.message).toContain(RED);
    expect(await server.of('silent.example')).toHaveLength(4);
    expect(leakedFds(before)).toEqual([]);
  });

  it('makes room for the next one', async () => {
    expect(await addresses('next.plain.example', { servers: ['192.0.2.54', '192.0.2.53'] })).toEqual([V6, V4]);
    expect(await silentServer.of('next.plain.example')).toHaveLength(2);
    expect(await server.of('next.plain.example')).toHaveLength(2);
  });

  it('does so at once where no server listens', async () => {
    const started = performance.now();
    expect(await addresses('refusing.plain.example', { servers: ['192.0.2.55', '192.0.2.53'] })).toEqual([V6, V4]);
    expect(performance.now() - started).toBeLessThan(900);
  });

  it('does so at once where there is no route', async () => {
    const started = performance.now();
    expect(await addresses('unroutable.plain.example', { servers: ['203.0.113.53', '192.0.2.53'] })).toEqual([V6, V4]);
    const error = await failure(addresses('x.plain.example', { servers: ['203.0.113.53', '192.0.2.55'] }));
    expect(error.code).toBe('EAI_AGAIN');
    expect(error.message).toMatch(/203\.0\.113\.53: ENETUNREACH; 192\.0\.2\.55: ECONNREFUSED/);
    expect(performance.now() - started).toBeLessThan(900);
  });

  it('does not hold up the family that was answered for all its tries', async () => {
    const started = performance.now();
    expect(await addresses('silentaaaa.example')).toEqual([V4]);
    expect(performance.now() - started).toBeLessThan(1800);
  });
});

describe('a server that cannot answer', () => {
  it.each(['servfail', 'refused', 'headeronly', 'referral'])('is passed over, not asked again: %s', async (label) => {
    const name = `${label}.example`;
    const error = await failure(addresses(name, {}, 4));
    expect(error.code).toBe('EAI_AGAIN');
    expect(await server.of(name)).toHaveLength(1);
    // The second server answers everything with silence but for what the first refuses: it is asked.
    const next = await failure(addresses(name, { servers: ['192.0.2.53', '192.0.2.54'], timeout: 300 }, 4));
    expect(next.servers).toEqual(['192.0.2.53', '192.0.2.54']);
    expect(await silentServer.of(name)).toHaveLength(2);
  });

  it.each(['formerr', 'notimp'])('for EDNS is asked without it: %s', async (label) => {
    const name = `${label}.example`;
    expect(await addresses(name, {}, 4)).toEqual([V4]);
    expect((await server.of(name)).map(({ edns }) => edns)).toEqual([true, false]);
  });
});

describe('an answer that does not fit', () => {
  it('is fetched over TCP, from the same server, and nothing of the truncated one believed', async () => {
    const before = openFds();
    expect(await addresses('truncate.example')).toEqual([V6, V4]);
    expect((await server.of('truncate.example')).map(({ transport }) => transport).sort()).toEqual([
      'tcp',
      'tcp',
      'udp',
      'udp',
    ]);
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('is fetched byte by byte if it must be', async () => {
    // Some fifty packets, which a busy machine needs more than the resolver's one second for.
    expect(await addresses('tcpdrip.example', { timeout: 10_000 })).toEqual([V6, V4]);
  });

  it.each([
    ['hangs', 'tcphang', /no answer within 1 s \(TCP\)/],
    ['closes the connection', 'tcpclose', /it closed the connection \(TCP\)/],
  ])('is given up where the server %s', async (_, label, reason) => {
    const before = openFds();
    const error = await failure(addresses(`${label}.example`, {}, 4));
    expect(error.code).toBe('EAI_AGAIN');
    expect(error.message).toMatch(reason);
    expect(leakedFds(before)).toEqual([]);
  });
});

describe('names that are not there', () => {
  it.each(['nxdomain', 'nodata'])('are ENOTFOUND: %s', async (label) => {
    const error = await failure(addresses(`${label}.example`));
    expect(error).toMatchObject({ code: 'ENOTFOUND', hostname: `${label}.example`, servers: ['192.0.2.53'] });
    expect(error.message).toMatch(/^getaddrinfo ENOTFOUND /);
  });

  it.each([
    'a b.example',
    'a..example',
    '.example',
    'x'.repeat(64),
    `${'a.'.repeat(127)}example`,
    '%eth0',
    'a/b',
    '\0',
  ])('are not asked for where they cannot exist: %j', async (name) => {
    const before = (await server.seen()).length;
    expect((await failure(addresses(name))).code).toBe('ENOTFOUND');
    expect(await server.seen()).toHaveLength(before);
  });
});

describe('the cache', () => {
  it('answers for as long as the TTL says, and not longer', async () => {
    expect(await addresses('ttl1.example')).toEqual([V6, V4]);
    expect(await addresses('ttl1.example')).toEqual([V6, V4]);
    expect(await addresses('TTL1.Example.')).toEqual([V6, V4]);
    expect(await server.of('ttl1.example')).toHaveLength(2);
    await retryUntil(async () => {
      await addresses('ttl1.example');
      return (await server.of('ttl1.example')).length === 4;
    });
  });

  it('keeps nothing with a TTL of 0', async () => {
    await addresses('ttl0.example');
    await addresses('ttl0.example');
    expect(await server.of('ttl0.example')).toHaveLength(4);
  });

  it('remembers that there is no such name, for as long as the SOA record says', async () => {
    for (const label of ['nxdomain', 'nodata']) {
      const name = `${label}.cached.example`;
      await failure(addresses(name));
      expect((await failure(addresses(name))).code).toBe('ENOTFOUND');
      expect(await server.of(name)).toHaveLength(2);
    }
    await failure(addresses('nxdomain1.example'));
    await retryUntil(async () => {
      await failure(addresses('nxdomain1.example'));
      return (await server.of('nxdomain1.example')).length === 4;
    });
    // Without an SOA record the time to live is unknown.
    await failure(addresses('nxdomainbare.example'));
    await failure(addresses('nxdomainbare.example'));
    expect(await server.of('nxdomainbare.example')).toHaveLength(4);
  });

  it('does not remember failures of servers', async () => {
    await failure(addresses('servfail.again.example'));
    await failure(addresses('servfail.again.example'));
    expect(await server.of('servfail.again.example')).toHaveLength(4);
  });

  it('is not asked with `cache: false`', async () => {
    await addresses('uncached.plain.example', { cache: false });
    await addresses('uncached.plain.example', { cache: false });
    expect(await server.of('uncached.plain.example')).toHaveLength(4);
  });

  it('is bounded in time and size', async () => {
    const dns = { cache: { maxEntries: 4, maxTtl: 3600 } };
    await addresses('b1.plain.example', dns);
    await addresses('b2.plain.example', dns);
    await addresses('b3.plain.example', dns);
    await addresses('b3.plain.example', dns);
    expect(await server.of('b3.plain.example')).toHaveLength(2);
    await addresses('b1.plain.example', dns);
    expect(await server.of('b1.plain.example')).toHaveLength(4);
    await addresses('brief.plain.example', { cache: { maxTtl: 0 } });
    await addresses('brief.plain.example', { cache: { maxTtl: 0 } });
    expect(await server.of('brief.plain.example')).toHaveLength(4);
  });

  it('tells servers apart', async () => {
    await addresses('apart.plain.example');
    await addresses('apart.plain.example', { servers: ['2001:db8:53::53'] });
    expect(new Set((await server.of('apart.plain.example')).map(({ server: which }) => which)).size).toBe(2);
  });

  it('forgets everything when told to', async () => {
    await addresses('forget.plain.example');
    clearDnsCache();
    await addresses('forget.plain.example');
    expect(await server.of('forget.plain.example')).toHaveLength(4);
  });
});

describe('callers at the same time', () => {
  it('share one resolution', async () => {
    const one = resolver();
    const other = resolver();
    const all = await Promise.all(
      [...Array(50).keys()].map((index) => (index % 2 ? one : other).resolve('slow.example')),
    );
    expect(new Set(all.map((found) => JSON.stringify(found))).size).toBe(1);
    expect(await server.of('slow.example')).toHaveLength(2);
  });

  it('may leave it; the last one ends it and closes its sockets', async () => {
    const before = openFds();
    const target = resolver();
    const first = new AbortController();
    const second = new AbortController();
    const waiting = [first, second].map(({ signal }) =>
      target.resolve('silent.shared.example', { signal }).then(
        () => 'resolved',
        (error: unknown) => error,
      ),
    );
    await retryUntil(async () => (await server.of('silent.shared.example')).length === 2);
    expect(leakedFds(before)).toHaveLength(1);
    const reason = new Error('first leaves');
    first.abort(reason);
    expect(await waiting[0]).toBe(reason);
    expect(leakedFds(before)).toHaveLength(1);
    second.abort();
    expect(await waiting[1]).toMatchObject({ name: 'AbortError' });
    expect(leakedFds(before)).toEqual([]);
  });

  it('are not shared an aborted resolution', async () => {
    const target = resolver();
    const controller = new AbortController();
    const leaving = target.resolve('slow.aborted.example', { signal: controller.signal }).catch(() => 'left');
    controller.abort();
    const found = await target.resolve('slow.aborted.example');
    expect(found).toHaveLength(2);
    expect(await leaving).toBe('left');
  });
});

describe('cancelling', () => {
  it('before anything was sent sends nothing', async () => {
    const reason = new Error('not at all');
    await expect(resolver().resolve('never.plain.example', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await server.of('never.plain.example')).toEqual([]);
  });

  it('closes sockets in every stage: UDP, second try, TCP', async () => {
    const before = openFds();
    for (const [label, count] of [
      ['silent', 1],
      ['silent', 2],
      ['tcphang', 2],
    ] as const) {
      const name = `${label}.stage${count}.example`;
      const controller = new AbortController();
      const ended = resolver()
        .resolve(name, { family: 4, signal: controller.signal })
        .catch((error: unknown) => error);
      await retryUntil(async () => (await server.of(name)).length === count);
      expect(leakedFds(before)).toHaveLength(1);
      controller.abort();
      expect(await ended).toMatchObject({ name: 'AbortError' });
      expect(leakedFds(before)).toEqual([]);
    }
  });
});

describe('the namespace', () => {
  it('that is not there is its own error, and no query goes anywhere', async () => {
    const target = new HostResolver(
      targetContext(resolveTarget({ namespace: 'nosuchns', dns: { servers: ['192.0.2.53'] } })),
    );
    const error = await target.resolve('plain.example').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'NamespaceNotFoundError', code: 'ENOENT' });
  });

  it('that was made again under its name is another one: its cache is empty', async () => {
    const name = uniqueName('again');
    using made = makeNamespaces(name);
    const target = (): HostResolver =>
      new HostResolver(
        targetContext(resolveTarget({ namespace: name, dns: { servers: ['127.0.0.1'], search: [], hosts: false } })),
      );
    const kept = target();
    {
      await using _old = await startMisbehavingServer(name, { addresses: ['127.0.0.1'] });
      expect(await kept.resolve('plain.example')).toHaveLength(2);
    }
    expect(kept.known('plain.example', 0)).toHaveLength(2);
    ip(`netns del ${name}`);
    // It looks every ten milliseconds at most.
    await retryUntil(() => kept.known('plain.example', 0) === undefined);
    ip(`netns add ${name}`);
    ipIn(name, 'link set lo up');
    expect(kept.known('plain.example', 0)).toBeUndefined();
    expect((await failure(kept.resolve('plain.example'))).code).toBe('EAI_AGAIN');
    void made;
  });

  it('may be meant by interface too: the queries leave by it', async () => {
    const target = new HostResolver(
      targetContext(
        resolveTarget({
          namespace: RED,
          interface: 'lo',
          dns: { servers: ['192.0.2.53'], search: [], hosts: false, timeout: 300 },
        }),
      ),
    );
    const error = await failure(target.resolve('plain.device.example'));
    expect(error.code).toBe('EAI_AGAIN');
    expect(await server.of('plain.device.example')).toEqual([]);
  });
});
