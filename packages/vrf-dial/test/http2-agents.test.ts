// HTTP/2 of the node:http family: sessions of node:http2, got's and axios', over connections of our agents. At home, on the
// same ports, stand servers that must get nothing.
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import axios from 'axios';
import { got } from 'got';
import http2wrapper from 'http2-wrapper';
import { deleteNamed } from 'netns-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createVrfSocket, dial, dialTls, VrfHttpAgent, VrfHttpsAgent } from 'vrf-dial';
import { ip, makeNamespaces, retryUntil, uniqueName } from '#testkit';
import { type Certificate, http2ServerIn, makeCertificate, type RunningServer, serveIn } from './servers.ts';

const SECURE = 8443;
const PLAIN = 8080;
const PROXY = 3128;

let certificate: Certificate;
let namespace: string;
let namespaces: ReturnType<typeof makeNamespaces>;
const servers: RunningServer[] = [];
const traps: Server[] = [];
const cleanups: (() => unknown)[] = [];
let trapped = 0;

/** Streams for `/wait` that have no answer yet. */
const waiting: http2.ServerHttp2Stream[] = [];

function plainServer(): Server {
  const server = http2.createServer();
  server.on('session', (session) => session.on('error', () => {}));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    if (headers[':path'] === '/wait') waiting.push(stream);
    else stream.end(`plain ${headers[':path']}`);
  });
  return server as unknown as Server;
}

beforeAll(async () => {
  certificate = makeCertificate(['DNS:localhost', 'IP:127.0.0.1']);
  namespace = uniqueName('h');
  namespaces = makeNamespaces(namespace);
  servers.push(await http2ServerIn(namespace, '127.0.0.1', SECURE, certificate));
  servers.push(await serveIn(namespace, plainServer(), '127.0.0.1', PLAIN));
  const proxy = http.createServer().on('connect', (incoming, client: Socket) => {
    client.on('error', () => {});
    dial({ namespace, host: '127.0.0.1', port: Number(incoming.url?.split(':').at(-1)) }).then((upstream) => {
      upstream.on('error', () => client.destroy());
      client.on('close', () => upstream.destroy());
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
  });
  servers.push(await serveIn(namespace, proxy, '127.0.0.1', PROXY));
  for (const port of [SECURE, PLAIN, PROXY]) {
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
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  expect(trapped).toBe(0);
});

afterAll(async () => {
  for (const trap of traps) trap.close();
  for (const server of servers) await server.close();
  namespaces.remove();
});

function httpsAgent(options: object = {}): VrfHttpsAgent {
  const agent = new VrfHttpsAgent({ namespace, ca: certificate.ca, ...options });
  cleanups.push(() => agent.destroy());
  return agent;
}

function session(authority: string, options: http2.ClientSessionOptions | http2.SecureClientSessionOptions) {
  const made = http2.connect(authority, options);
  cleanups.push(() => made.destroy());
  return made;
}

async function get(from: http2.ClientHttp2Session, path: string): Promise<string> {
  const stream = from.request({ ':path': path });
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}

it('http2.connect makes its sessions in the VRF, with TLS and without, by the agents', async () => {
  const { createHttp2Connection: createConnection } = httpsAgent();
  expect(await get(session(`https://localhost:${SECURE}`, { createConnection }), '/a')).toBe(namespace);
  expect(await get(session(`https://127.0.0.1:${SECURE}`, { createConnection }), '/a')).toBe(namespace);
  const plain = new VrfHttpAgent({ namespace });
  cleanups.push(() => plain.destroy());
  const overPlain = session(`http://127.0.0.1:${PLAIN}`, { createConnection: plain.createHttp2Connection });
  expect(await get(overPlain, '/b')).toBe('plain /b');
  expect(() => http2.connect(`http://127.0.0.1:${PLAIN}`, { createConnection })).toThrow(
    expect.objectContaining({ option: 'authority' }),
  );
});

it('http2.connect makes its sessions in the VRF by dialTls and createVrfSocket', async () => {
  const socket = await dialTls({
    ...{ namespace, host: '127.0.0.1', port: SECURE, ca: certificate.ca, ALPNProtocols: ['h2'] },
  });
  expect(await get(session(`https://127.0.0.1:${SECURE}`, { createConnection: () => socket }), '/a')).toBe(namespace);
  const plain = session(`http://127.0.0.1:${PLAIN}`, {
    createConnection: ({ hostname, port }) => createVrfSocket({ namespace }).connect(Number(port), hostname),
  });
  expect(await get(plain, '/c')).toBe('plain /c');
});

it('a session goes through the proxy of its agent', async () => {
  const agent = httpsAgent({ proxy: `http://127.0.0.1:${PROXY}` });
  const { createHttp2Connection: createConnection } = agent;
  expect(await get(session(`https://localhost:${SECURE}`, { createConnection }), '/a')).toBe(namespace);
});

it('what a session fails with is its error', async () => {
  const agent = httpsAgent();
  const failing = session('https://127.0.0.1:9', { createConnection: agent.createHttp2Connection });
  expect(((await once(failing, 'error')) as [Error])[0]).toMatchObject({ name: 'DialError', code: 'ECONNREFUSED' });
  const doubtful = session(`https://127.0.0.1:${SECURE}`, {
    createConnection: httpsAgent({ ca: undefined }).createHttp2Connection,
  });
  expect(((await once(doubtful, 'error')) as [NodeJS.ErrnoException])[0].code).toMatch(/CERT|SIGNATURE/);
});

it('a session ends with a named error when its namespace is replaced', async () => {
  const name = uniqueName('r');
  const own = makeNamespaces(name);
  const running = await serveIn(name, plainServer(), '127.0.0.1', PLAIN);
  const agent = new VrfHttpAgent({ namespace: name });
  try {
    const kept = session(`http://127.0.0.1:${PLAIN}`, { createConnection: agent.createHttp2Connection });
    expect(await get(kept, '/d')).toBe('plain /d');
    const ended = once(kept, 'error');
    const failed = get(kept, '/wait').catch((error: unknown) => error);
    await retryUntil(() => waiting.length === 1);
    deleteNamed(name);
    ip(`netns add ${name}`);
    expect(((await ended) as [Error])[0]).toMatchObject({ code: 'ERR_NAMESPACE_REPLACED' });
    expect(await failed).toBeInstanceOf(Error);
    expect(kept.destroyed).toBe(true);
    await retryUntil(() => running.connections.size === 0);
  } finally {
    agent.destroy();
    await running.close();
    own.remove();
  }
});

it('axios speaks HTTP/2 in the VRF', async () => {
  const { createHttp2Connection: createConnection } = httpsAgent();
  const client = axios.create({ httpVersion: 2, http2Options: { createConnection } } as object);
  for (const path of ['/a', '/b']) {
    const { data, headers } = await client.get(`https://localhost:${SECURE}${path}`);
    expect([data, headers['x-version']]).toEqual([namespace, '2.0']);
  }
});

it('got speaks HTTP/2 in the VRF', async () => {
  const { createHttp2Connection } = httpsAgent();
  class VrfHttp2Agent extends http2wrapper.Agent {
    override async createConnection(origin: URL, options: object) {
      return createHttp2Connection(origin, options as never) as never;
    }
  }
  const agent = new VrfHttp2Agent();
  cleanups.push(() => agent.destroy());
  const client = got.extend({
    retry: { limit: 0 },
    request: (url, options, callback) =>
      http2wrapper.request(url, { ...options, agent } as never, callback as never) as never,
  });
  for (const path of ['/a', '/b']) {
    const { body, headers } = await client(`https://localhost:${SECURE}${path}`);
    expect([body, headers['x-version']]).toEqual([namespace, '2.0']);
  }
});
