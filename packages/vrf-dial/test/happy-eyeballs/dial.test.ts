import { spawn } from 'node:child_process';
import { getDefaultResultOrder, setDefaultResultOrder } from 'node:dns';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { LookupFunction, Socket } from 'node:net';
import { namespaceCookie, socketNamespaceCookie } from 'netns-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
import { AllAddressesFailedError, dial } from '../../src/index.js';
import { startMisbehavingServer, writeNetnsFiles } from '../resolve/name-servers.js';

const RED = uniqueName('red');
const SRV = uniqueName('srv');
const HERE4 = '192.0.2.110';
const HERE6 = '2001:db8:110::10';
/** Swallow what is sent to them. */
const SILENT4 = '192.0.2.111';
const SILENT6 = '2001:db8:110::11';
/** Nobody listens there. */
const CLOSED4 = '192.0.2.112';
const CLOSED6 = '2001:db8:110::12';
/** There is no way there. */
const FAR6 = '2001:db8:99::1';
const PORT = 8080;
const ALL = [HERE4, HERE6, SILENT4, SILENT6, CLOSED4, CLOSED6];

const to = (host: string, options: object = {}): Promise<Socket> =>
  dial({ namespace: RED, host, port: PORT, ...options });

let namespaces: { remove(): void };
let home: Capture;
let stopServer: () => void;

beforeAll(async () => {
  namespaces = makeNamespaces(RED, SRV);
  vethBetween(
    { namespace: RED, name: 'eth0', addresses: ['192.0.2.1/24', '2001:db8:110::1/64'] },
    { namespace: SRV, name: 'eth0', addresses: ALL.map((address) => `${address}/${address.includes(':') ? 64 : 24}`) },
  );
  run('ip', ['netns', 'exec', SRV, 'nft', '-f', '-'], {
    input: `table inet silence {
      chain input {
        type filter hook input priority 0;
      ip daddr ${SILENT4} tcp dport ${PORT} drop;
      ip6 daddr ${SILENT6} tcp dport ${PORT} drop;
      }
    }
`,
  });
  // Home has all of these addresses, too: an attempt from there would arrive, and be seen.
  for (const address of ALL) ip(`addr replace ${address} dev lo`);
  const program = `
    const server = (host) => require('node:net').createServer((s) => s.on('error', () => {}).end(host)).listen(${PORT}, host);
    for (const host of ['${HERE4}', '${HERE6}']) server(host).on('listening', () => console.log(host));`;
  const child = spawn('ip', ['netns', 'exec', SRV, process.execPath, '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stopServer = () => void child.kill('SIGKILL');
  let said = '';
  child.stdout.on('data', (text) => {
    said += String(text);
  });
  await retryUntil(() => said.includes(HERE4) && said.includes(HERE6), 20_000);
  writeNetnsFiles(RED, {
    'resolv.conf': `nameserver ${HERE4}\noptions timeout:1 attempts:2\n`,
    hosts: [
      `${HERE4} both.test four.test silent-six.test refused-six.test late-six.test`,
      `${HERE6} both.test silent-four.test`,
      `${SILENT6} silent-six.test silent.test`,
      `${SILENT4} silent-four.test silent.test`,
      `${CLOSED6} refused-six.test refused.test`,
      `${CLOSED4} refused.test`,
      `${FAR6} refused.test`,
    ].join('\n'),
  });
  home = await capture(undefined, `tcp port ${PORT} or (port 53 and dst host ${HERE4})`);
  namespaceCookie(RED);
  // The first packets have neighbours to find, which takes longer than an address is given; on a machine that is busy
  // with namespaces the kernel even fails to find them for a while.
  for (const address of [HERE4, HERE6])
    await retryUntil(async () => {
      const socket = await to(address).catch(() => undefined);
      socket?.destroy();
      return socket !== undefined;
    }, 60_000);
}, 120_000);

afterAll(async () => {
  const packets = (await home?.stop())?.filter((line) => line !== '');
  stopServer?.();
  for (const address of ALL) ip(`addr del ${address}/${address.includes(':') ? 128 : 32} dev lo`);
  namespaces?.remove();
  rmSync(`/etc/netns/${RED}`, { recursive: true, force: true });
  expect(packets).toEqual([]);
});

/** Who answered, and that it was in the namespace; closes the socket. */
async function whoAnswers(socket: Socket): Promise<string> {
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  expect(socketNamespaceCookie(fd)).toBe(namespaceCookie(RED));
  const [text] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return String(text);
}

describe('a host with several addresses', () => {
  it('is connected to over IPv6 where that works', async () => {
    // More than once: a busy machine may well take longer than the 250 ms that IPv6 has for itself.
    await retryUntil(async () => (await whoAnswers(await to('both.test'))) === HERE6);
    expect(await whoAnswers(await to('both.test', { family: 4 }))).toBe(HERE4);
  });

  it('is connected to over IPv4 first where that is wanted', async () => {
    const first = async (options: object): Promise<string> => whoAnswers(await to('both.test', options));
    const ipv4first = { dns: { order: 'ipv4first' } };
    await retryUntil(async () => (await first(ipv4first)) === HERE4);
    expect(await first({ ...ipv4first, autoSelectFamily: false })).toBe(HERE4);
    const own = [
      { address: HERE4, family: 4 },
      { address: HERE6, family: 6 },
    ];
    const lookup = ((_host, _options, callback) => callback(null, own)) as LookupFunction;
    await retryUntil(async () => (await first({ lookup })) === HERE4);
    const before = getDefaultResultOrder();
    try {
      setDefaultResultOrder('ipv4first');
      await retryUntil(async () => (await first({})) === HERE4);
      await retryUntil(async () => (await first({ dns: { order: 'verbatim' } })) === HERE6);
    } finally {
      setDefaultResultOrder(before);
    }
  });

  it.each([
    ['IPv6 is silent', 'silent-six.test', HERE4],
    ['IPv6 is refused', 'refused-six.test', HERE4],
    ['IPv4 is silent', 'silent-four.test', HERE6],
  ])('is connected to soon where %s, and nothing is left of the other attempts', async (_, host, expected) => {
    const before = openFds();
    const started = performance.now();
    const socket = await to(host);
    // Long before any timeout: 250 ms and what a busy machine adds.
    expect(performance.now() - started).toBeLessThan(3000);
    expect(await whoAnswers(socket)).toBe(expected);
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('that answers nowhere fails with every address and its reason', async () => {
    const before = openFds();
    const error = await to('refused.test').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AllAddressesFailedError);
    const { errors, addresses, message, code } = error as AllAddressesFailedError;
    expect([...addresses].sort()).toEqual([CLOSED4, CLOSED6, FAR6].sort());
    expect(errors.map((one) => (one as NodeJS.ErrnoException).code).sort()).toEqual([
      'ECONNREFUSED',
      'ECONNREFUSED',
      'ENETUNREACH',
    ]);
    expect(code).toBe('ECONNREFUSED');
    for (const address of addresses) expect(message).toContain(address);
    expect(message).toContain(RED);
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('that keeps silent fails at its timeout or signal, and nothing is left open', async () => {
    const before = openFds();
    await expect(to('silent.test', { timeout: 600 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    expect(leakedFds(before)).toEqual([]);
    const controller = new AbortController();
    const ended = to('silent.test', { signal: controller.signal }).catch((error: unknown) => error);
    // Both addresses are being tried.
    await retryUntil(() => leakedFds(before).length === 2);
    controller.abort();
    expect(await ended).toMatchObject({ name: 'AbortError' });
    await retryUntil(() => leakedFds(before).length === 0);
  });
});

describe('a host that only a name server knows', () => {
  it('is connected to by its first family to be known; the query for the other is ended', async () => {
    // Names under silentaaaa are answered for IPv4 only, with the address of `plain`, where no server listens: refused.
    await using server = await startMisbehavingServer(SRV, { addresses: [HERE4] });
    ipIn(SRV, 'addr add 198.51.100.7/32 dev lo');
    ipIn(RED, 'route add 198.51.100.7 via 192.0.2.110');
    const before = openFds();
    const started = performance.now();
    const error = await dial({ namespace: RED, host: 'silentaaaa.example', port: PORT, timeout: 700 }).catch(
      (reason: unknown) => reason,
    );
    // The address that is known was tried at once; the dial then waits for IPv6 as long as it may.
    expect(error).toMatchObject({ code: 'ETIMEDOUT' });
    expect(performance.now() - started).toBeGreaterThan(600);
    await retryUntil(() => leakedFds(before).length === 0);
    expect((await server.of('silentaaaa.example')).map(({ type }) => type)).toEqual(expect.arrayContaining([1, 28]));
    const listening = spawn(
      'ip',
      [
        'netns',
        'exec',
        SRV,
        process.execPath,
        '-e',
        `require('node:net').createServer((s) => s.on('error', () => {}).end('198.51.100.7')).listen(${PORT}, '198.51.100.7', () => console.log('ready'))`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(listening.stdout, 'data');
    const running = openFds();
    try {
      expect(await whoAnswers(await to('silentaaaa2.v4only.example', { family: 4 }))).toBe('198.51.100.7');
      expect(await whoAnswers(await to('silentaaaa.other.example'))).toBe('198.51.100.7');
      await retryUntil(() => leakedFds(running).length === 0);
    } finally {
      listening.kill('SIGKILL');
    }
  });

  it('and does not exist is ENOTFOUND, with no connection tried', async () => {
    await using _server = await startMisbehavingServer(SRV, { addresses: [HERE4] });
    await expect(to('nxdomain.example')).rejects.toMatchObject({ code: 'ENOTFOUND', hostname: 'nxdomain.example' });
  });
});
