import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { namespaceCookie, socketNamespaceCookie } from 'netns-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ip,
  ipIn,
  leakedFds,
  makeNamespaces,
  openFds,
  retryUntil,
  run,
  runProgram,
  uniqueName,
  vethBetween,
} from '#testkit';
import { dial } from '../src/index.ts';
import { type RunningServer, serveIn } from './servers.ts';

const name = uniqueName();
const RED = `ns-${name}`;
const PEER = `ns-${name}p`;
let namespaces: ReturnType<typeof makeNamespaces>;
const servers: RunningServer<Server>[] = [];

/** Says which namespace it is in, then what it is sent. */
const greeting = (text: string): Server =>
  createServer((socket) => {
    socket.write(`${text}\n`);
    socket.pipe(socket);
  });

async function firstLine(socket: Socket): Promise<string> {
  const [data] = (await once(socket, 'data')) as [Buffer];
  return data.toString().trim();
}

const fdOf = (socket: Socket): number => (socket as Socket & { _handle: { fd: number } })._handle.fd;

beforeAll(async () => {
  namespaces = makeNamespaces(RED, PEER);
  vethBetween(
    { namespace: RED, name: 'eth0', addresses: ['192.0.2.1/24', '2001:db8::1/64', 'fe80::1/64'] },
    { namespace: PEER, name: 'eth0', addresses: ['192.0.2.2/24', '2001:db8::2/64', 'fe80::2/64'] },
  );
  servers.push(await serveIn(PEER, greeting('peer4'), '192.0.2.2', 8080));
  servers.push(await serveIn(PEER, greeting('peer6'), '2001:db8::2', 8080));
  servers.push(await serveIn(PEER, greeting('zone'), 'fe80::2%eth0', 8080));
});

afterAll(async () => {
  for (const server of servers) await server.close();
  namespaces.remove();
});

describe('dial', () => {
  it('connects from the VRF, and the socket was born there', async () => {
    const socket = await dial({ vrf: name, host: '192.0.2.2', port: 8080 });
    expect(await firstLine(socket)).toBe('peer4');
    expect(socketNamespaceCookie(fdOf(socket))).toBe(namespaceCookie(RED));
    expect(socket.remoteAddress).toBe('192.0.2.2');
    expect(socket.localAddress).toBe('192.0.2.1');
    socket.destroy();
  });

  it('takes the short form, for IPv4 and IPv6', async () => {
    for (const [address, answer] of [
      [`${name}/192.0.2.2:8080`, 'peer4'],
      [`${name}/[2001:db8::2]:8080`, 'peer6'],
      [`${RED}/192.0.2.2:8080`, 'peer4'],
    ] as const) {
      const socket = await dial(address, { timeout: 5000 });
      expect(await firstLine(socket)).toBe(answer);
      socket.destroy();
    }
  });

  it('looks for the zone of an address in the namespace, by name and by index', async () => {
    const index = JSON.parse(run('ip', ['-n', RED, '-j', 'link', 'show', 'eth0']))[0].ifindex as number;
    for (const zone of ['eth0', String(index)]) {
      const socket = await dial({ vrf: name, host: `fe80::2%${zone}`, port: 8080 });
      expect(await firstLine(socket)).toBe('zone');
      socket.destroy();
    }
  });

  it('names a zone that does not exist in the namespace, even if it does at home', async () => {
    ip('link add zonehome type veth peer name zonehome2');
    const before = openFds();
    try {
      for (const zone of ['zonehome', '4711'])
        await expect(dial({ vrf: name, host: `fe80::2%${zone}`, port: 8080 })).rejects.toMatchObject({
          code: 'ENODEV',
          message: expect.stringMatching(new RegExp(`'%${zone}' does not exist in VRF '${name}'`)),
        });
      expect(leakedFds(before)).toEqual([]);
    } finally {
      ip('link del zonehome');
    }
  });

  it('binds to a local address and port of the namespace', async () => {
    ipIn(RED, 'addr add 192.0.2.77/24 dev eth0');
    const socket = await dial({
      vrf: name,
      host: '192.0.2.2',
      port: 8080,
      localAddress: '192.0.2.77',
      localPort: 4000,
    });
    expect([socket.localAddress, socket.localPort]).toEqual(['192.0.2.77', 4000]);
    socket.destroy();
    const onlyAddress = await dial({ vrf: name, host: '192.0.2.2', port: 8080, localAddress: '192.0.2.77' });
    expect(onlyAddress.localAddress).toBe('192.0.2.77');
    onlyAddress.destroy();
    await expect(dial({ vrf: name, host: '192.0.2.2', port: 8080, localAddress: '192.0.2.99' })).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
    });
    await expect(dial({ vrf: name, host: '192.0.2.2', port: 8080, localAddress: '::1' })).rejects.toThrow(/IPv4/);
  });

  it('binds to an interface of the namespace, and finds it again when it was made anew', async () => {
    const other = `ns-${uniqueName()}`;
    using _namespaces = makeNamespaces(other);
    const link = (): void =>
      vethBetween(
        { namespace: RED, name: 'eth1', addresses: ['198.51.100.1/24'] },
        { namespace: other, name: 'eth1', addresses: ['198.51.100.2/24'] },
      );
    link();
    await using server = await serveIn(other, greeting('other'), '0.0.0.0', 8080);
    expect(server.port).toBe(8080);
    const target = { vrf: name, interface: 'eth1', host: '198.51.100.2', port: 8080, timeout: 5000 };
    (await dial(target)).destroy();
    ipIn(RED, 'link del eth1');
    await expect(dial(target)).rejects.toMatchObject({ code: 'ENODEV', message: expect.stringContaining('eth1') });
    link();
    (await dial(target)).destroy();
    // What is not behind the interface is not reached, though the namespace has a route to it.
    await expect(dial({ ...target, host: '192.0.2.2', timeout: 500 })).rejects.toMatchObject({
      code: expect.stringMatching(/ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/),
    });
    ipIn(RED, 'link del eth1');
  });

  it('sends TCP keep-alive probes every 30 seconds unless told otherwise', async () => {
    const timers = async (options: { keepAlive?: boolean | number }): Promise<string> => {
      const socket = await dial({ vrf: name, host: '192.0.2.2', port: 8080, ...options });
      const line = run('ip', ['netns', 'exec', RED, 'ss', '-tnoH', 'sport', '=', `:${socket.localPort}`]);
      socket.destroy();
      return line;
    };
    expect(await timers({})).toMatch(/keepalive,(29|30)/);
    expect(await timers({ keepAlive: 90_000 })).toMatch(/keepalive,1min(29|30)/);
    expect(await timers({ keepAlive: false })).not.toContain('keepalive');
  });

  it('says who refused, what cannot be reached and what took too long, and leaves no descriptor', async () => {
    const before = openFds();
    await expect(dial({ vrf: name, host: '192.0.2.2', port: 9 })).rejects.toMatchObject({
      name: 'DialError',
      code: 'ECONNREFUSED',
      host: '192.0.2.2',
      port: 9,
      message: `cannot connect to 192.0.2.2:9 in VRF '${name}' (namespace '${RED}'): connection refused, nothing listens there (connect: ECONNREFUSED)`,
    });
    await expect(dial({ vrf: name, host: '203.0.113.1', port: 80 })).rejects.toMatchObject({ code: 'ENETUNREACH' });
    await expect(dial({ vrf: name, host: '2001:db8:1::1', port: 80 })).rejects.toMatchObject({ code: 'ENETUNREACH' });
    await expect(dial({ vrf: name, host: 'fe80::2', port: 80 })).rejects.toMatchObject({ code: 'EINVAL' });
    const started = performance.now();
    // Nobody answers to ARP there, so nothing happens for seconds.
    await expect(dial({ vrf: name, host: '192.0.2.200', port: 80, timeout: 100 })).rejects.toMatchObject({
      code: 'ETIMEDOUT',
      message: expect.stringContaining('within 100 ms'),
    });
    expect(performance.now() - started).toBeLessThan(2000);
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('says which VRF does not exist, and where it was looked for', async () => {
    const before = openFds();
    await expect(dial({ vrf: 'nowhere', host: '192.0.2.2', port: 80 })).rejects.toMatchObject({
      name: 'NamespaceNotFoundError',
      code: 'ENOENT',
      message: expect.stringMatching(/"ns-nowhere" does not exist: looked in \/run\/netns/),
    });
    expect(leakedFds(before)).toEqual([]);
  });

  it('says which capability is missing', async () => {
    const program = `
      import { dial, VrfAgent } from 'vrf-dial';
      import { request } from 'undici';
      import { readdirSync } from 'node:fs';
      const vrf = ${JSON.stringify(name)};
      const tell = ({ name, code, message }) => console.log(JSON.stringify({ name, code, message }));
      await dial({ vrf, host: '192.0.2.2', port: 8080 }).catch(tell);
      const before = readdirSync('/proc/self/fd').length;
      await dial({ vrf, host: '192.0.2.2', port: 8080 }).catch(tell);
      await request('http://192.0.2.2:8080/', { dispatcher: new VrfAgent({ vrf }) }).catch(tell);
      console.log(readdirSync('/proc/self/fd').length - before);
    `;
    const { stdout, stderr } = await runProgram(program, {
      through: ['setpriv', '--bounding-set=-all', '--inh-caps=-all'],
    });
    const lines = stdout.trim().split('\n');
    expect(lines.length, stderr).toBe(4);
    for (const line of lines.slice(0, 3))
      expect(JSON.parse(line)).toMatchObject({
        code: 'EPERM',
        message: expect.stringMatching(/CAP_SYS_ADMIN.*unshare -Urn/),
      });
    // The agent's watch of the directory stands a little longer.
    expect(Number(lines[3])).toBeLessThanOrEqual(2);
  });

  it('ends at any stage when the signal fires, with its reason', async () => {
    const before = openFds();
    const reason = new Error('not any more');
    await expect(dial({ vrf: name, host: '192.0.2.2', port: 8080, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    // Connecting.
    let controller = new AbortController();
    const connecting = dial({ vrf: name, host: '192.0.2.200', port: 80, signal: controller.signal });
    setTimeout(() => controller.abort(reason), 20);
    await expect(connecting).rejects.toBe(reason);
    // In the same turn in which it began.
    controller = new AbortController();
    const begun = dial({ vrf: name, host: '192.0.2.2', port: 8080, signal: controller.signal });
    controller.abort(reason);
    await expect(begun).rejects.toBe(reason);
    // Waiting for a namespace.
    controller = new AbortController();
    const waiting = dial({
      vrf: 'nowhere',
      waitForNamespace: 60_000,
      host: '192.0.2.2',
      port: 80,
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(reason), 20);
    await expect(waiting).rejects.toBe(reason);
    // Looking a name up.
    controller = new AbortController();
    const looking = dial({
      vrf: name,
      host: 'name.example',
      port: 80,
      dns: { servers: ['192.0.2.200'] },
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(reason), 20);
    await expect(looking).rejects.toBe(reason);
    await retryUntil(() => leakedFds(before).filter((fd) => !/inotify/.test(fd)).length === 0);
  });

  it('waits for a namespace as long as it may, and connects as soon as it is there', async () => {
    const later = uniqueName();
    const waiting = dial({ vrf: later, waitForNamespace: 10_000, host: '127.0.0.1', port: 7, timeout: 5000 });
    waiting.catch(() => {});
    await delay(50);
    using _namespaces = makeNamespaces(`ns-${later}`);
    await expect(waiting).rejects.toMatchObject({ code: expect.stringMatching(/ECONNREFUSED|ENETUNREACH/) });
    const started = performance.now();
    await expect(dial({ vrf: 'never', waitForNamespace: 150, host: '192.0.2.2', port: 80 })).rejects.toMatchObject({
      name: 'NamespaceNotFoundError',
      message: expect.stringContaining('within 150 ms'),
    });
    expect(performance.now() - started).toBeGreaterThan(140);
  });

  it('asks the lookup option for names, and connects to what it says from within the namespace', async () => {
    const asked: string[] = [];
    const socket = await dial({
      vrf: name,
      host: 'peer.example',
      port: 8080,
      lookup: (hostname, _options, callback) => {
        asked.push(hostname);
        callback(null, [
          { address: '2001:db8::99', family: 6 },
          { address: '192.0.2.2', family: 4 },
        ]);
      },
    });
    expect(asked).toEqual(['peer.example']);
    expect(await firstLine(socket)).toBe('peer4');
    socket.destroy();
    await expect(
      dial({
        vrf: name,
        host: 'peer.example',
        port: 8080,
        lookup: (_hostname, _options, callback) => callback(null, 'router1', 4),
      }),
    ).rejects.toThrow(/router1, which is not an address/);
  });

  it('sets TOS, mark and priority on the socket', async () => {
    const socket = await dial({ vrf: name, host: '192.0.2.2', port: 8080, tos: 0xb8, mark: 7, priority: 5 });
    const line = run('ip', ['netns', 'exec', RED, 'ss', '-tneH', '--tos', 'sport', '=', `:${socket.localPort}`]);
    expect(line).toMatch(/tos:0xb8/);
    expect(line).toMatch(/fwmark:0x7/);
    socket.destroy();
  });

  it('refuses what cannot be right, by the name of the option, before anything is opened', async () => {
    const before = openFds();
    const ok = { vrf: name, host: '192.0.2.2', port: 8080 };
    const bad = async (options: object, option: string, message?: RegExp): Promise<void> => {
      const error = await dial(options as typeof ok).then(
        () => undefined,
        (reason: unknown) => reason as Error & { option: string; code: string },
      );
      expect(error, JSON.stringify(options)).toMatchObject({
        name: 'InvalidOptionError',
        code: 'ERR_INVALID_ARGUMENT',
      });
      expect(error?.option).toBe(option);
      expect(error?.message).toMatch(message ?? new RegExp(option));
    };
    await bad({ ...ok, namespace: 'x' }, 'namespace', /both vrf .* and namespace/);
    await bad({ ...ok, tos: 256 }, 'tos', /0 to 255, got 256/);
    await bad({ ...ok, tos: 1.5 }, 'tos');
    await bad({ ...ok, port: 0 }, 'port');
    await bad({ ...ok, port: 65536 }, 'port');
    await bad({ ...ok, port: '80' }, 'port');
    await bad({ ...ok, host: '' }, 'host', /empty/);
    await bad({ ...ok, host: 'user:secret@192.0.2.1' }, 'host', /credentials/);
    await bad({ ...ok, host: 'fe80::1%' }, 'host', /zone/);
    await bad({ ...ok, host: 'a b' }, 'host');
    await bad({ ...ok, localAddress: 'eth0' }, 'localAddress');
    await bad({ ...ok, localPort: -1 }, 'localPort');
    await bad({ ...ok, family: 5 }, 'family');
    await bad({ ...ok, timeout: -1 }, 'timeout');
    await bad({ ...ok, interface: 'a-name-that-is-too-long' }, 'interface');
    await bad({ ...ok, waitForNamespace: 'long' }, 'waitForNamespace');
    await bad({ ...ok, onReplaced: 'ignore' }, 'onReplaced');
    await bad({ ...ok, interfce: 'eth0' }, 'interfce', /did you mean interface\?/);
    await bad({ ...ok, signal: {} }, 'signal');
    await bad({ ...ok, dns: { servers: 'x' } }, 'dns.servers');
    await bad({ vrf: undefined, host: '192.0.2.2', port: 80 }, 'vrf', /there but undefined/);
    await bad({ namespace: { name: 7 }, host: '192.0.2.2', port: 80 }, 'namespace.name');
    await bad({ namespace: {}, host: '192.0.2.2', port: 80 }, 'namespace');
    await expect(dial({ ...ok, vrf: '../home' })).rejects.toMatchObject({ name: 'InvalidNameError' });
    for (const [address, message] of [
      ['red/blue/192.0.2.1:80', /slash/],
      ['red/192.0.2.1', /no port/],
      ['red/2001:db8::1:80', /brackets/],
      ['red/192.0.2.1:http', /number/],
      ['http://user:pw@192.0.2.1/', /not a URL/],
      ['red/user:pw@192.0.2.1:80', /credentials/],
    ] as const)
      await expect(dial(address)).rejects.toThrow(message);
    await expect(dial('http://user:pw@192.0.2.1/')).rejects.not.toThrow(/pw/);
    await expect(dial('red/192.0.2.1:80', { vrf: 'blue' } as object)).rejects.toThrow(/given twice/);
    expect(leakedFds(before)).toEqual([]);
  });
});
