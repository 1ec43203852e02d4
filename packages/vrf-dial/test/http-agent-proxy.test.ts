// Agents of node:http and node:https behind a proxy in the namespace. At home, on the same ports, stand servers that must
// get nothing.
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import axios from 'axios';
import { deleteNamed } from 'netns-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { dial, ProxyError, VrfHttpAgent, VrfHttpsAgent } from 'vrf-dial';
import { ip, leakedFds, makeNamespaces, openFds, retryUntil, uniqueName } from '#testkit';
import { checkNoProxy } from '../src/http-agents/no-proxy.ts';
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
const PROXY = 3128;
const SECURE_PROXY = 3129;
const SILENT = 3130;

let certificate: Certificate;
let namespace: string;
let namespaces: ReturnType<typeof makeNamespaces>;
const servers: RunningServer[] = [];
const traps: Server[] = [];
const agents: http.Agent[] = [];
let trapped = 0;

/** What a proxy was asked for. */
const asked: { readonly line: string; readonly headers: http.IncomingHttpHeaders; readonly secure: boolean }[] = [];
/** What the proxies answer instead of doing what they are asked for. */
let refusal: string | undefined;

/**
 * A proxy that knows where `server.example` is, which its clients do not. It answers http requests with what it got, and
 * connects where it is told to by CONNECT.
 */
function beProxy<S extends http.Server>(server: S, inNamespace: () => string): S {
  const secure = server instanceof https.Server;
  server.on('request', (request: http.IncomingMessage, response: http.ServerResponse) => {
    asked.push({ line: `${request.method} ${request.url}`, headers: request.headers, secure });
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => (body += chunk));
    request.on('end', () => response.end(`forwarded ${request.url} ${body}`));
  });
  server.on('connect', (request: http.IncomingMessage, client: Duplex, head: Buffer) => {
    asked.push({ line: `CONNECT ${request.url}`, headers: request.headers, secure });
    client.on('error', () => {});
    if (refusal !== undefined) {
      client.resume().end(refusal);
      return;
    }
    const port = Number(/:(\d+)$/.exec(request.url ?? '')?.[1]);
    dial({ namespace: inNamespace(), host: '127.0.0.1', port }).then(
      (upstream) => {
        upstream.on('error', () => client.destroy());
        client.on('close', () => upstream.destroy());
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.write(head);
        client.pipe(upstream).pipe(client);
      },
      () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'),
    );
  });
  return server;
}

function secureProxy(inNamespace: () => string): https.Server {
  const { key, cert } = certificate;
  return beProxy(https.createServer({ key, cert }), inNamespace);
}

beforeAll(async () => {
  certificate = makeCertificate(['DNS:server.example', 'DNS:proxy.example', 'IP:127.0.0.1']);
  namespace = uniqueName('p');
  namespaces = makeNamespaces(namespace);
  const echo = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    response.end(JSON.stringify({ url: request.url, headers: request.headers }));
  };
  const origin = await httpServerIn(namespace, '127.0.0.1', ORIGIN, echo);
  (origin.server as http.Server).on('upgrade', (_request, socket: Duplex) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nupgraded');
  });
  servers.push(origin);
  servers.push(await httpsServerIn(namespace, '127.0.0.1', SECURE_ORIGIN, certificate, echo));
  servers.push(
    await serveIn(
      namespace,
      beProxy(http.createServer(), () => namespace),
      '127.0.0.1',
      PROXY,
    ),
  );
  servers.push(
    await serveIn(
      namespace,
      secureProxy(() => namespace),
      '127.0.0.1',
      SECURE_PROXY,
    ),
  );
  servers.push(
    await serveIn(
      namespace,
      createServer((socket) => socket.resume()),
      '127.0.0.1',
      SILENT,
    ),
  );
  for (const port of [ORIGIN, SECURE_ORIGIN, PROXY, SECURE_PROXY, SILENT]) {
    const trap = createServer((socket) => {
      trapped += 1;
      socket.destroy();
    });
    trap.listen(port, '127.0.0.1');
    await once(trap, 'listening');
    traps.push(trap);
  }
});

afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy();
  asked.splice(0);
  refusal = undefined;
  expect(trapped).toBe(0);
});

afterAll(async () => {
  for (const trap of traps) trap.close();
  for (const server of servers) await server.close();
  namespaces.remove();
});

type Options = ConstructorParameters<typeof VrfHttpsAgent>[0];

const PROXY_URL = `http://127.0.0.1:${PROXY}`;
const SECURE_PROXY_URL = `https://127.0.0.1:${SECURE_PROXY}`;

function httpAgent(options: Partial<Options>): VrfHttpAgent {
  const agent = new VrfHttpAgent({ namespace, keepAlive: true, ...options } as Options);
  agents.push(agent);
  return agent;
}

function httpsAgent(options: Partial<Options>): VrfHttpsAgent {
  const agent = new VrfHttpsAgent({ namespace, keepAlive: true, ca: certificate.ca, ...options } as Options);
  agents.push(agent);
  return agent;
}

/** Both kinds of proxy, with what the connection to it takes. */
const proxies: [string, () => NonNullable<Options['proxy']>][] = [
  ['http', () => PROXY_URL],
  ['https', () => ({ url: SECURE_PROXY_URL, tls: { ca: certificate.ca } })],
];

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
  readonly socket: Socket;
}

function ask(url: string, options: https.RequestOptions, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { request } = url.startsWith('https:') ? https : http;
    const sent = request(url, options, (response) => {
      const { socket } = response;
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, body: text, socket }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const lines = (): string[] => asked.map(({ line }) => line);

describe.each(proxies)('VrfHttpAgent behind an %s proxy', (kind, proxy) => {
  it('sends requests in absolute form, over one connection that is kept for one host', async () => {
    const agent = httpAgent({ proxy: proxy() });
    const first = await ask('http://server.example/a?b=c', { agent });
    expect(first.body).toBe('forwarded http://server.example/a?b=c ');
    await retryUntil(() => Object.keys(agent.freeSockets).length === 1);
    const second = await ask('http://server.example/post', { agent, method: 'POST' }, 'body');
    expect(second.body).toBe('forwarded http://server.example/post body');
    expect(second.socket).toBe(first.socket);
    const other = await ask('http://server.example:8080/', { agent });
    expect(other.body).toBe('forwarded http://server.example:8080/ ');
    expect(other.socket).not.toBe(first.socket);
    expect((await ask('http://[2001:db8::1]:81/', { agent })).body).toBe('forwarded http://[2001:db8::1]:81/ ');
    expect(asked.every(({ secure }) => secure === (kind === 'https'))).toBe(true);
    expect(asked.map(({ headers }) => headers.host)).toEqual([
      ...['server.example', 'server.example', 'server.example:8080', '[2001:db8::1]:81'],
    ]);
  });

  it('sends requests whose head is written early in absolute form, too', async () => {
    const agent = httpAgent({ proxy: proxy() });
    const list = ['Host', 'server.example', 'X-Mine', '1'];
    expect((await ask('http://server.example/list', { agent, headers: list })).body).toContain(
      'http://server.example/list',
    );
    const expecting = ask(
      'http://server.example/expect',
      { agent, method: 'POST', headers: { expect: '100-continue' } },
      'x',
    );
    expect((await expecting).body).toBe('forwarded http://server.example/expect x');
    await ask('http://server.example/', { agent, method: 'OPTIONS', path: '*' });
    expect(lines()).toEqual([
      ...['GET http://server.example/list', 'POST http://server.example/expect', 'OPTIONS http://server.example'],
    ]);
    expect(asked[0]?.headers).toMatchObject({ 'x-mine': '1' });
  });

  it('asks for a tunnel where a request wants a connection of its own', async () => {
    const agent = httpAgent({ proxy: proxy() });
    const request = http.get(`http://server.example:${ORIGIN}/`, {
      agent,
      headers: { connection: 'upgrade', upgrade: 'echo' },
    });
    const [response, socket, head] = (await once(request, 'upgrade')) as [http.IncomingMessage, Socket, Buffer];
    expect(response.statusCode).toBe(101);
    let text = head.toString();
    for await (const chunk of socket) text += String(chunk);
    expect(text).toBe('upgraded');
    expect(lines()).toEqual([`CONNECT server.example:${ORIGIN}`]);
    const made = agent.createConnection({ host: 'server.example', port: ORIGIN });
    made.write('GET /by-hand HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    let answer = '';
    for await (const chunk of made) answer += String(chunk);
    expect(answer).toContain('/by-hand');
  });
});

describe.each(proxies)('VrfHttpsAgent behind an %s proxy', (_kind, proxy) => {
  it('speaks TLS with the host through a tunnel, which is kept for this host', async () => {
    const agent = httpsAgent({ proxy: proxy() });
    const first = await ask(`https://server.example:${SECURE_ORIGIN}/a`, { agent });
    expect(JSON.parse(first.body)).toMatchObject({ url: '/a' });
    expect((first.socket as TLSSocket).authorized).toBe(true);
    await retryUntil(() => Object.keys(agent.freeSockets).length === 1);
    expect((await ask(`https://server.example:${SECURE_ORIGIN}/b`, { agent })).socket).toBe(first.socket);
    await ask(`https://127.0.0.1:${SECURE_ORIGIN}/`, { agent });
    expect(lines()).toEqual([`CONNECT server.example:${SECURE_ORIGIN}`, `CONNECT 127.0.0.1:${SECURE_ORIGIN}`]);
    await expect(ask(`https://stranger.example:${SECURE_ORIGIN}/`, { agent })).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('has a socket at once, whose timeout and end count while the tunnel is made', async () => {
    const before = openFds();
    const silent = `${typeof proxy() === 'string' ? 'http' : 'https'}://127.0.0.1:${SILENT}`;
    const agent = httpsAgent({ proxy: silent });
    const request = https.get('https://server.example/', { agent, timeout: 50 });
    const failed = once(request, 'error');
    const [socket] = (await once(request, 'socket')) as [Socket];
    expect(socket.connecting).toBe(true);
    await once(request, 'timeout');
    request.destroy(new Error('enough'));
    expect(((await failed) as [Error])[0].message).toBe('enough');
    const limited = httpsAgent({ proxy: silent, connectTimeout: 50 });
    await expect(ask('https://server.example/', { agent: limited })).rejects.toMatchObject({
      ...{ name: 'ProxyError', code: 'ETIMEDOUT', host: 'server.example', port: 443 },
    });
    await retryUntil(() => leakedFds(before).filter((fd) => !fd.includes('inotify')).length === 0);
  });

  it.each([
    ['407', 'HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n', { statusCode: 407 }],
    ['403 with a body', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno', { statusCode: 403 }],
    ['nothing', '', {}],
    ['rubbish', 'SSH-2.0-proxy\r\n\r\n', {}],
  ])('names the proxy in the error if it answers %s, and leaves nothing open', async (_name, text, details) => {
    refusal = text;
    const before = openFds();
    const given = proxy();
    const url = new URL(typeof given === 'string' ? given : 'url' in given ? given.url : given);
    url.username = 'me';
    url.password = 'secret';
    const agent = httpsAgent({ proxy: typeof given === 'string' ? url.href : { ...(given as object), url } });
    const error: unknown = await ask('https://server.example/', { agent }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProxyError);
    expect(error).toMatchObject({
      ...{ code: 'ERR_PROXY_TUNNEL', host: 'server.example', port: 443, proxy: url.origin, ...details },
    });
    expect((error as Error).message).toContain(`server.example:443 through the proxy ${url.origin}`);
    expect((error as Error).message).not.toContain('secret');
    expect(asked[0]?.headers['proxy-authorization']).toBe(`Basic ${Buffer.from('me:secret').toString('base64')}`);
    await retryUntil(() => leakedFds(before).filter((fd) => !fd.includes('inotify')).length === 0);
    expect(Object.keys(agent.sockets)).toEqual([]);
  });

  it('drops tunnels when the namespace is replaced', async () => {
    const name = uniqueName('r');
    const own = makeNamespaces(name);
    const secure = typeof proxy() !== 'string';
    const server = secure ? secureProxy(() => namespace) : beProxy(http.createServer(), () => namespace);
    const running = await serveIn<http.Server>(name, server, '127.0.0.1', PROXY);
    try {
      const url = `${secure ? 'https' : 'http'}://127.0.0.1:${PROXY}`;
      const agent = httpsAgent({ namespace: name, proxy: secure ? { url, tls: { ca: certificate.ca } } : url });
      await ask(`https://server.example:${SECURE_ORIGIN}/`, { agent });
      await retryUntil(() => Object.keys(agent.freeSockets).length === 1);
      expect(running.connections.size).toBe(1);
      deleteNamed(name);
      ip(`netns add ${name}`);
      await retryUntil(() => running.connections.size === 0);
      await expect(ask(`https://server.example:${SECURE_ORIGIN}/`, { agent })).rejects.toMatchObject({
        name: 'ProxyError',
      });
    } finally {
      await running.close();
      own.remove();
    }
  });
});

describe('a proxy of the agents', () => {
  it('names the proxy when it cannot be reached', async () => {
    const agent = httpAgent({ proxy: 'http://127.0.0.1:9' });
    const error: unknown = await ask('http://server.example/', { agent }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      ...{ name: 'ProxyError', code: 'ECONNREFUSED', proxy: 'http://127.0.0.1:9', host: 'server.example', port: 80 },
    });
    const doubtful = httpsAgent({ proxy: SECURE_PROXY_URL });
    const untrusted: unknown = await ask('https://server.example/', { agent: doubtful }).catch(
      (reason: unknown) => reason,
    );
    expect(untrusted).toMatchObject({ name: 'ProxyError', proxy: SECURE_PROXY_URL });
    expect((untrusted as { code: string }).code).toMatch(/CERT|SIGNATURE/);
    const missing = httpAgent({ namespace: uniqueName('never'), proxy: PROXY_URL });
    await expect(ask('http://server.example/', { agent: missing })).rejects.toMatchObject({
      name: 'NamespaceNotFoundError',
    });
  });

  it('is told its credentials and headers, and the hosts of noProxy are not', async () => {
    const proxy = { url: `http://us%40er:p%3Aw@127.0.0.1:${PROXY}`, headers: { 'X-Team': 'net' } };
    const authorization = `Basic ${Buffer.from('us@er:p:w').toString('base64')}`;
    const agent = httpAgent({ proxy, noProxy: ['127.0.0.1'] });
    await ask('http://server.example/', { agent });
    const written = ['Host', 'server.example', 'X-Team', 'mine'];
    await ask('http://server.example/', { agent, headers: written });
    expect(asked.map(({ headers }) => [headers['x-team'], headers['proxy-authorization']])).toEqual([
      ['net', authorization],
      ['mine', authorization],
    ]);
    const direct = JSON.parse((await ask(`http://127.0.0.1:${ORIGIN}/x`, { agent })).body);
    expect(direct.url).toBe('/x');
    expect(Object.keys(direct.headers)).toEqual(['host', 'connection']);
    const secure = httpsAgent({ proxy: { ...proxy, noProxy: `127.0.0.0/8` } });
    const tunnelled = JSON.parse((await ask(`https://server.example:${SECURE_ORIGIN}/`, { agent: secure })).body);
    expect(Object.keys(tunnelled.headers)).toEqual(['host', 'connection']);
    expect(asked.at(-1)?.headers).toMatchObject({ 'x-team': 'net', 'proxy-authorization': authorization });
    const count = asked.length;
    await ask(`https://127.0.0.1:${SECURE_ORIGIN}/`, { agent: secure });
    expect(asked).toHaveLength(count);
  });

  it('serves axios, whose own proxies are off', async () => {
    const client = axios.create({
      ...{ httpAgent: httpAgent({ proxy: PROXY_URL }), httpsAgent: httpsAgent({ proxy: PROXY_URL }), proxy: false },
    });
    expect((await client.get('http://server.example/')).data).toBe('forwarded http://server.example/ ');
    expect((await client.get(`https://server.example:${SECURE_ORIGIN}/s`)).data).toMatchObject({ url: '/s' });
    refusal = 'HTTP/1.1 403 Forbidden\r\n\r\n';
    await expect(client.get('https://server.example/')).rejects.toMatchObject({ code: 'ERR_PROXY_TUNNEL' });
  });

  it('is refused where it cannot be right, without its credentials', () => {
    const refused = (options: object): { option: string; message: string } => {
      try {
        new VrfHttpAgent({ namespace, ...options } as never);
      } catch (error) {
        return error as { option: string; message: string };
      }
      throw new Error('was not refused');
    };
    for (const [options, option] of [
      [{ proxy: '' }, 'proxy'],
      [{ proxy: null }, 'proxy'],
      [{ proxy: '127.0.0.1:3128' }, 'proxy'],
      [{ proxy: 'http://127.0.0.1:3128/proxy.pac' }, 'proxy'],
      [{ proxy: 'http://u%:p@127.0.0.1' }, 'proxy'],
      [{ proxy: {} }, 'proxy.url'],
      [{ proxy: { url: PROXY_URL, uri: PROXY_URL } }, 'uri'],
      [{ proxy: { url: PROXY_URL, tls: {} } }, 'proxy.tls'],
      [{ proxy: { url: SECURE_PROXY_URL, tls: { socket: {} } } }, 'proxy.tls.socket'],
      [{ proxy: { url: PROXY_URL, headers: { Host: 'x' } } }, 'proxy.headers'],
      [{ proxy: { url: PROXY_URL, headers: { 'x-a': 'b\r\nc: d' } } }, 'proxy.headers'],
      [{ proxy: { url: 'http://a:b@127.0.0.1', headers: { 'Proxy-Authorization': 'x' } } }, 'proxy.headers'],
      [{ proxy: { url: PROXY_URL, noProxy: 'a' }, noProxy: 'b' }, 'noProxy'],
      [{ proxy: PROXY_URL, noProxy: ['http://x/'] }, 'noProxy'],
      [{ httpProxy: PROXY_URL }, 'httpProxy'],
    ] as const)
      expect(refused(options)).toMatchObject({ name: 'InvalidOptionError', option });
    expect(refused({ proxy: 'socks5://127.0.0.1:1080' }).message).toContain('Socks5ProxyAgent');
    expect(refused({ proxy: 'me:secret@127.0.0.1:3128' }).message).not.toContain('secret');
  });

  it('refuses a request whose path names another host', async () => {
    const agent = httpAgent({ proxy: PROXY_URL });
    expect(() => http.get('http://server.example/', { agent, path: 'http://other.example/' })).toThrow(
      expect.objectContaining({ option: 'path' }),
    );
    const headers = { host: 'x' };
    for (const host of ['a\r\nb', 'fe80::1%eth0'])
      await expect(ask('http://x/', { agent, host, hostname: null, headers })).rejects.toMatchObject({
        option: 'host',
      });
    expect(asked).toEqual([]);
  });
});

it.each([
  ['*', ['a.example', '192.0.2.1'], []],
  [
    'host.example',
    ['host.example', 'HOST.example', 'host.example.', 'a.b.host.example'],
    ['ahost.example', 'host.examples'],
  ],
  ['.host.example', ['a.host.example', 'b.a.host.example'], ['host.example', 'ahost.example']],
  ['*.host.example', ['a.host.example'], ['host.example']],
  ['host.example:81', ['host.example:81', 'a.host.example:81'], ['host.example', 'a.host.example']],
  ['.host.example:81', ['a.host.example:81'], ['a.host.example', 'host.example:81']],
  ['example', ['host.example'], ['192.0.2.1', 'example.net']],
  ['192.0.2.1', ['192.0.2.1', '::ffff:192.0.2.1'], ['192.0.2.10', '192.0.2.1.example']],
  ['192.0.2.0/25', ['192.0.2.127'], ['192.0.2.128', 'name.example']],
  ['192.0.2.1-192.0.2.9', ['192.0.2.9'], ['192.0.2.10']],
  ['2001:db8::1', ['2001:db8::1', '[2001:db8:0::1]'], ['2001:db8::2']],
  ['[2001:db8::1]:81', ['2001:db8::1|81'], ['2001:db8::1']],
  ['2001:db8::/32', ['2001:db8:1::1'], ['2001:db9::1', '192.0.2.1']],
  ['2001:db8::fe/127', ['2001:db8::fe', '2001:db8::ff'], ['2001:db8::fd', '2001:db8::100']],
  ['2001:db8::1-2001:db8::9', ['2001:db8::9'], ['2001:db8::a', '192.0.2.1']],
  ['::/0', ['2001:db8::1', '::1', '[::]'], ['192.0.2.1', '::ffff:192.0.2.1', 'host.example']],
  ['::ffff:0:0/95', ['::fffe:0:1'], ['192.0.2.1', '::ffff:192.0.2.1']],
  ['::ffff:0:0/96', ['192.0.2.1', '::ffff:192.0.2.1'], ['::1', '::fffe:0:1']],
  ['::ffff:192.0.2.0/120', ['192.0.2.255', '::ffff:c000:201'], ['192.0.3.0']],
  ['::ffff:192.0.2.1', ['192.0.2.1'], ['192.0.2.2']],
  ['0.0.0.0/0', ['192.0.2.1', '::ffff:192.0.2.1'], ['::1', '2001:db8::1']],
  ['a.example, b.example\tc.example', ['a.example', 'b.example', 'c.example'], ['d.example']],
  ['bücher.example', ['xn--bcher-kva.example', 'bücher.example'], []],
  ['', [], ['a.example']],
])('noProxy %j', (list, direct, proxied) => {
  const isDirect = checkNoProxy('noProxy', list);
  const find = (text: string): boolean => {
    const [host = '', port = '80'] = text.includes('|')
      ? text.split('|')
      : /^[^:]*:\d+$/.test(text)
        ? text.split(':')
        : [text];
    return isDirect(host, Number(port));
  };
  expect(direct.filter((host) => !find(host))).toEqual([]);
  expect(proxied.filter(find)).toEqual([]);
});

it.each([
  ...['http://a/', 'a b/c', '192.0.2.0/33', '192.0.2.9-192.0.2.1', 'a:0', 'a:99999', '[a]', '.', 'fe80::1%eth0'],
  ...['2001:db8::/129', '::ffff:0:0/129', '192.0.2.1-2001:db8::1', 'fe80::1%eth0/64'],
])('noProxy does not take %j', (entry) => {
  expect(() => checkNoProxy('noProxy', [entry])).toThrow(expect.objectContaining({ option: 'noProxy' }));
});
