// undici's other classes, interceptors and protocols over our connections.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { Server, Socket } from 'node:net';
import {
  Agent,
  BalancedPool,
  Client,
  type Dispatcher,
  EventSource,
  interceptors,
  MockAgent,
  Pool,
  ProxyAgent,
  RetryAgent,
  request,
  WebSocket,
} from 'undici';
import { Pool as Pool6, ProxyAgent as ProxyAgent6, request as request6 } from 'undici6';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ip, ipIn, makeNamespaces, uniqueName } from '#testkit';
import { createVrfConnector, createVrfFetch, createVrfOriginLookup, VrfAgent, vrfProxyOptions } from '../src/index.ts';
import { type Certificate, httpsServerIn, makeCertificate, type RunningServer, serveIn } from './servers.ts';

const red = uniqueName();
const RED = `ns-${red}`;
let namespaces: ReturnType<typeof makeNamespaces>;
let certificate: Certificate;
const servers: RunningServer<Server>[] = [];
const proxied: string[] = [];
const ORIGIN = 'http://192.0.2.1:8080';

/** A server with everything on it; at home it says 'home' to every request that comes by mistake. */
function everything(answer: string): Server {
  const server = createHttpServer((incoming, response) => {
    if (incoming.url === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`data: ${answer}\n\n`);
    } else if (incoming.url === '/cached') {
      response.setHeader('cache-control', 'max-age=60');
      response.end(`${answer} ${performance.now()}`);
    } else if (incoming.url === '/fails') {
      response.statusCode = 503;
      response.end();
    } else response.end(answer);
  });
  server.on('upgrade', (incoming, socket: Socket) => {
    if (incoming.headers.upgrade === 'websocket') {
      const key = `${incoming.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash('sha1').update(key).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.write(Buffer.concat([Buffer.from([0x81, answer.length]), Buffer.from(answer)]));
      socket.on('data', () => socket.end(Buffer.from([0x88, 0])));
    } else {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n');
      socket.pipe(socket);
    }
  });
  server.on('connect', (_incoming, socket: Socket) => {
    socket.write('HTTP/1.1 200 Connected\r\n\r\n');
    socket.end(answer);
  });
  return server;
}

/** An http proxy in the namespace: it connects to wherever it is asked to from there. */
function proxy(): Server {
  const server = createHttpServer(async (incoming, response) => {
    proxied.push(`${incoming.method} ${incoming.url}`);
    const agent = new VrfAgent({ vrf: red });
    const { body } = await request(incoming.url ?? '', { dispatcher: agent });
    response.end(`${await body.text()} by proxy`);
    await agent.close();
  });
  server.on('connect', (incoming, socket: Socket) => {
    proxied.push(`CONNECT ${incoming.url}`);
    const [host = '', port = ''] = (incoming.url ?? '').split(':');
    import('../src/index.ts').then(async ({ dial }) => {
      const onward = await dial({ vrf: red, host, port: Number(port) });
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      onward.pipe(socket).pipe(onward);
      onward.on('error', () => {});
      socket.on('error', () => {});
    });
  });
  return server;
}

beforeAll(async () => {
  certificate = makeCertificate(['IP:192.0.2.1']);
  namespaces = makeNamespaces(RED);
  for (const add of [(line: string) => ipIn(RED, line), (line: string) => ip(line)]) {
    add('addr add 192.0.2.1/32 dev lo');
  }
  servers.push(await serveIn(RED, everything('red'), '192.0.2.1', 8080));
  servers.push(await serveIn(RED, everything('red2'), '192.0.2.1', 8081));
  servers.push(await httpsServerIn(RED, '192.0.2.1', 8443, certificate));
  servers.push(await serveIn(RED, everything('loopback'), '127.0.0.1', 8082));
  servers.push(await serveIn('', everything('home'), '127.0.0.1', 8082));
  servers.push(await serveIn(RED, proxy(), '192.0.2.1', 3128));
  for (const port of [8080, 8081, 8443, 3128]) servers.push(await serveIn('', everything('home'), '192.0.2.1', port));
});

afterAll(async () => {
  for (const server of servers) await server.close();
  namespaces.remove();
  ip('addr del 192.0.2.1/32 dev lo');
});

const textOf = async (response: { body: { text(): Promise<string> } }): Promise<string> => response.body.text();

describe('dispatchers with a connector of ours', () => {
  it('Client, Pool and BalancedPool', async () => {
    const connect = createVrfConnector({ vrf: red });
    for (const dispatcher of [
      new Client(ORIGIN, { connect }),
      new Pool(ORIGIN, { connect, connections: 2 }),
      new BalancedPool([ORIGIN, 'http://192.0.2.1:8081'], { connect }),
    ]) {
      const answers = new Set<string>();
      for (let round = 0; round < 4; round += 1)
        answers.add(await textOf(await dispatcher.request({ path: '/', method: 'GET' })));
      expect([...answers].sort()).toEqual(dispatcher instanceof BalancedPool ? ['red', 'red2'] : ['red']);
      await dispatcher.close();
    }
  });

  it('RetryAgent tries again in the VRF', async () => {
    const agent = new RetryAgent(new Agent({ connect: createVrfConnector({ vrf: red }) }), {
      maxRetries: 2,
      minTimeout: 1,
    });
    await expect(agent.request({ origin: ORIGIN, path: '/fails', method: 'GET' })).rejects.toMatchObject({
      statusCode: 503,
    });
    expect(await textOf(await agent.request({ origin: ORIGIN, path: '/', method: 'GET' }))).toBe('red');
    await agent.close();
  });

  for (const [version, ProxyClass, PoolClass, ask] of [
    [6, ProxyAgent6, Pool6, request6],
    [7, ProxyAgent, Pool, request],
  ] as unknown as [number, typeof ProxyAgent, typeof Pool, typeof request][])
    it(`ProxyAgent of undici ${version} reaches its proxy through the VRF, with and without a tunnel`, async () => {
      for (const proxyTunnel of [true, false]) {
        proxied.length = 0;
        const connector = createVrfConnector({ vrf: red });
        const agent = new ProxyClass({
          ...vrfProxyOptions('http://192.0.2.1:3128', connector, PoolClass as never),
          proxyTunnel,
          requestTls: { ca: certificate.ca },
        } as unknown as ConstructorParameters<typeof ProxyAgent>[0]);
        expect(await textOf(await ask(ORIGIN, { dispatcher: agent }))).toBe(proxyTunnel ? 'red' : 'red by proxy');
        expect(await textOf(await ask('https://192.0.2.1:8443/', { dispatcher: agent }))).toBe(RED);
        expect(proxied).toEqual([proxyTunnel ? 'CONNECT 192.0.2.1:8080' : `GET ${ORIGIN}/`, 'CONNECT 192.0.2.1:8443']);
        await agent.close();
      }
    });

  it('a SOCKS proxy is refused, for undici would reach it from home', () => {
    expect(() => vrfProxyOptions('socks5://192.0.2.1:1080', createVrfConnector({ vrf: red }))).toThrow(
      /http: or https:, not socks5:/,
    );
    expect(() => vrfProxyOptions('nonsense', createVrfConnector({ vrf: red }))).toThrow(/uri/);
  });
});

describe('a VrfAgent', () => {
  it('takes the redirect, retry, cache and dns interceptors', async () => {
    const agent = new VrfAgent({ vrf: red });
    const composed = agent.compose(
      interceptors.redirect(),
      interceptors.retry({ maxRetries: 1, minTimeout: 1 }),
      interceptors.cache(),
      interceptors.dns({ lookup: createVrfOriginLookup({ vrf: red }) as never, dualStack: false, affinity: 4 }),
    );
    const first = await textOf(await request(`${ORIGIN}/cached`, { dispatcher: composed }));
    expect(first).toMatch(/^red /);
    expect(await textOf(await request(`${ORIGIN}/cached`, { dispatcher: composed }))).toBe(first);
    // Resolved in the VRF, and connected to there.
    expect(await textOf(await request('http://localhost:8082/', { dispatcher: composed }))).toBe('loopback');
    await agent.close();
  });

  it('does upgrades and CONNECT', async () => {
    const agent = new VrfAgent({ vrf: red });
    const { socket } = await agent.upgrade({ origin: ORIGIN, path: '/', protocol: 'echo' } as never);
    const echoed = new Promise<string>((resolve) => socket.on('data', (data) => resolve(String(data))));
    socket.write('hello');
    expect(await echoed).toBe('hello');
    socket.destroy();
    const tunnel = await agent.connect({ origin: ORIGIN, path: 'somewhere.example:80' } as never);
    const answer = new Promise<string>((resolve) => tunnel.socket.on('data', (data) => resolve(String(data))));
    expect(await answer).toBe('red');
    tunnel.socket.destroy();
    await agent.destroy();
  });

  it('carries WebSocket and EventSource', async () => {
    const agent = new VrfAgent({ vrf: red });
    const webSocket = new WebSocket('ws://192.0.2.1:8080/', { dispatcher: agent });
    expect(
      await new Promise((resolve, reject) => {
        webSocket.addEventListener('message', (event) => resolve(event.data));
        webSocket.addEventListener('error', reject);
      }),
    ).toBe('red');
    webSocket.close();
    const events = new EventSource(`${ORIGIN}/events`, { dispatcher: agent });
    expect(
      await new Promise((resolve, reject) => {
        events.addEventListener('message', (event) => resolve((event as unknown as { data: unknown }).data));
        events.addEventListener('error', reject);
      }),
    ).toBe('red');
    events.close();
    await agent.destroy();
  });

  it('can be mocked, and what is not mocked goes through the VRF', async () => {
    const agent = new VrfAgent({ vrf: red });
    const mock = new MockAgent({ agent, connect: createVrfConnector({ vrf: red }) } as ConstructorParameters<
      typeof MockAgent
    >[0]);
    mock.get(ORIGIN).intercept({ path: '/mocked' }).reply(200, 'mocked');
    expect(await textOf(await request(`${ORIGIN}/mocked`, { dispatcher: mock }))).toBe('mocked');
    expect(await textOf(await request(`${ORIGIN}/`, { dispatcher: mock }))).toBe('red');
    mock.disableNetConnect();
    await expect(request(`${ORIGIN}/other`, { dispatcher: mock })).rejects.toThrow(/net.connect disabled/);
    await mock.close();
  });

  it('tells its stats and connections by origin', async () => {
    const agent = new VrfAgent({ vrf: red });
    await textOf(await request(ORIGIN, { dispatcher: agent }));
    expect(agent.connections).toBe(1);
    expect(agent.stats).toMatchObject({ [ORIGIN]: { connected: 1, running: 0 } });
    await agent.close();
    expect(agent.closed).toBe(true);
    expect(agent.connections).toBe(0);
    await expect(request(ORIGIN, { dispatcher: agent })).rejects.toMatchObject({ code: 'UND_ERR_DESTROYED' });
  });

  it('takes and refuses what an Agent does, for a known origin as for a new one', async () => {
    const agent = new VrfAgent({ vrf: red, maxOrigins: 1 });
    const plain = new Agent();
    const handler = { onError: () => {} } as unknown as Dispatcher.DispatchHandler;
    const refusal = (dispatcher: Dispatcher, ...args: unknown[]): unknown => {
      try {
        return (dispatcher.dispatch as (...all: unknown[]) => unknown).apply(dispatcher, args);
      } catch (error) {
        return String(error);
      }
    };
    for (let round = 0; round < 2; round += 1) {
      for (const args of [[], [undefined, handler], [{}, handler], [{ origin: ORIGIN, path: '/', method: 'GET' }]])
        expect(refusal(agent, ...args)).toStrictEqual(refusal(plain, ...args));
      expect(await textOf(await request(ORIGIN, { dispatcher: agent }))).toBe('red');
      const byUrl = { origin: new URL(ORIGIN), path: '/', method: 'GET' } as const;
      // As undici has it, the text of a URL is another origin.
      await expect(agent.request(byUrl)).rejects.toMatchObject({ code: 'UND_ERR_MAX_ORIGINS_REACHED' });
      await expect(request('http://192.0.2.1:8081', { dispatcher: agent })).rejects.toMatchObject({
        code: 'UND_ERR_MAX_ORIGINS_REACHED',
      });
    }
    const last = request(ORIGIN, { dispatcher: agent });
    const closed = agent.close();
    await expect(request(ORIGIN, { dispatcher: agent })).rejects.toMatchObject({ code: 'UND_ERR_CLOSED' });
    expect(await textOf(await last)).toBe('red');
    await closed;
    await plain.close();
  });

  it('resolves names in the VRF by its hosts file', async () => {
    const { mkdirSync } = await import('node:fs');
    const other = uniqueName();
    using _namespaces = makeNamespaces(`ns-${other}`);
    ipIn(`ns-${other}`, 'addr add 192.0.2.7/32 dev lo');
    mkdirSync(`/etc/netns/ns-${other}`, { recursive: true });
    writeFileSync(`/etc/netns/ns-${other}/hosts`, '192.0.2.7 router.example\n');
    await using server = await serveIn(`ns-${other}`, everything('other'), '192.0.2.7', 8080);
    expect(server.port).toBe(8080);
    await using vrfFetch = createVrfFetch({ vrf: other });
    expect(await (await vrfFetch('http://router.example:8080/')).text()).toBe('other');
  });

  it('refuses what would lead out of its VRF, or cannot be right', async () => {
    const bad = (options: object, message: RegExp): void => {
      expect(() => new VrfAgent(options as never)).toThrow(message);
      expect(() => createVrfFetch(options as never)).toThrow(message);
    };
    bad({ vrf: red, connect: () => undefined }, /connect must not be a function/);
    bad({ vrf: red, connect: { socketPath: '/run/x' } }, /socketPath/);
    bad({ vrf: red, socketPath: '/run/x' }, /UNIX socket/);
    bad({ connect: { vrf: red } }, /vrf is an option of VrfAgent itself/);
    bad({ vrf: red, namespace: 'x' }, /both vrf/);
    bad({ vrf: red, tos: 300 }, /tos/);
    bad({ vrf: undefined }, /there but undefined/);
    bad({ vrf: red, interfce: 'eth0' }, /did you mean interface/);
    bad({ vrf: 'a/b' }, /cannot be the name/);
    bad({ vrf: red, factory: 7 }, /factory/);
    expect(() => createVrfConnector({ vrf: red, socketPath: '/run/x' } as never)).toThrow(/UNIX socket/);
    const agent = new VrfAgent({ vrf: red });
    await expect(agent.request({ origin: 'http://user:pw@192.0.2.1:8080', path: '/', method: 'GET' })).rejects.toThrow(
      /credentials/,
    );
    await agent.close();
    const vrfFetch = createVrfFetch({ vrf: red });
    await expect(vrfFetch('http://user:secret@192.0.2.1:8080/')).rejects.toThrow(/credentials/);
    await expect(vrfFetch('http://user:secret@192.0.2.1:8080/')).rejects.not.toThrow(/secret/);
    await expect(vrfFetch(new URL('http://user@192.0.2.1:8080/'))).rejects.toThrow(/credentials/);
    await expect(vrfFetch(ORIGIN, { dispatcher: new Agent() } as unknown as RequestInit)).rejects.toMatchObject({
      option: 'dispatcher',
    });
    expect(
      await (await vrfFetch(new Request(ORIGIN, { dispatcher: new Agent() } as unknown as RequestInit))).text(),
    ).toBe('red');
    await vrfFetch.close();
  });
});
