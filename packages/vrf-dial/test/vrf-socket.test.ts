import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, Socket } from 'node:net';
import tls from 'node:tls';
import { NetnsError, namespaceCookie, socketNamespaceCookie } from 'netns-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { capture, ip, ipIn, leakedFds, makeNamespaces, openFds, retryUntil, uniqueName } from '#testkit';
import { createVrfSocket, dial, dialTls, VrfHttpAgent, VrfHttpsAgent, type VrfSocketOptions } from '../src/index.ts';
import { type Certificate, httpsServerIn, makeCertificate, type RunningServer, serveIn } from './servers.ts';

const red = uniqueName();
const RED = `ns-${red}`;
const PORT = 7100;
const CLOSED = 7199;
const TLS_PORT = 7143;
let namespaces: ReturnType<typeof makeNamespaces>;
let certificate: Certificate;
const servers: RunningServer[] = [];
let home: Awaited<ReturnType<typeof capture>>;

beforeAll(async () => {
  namespaces = makeNamespaces(RED);
  ipIn(RED, 'link set lo up');
  for (const address of ['192.0.2.1/32', '192.0.2.2/32', '2001:db8::1/128']) ipIn(RED, `addr add ${address} dev lo`);
  ipIn(RED, 'link add va type veth peer name vb');
  for (const device of ['va', 'vb']) ipIn(RED, `link set ${device} up`);
  ipIn(RED, 'addr add 198.51.100.1/24 dev va');
  // Nobody answers there.
  ipIn(RED, 'neigh add 198.51.100.9 lladdr 02:00:00:00:00:09 dev va nud permanent');
  // At home the same address answers to what comes by mistake.
  ip('link set lo up');
  ip('addr add 192.0.2.1/32 dev lo');
  mkdirSync(`/etc/netns/${RED}`, { recursive: true });
  writeFileSync(
    `/etc/netns/${RED}/hosts`,
    ['192.0.2.1 one.test', '2001:db8::1 both.test', '192.0.2.1 both.test', '192.0.2.2 secure.test', ''].join('\n'),
  );
  certificate = makeCertificate(['DNS:secure.test', 'IP:192.0.2.2']);
  const greeting = createServer((socket) => socket.end('hello from red'));
  const echo = createServer((socket) => socket.pipe(socket));
  servers.push(await serveIn(RED, greeting, '192.0.2.1', PORT));
  servers.push(await serveIn(RED, echo, '192.0.2.2', PORT));
  servers.push(await httpsServerIn(RED, '192.0.2.2', TLS_PORT, certificate));
  home = await capture(undefined);
});

afterAll(async () => {
  const packets = (await home?.stop())?.filter((line) => line !== '');
  for (const server of servers) await server.close();
  namespaces?.remove();
  ip('addr del 192.0.2.1/32 dev lo');
  rmSync(`/etc/netns/${RED}`, { recursive: true, force: true });
  expect(packets).toEqual([]);
});

let before: Map<number, string>;
beforeEach(() => {
  before = openFds();
});

const make = (options: Partial<VrfSocketOptions> = {}): Socket => createVrfSocket({ vrf: red, ...options });
const noNewFds = (): Promise<unknown> =>
  retryUntil(() => leakedFds(before).filter((fd) => !fd.includes('inotify')).length === 0);

/** The names of a socket's events, in order. */
function record(socket: Socket): string[] {
  const events: string[] = [];
  for (const event of ['lookup', 'connectionAttempt', 'connectionAttemptFailed', 'connect', 'ready', 'error', 'close'])
    socket.on(event, () => events.push(event));
  return events;
}

function inRed(socket: Socket): boolean {
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  return socketNamespaceCookie(fd) === namespaceCookie(RED);
}

describe('createVrfSocket', () => {
  it('makes an unconnected socket, whose connect makes the connection in the VRF', async () => {
    const socket = make();
    expect(socket).toBeInstanceOf(Socket);
    expect([socket.connecting, socket.readyState, socket.pending]).toEqual([false, 'open', true]);
    const events = record(socket);
    expect(socket.connect(PORT, '192.0.2.1')).toBe(socket);
    expect([socket.connecting, socket.readyState]).toEqual([true, 'opening']);
    await once(socket, 'connect');
    expect(inRed(socket)).toBe(true);
    expect([socket.connecting, socket.remoteAddress, socket.remotePort]).toEqual([false, '192.0.2.1', PORT]);
    expect(String((await once(socket, 'data'))[0])).toBe('hello from red');
    await once(socket, 'close');
    expect(events).toEqual(['connectionAttempt', 'connect', 'ready', 'close']);
    await noNewFds();
  });

  it.each([
    ['(port, host, listener)', [PORT, 'one.test']],
    ['(options, listener)', [{ port: PORT, host: 'one.test' }]],
    ['a port in text', [String(PORT), 'one.test']],
  ])('takes %s, and resolves a name in the VRF', async (_, given) => {
    const socket = make();
    const events = record(socket);
    await new Promise<void>((resolve) => (socket.connect as (...args: unknown[]) => void)(...given, resolve));
    expect(inRed(socket)).toBe(true);
    socket.destroy();
    await once(socket, 'close');
    expect(events).toEqual(['lookup', 'connectionAttempt', 'connect', 'ready', 'close']);
  });

  it('sends what was written before it is connected', async () => {
    const socket = make().connect(PORT, '192.0.2.2');
    socket.write('abc');
    socket.end('def');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toBe('abcdef');
  });

  it('uses another address of the host where the first refuses', async () => {
    // IPv6 is preferred, and nothing listens there.
    const socket = make().connect(PORT, 'both.test');
    const events = record(socket);
    expect(String((await once(socket, 'data'))[0])).toBe('hello from red');
    expect(inRed(socket)).toBe(true);
    expect(socket.remoteAddress).toBe('192.0.2.1');
    expect(events.filter((event) => event === 'connectionAttemptFailed')).toHaveLength(1);
    await once(socket, 'close');
    await noNewFds();
  });

  it('uses the preferred address alone with autoSelectFamily: false', async () => {
    for (const connect of [
      () => make({ autoSelectFamily: false }).connect(PORT, 'both.test'),
      () => make().connect({ port: PORT, host: 'both.test', autoSelectFamily: false }),
    ]) {
      const [error] = (await once(connect(), 'error')) as [NodeJS.ErrnoException & { address: string }];
      expect(error).toMatchObject({ code: 'ECONNREFUSED', address: '2001:db8::1' });
    }
    await expect(dial({ vrf: red, host: 'both.test', port: PORT, autoSelectFamily: false })).rejects.toMatchObject({
      address: '2001:db8::1',
    });
  });

  it('fails with one AggregateError where every address fails', async () => {
    const socket = make().connect(CLOSED, 'both.test');
    const [error] = (await once(socket, 'error')) as [AggregateError];
    expect(error).toBeInstanceOf(AggregateError);
    expect(error).toBeInstanceOf(NetnsError);
    expect(error).toMatchObject({ code: 'ECONNREFUSED', host: 'both.test', port: CLOSED, syscall: 'connect' });
    expect(error.errors).toHaveLength(2);
    await noNewFds();
  });

  it.each([
    ['a port where nothing listens', CLOSED, '192.0.2.1', { code: 'ECONNREFUSED', syscall: 'connect' }],
    ['an address without a route', PORT, '203.0.113.1', { code: 'ENETUNREACH' }],
    ['a name that does not exist', PORT, 'nobody.invalid', { syscall: 'getaddrinfo' }],
  ])('emits error and close for %s', async (_, port, host, expected) => {
    const socket = make({ dns: { servers: ['192.0.2.2'], timeout: 200, attempts: 1 } }).connect(port, host);
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    expect(error).toMatchObject(expected);
    await once(socket, 'close');
    await noNewFds();
  });

  it('says as its error that the VRF does not exist', async () => {
    const socket = createVrfSocket({ vrf: 'nowhere' }).connect(PORT, '192.0.2.1');
    await expect(once(socket, 'end')).rejects.toMatchObject({ name: 'NamespaceNotFoundError' });
  });

  it('can be destroyed at any moment of connecting, and leaves nothing open', async () => {
    for (const host of ['192.0.2.1', 'one.test', 'both.test', '198.51.100.9'])
      for (const moment of [
        (then: () => void) => then(),
        process.nextTick,
        queueMicrotask,
        (then: () => void) => setImmediate(then),
      ] as const) {
        const socket = make().connect(PORT, host);
        const events = record(socket);
        moment(() => socket.destroy());
        await once(socket, 'close');
        expect(events.filter((event) => event === 'error')).toEqual([]);
      }
    await noNewFds();
  });

  it('emits timeout while it connects', async () => {
    const socket = make().connect(PORT, '198.51.100.9');
    socket.setTimeout(30);
    await once(socket, 'timeout');
    expect(socket.connecting).toBe(true);
    socket.destroy();
    await once(socket, 'close');
    await noNewFds();
  });

  it('gives up after its own timeout, and when its signal is aborted', async () => {
    const late = make({ timeout: 50 }).connect(PORT, '198.51.100.9');
    expect((await once(late, 'error'))[0]).toMatchObject({ code: 'ETIMEDOUT', host: '198.51.100.9' });
    const controller = new AbortController();
    const aborted = make({ signal: controller.signal }).connect(PORT, '198.51.100.9');
    controller.abort();
    expect((await once(aborted, 'error'))[0]).toMatchObject({ name: 'AbortError' });
    await noNewFds();
  });

  it('connects again after it was closed, and not while it connects', async () => {
    const socket = make().connect(PORT, '192.0.2.1').resume();
    await once(socket, 'close');
    socket.connect(PORT, 'one.test');
    await once(socket, 'connect');
    expect(inRed(socket)).toBe(true);
    await once(socket, 'close');
    const twice = make().connect(PORT, '192.0.2.1');
    twice.connect(PORT, '192.0.2.1');
    expect((await once(twice, 'error'))[0]).toMatchObject({ code: 'EALREADY' });
    await noNewFds();
  });

  it('connects from a local address, and refuses one that it does not have', async () => {
    const socket = make().connect({ port: PORT, host: '192.0.2.1', localAddress: '192.0.2.2' });
    await once(socket, 'connect');
    expect(socket.localAddress).toBe('192.0.2.2');
    socket.destroy();
    const foreign = make({ localAddress: '192.0.2.77' }).connect(PORT, '192.0.2.1');
    expect((await once(foreign, 'error'))[0]).toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  it('carries TLS that was begun before, while and after it connects', async () => {
    for (const begin of [
      () => {
        const socket = make().connect(TLS_PORT, 'secure.test');
        return tls.connect({ socket, servername: 'secure.test', ca: certificate.ca });
      },
      () => {
        const socket = make();
        const secure = tls.connect({ socket, servername: 'secure.test', ca: certificate.ca });
        socket.connect(TLS_PORT, 'secure.test');
        return secure;
      },
    ]) {
      const secure = begin();
      await once(secure, 'secureConnect');
      expect(secure.authorized).toBe(true);
      secure.destroy();
    }
  });

  it('refuses what would lead out of the VRF, and options that it does not know', () => {
    const socket = make();
    const connect = socket.connect.bind(socket) as (...args: unknown[]) => void;
    expect(() => connect('/run/x.sock')).toThrow(expect.objectContaining({ option: 'path' }));
    expect(() => connect({ path: '/run/x.sock' })).toThrow(expect.objectContaining({ option: 'path' }));
    expect(() => connect({ port: PORT, lookup: () => {} })).toThrow(expect.objectContaining({ option: 'lookup' }));
    expect(() => connect({ port: 70_000 })).toThrow(expect.objectContaining({ option: 'port' }));
    expect(() => connect()).toThrow(expect.objectContaining({ option: 'port' }));
    expect(() => make({ vfr: red } as never)).toThrow(/did you mean/);
    expect(() => createVrfSocket({} as never)).toThrow(/no vrf/);
  });

  it('lets what a listener throws be an uncaught exception, not a rejected promise', async () => {
    const thrown = new Error('from a listener');
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const caught = once(process, 'uncaughtException');
    try {
      const socket = make().connect(PORT, '192.0.2.1');
      socket.on('connect', () => {
        throw thrown;
      });
      expect((await caught)[0]).toBe(thrown);
      socket.destroy();
    } finally {
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
  });
});

describe('dialTls', () => {
  const to = { vrf: red, host: 'secure.test', port: TLS_PORT };

  it('gives a connected TLS socket with the certificate of the server', async () => {
    const socket = await dialTls({ ...to, ca: certificate.ca });
    expect(socket).toBeInstanceOf(tls.TLSSocket);
    expect(socket.authorized).toBe(true);
    expect(socket.getPeerCertificate().subjectaltname).toContain('DNS:secure.test');
    expect(socket.getPeerX509Certificate()?.checkHost('secure.test')).toBe('secure.test');
    socket.destroy();
    const byAddress = await dialTls({ ...to, host: '192.0.2.2', ca: certificate.ca });
    byAddress.destroy();
    await noNewFds();
  });

  it('fails where the certificate is not trusted, or is of another name, and leaves nothing open', async () => {
    await expect(dialTls(to)).rejects.toMatchObject({ code: expect.stringMatching(/SIGNATURE|CERT/) });
    await expect(dialTls({ ...to, ca: certificate.ca, servername: 'other.test' })).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    await expect(dialTls({ ...to, port: CLOSED })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await noNewFds();
  });

  it('gives up when the handshake takes too long, and when its signal is aborted', async () => {
    const silent = await serveIn(RED, createServer(), '192.0.2.2', 7144);
    try {
      await expect(dialTls({ ...to, port: 7144, timeout: 100 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
      const controller = new AbortController();
      const aborted = dialTls({ ...to, port: 7144, signal: controller.signal });
      await retryUntil(() => silent.connections.size > 0);
      controller.abort();
      await expect(aborted).rejects.toMatchObject({ name: 'AbortError' });
    } finally {
      await silent.close();
    }
    await noNewFds();
  });

  it('resumes a session with the same options, and with no others', async () => {
    const resumed = async (more: object = {}): Promise<boolean> => {
      // Tickets of TLS 1.3 come after the handshake; those of 1.2 with it.
      const socket = await dialTls({ ...to, ca: certificate.ca, maxVersion: 'TLSv1.2', ...more });
      const reused = socket.isSessionReused();
      await new Promise<void>((resolve) => socket.resume().end(resolve));
      socket.destroy();
      return reused;
    };
    expect(await resumed()).toBe(false);
    await retryUntil(() => resumed());
    expect(await resumed({ rejectUnauthorized: false })).toBe(false);
    expect(await resumed({ namespace: RED, vrf: undefined, servername: 'secure.test', honorCipherOrder: true })).toBe(
      false,
    );
  });

  it('refuses a socket or a path, and misspelt options, by name', async () => {
    await expect(dialTls({ ...to, socket: new Socket() } as never)).rejects.toMatchObject({ option: 'socket' });
    await expect(dialTls({ ...to, path: '/x' } as never)).rejects.toMatchObject({ option: 'path' });
    await expect(dialTls({ ...to, rejectUnauthorised: false } as never)).rejects.toThrow(/rejectUnauthorized/);
  });
});

describe('requests of node:http and node:https', () => {
  it('have their socket while the connection is made, with the events and state of Node’s own', async () => {
    const { default: http } = await import('node:http');
    const web = createHttpServer((_request, response) => response.end('red'));
    servers.push(await serveIn(RED, web, '192.0.2.1', 7180));
    const agent = new VrfHttpAgent({ vrf: red });
    const request = http.get('http://one.test:7180/', { agent });
    const [socket] = (await once(request, 'socket')) as [Socket];
    expect(socket.connecting).toBe(true);
    const events = record(socket);
    const [response] = await once(request, 'response');
    response.resume();
    await once(response, 'end');
    expect(events.slice(0, 4)).toEqual(['lookup', 'connectionAttempt', 'connect', 'ready']);
    agent.destroy();
  });

  it('end by a timeout set on the socket, and by destroy or abort, while the connection is made', async () => {
    const { default: http } = await import('node:http');
    const agent = new VrfHttpAgent({ vrf: red });
    const slow = http.get({ host: '198.51.100.9', port: 80, agent });
    slow.once('socket', (socket) => socket.setTimeout(30, () => slow.destroy(new Error('too slow'))));
    expect((await once(slow, 'error'))[0]).toMatchObject({ message: 'too slow' });

    const eventsOfAbort = async (options: object): Promise<string[]> => {
      const events: string[] = [];
      const request = http.get(options);
      for (const event of ['socket', 'abort', 'error', 'close']) request.on(event, () => events.push(event));
      request.abort();
      await once(request, 'close');
      return events;
    };
    expect(await eventsOfAbort({ host: '198.51.100.9', port: 80, agent })).toEqual(
      await eventsOfAbort({ host: 'never.test', lookup: () => {}, agent: new http.Agent() }),
    );
    agent.destroy();
    await noNewFds();
  });

  it('take their address in the form that server.address() has', async () => {
    const { default: http } = await import('node:http');
    const web = createHttpServer((_request, response) => response.end('red'));
    const running = await serveIn(RED, web, '192.0.2.1', 7181);
    const agent = new VrfHttpAgent({ vrf: red });
    const { address: host, port, family } = web.address() as { address: string; port: number; family: string };
    const request = http.get({ host, port, family, agent } as never);
    const [response] = await once(request, 'response');
    response.resume();
    await once(response, 'end');
    agent.destroy();
    await running.close();
  });

  it('go each to its own host through a subclass with an asynchronous createConnection', async () => {
    const { default: http } = await import('node:http');
    const named = (name: string) => createHttpServer((_request, response) => response.end(name));
    const running = [
      await serveIn(RED, named('one'), '192.0.2.1', 7182),
      await serveIn(RED, named('two'), '192.0.2.2', 7182),
    ];
    class Patient extends VrfHttpAgent {
      override createConnection(options: object, callback?: (error: Error | null, socket: never) => void): never {
        setTimeout(() => {
          callback?.(null, super.createConnection(options) as never);
        }, 5);
        return undefined as never;
      }
    }
    class Plain extends VrfHttpAgent {
      override createConnection(options: object): Socket {
        return super.createConnection(options);
      }
    }
    for (const agent of [new Patient({ vrf: red }), new Plain({ vrf: red })]) {
      const ask = (host: string): Promise<string> =>
        new Promise((resolve, reject) => {
          http
            .get({ host, port: 7182, agent }, (response) => {
              let body = '';
              response.on('data', (chunk) => (body += chunk)).on('end', () => resolve(body));
            })
            .on('error', reject);
        });
      expect(await Promise.all([ask('192.0.2.1'), ask('192.0.2.2'), ask('192.0.2.1')])).toEqual(['one', 'two', 'one']);
      agent.destroy();
    }
    for (const server of running) await server.close();
    await noNewFds();
  });

  it('over TLS have their socket at once, too', async () => {
    const { default: https } = await import('node:https');
    const agent = new VrfHttpsAgent({ vrf: red, ca: certificate.ca });
    const request = https.get(`https://secure.test:${TLS_PORT}/`, { agent });
    const [socket] = (await once(request, 'socket')) as [tls.TLSSocket];
    expect(socket.connecting).toBe(true);
    const events = record(socket);
    socket.on('secureConnect', () => events.push('secureConnect'));
    const [response] = await once(request, 'response');
    response.resume();
    await once(response, 'end');
    expect(events.slice(0, 5)).toEqual(['lookup', 'connectionAttempt', 'connect', 'ready', 'secureConnect']);
    agent.destroy();
  });
});
