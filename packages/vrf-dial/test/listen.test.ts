import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { addNamed, deleteNamed, namespaceCookie, resolveNamespace, socketNamespaceCookie } from 'netns-core';
import { afterEach, describe, expect, it } from 'vitest';
import { BindError, dial, InvalidOptionError, listenInVrf, listenInVrfWith, type VrfListener } from 'vrf-dial';
import {
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

const cleanups: (() => unknown)[] = [];
/** Milliseconds for what the kernel does in its own time, and late on a busy machine. */
const KERNEL = 20_000;
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Two namespaces with a veth between them; the listener's has 192.0.2.1 and 2001:db8::1, the client's ends in 2. */
function serverAndClient(): { served: string; client: string } {
  const served = uniqueName('s');
  const client = uniqueName('c');
  const made = makeNamespaces(served, client);
  cleanups.push(() => made.remove());
  wire(served, client);
  return { served, client };
}

function wire(served: string, client: string): void {
  vethBetween(
    { namespace: served, name: 'eth0', addresses: ['192.0.2.1/24', '2001:db8::1/64'] },
    { namespace: client, name: 'eth0', addresses: ['192.0.2.2/24', '2001:db8::2/64'] },
  );
}

function fresh(): string {
  const name = uniqueName('n');
  cleanups.push(() => {
    try {
      deleteNamed(name);
    } catch {
      // The test did.
    }
  });
  return name;
}

function closing<T extends VrfListener>(listener: T): T {
  cleanups.push(() => listener.close({ graceMs: 0 }));
  return listener;
}

/** curl, run inside a namespace. */
function curl(namespace: string, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('ip', ['netns', 'exec', namespace, 'curl', '-sS', '--max-time', '5', ...args]);
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err += chunk));
    child.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`curl ${code}: ${err}`))));
  });
}

function portOf(listener: VrfListener): number {
  const address = listener.address();
  if (address === null) throw new Error('not listening');
  return address.port;
}

const hello = (): http.Server => http.createServer((_request, response) => response.end('hello'));

describe('a listener in a namespace that is there', () => {
  it('listens when listenInVrf resolves, and in that namespace only', async () => {
    const { served, client } = serverAndClient();
    const server = hello();
    const listener = closing(await listenInVrf(server, { namespace: served, host: '192.0.2.1', port: 8080 }));
    expect(listener.state).toBe('listening');
    expect(listener.requested).toEqual({ host: '192.0.2.1', port: 8080 });
    expect(listener.address()).toEqual({ address: '192.0.2.1', family: 'IPv4', port: 8080 });
    expect(server.listening).toBe(true);
    expect(server.address()).toEqual(listener.address());
    await expect(curl(client, 'http://192.0.2.1:8080/')).resolves.toBe('hello');
    expect(run('ip', ['netns', 'exec', served, 'ss', '-Hltn'])).toContain('192.0.2.1:8080');
    expect(run('ss', ['-Hltn'])).not.toContain(':8080');
    const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
    expect(socketNamespaceCookie(fd)).toBe(namespaceCookie(served));
  });

  it('takes IPv4 and IPv6 when no host is given', async () => {
    const { served, client } = serverAndClient();
    const listener = closing(await listenInVrf(hello(), { namespace: served, port: 0 }));
    const port = portOf(listener);
    await expect(curl(client, `http://192.0.2.1:${port}/`)).resolves.toBe('hello');
    await expect(curl(client, `http://[2001:db8::1]:${port}/`)).resolves.toBe('hello');
  });

  it('takes a VRF for the namespace ns-<vrf>', async () => {
    const name = fresh();
    addNamed(`ns-${name}`);
    cleanups.push(() => deleteNamed(`ns-${name}`));
    ipIn(`ns-${name}`, 'link set lo up');
    const listener = closing(await listenInVrf(hello(), { vrf: name, host: '127.0.0.1', port: 0 }));
    await expect(curl(`ns-${name}`, `http://127.0.0.1:${portOf(listener)}/`)).resolves.toBe('hello');
  });

  it('emits listening after listenInVrf has resolved', async () => {
    const name = fresh();
    addNamed(name);
    const listener = closing(await listenInVrf(hello(), { namespace: name, port: 0 }));
    await once(listener, 'listening');
  });

  it('listens on a link-local address, names its interface rightly, and tells peers apart', async () => {
    const { served, client } = serverAndClient();
    ipIn(served, 'addr add fe80::1/64 dev eth0 nodad');
    ipIn(client, 'addr add fe80::2/64 dev eth0 nodad');
    const peers: unknown[] = [];
    const server = http.createServer((request, response) => {
      peers.push(request.socket.remoteAddress, request.socket.localAddress);
      response.end('link');
    });
    const listener = closing(await listenInVrf(server, { namespace: served, host: 'fe80::1%eth0', port: 0 }));
    expect(listener.address()).toMatchObject({ address: 'fe80::1%eth0', family: 'IPv6' });
    await expect(curl(client, `http://[fe80::1%25eth0]:${portOf(listener)}/`)).resolves.toBe('link');
    expect(peers).toEqual(['fe80::2%eth0', 'fe80::1%eth0']);
    const socket = await dial({ namespace: client, host: 'fe80::1%eth0', port: portOf(listener) });
    expect(socket.remoteAddress).toBe('fe80::1%eth0');
    socket.destroy();
  });

  it('names a link-local peer rightly on a wildcard address as well', async () => {
    const { served, client } = serverAndClient();
    ipIn(served, 'addr add fe80::1/64 dev eth0 nodad');
    ipIn(client, 'addr add fe80::2/64 dev eth0 nodad');
    const server = http.createServer((request, response) => response.end(request.socket.remoteAddress));
    const listener = closing(await listenInVrf(server, { namespace: served, port: 0 }));
    await expect(curl(client, `http://[fe80::1%25eth0]:${portOf(listener)}/`)).resolves.toBe('fe80::2%eth0');
    await expect(curl(client, `http://192.0.2.1:${portOf(listener)}/`)).resolves.toBe('::ffff:192.0.2.2');
  });
});

describe('a listener whose namespace comes and goes', () => {
  it('waits, binds soon after the mount, lets go on removal, binds again to the same port', async () => {
    const name = fresh();
    const server = hello();
    const events: string[] = [];
    server.on('close', () => events.push('server close'));
    const listener = closing(await listenInVrf(server, { namespace: name, host: '127.0.0.1', port: 0 }));
    listener.on('listening', () => events.push('listening'));
    listener.on('down', () => events.push('down'));
    expect(listener.state).toBe('waiting');
    expect(listener.address()).toBeNull();
    expect(server.listening).toBe(false);
    expect(server.address()).toBeNull();
    let port: number | undefined;
    for (let round = 0; round < 3; round += 1) {
      ip(`netns add ${name}`);
      ipIn(name, 'link set lo up');
      await retryUntil(() => listener.state === 'listening', 5000, 1);
      port ??= portOf(listener);
      expect(portOf(listener)).toBe(port);
      expect(server.listening).toBe(true);
      await expect(curl(name, `http://127.0.0.1:${port}/`)).resolves.toBe('hello');
      ip(`netns del ${name}`);
      await retryUntil(() => listener.state === 'waiting', 5000, 1);
      expect(server.listening).toBe(false);
      expect(server.address()).toBeNull();
    }
    await retryUntil(() => events.length === 6);
    expect(events).toEqual(['listening', 'down', 'listening', 'down', 'listening', 'down']);
  });

  it('moves to the successor when the namespace is replaced in one go', async () => {
    const name = fresh();
    addNamed(name).close();
    const server = hello();
    const listener = closing(await listenInVrf(server, { namespace: name, port: 0 }));
    const before = namespaceCookie(name);
    deleteNamed(name);
    addNamed(name).close();
    const after = namespaceCookie(name);
    expect(after).not.toBe(before);
    await retryUntil(() => {
      const { fd } = (server as unknown as { _handle: { fd?: number } })._handle;
      return fd !== undefined && socketNamespaceCookie(fd) === after;
    });
    expect(listener.state).toBe('listening');
  });

  it('keeps nothing of a removed namespace alive', async () => {
    const { served, client } = serverAndClient();
    const listener = closing(await listenInVrf(hello(), { namespace: served, host: '192.0.2.1', port: 8080 }));
    await curl(client, 'http://192.0.2.1:8080/');
    ip(`netns del ${served}`);
    await retryUntil(() => listener.state === 'waiting');
    // With the namespace its end of the veth pair goes, and with that the other end.
    await retryUntil(() => !ipIn(client, '-br link').includes('eth0'), KERNEL, 50);
  });

  it('destroys accepted connections when the grace time after a removal is over, and only then', async () => {
    const { served, client } = serverAndClient();
    const sockets: net.Socket[] = [];
    const server = net.createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {}).resume();
    });
    const closed: string[] = [];
    server.on('close', () => closed.push('close'));
    const listener = closing(
      await listenInVrf(server, { namespace: served, host: '192.0.2.1', port: 0, graceMs: 400 }),
    );
    const connection = await dial({ namespace: client, host: '192.0.2.1', port: portOf(listener) });
    connection.on('error', () => {});
    cleanups.push(() => connection.destroy());
    await retryUntil(() => sockets.length === 1);
    ip(`netns del ${served}`);
    await retryUntil(() => listener.state === 'waiting');
    const removed = performance.now();
    expect(sockets[0]?.destroyed).toBe(false);
    expect(ipIn(client, '-br link')).toContain('eth0');
    await retryUntil(() => sockets[0]?.destroyed);
    expect(performance.now() - removed).toBeGreaterThan(300);
    await retryUntil(() => !ipIn(client, '-br link').includes('eth0'), KERNEL, 50);
    await delay(20);
    expect(closed).toEqual([]);
    expect(await new Promise((resolve) => server.getConnections((_error, n) => resolve(n)))).toBe(0);
  });

  it('does not destroy connections that the user handed to the server from elsewhere', async () => {
    const name = fresh();
    addNamed(name).close();
    const server = net.createServer(() => {});
    const listener = closing(await listenInVrf(server, { namespace: name, port: 0, graceMs: 0 }));
    const stranger = new net.Socket();
    server.emit('connection', stranger);
    deleteNamed(name);
    await retryUntil(() => listener.state === 'waiting');
    await delay(20);
    expect(stranger.destroyed).toBe(false);
    stranger.destroy();
  });

  it('notices a namespace in a directory of its own', async () => {
    const dir = `/run/${uniqueName('dir')}`;
    const listener = closing(await listenInVrf(hello(), { namespace: { name: 'x', dir }, port: 0 }));
    expect(listener.state).toBe('waiting');
    addNamed('x', { dir }).close();
    await retryUntil(() => listener.state === 'listening');
    deleteNamed('x', { dir });
    await retryUntil(() => listener.state === 'waiting');
  });
});

describe('a listener whose address is not there yet', () => {
  it('waits for it, IPv4 and IPv6, with duplicate address detection still running', async () => {
    const { served, client } = serverAndClient();
    const four = closing(await listenInVrf(hello(), { namespace: served, host: '192.0.2.7', port: 8080 }));
    const six = closing(await listenInVrf(hello(), { namespace: served, host: '2001:db8::7', port: 8080 }));
    expect([four.state, six.state]).toEqual(['waiting', 'waiting']);
    ipIn(served, 'addr add 192.0.2.7/24 dev eth0');
    await retryUntil(() => four.state === 'listening');
    expect(six.state).toBe('waiting');
    ipIn(served, 'addr add 2001:db8::7/64 dev eth0');
    await retryUntil(() => six.state === 'listening', KERNEL);
    await expect(curl(client, 'http://192.0.2.7:8080/')).resolves.toBe('hello');
    await expect(curl(client, 'http://[2001:db8::7]:8080/')).resolves.toBe('hello');
  });

  it('does not keep a namespace alive while it waits for an address in it', async () => {
    const { served, client } = serverAndClient();
    const listener = closing(await listenInVrf(hello(), { namespace: served, host: '192.0.2.7', port: 8080 }));
    expect(listener.state).toBe('waiting');
    ip(`netns del ${served}`);
    await retryUntil(() => !ipIn(client, '-br link').includes('eth0'), KERNEL, 50);
    ip(`netns add ${served}`);
    ipIn(served, 'addr add 192.0.2.7/32 dev lo');
    ipIn(served, 'link set lo up');
    await retryUntil(() => listener.state === 'listening');
  });

  it('does not either where the namespace was removed before anybody had heard that it was made', async () => {
    // Keeps the directory watched, so that what happens below waits to be read.
    const other = fresh();
    addNamed(other).close();
    closing(await listenInVrf(hello(), { namespace: other, port: 0 }));
    await delay(100);
    const [served, client] = [uniqueName('s'), uniqueName('c')];
    const made = makeNamespaces(served, client);
    cleanups.push(() => made.remove());
    // Never up, so that nothing happens in it by itself.
    ip(`link add eth0 netns ${served} type veth peer name eth0 netns ${client}`);
    const listener = closing(await listenInVrf(hello(), { namespace: served, host: '192.0.2.7', port: 8080 }));
    ip(`netns del ${served}`);
    expect(listener.state).toBe('waiting');
    await retryUntil(() => !ipIn(client, '-br link').includes('eth0'), KERNEL, 50);
  });

  it('waits for its interface, and for its successor when it is deleted and made again', async () => {
    const { served, client } = serverAndClient();
    const server = hello();
    const listener = closing(await listenInVrf(server, { namespace: served, interface: 'eth1', port: 8080 }));
    expect(listener.state).toBe('waiting');
    for (let round = 0; round < 2; round += 1) {
      vethBetween(
        { namespace: served, name: 'eth1', addresses: ['198.51.100.1/24'] },
        { namespace: client, name: 'eth1', addresses: ['198.51.100.2/24'] },
      );
      await retryUntil(() => listener.state === 'listening');
      await expect(curl(client, 'http://198.51.100.1:8080/')).resolves.toBe('hello');
      await expect(curl(client, '--max-time', '1', 'http://192.0.2.1:8080/')).rejects.toThrow();
      ipIn(served, 'link del eth1');
      await retryUntil(() => listener.state === 'waiting');
    }
  });

  it('is an error at once at home, where nothing is waited for', async () => {
    for (const namespace of ['', 'default'])
      await expect(listenInVrf(hello(), { namespace, host: '192.0.2.99', port: 0 })).rejects.toMatchObject({
        name: 'BindError',
        code: 'EADDRNOTAVAIL',
        address: '192.0.2.99',
      });
  });
});

describe('errors of a listener', () => {
  it('rejects when the address is in use before the first bind, and leaves the server as it was', async () => {
    const name = fresh();
    addNamed(name).close();
    const first = closing(await listenInVrf(hello(), { namespace: name, port: 0 }));
    const server = hello();
    const before = openFds();
    const failed = listenInVrf(server, { namespace: name, port: portOf(first) });
    await expect(failed).rejects.toBeInstanceOf(BindError);
    await expect(failed).rejects.toMatchObject({ code: 'EADDRINUSE', syscall: expect.any(String) });
    await expect(failed).rejects.toThrow(name);
    expect(leakedFds(before)).toEqual([]);
    expect(server.listening).toBe(false);
    expect(['close', 'connection'].map((event) => server.listenerCount(event))).toEqual([0, 1]);
    const other = closing(await listenInVrf(server, { namespace: name, port: 0 }));
    expect(other.state).toBe('listening');
  });

  it('emits an error when the address is in use later, and goes on waiting', async () => {
    const name = fresh();
    const one = closing(await listenInVrf(hello(), { namespace: name, port: 8080 }));
    const two = closing(await listenInVrf(hello(), { namespace: name, port: 8080 }));
    const failed = Promise.race([once(one, 'error'), once(two, 'error')]);
    addNamed(name).close();
    const [error] = (await failed) as [NodeJS.ErrnoException];
    expect(error.code).toBe('EADDRINUSE');
    expect([one.state, two.state].sort()).toEqual(['listening', 'waiting']);
    await (one.state === 'listening' ? one : two).close();
    deleteNamed(name);
    await delay(10);
    addNamed(name).close();
    await retryUntil(() => [one.state, two.state].includes('listening'));
  });

  it('gives a server to one of two that ask for it at once', async () => {
    const name = fresh();
    const server = hello();
    const [one, two] = await Promise.allSettled([
      listenInVrf(server, { namespace: name, port: 0 }),
      listenInVrf(server, { namespace: name, port: 0 }),
    ]);
    expect(one.status).toBe('fulfilled');
    expect(two).toMatchObject({ status: 'rejected', reason: { option: 'server' } });
    if (one.status === 'fulfilled') await one.value.close();
  });

  it('names the wrong option and what would be right', async () => {
    const wrong = async (options: object, option: string, server: unknown = hello()): Promise<void> => {
      const error = await listenInVrf(server as http.Server, options as never).catch((reason) => reason);
      expect(error).toBeInstanceOf(InvalidOptionError);
      expect(error.option).toBe(option);
    };
    await wrong({ vrf: 'red', namespace: 'blue', port: 1 }, 'namespace');
    await wrong({ namespace: 'blue', port: 65_536 }, 'port');
    await wrong({ namespace: 'blue' }, 'port');
    await wrong({ namespace: 'blue', port: 80, tos: 256 }, 'tos');
    await wrong({ namespace: 'blue', port: 80, host: 'www.example.com' }, 'host');
    await wrong({ namespace: 'blue', port: 80, interfaces: 'eth0' }, 'interfaces');
    await wrong({ namespace: 'blue', port: 80, backlog: 0 }, 'backlog');
    await wrong({ namespace: 'blue', port: 80, graceMs: -1 }, 'graceMs');
    await wrong({ namespace: 'blue', port: 80 }, 'server', () => {});
    await wrong({ namespace: 'blue', port: 80 }, 'server', { server: hello() });
    const listening = hello();
    listening.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    await wrong({ namespace: 'blue', port: 80 }, 'server', listening);
    listening.close();
  });

  it('rejects at once without a namespace when told not to wait, and after the time told to', async () => {
    const name = fresh();
    await expect(listenInVrf(hello(), { namespace: name, port: 0, waitForNamespace: 0 })).rejects.toMatchObject({
      code: 'ENOENT',
    });
    const listener = await listenInVrf(hello(), { namespace: name, port: 0, waitForNamespace: 30 });
    const [error] = (await once(listener, 'error')) as [Error];
    expect(error.message).toContain(name);
    expect(listener.state).toBe('closed');
  });

  it('binds in the end when the process was out of file descriptors at first', async () => {
    const name = fresh();
    const listener = closing(await listenInVrf(hello(), { namespace: name, port: 0 }));
    const { replaceSyscalls } = await import('netns-core/sys');
    let refused = 0;
    const errors: NodeJS.ErrnoException[] = [];
    listener.on('error', (error) => errors.push(error));
    const restore = replaceSyscalls((real) => ({
      bind: (fd, address) => (address[0] === 10 && refused++ < 2 ? -24 : real.bind(fd, address)),
    }));
    try {
      addNamed(name).close();
      await retryUntil(() => listener.state === 'listening', 8000);
    } finally {
      restore();
    }
    expect(errors.map(({ code }) => code)).toEqual(['EMFILE']);
  });
});

describe('a listener under stress', () => {
  it('finds its address after more was said of others than its socket could hold', async () => {
    const { served } = serverAndClient();
    const listener = closing(await listenInVrf(hello(), { namespace: served, host: '192.0.2.7', port: 8080 }));
    const lines: string[] = [];
    for (let index = 0; index < 2000; index += 1) {
      const address = `198.51.100.${1 + (index % 250)}/32`;
      lines.push(`addr add ${address} dev eth0`, `addr del ${address} dev eth0`);
    }
    // The event loop is blocked meanwhile, so the socket is not read.
    run('ip', ['-n', served, '-batch', '-'], { input: lines.join('\n') });
    await delay(100);
    ipIn(served, 'addr add 192.0.2.7/24 dev eth0');
    await retryUntil(() => listener.state === 'listening');
  });

  it('goes on listening while there is no descriptor to look at its interface with', async () => {
    const { served, client } = serverAndClient();
    const listener = closing(await listenInVrf(hello(), { namespace: served, interface: 'eth0', port: 8080 }));
    const said: string[] = [];
    listener.on('down', () => said.push('down')).on('error', ({ code }: NodeJS.ErrnoException) => said.push(`${code}`));
    const { replaceSyscalls } = await import('netns-core/sys');
    let refused = 0;
    const restore = replaceSyscalls((real) => ({
      socketpair: (...args) => (refused++ === 0 ? -24 : real.socketpair(...args)),
    }));
    try {
      const lines: string[] = [];
      for (let index = 0; index < 2000; index += 1)
        lines.push('addr add 198.51.100.1/32 dev eth0', 'addr del 198.51.100.1/32 dev eth0');
      // More than the socket holds that tells of interfaces: it has to be made anew, and cannot at first.
      run('ip', ['-n', served, '-batch', '-'], { input: lines.join('\n') });
      await retryUntil(() => said.length > 0, KERNEL);
      expect(listener.state).toBe('listening');
      await expect(curl(client, 'http://192.0.2.1:8080/')).resolves.toBe('hello');
      await retryUntil(() => refused > 1, KERNEL);
    } finally {
      restore();
    }
    expect(said).toEqual(['EMFILE']);
    ipIn(served, 'link del eth0');
    await retryUntil(() => listener.state === 'waiting', KERNEL);
  });

  it('leaves no file descriptor behind after fifty returns', async () => {
    const name = fresh();
    const listener = closing(await listenInVrf(hello(), { namespace: name, host: '192.0.2.9', port: 8080 }));
    const round = async (): Promise<void> => {
      ip(`netns add ${name}`);
      ipIn(name, 'addr add 192.0.2.9/32 dev lo');
      await retryUntil(() => listener.state === 'listening');
      ip(`netns del ${name}`);
      await retryUntil(() => listener.state === 'waiting');
    };
    await round();
    const before = openFds();
    for (let count = 0; count < 50; count += 1) await round();
    await retryUntil(() => leakedFds(before).length === 0);
  });

  it('leaves none after the failure of any call on the way', async () => {
    const name = fresh();
    addNamed(name).close();
    const { replaceSyscalls, sys } = await import('netns-core/sys');
    // Loaded, and the directory watched, before anything is counted.
    await (await listenInVrf(hello(), { namespace: name, port: 0, tos: 8 })).close();
    for (const call of ['open', 'setns', 'socket', 'setsockopt', 'bind', 'listen', 'dup3', 'fcntl'] as const) {
      for (let position = 0; position < 4; position += 1) {
        const before = openFds();
        const server = hello();
        let seen = 0;
        const restore = replaceSyscalls(() => {
          const real = sys()[call] as (...args: unknown[]) => number;
          // Not the way back home, whose failure ends the process.
          const fails = call === 'setns' ? position * 2 : position;
          return { [call]: (...args: unknown[]) => (seen++ === fails ? -12 : real(...args)) };
        });
        let listener: VrfListener | undefined;
        try {
          listener = await listenInVrf(server, { namespace: name, host: '127.0.0.7', port: 0, tos: 8 });
        } catch (error) {
          expect(error).toMatchObject({ code: 'ENOMEM' });
        } finally {
          restore();
        }
        await listener?.close();
        expect(server.listening).toBe(false);
        await retryUntil(() => leakedFds(before).length === 0);
      }
    }
  });
});

describe('a listener seen from outside', () => {
  it('publishes its states, counts its binds and takes notes', async () => {
    const { subscribe, unsubscribe } = await import('node:diagnostics_channel');
    const { counters } = await import('vrf-dial');
    const name = fresh();
    const states: unknown[] = [];
    const onMessage = (message: unknown): void => {
      states.push((message as { state: unknown }).state);
    };
    subscribe('vrf-dial:listen', onMessage);
    cleanups.push(() => unsubscribe('vrf-dial:listen', onMessage));
    const notes: string[] = [];
    const logger = { info: (note: string) => notes.push(note), warn: (note: string) => notes.push(note) };
    const bound = counters().bound;
    const listener = await listenInVrf(hello(), { namespace: name, port: 0, logger });
    addNamed(name).close();
    await retryUntil(() => listener.state === 'listening');
    deleteNamed(name);
    await retryUntil(() => listener.state === 'waiting');
    await listener.close();
    expect(states).toEqual(['waiting', 'listening', 'waiting', 'closed']);
    expect(counters().bound).toBe(bound + 1);
    expect(notes).toEqual([
      expect.stringMatching(`^waiting: .*${name}`),
      expect.stringMatching(`^listening in .*${name}`),
      expect.stringMatching(`^stopped listening: .*${name}.* was removed$`),
    ]);
  });
});

describe('what users hand to a listener', () => {
  /** Runs something, and gives the uncaught exceptions of it and of the turns after. */
  async function uncaught(run: () => Promise<unknown>): Promise<string[]> {
    const errors: string[] = [];
    const before = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => errors.push(error.message));
    try {
      await run();
      await delay(20);
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of before) process.on('uncaughtException', listener);
    }
    return errors;
  }

  it('may throw: loggers, event listeners and diagnostics change nothing of what it does', async () => {
    const { subscribe, unsubscribe } = await import('node:diagnostics_channel');
    const name = fresh();
    const fail = (what: string) => (): never => {
      throw new Error(what);
    };
    const published = fail('subscriber');
    subscribe('vrf-dial:listen', published);
    const logger = { info: fail('logger'), warn: fail('logger') };
    const server = hello();
    const before = openFds();
    const errors = await uncaught(async () => {
      const listener = await listenInVrf(server, { namespace: name, host: '127.0.0.1', port: 0, logger });
      for (const event of ['listening', 'down', 'close'] as const) listener.on(event, fail(event));
      for (let round = 0; round < 2; round += 1) {
        ip(`netns add ${name}`);
        ipIn(name, 'link set lo up');
        await retryUntil(() => listener.state === 'listening');
        await expect(curl(name, `http://127.0.0.1:${portOf(listener)}/`)).resolves.toBe('hello');
        ip(`netns del ${name}`);
        await retryUntil(() => listener.state === 'waiting');
      }
      await listener.close();
      expect(listener.state).toBe('closed');
    });
    unsubscribe('vrf-dial:listen', published);
    expect(new Set(errors)).toEqual(new Set(['subscriber', 'logger', 'listening', 'down', 'close']));
    expect(server.listening).toBe(false);
    expect(leakedFds(before).filter((fd) => !fd.includes('inotify'))).toEqual([]);
  });
});

describe('a namespace that is referred to otherwise than by name', () => {
  it('is a handle, a process, an fd or a path; an address is waited for there as well', async () => {
    const { served, client } = serverAndClient();
    const sleeper = spawn('ip', ['netns', 'exec', served, 'sleep', '60']);
    cleanups.push(() => sleeper.kill('SIGKILL'));
    const { pid } = sleeper;
    if (pid === undefined) throw new Error('no process');
    await retryUntil(() => {
      using theirs = resolveNamespace({ pid });
      using wanted = resolveNamespace(served);
      return theirs.equals(wanted);
    });
    const handle = resolveNamespace(served);
    let last = 10;
    for (const namespace of [handle, { pid }, { fd: handle.fd }, { path: `/run/netns/${served}` }]) {
      const host = `192.0.2.${last++}`;
      const listener = closing(await listenInVrf(hello(), { namespace, host, port: 8080 }));
      expect(listener.state).toBe('waiting');
      if (last === 14) handle.close();
      ipIn(served, `addr add ${host}/24 dev eth0`);
      await retryUntil(() => listener.state === 'listening');
      await expect(curl(client, `http://${host}:8080/`)).resolves.toBe('hello');
    }
    handle.close();
  });

  it('is home, with or without an interface', async () => {
    for (const options of [{ namespace: '' }, { namespace: 'default' }, { interface: 'lo' }]) {
      const listener = closing(await listenInVrf(hello(), { host: '127.0.0.1', port: 0, ...options }));
      expect(await (await fetch(`http://127.0.0.1:${portOf(listener)}/`)).text()).toBe('hello');
      await listener.close();
    }
  });
});

describe('close', () => {
  it('ends a listener that waits', async () => {
    const server = hello();
    const before = openFds();
    const listener = await listenInVrf(server, { namespace: fresh(), port: 0 });
    const closed = once(server, 'close');
    await Promise.all([listener.close(), listener.close()]);
    await closed;
    expect(listener.state).toBe('closed');
    expect(leakedFds(before).filter((fd) => !fd.includes('inotify'))).toEqual([]);
  });

  it('drains a listener that serves: requests in flight are answered', async () => {
    const { served, client } = serverAndClient();
    const server = http.createServer((_request, response) => setTimeout(() => response.end('late'), 200));
    const listener = await listenInVrf(server, { namespace: served, host: '192.0.2.1', port: 0 });
    const answer = curl(client, `http://192.0.2.1:${portOf(listener)}/`);
    await once(server, 'request');
    const closed = listener.close();
    expect(listener.state).toBe('closed');
    await expect(answer).resolves.toBe('late');
    await closed;
    await listener.close();
  });

  it('destroys what is left when told after how long', async () => {
    const { served, client } = serverAndClient();
    const server = net.createServer((socket) => socket.on('error', () => {}).resume());
    const listener = await listenInVrf(server, { namespace: served, host: '192.0.2.1', port: 0 });
    const socket = await dial({ namespace: client, host: '192.0.2.1', port: portOf(listener) });
    await retryUntil(() => new Promise<boolean>((resolve) => server.getConnections((_error, n) => resolve(n === 1))));
    await listener.close({ graceMs: 10 });
    socket.destroy();
  });

  it('ends a listener at the moment it binds', async () => {
    for (let round = 0; round < 10; round += 1) {
      const name = fresh();
      const server = hello();
      const listener = await listenInVrf(server, { namespace: name, port: 0 });
      addNamed(name).close();
      await delay(round / 2);
      await listener.close();
      expect(server.listening).toBe(false);
      deleteNamed(name);
    }
  });

  it('is noticed when it is the server that is closed, waiting or serving', async () => {
    const name = fresh();
    const waiting = hello();
    const one = await listenInVrf(waiting, { namespace: name, port: 0 });
    await new Promise<void>((resolve, reject) => waiting.close((error) => (error ? reject(error) : resolve())));
    expect(one.state).toBe('closed');
    addNamed(name).close();
    const serving = hello();
    const two = await listenInVrf(serving, { namespace: name, port: 0 });
    await new Promise<void>((resolve, reject) => serving.close((error) => (error ? reject(error) : resolve())));
    expect(two.state).toBe('closed');
    await two.close();
    deleteNamed(name);
    addNamed(name).close();
    await delay(50);
    expect([waiting.listening, serving.listening]).toEqual([false, false]);
  });

  it('ends on the signal, and nothing starts with one that was aborted before', async () => {
    const controller = new AbortController();
    const listener = await listenInVrf(hello(), { namespace: fresh(), port: 0, signal: controller.signal });
    controller.abort();
    await once(listener, 'close');
    expect(listener.state).toBe('closed');
    await expect(
      listenInVrf(hello(), { namespace: fresh(), port: 0, signal: controller.signal }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('lets a removed namespace go while connections are drained', async () => {
    const { served, client } = serverAndClient();
    const server = net.createServer((socket) => socket.on('error', () => {}).resume());
    const listener = await listenInVrf(server, { namespace: served, host: '192.0.2.1', port: 0, graceMs: 50 });
    const socket = await dial({ namespace: client, host: '192.0.2.1', port: portOf(listener) });
    socket.on('error', () => {});
    await retryUntil(() => new Promise<boolean>((resolve) => server.getConnections((_error, n) => resolve(n === 1))));
    const closed = listener.close();
    ip(`netns del ${served}`);
    await closed;
    await retryUntil(() => !ipIn(client, '-br link').includes('eth0'), KERNEL, 50);
    socket.destroy();
  });

  it('works with await using', async () => {
    const server = hello();
    {
      await using listener = await listenInVrf(server, { namespace: fresh(), port: 0 });
      expect(listener.state).toBe('waiting');
    }
    const other = closing(await listenInVrf(server, { namespace: fresh(), port: 0 }));
    expect(other.state).toBe('waiting');
  });
});

describe('listenInVrfWith', () => {
  it('drops what was being made when the namespace goes, the listener is closed, or the signal comes', async () => {
    const name = fresh();
    addNamed(name).close();
    let calls = 0;
    const slow = async (): Promise<http.Server> => {
      calls += 1;
      await delay(50);
      return hello();
    };
    const starting = listenInVrfWith(slow, { namespace: name, port: 0 });
    await retryUntil(() => calls === 1);
    deleteNamed(name);
    const listener = closing(await starting);
    await retryUntil(() => listener.state === 'waiting');
    addNamed(name).close();
    await retryUntil(() => listener.state === 'listening');
    await listener.close();
    const controller = new AbortController();
    calls = 0;
    const aborted = listenInVrfWith(slow, { namespace: name, port: 0, signal: controller.signal });
    await retryUntil(() => calls === 1);
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('makes a new server after each return, and closes the one before', async () => {
    const name = fresh();
    const made: http.Server[] = [];
    const closed: number[] = [];
    const listener = closing(
      await listenInVrfWith(
        async () => {
          const number = made.length;
          const server = http.createServer((_request, response) => response.end(`server ${number}`));
          server.on('close', () => closed.push(number));
          made.push(server);
          await delay(5);
          return server;
        },
        { namespace: name, host: '127.0.0.1', port: 0 },
      ),
    );
    expect(made).toEqual([]);
    for (let round = 0; round < 3; round += 1) {
      ip(`netns add ${name}`);
      ipIn(name, 'link set lo up');
      await retryUntil(() => listener.state === 'listening');
      expect(listener.server).toBe(made[round]);
      await expect(curl(name, `http://127.0.0.1:${portOf(listener)}/`)).resolves.toBe(`server ${round}`);
      ip(`netns del ${name}`);
      await retryUntil(() => listener.state === 'waiting');
    }
    await retryUntil(() => closed.length === 3);
  });

  it('rejects with what the maker throws the first time, emits it later', async () => {
    const name = fresh();
    addNamed(name).close();
    const failing = (): never => {
      throw new Error('no certificate');
    };
    await expect(listenInVrfWith(failing, { namespace: name, port: 0 })).rejects.toThrow('no certificate');
    deleteNamed(name);
    const listener = closing(await listenInVrfWith(failing, { namespace: name, port: 0 }));
    const failed = once(listener, 'error');
    addNamed(name).close();
    expect(((await failed) as [Error])[0].message).toBe('no certificate');
  });

  it('refuses and closes a server that the maker let listen at home', async () => {
    const name = fresh();
    addNamed(name).close();
    const server = http.createServer();
    const failed = listenInVrfWith(() => server.listen(0), { namespace: name, port: 0 });
    await expect(failed).rejects.toMatchObject({ option: 'server' });
    expect(server.listening).toBe(false);
  });
});

describe('the TOS of a listener', () => {
  const tos = 0x88;
  it.each([
    ['IPv4', '192.0.2.1', '192.0.2.1', 'tos 0x88'],
    ['IPv6', '2001:db8::1', '[2001:db8::1]', 'class 0x88'],
    ['IPv4 on a dual-stack socket', undefined, '192.0.2.1', 'tos 0x88'],
    ['IPv6 on a dual-stack socket', undefined, '[2001:db8::1]', 'class 0x88'],
  ])('is in the SYN-ACK and in data, %s', async (_title, host, url, mark) => {
    const { served, client } = serverAndClient();
    const listener = closing(
      await listenInVrf(hello(), { namespace: served, port: 8080, tos, ...(host === undefined ? {} : { host }) }),
    );
    expect(listener.state).toBe('listening');
    const seen = await capture(client, 'tcp and src port 8080', ['-v']);
    await curl(client, `http://${url}:8080/`);
    const text = (await seen.stop()).join('\n').split(/\n(?=\S)/);
    const answers = text.filter((packet) => packet.includes('Flags [S.]'));
    const data = text.filter((packet) => packet.includes('HTTP/1.1 200'));
    expect(answers.length).toBeGreaterThan(0);
    expect(data.length).toBeGreaterThan(0);
    for (const packet of [...answers, ...data]) expect(packet).toContain(mark);
  });
});

describe('many listeners', () => {
  it('share one inotify watch per directory, a thousand of them', async () => {
    const name = fresh();
    const listeners: VrfListener[] = [];
    const inotify = (): number => [...openFds().values()].filter((target) => target.includes('inotify')).length;
    const before = inotify();
    for (let index = 0; index < 1000; index += 1)
      listeners.push(await listenInVrf(net.createServer(), { namespace: name, port: 10_000 + index }));
    expect(inotify() - before).toBeLessThanOrEqual(1);
    addNamed(name).close();
    await retryUntil(() => listeners.every(({ state }) => state === 'listening'), 20_000);
    expect(listeners.at(-1)?.address()?.port).toBe(10_999);
    deleteNamed(name);
    await retryUntil(() => listeners.every(({ state }) => state === 'waiting'), 20_000);
    await Promise.all(listeners.map((listener) => listener.close()));
  });
});
