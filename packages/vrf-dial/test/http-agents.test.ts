import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import axios from 'axios';
import { deleteNamed } from 'netns-core';
import fetch from 'node-fetch';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { VrfHttpAgent, VrfHttpsAgent } from 'vrf-dial';
import WebSocket, { WebSocketServer } from 'ws';
import { capture, ip, leakedFds, makeNamespaces, openFds, retryUntil, uniqueName, vethBetween } from '#testkit';
import { type Certificate, httpServerIn, httpsServerIn, makeCertificate, type RunningServer } from './servers.ts';

let certificate: Certificate;
/** Two pairs of namespaces with the same addresses. */
let red: { here: string; there: string };
let blue: { here: string; there: string };
const cleanups: (() => unknown)[] = [];

beforeAll(() => {
  certificate = makeCertificate(['DNS:server.example', 'IP:192.0.2.1']);
});

beforeEach(() => {
  red = pair();
  blue = pair();
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function pair(): { here: string; there: string } {
  const here = uniqueName('h');
  const there = uniqueName('t');
  const made = makeNamespaces(here, there);
  cleanups.push(() => made.remove());
  vethBetween(
    { namespace: here, name: 'eth0', addresses: ['192.0.2.2/24', '2001:db8::2/64'] },
    { namespace: there, name: 'eth0', addresses: ['192.0.2.1/24', '2001:db8::1/64'] },
  );
  mkdirSync(`/etc/netns/${here}`, { recursive: true });
  writeFileSync(`/etc/netns/${here}/hosts`, '192.0.2.1 server.example other.example\n');
  return { here, there };
}

async function running<S extends RunningServer>(server: Promise<S>): Promise<S> {
  const made = await server;
  cleanups.push(() => made.close());
  return made;
}

/** Destroys an agent when the test is over. */
function kept<A extends http.Agent>(agent: A): A {
  cleanups.push(() => agent.destroy());
  return agent;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly socket: Socket;
}

function ask(url: string, options: https.RequestOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { get } = url.startsWith('https:') ? https : http;
    get(url, options, (response) => {
      const { socket } = response;
      let body = '';
      response.setEncoding('utf8').on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, socket }));
      response.on('error', reject);
    }).on('error', reject);
  });
}

describe('VrfHttpAgent', () => {
  it('reaches two servers that have the same address', async () => {
    await running(httpServerIn(red.there, '192.0.2.1', 8080));
    await running(httpServerIn(blue.there, '192.0.2.1', 8080));
    const agents = [red, blue].map(({ here }) => kept(new VrfHttpAgent({ namespace: here, keepAlive: true })));
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.all(agents.map((agent) => ask('http://192.0.2.1:8080/', { agent })));
      expect(answers.map(({ body }) => body)).toEqual([red.there, blue.there]);
    }
  });

  it('uses a connection again with keepAlive, and not without', async () => {
    let accepted = 0;
    const { server } = await running(httpServerIn(red.there, '192.0.2.1', 8080));
    server.on('connection', () => {
      accepted += 1;
    });
    const again = kept(new VrfHttpAgent({ namespace: red.here, keepAlive: true }));
    for (let round = 0; round < 3; round += 1) {
      await ask('http://192.0.2.1:8080/', { agent: again });
      await retryUntil(() => Object.keys(again.freeSockets).length === 1);
    }
    expect(accepted).toBe(1);
    expect(Object.keys(again.sockets)).toEqual([]);
    const once = kept(new VrfHttpAgent({ namespace: red.here }));
    await ask('http://192.0.2.1:8080/', { agent: once });
    await ask('http://192.0.2.1:8080/', { agent: once });
    expect(accepted).toBe(3);
  });

  it('keeps to maxSockets, also for requests that come while connections are being made', async () => {
    const { server, connections } = await running(
      httpServerIn(red.there, '192.0.2.1', 8080, (_request, response) => setTimeout(() => response.end('x'), 5)),
    );
    let most = 0;
    server.on('connection', () => {
      most = Math.max(most, connections.size);
    });
    for (const keepAlive of [true, false]) {
      const agent = kept(new VrfHttpAgent({ namespace: red.here, keepAlive, maxSockets: 2 }));
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask('http://192.0.2.1:8080/', { agent })));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      agent.destroy();
      await retryUntil(() => connections.size === 0);
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(2);
  });

  it('fails each request that waits for a place when no server listens, and leaves no entry behind', async () => {
    const before = openFds();
    const agent = kept(new VrfHttpAgent({ namespace: red.here, keepAlive: true, maxSockets: 1 }));
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => ask('http://192.0.2.1:8080/', { agent })));
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: { name: 'DialError', code: 'ECONNREFUSED' } });
    await retryUntil(() => Object.keys(agent.sockets).length === 0);
    expect(Object.keys(agent.requests)).toEqual([]);
    expect((agent as unknown as { totalSocketCount: number }).totalSocketCount).toBe(0);
    await retryUntil(() => leakedFds(before).filter((fd) => !fd.includes('inotify')).length === 0);
  });

  it('gives the place of a failed connection to a request for another host', async () => {
    await running(httpServerIn(red.there, '192.0.2.1', 8080));
    const agent = kept(new VrfHttpAgent({ namespace: red.here, maxTotalSockets: 1 }));
    const [bad, good] = await Promise.allSettled([
      ask('http://192.0.2.1:9999/', { agent }),
      ask('http://192.0.2.1:8080/', { agent }),
    ]);
    expect(bad.status).toBe('rejected');
    expect(good).toMatchObject({ status: 'fulfilled', value: { body: red.there } });
  });

  it('ends a dial when its request is destroyed, aborted, or the agent destroyed', async () => {
    const agent = kept(new VrfHttpAgent({ namespace: uniqueName('never'), waitForNamespace: 60_000 }));
    const destroyed = http.get('http://192.0.2.1:8080/', { agent });
    setTimeout(() => destroyed.destroy(new Error('enough')), 20);
    expect(((await once(destroyed, 'error')) as [Error])[0].message).toBe('enough');

    const controller = new AbortController();
    const aborted = http.get('http://192.0.2.1:8080/', { agent, signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    expect(((await once(aborted, 'error')) as [Error])[0].name).toBe('AbortError');

    const hungUp = http.get('http://192.0.2.1:8080/', { agent });
    setTimeout(() => agent.destroy(), 20);
    expect(((await once(hungUp, 'error')) as [NodeJS.ErrnoException])[0].code).toBe('ECONNRESET');
    await retryUntil(() => Object.keys(agent.sockets).length === 0);
  });

  it('emits timeout while it connects, as Node does, and after', async () => {
    const never = kept(new VrfHttpAgent({ namespace: uniqueName('never'), waitForNamespace: 60_000 }));
    const connecting = http.get('http://192.0.2.1:8080/', { agent: never, timeout: 30 });
    connecting.on('error', () => {});
    await once(connecting, 'timeout');
    connecting.destroy();
    await running(httpServerIn(red.there, '192.0.2.1', 8080, () => {}));
    const agent = kept(new VrfHttpAgent({ namespace: red.here }));
    for (const request of [
      http.get('http://192.0.2.1:8080/', { agent, timeout: 50 }),
      http.get('http://192.0.2.1:8080/', { agent: kept(new VrfHttpAgent({ namespace: red.here, timeout: 50 })) }),
    ]) {
      request.on('error', () => {});
      await once(request, 'timeout');
      request.destroy();
    }
  });

  it('gives up on a host that does not answer after connectTimeout', async () => {
    ip('-n', red.here, ...'neigh add 192.0.2.77 lladdr 02:00:00:00:00:77 dev eth0'.split(' '));
    const agent = kept(new VrfHttpAgent({ namespace: red.here, connectTimeout: 50 }));
    await expect(ask('http://192.0.2.77:8080/', { agent })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('starts no request in a namespace that was replaced', async () => {
    const first = await running(httpServerIn(red.there, '192.0.2.1', 8080));
    const agent = kept(new VrfHttpAgent({ namespace: red.here, keepAlive: true }));
    await ask('http://192.0.2.1:8080/', { agent });
    await retryUntil(() => Object.keys(agent.freeSockets).length === 1);
    expect(first.connections.size).toBe(1);
    deleteNamed(red.here);
    ip(`netns add ${red.here}`);
    const other = uniqueName('t');
    ip(`netns add ${other}`);
    cleanups.push(() => ip(`netns del ${other}`));
    vethBetween(
      { namespace: red.here, name: 'eth0', addresses: ['192.0.2.2/24'] },
      { namespace: other, name: 'eth0', addresses: ['192.0.2.1/24'] },
    );
    await running(httpServerIn(other, '192.0.2.1', 8080));
    // As promised: not later than 50 ms after the change.
    await delay(60);
    expect((await ask('http://192.0.2.1:8080/', { agent })).body).toBe(other);
  });

  it('says what is missing when there is no such namespace', async () => {
    const agent = kept(new VrfHttpAgent({ vrf: 'nowhere' }));
    await expect(ask('http://192.0.2.1:8080/', { agent })).rejects.toMatchObject({ name: 'NamespaceNotFoundError' });
  });

  it('sends no packet from anywhere else, host names included', async () => {
    await running(httpServerIn(red.there, '192.0.2.1', 8080));
    const home = await capture(undefined);
    const foreign = await capture(blue.here, 'ip or ip6 and not icmp6');
    const agent = kept(new VrfHttpAgent({ namespace: red.here }));
    expect((await ask('http://server.example:8080/', { agent })).body).toBe(red.there);
    await expect(ask('http://nobody.example:8080/', { agent })).rejects.toMatchObject({ syscall: 'getaddrinfo' });
    expect((await home.stop()).filter((line) => line !== '')).toEqual([]);
    expect((await foreign.stop()).filter((line) => line.includes('192.0.2'))).toEqual([]);
  });

  it('takes the local address and the family of a request', async () => {
    const { server } = await running(
      httpServerIn(red.there, '192.0.2.1', 8080, (request, response) => response.end(request.socket.remoteAddress)),
    );
    expect(server.listening).toBe(true);
    ip('-n', red.here, ...'addr add 192.0.2.3/24 dev eth0'.split(' '));
    const agent = kept(new VrfHttpAgent({ namespace: red.here }));
    expect((await ask('http://192.0.2.1:8080/', { agent, localAddress: '192.0.2.3' })).body).toBe('192.0.2.3');
    expect((await ask('http://server.example:8080/', { agent, family: 4 })).body).toBe('192.0.2.2');
    await expect(ask('http://server.example:8080/', { agent, family: 6 })).rejects.toMatchObject({
      syscall: 'getaddrinfo',
    });
  });

  it('refuses what would lead elsewhere, by name', async () => {
    const construct = (options: object) => () => new VrfHttpAgent(options as never);
    expect(construct({ vrf: 'a', namespace: 'b' })).toThrow(expect.objectContaining({ option: 'namespace' }));
    expect(construct({ vrf: 'a', proxyEnv: {} })).toThrow(expect.objectContaining({ option: 'proxyEnv' }));
    expect(construct({ vrf: 'a', socketPath: '/x' })).toThrow(expect.objectContaining({ option: 'socketPath' }));
    expect(construct({ vrf: 'a', tos: 300 })).toThrow(expect.objectContaining({ option: 'tos' }));
    expect(construct({ namespaces: 'a' })).toThrow(expect.objectContaining({ option: 'namespaces' }));
    const agent = kept(new VrfHttpAgent({ namespace: red.here }));
    await expect(ask('http://x/', { agent, socketPath: '/x' })).rejects.toMatchObject({ option: 'socketPath' });
    const lookup: never = ((): void => {}) as never;
    await expect(ask('http://x/', { agent, lookup })).rejects.toMatchObject({ option: 'lookup' });
  });

  it('connects by createConnection, for libraries that call it themselves', async () => {
    await running(httpServerIn(red.there, '192.0.2.1', 8080));
    const agent = kept(new VrfHttpAgent({ namespace: red.here }));
    const socket = await new Promise<Socket>((resolve, reject) =>
      agent.createConnection({ host: '192.0.2.1', port: 8080 }, (error, made) =>
        error ? reject(error) : resolve(made as Socket),
      ),
    );
    expect(socket.remoteAddress).toBe('192.0.2.1');
    socket.destroy();
  });
});

describe('VrfHttpsAgent', () => {
  it('checks certificates, sends the server name, and takes TLS options', async () => {
    const names: unknown[] = [];
    const { server } = await running(httpsServerIn(red.there, '192.0.2.1', 8443, certificate));
    server.on('secureConnection', (socket: TLSSocket & { servername?: unknown }) => names.push(socket.servername));
    const agent = kept(new VrfHttpsAgent({ namespace: red.here, ca: certificate.ca }));
    const { body, socket } = await ask('https://server.example:8443/', { agent });
    expect(body).toBe(red.there);
    expect((socket as TLSSocket).authorized).toBe(true);
    expect((await ask('https://192.0.2.1:8443/', { agent })).body).toBe(red.there);
    expect((await ask('https://192.0.2.1:8443/', { agent, servername: 'server.example' })).body).toBe(red.there);
    expect(names).toEqual(['server.example', false, 'server.example']);
    const doubtful = kept(new VrfHttpsAgent({ namespace: red.here }));
    await expect(ask('https://server.example:8443/', { agent: doubtful })).rejects.toMatchObject({
      code: expect.stringMatching(/CERT|SIGNATURE/),
    });
    const careless = kept(new VrfHttpsAgent({ namespace: red.here, rejectUnauthorized: false }));
    expect((await ask('https://server.example:8443/', { agent: careless })).body).toBe(red.there);
    await expect(ask('https://other.example:8443/', { agent })).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('offers the protocols that it is told to', async () => {
    await running(httpsServerIn(red.there, '192.0.2.1', 8443, certificate));
    const agent = kept(
      new VrfHttpsAgent({ namespace: red.here, ca: certificate.ca, ALPNProtocols: ['http/1.1'] } as never),
    );
    const { socket } = await ask('https://server.example:8443/', { agent });
    expect((socket as TLSSocket).alpnProtocol).toBe('http/1.1');
  });

  it('resumes TLS sessions of its own servers and offers them to no others', async () => {
    await running(httpsServerIn(red.there, '192.0.2.1', 8443, certificate));
    await running(httpsServerIn(blue.there, '192.0.2.1', 8443, certificate));
    const resumed = async (agent: VrfHttpsAgent): Promise<boolean> => {
      const { socket } = await ask('https://server.example:8443/', { agent });
      const reused = (socket as TLSSocket).isSessionReused();
      // Tickets come after the handshake.
      await delay(20);
      return reused;
    };
    const [one, two] = [red, blue].map(({ here }) =>
      kept(new VrfHttpsAgent({ namespace: here, ca: certificate.ca, keepAlive: false })),
    ) as [VrfHttpsAgent, VrfHttpsAgent];
    expect([await resumed(one), await resumed(one), await resumed(two), await resumed(two)]).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it('drops idle connections and sessions of a namespace that was replaced', async () => {
    const first = await running(httpsServerIn(red.there, '192.0.2.1', 8443, certificate));
    const agent = kept(new VrfHttpsAgent({ namespace: red.here, ca: certificate.ca, keepAlive: true }));
    await ask('https://192.0.2.1:8443/', { agent });
    await retryUntil(() => Object.keys(agent.freeSockets).length === 1);
    deleteNamed(red.here);
    await retryUntil(() => first.connections.size === 0 || Object.keys(agent.freeSockets).length === 0);
    await expect(ask('https://192.0.2.1:8443/', { agent })).rejects.toMatchObject({ name: 'NamespaceNotFoundError' });
    await retryUntil(() => Object.keys(agent.freeSockets).length === 0);
  });

  it('fails a request, and no more, over TLS options that cannot be right', async () => {
    await running(httpsServerIn(red.there, '192.0.2.1', 8443, certificate));
    const agent = kept(new VrfHttpsAgent({ namespace: red.here, ca: certificate.ca, maxSockets: 1 }));
    await expect(ask('https://192.0.2.1:8443/', { agent, cert: 'rubbish' })).rejects.toThrow();
    expect((await ask('https://192.0.2.1:8443/', { agent })).body).toBe(red.there);
  });
});

describe('other people’s clients, through the agents', () => {
  let httpAgent: VrfHttpAgent;
  let httpsAgent: VrfHttpsAgent;

  beforeEach(async () => {
    const answer: http.RequestListener = (request, response) => {
      if (request.url === '/redirect') response.writeHead(302, { location: 'https://server.example:8443/end' }).end();
      else
        response
          .setHeader('content-type', 'application/json')
          .end(JSON.stringify({ who: red.there, url: request.url }));
    };
    await running(httpServerIn(red.there, '192.0.2.1', 8080, answer));
    await running(httpsServerIn(red.there, '192.0.2.1', 8443, certificate, answer));
    httpAgent = kept(new VrfHttpAgent({ namespace: red.here, keepAlive: true }));
    httpsAgent = kept(new VrfHttpsAgent({ namespace: red.here, keepAlive: true, ca: certificate.ca }));
  });

  it('axios, over a redirect', async () => {
    const client = axios.create({ httpAgent, httpsAgent, proxy: false });
    expect((await client.get('http://server.example:8080/a')).data).toEqual({ who: red.there, url: '/a' });
    expect((await client.get('http://server.example:8080/redirect')).data).toEqual({ who: red.there, url: '/end' });
    expect((await client.post('https://server.example:8443/b', { x: 1 })).data).toEqual({ who: red.there, url: '/b' });
    await expect(client.get('http://server.example:9999/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('got, over a redirect', async () => {
    const { got } = await import('got');
    const client = got.extend({ agent: { http: httpAgent, https: httpsAgent }, retry: { limit: 0 } });
    expect(await client('http://server.example:8080/a').json()).toEqual({ who: red.there, url: '/a' });
    expect(await client('http://server.example:8080/redirect').json()).toEqual({ who: red.there, url: '/end' });
    await expect(client('http://server.example:9999/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const hanging = await running(httpServerIn(red.there, '192.0.2.1', 8081, () => {}));
    await expect(client('http://server.example:8081/', { timeout: { response: 100 } })).rejects.toMatchObject({
      code: 'ETIMEDOUT',
    });
    expect(hanging.server.listening).toBe(true);
  });

  it('node-fetch, over a redirect', async () => {
    const agent = ({ protocol }: URL): http.Agent => (protocol === 'https:' ? httpsAgent : httpAgent);
    const response = await fetch('http://server.example:8080/redirect', { agent });
    expect(await response.json()).toEqual({ who: red.there, url: '/end' });
  });

  it('ws, with and without TLS', async () => {
    const plain = await running(httpServerIn(red.there, '192.0.2.1', 8082));
    const secure = await running(httpsServerIn(red.there, '192.0.2.1', 8444, certificate));
    for (const { server } of [plain, secure]) {
      const sockets = new WebSocketServer({ server: server as http.Server });
      sockets.on('connection', (socket) =>
        socket.on('message', (data) => socket.send(`${red.there}: ${String(data)}`)),
      );
      cleanups.push(() => {
        for (const client of sockets.clients) client.terminate();
      });
    }
    for (const [url, agent] of [
      ['ws://server.example:8082/', httpAgent],
      ['wss://server.example:8444/', httpsAgent],
    ] as const) {
      const socket = new WebSocket(url, { agent });
      await once(socket, 'open');
      socket.send('hello');
      const [data] = await once(socket, 'message');
      expect(String(data)).toBe(`${red.there}: hello`);
      socket.close();
      await once(socket, 'close');
    }
  });
});
