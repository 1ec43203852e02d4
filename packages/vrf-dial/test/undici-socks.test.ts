// undici's Socks5ProxyAgent with a connector of ours: the SOCKS5 server is in the namespace, and at home, on the same
// ports, stand servers that must get nothing.
import { once } from 'node:events';
import http from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { deleteNamed } from 'netns-core';
import { type Dispatcher, ProxyAgent, request, Socks5ProxyAgent } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ip, makeNamespaces, retryUntil, uniqueName } from '#testkit';
import { counters, createVrfConnector, dial, vrfProxyOptions } from '../src/index.ts';
import {
  type Certificate,
  httpServerIn,
  httpsServerIn,
  makeCertificate,
  type RunningServer,
  serveIn,
} from './servers.ts';

const ORIGIN = 8080;
const SECURE_ORIGIN = 8443;
const SOCKS = 1080;
const PROXY = 3128;

let certificate: Certificate;
let namespace: string;
let namespaces: ReturnType<typeof makeNamespaces>;
const servers: RunningServer[] = [];
const traps: Server[] = [];
const dispatchers: { destroy(): Promise<void> }[] = [];
const asked: string[] = [];
let trapped = 0;

/** As many bytes of a stream as are wanted, one after another. */
function reader(socket: Socket): (length: number) => Promise<Buffer> {
  let buffered = Buffer.alloc(0);
  let wake = (): void => {};
  socket.on('data', (chunk) => {
    buffered = Buffer.concat([buffered, chunk]);
    wake();
  });
  return async (length) => {
    while (buffered.length < length) await new Promise<void>((resolve) => (wake = resolve));
    const bytes = buffered.subarray(0, length);
    buffered = buffered.subarray(length);
    return bytes;
  };
}

/** RFC 1928 with a user and a password (RFC 1929), for names only. It knows where `server.example` is. */
async function serveSocks(client: Socket, onward: string): Promise<void> {
  const read = reader(client);
  const [, methods = 0] = await read(2);
  await read(methods);
  client.write(Buffer.from([5, 2]));
  const [, nameLength = 0] = await read(2);
  const user = (await read(nameLength)).toString();
  const [secretLength = 0] = await read(1);
  const secret = (await read(secretLength)).toString();
  if (`${user}:${secret}` !== 'me:secret') {
    client.end(Buffer.from([1, 1]));
    return;
  }
  client.write(Buffer.from([1, 0]));
  const [, , , , hostLength = 0] = await read(5);
  const host = (await read(hostLength)).toString();
  const port = (await read(2)).readUInt16BE();
  asked.push(`${host}:${port}`);
  const upstream = await dial({ namespace: onward, host: '127.0.0.1', port });
  upstream.on('error', () => client.destroy());
  client.on('close', () => upstream.destroy());
  upstream.on('close', () => client.destroy());
  client.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
  client.removeAllListeners('data');
  client.pipe(upstream).pipe(client);
}

const socksServer = (onward: () => string): Server =>
  createServer((client) => {
    client.on('error', () => {});
    serveSocks(client, onward()).catch(() => client.destroy());
  });

/** A proxy that connects where CONNECT says. */
function connectServer(onward: () => string): http.Server {
  const server = http.createServer();
  server.on('connect', (incoming, client: Socket) => {
    client.on('error', () => {});
    dial({ namespace: onward(), host: '127.0.0.1', port: Number(incoming.url?.split(':').at(-1)) }).then((upstream) => {
      upstream.on('error', () => client.destroy());
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
  });
  return server;
}

/** Requests for `/wait` that have no answer yet. */
const waiting: http.ServerResponse[] = [];
const answer = (incoming: http.IncomingMessage, response: http.ServerResponse): void => {
  if (incoming.url === '/wait') waiting.push(response);
  else response.end(`red ${incoming.url}`);
};

beforeAll(async () => {
  certificate = makeCertificate(['DNS:server.example']);
  namespace = uniqueName('s');
  namespaces = makeNamespaces(namespace);
  servers.push(await httpServerIn(namespace, '127.0.0.1', ORIGIN, answer));
  servers.push(await httpsServerIn(namespace, '127.0.0.1', SECURE_ORIGIN, certificate, answer));
  servers.push(
    await serveIn(
      namespace,
      socksServer(() => namespace),
      '127.0.0.1',
      SOCKS,
    ),
  );
  for (const port of [ORIGIN, SECURE_ORIGIN, SOCKS, PROXY]) {
    const trap = createServer((socket) => {
      trapped += 1;
      socket.destroy();
    });
    trap.listen(port, '127.0.0.1');
    await once(trap, 'listening');
    traps.push(trap);
  }
});

afterEach(async () => {
  for (const dispatcher of dispatchers.splice(0)) await dispatcher.destroy();
  asked.splice(0);
  expect(trapped).toBe(0);
});

afterAll(async () => {
  for (const trap of traps) trap.close();
  for (const server of servers) await server.close();
  namespaces.remove();
});

function kept<D extends Dispatcher>(dispatcher: D): D {
  dispatchers.push(dispatcher);
  return dispatcher;
}

const SOCKS_URL = `socks5://me:secret@127.0.0.1:${SOCKS}`;

// undici 8 loads from Node 22.19 on.
const undici8 = Number(process.versions.node.split('.')[0]) > 22 ? await import('undici8') : undefined;

describe.each([
  [7, Socks5ProxyAgent, request],
  ...(undici8 === undefined ? [] : [[8, undici8.Socks5ProxyAgent, undici8.request]]),
] as unknown as [number, typeof Socks5ProxyAgent, typeof request][])(
  'Socks5ProxyAgent of undici %i with createVrfConnector',
  (_version, Agent, ask) => {
    it('reaches its proxy in the VRF, for http and https', async () => {
      const connect = createVrfConnector({ namespace, timeout: 5000 });
      const dispatcher = kept(new Agent(SOCKS_URL, { connect, requestTls: { ca: certificate.ca } } as never));
      for (const url of [`http://server.example:${ORIGIN}/a`, `https://server.example:${SECURE_ORIGIN}/b`]) {
        const { body } = await ask(url, { dispatcher });
        expect(await body.text()).toBe(`red ${new URL(url).pathname}`);
      }
      expect(asked).toEqual([`server.example:${ORIGIN}`, `server.example:${SECURE_ORIGIN}`]);
    });

    it('fails where the proxy is not there, or does not take the credentials', async () => {
      const connect = createVrfConnector({ namespace, timeout: 5000 });
      const nobody = kept(new Agent('socks5://127.0.0.1:9', { connect }));
      await expect(ask('http://server.example/', { dispatcher: nobody })).rejects.toMatchObject({
        code: 'ECONNREFUSED',
      });
      const stranger = kept(new Agent(`socks5://me:wrong@127.0.0.1:${SOCKS}`, { connect }));
      await expect(ask('http://server.example/', { dispatcher: stranger })).rejects.toThrow();
      expect(asked).toEqual([]);
    });
  },
);

describe.each([
  [
    'Socks5ProxyAgent',
    (connect: never) => new Socks5ProxyAgent(SOCKS_URL, { connect, requestTls: { ca: certificate.ca } } as never),
  ],
  [
    'ProxyAgent',
    (connect: never) =>
      new ProxyAgent({ ...vrfProxyOptions(`http://127.0.0.1:${PROXY}`, connect), requestTls: { ca: certificate.ca } }),
  ],
] as const)('%s, when the namespace is replaced', (_name, make) => {
  it('begins no request on a tunnel that was in use then', async () => {
    const name = uniqueName('r');
    const own = makeNamespaces(name);
    const running = [
      await serveIn(
        name,
        socksServer(() => namespace),
        '127.0.0.1',
        SOCKS,
      ),
      await serveIn(
        name,
        connectServer(() => namespace),
        '127.0.0.1',
        PROXY,
      ),
    ];
    try {
      const connect = createVrfConnector({ namespace: name, timeout: 5000, ca: certificate.ca });
      const dispatcher = kept(make(connect as never));
      const origin = `https://server.example:${SECURE_ORIGIN}`;
      const first = request(`${origin}/wait`, { dispatcher });
      await retryUntil(() => waiting.length === 1);
      const { replaced } = counters();
      deleteNamed(name);
      ip(`netns add ${name}`);
      ip(`-n ${name} link set lo up`);
      const again = [
        await serveIn(
          name,
          socksServer(() => namespace),
          '127.0.0.1',
          SOCKS,
        ),
        await serveIn(
          name,
          connectServer(() => namespace),
          '127.0.0.1',
          PROXY,
        ),
      ];
      running.push(...again);
      await retryUntil(() => counters().replaced > replaced);
      waiting.pop()?.end('late');
      expect(await (await first).body.text()).toBe('late');
      await retryUntil(() => running.slice(0, 2).every(({ connections }) => connections.size === 0));
      const { body } = await request(`${origin}/next`, { dispatcher });
      expect(await body.text()).toBe('red /next');
      expect(again.some(({ connections }) => connections.size === 1)).toBe(true);
    } finally {
      for (const server of running) await server.close();
      own.remove();
    }
  });
});
