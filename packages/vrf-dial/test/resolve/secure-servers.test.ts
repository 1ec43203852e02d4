// Name servers over TLS and HTTPS in the namespace. At home, on the same ports, stand servers that must get nothing.
import { once } from 'node:events';
import https from 'node:https';
import { createServer, type Server } from 'node:net';
import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createVrfResolver, dial, type VrfDnsOptions } from 'vrf-dial';
import { leakedFds, makeNamespaces, openFds, retryUntil, uniqueName } from '#testkit';
import { type Certificate, httpServerIn, makeCertificate, type RunningServer, serveIn } from '../servers.ts';

const TLS = 853;
const HTTPS = 8444;
const ORIGIN = 8054;

let certificate: Certificate;
let namespace: string;
let namespaces: ReturnType<typeof makeNamespaces>;
const servers: RunningServer[] = [];
const traps: Server[] = [];
let trapped = 0;
const names: (string | false | undefined)[] = [];
/** What the HTTPS server answers instead, if anything. */
let status = 200;

/** Answers a query for IPv4 addresses with 127.0.0.1, and others with nothing. */
function answer(query: Buffer): Buffer {
  const name = query.indexOf(0, 12);
  const question = query.subarray(12, name + 5);
  const type = query.readUInt16BE(name + 1);
  const header = Buffer.from([0, 0, 0x81, 0x80, 0, 1, 0, type === 1 ? 1 : 0, 0, 0, 0, 0]);
  query.copy(header, 0, 0, 2);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
  return Buffer.concat([header, question, ...(type === 1 ? [record] : [])]);
}

function tlsServer(): Server {
  const { key, cert } = certificate;
  return tls.createServer({ key, cert }, (socket) => {
    names.push(socket.servername as string | false);
    socket.on('error', () => {});
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const reply = answer(received.subarray(2));
      const framed = Buffer.concat([Buffer.from([reply.length >> 8, reply.length & 0xff]), reply]);
      // In pieces, as it may come.
      socket.write(framed.subarray(0, 1));
      socket.write(framed.subarray(1));
    });
  });
}

function httpsServer(): Server {
  const { key, cert } = certificate;
  return https.createServer({ key, cert }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const right = request.method === 'POST' && request.url === '/dns-query';
      response.writeHead(right ? status : 404, { 'content-type': 'application/dns-message' });
      response.end(answer(Buffer.concat(chunks)));
    });
  });
}

beforeAll(async () => {
  certificate = makeCertificate(['DNS:dns.example', 'IP:127.0.0.1']);
  namespace = uniqueName('d');
  namespaces = makeNamespaces(namespace);
  servers.push(await serveIn(namespace, tlsServer(), '127.0.0.1', TLS));
  servers.push(await serveIn(namespace, httpsServer(), '127.0.0.1', HTTPS));
  servers.push(await httpServerIn(namespace, '127.0.0.1', ORIGIN));
  for (const port of [TLS, HTTPS, ORIGIN]) {
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
  names.splice(0);
  status = 200;
  expect(trapped).toBe(0);
});

afterAll(async () => {
  for (const trap of traps) trap.close();
  for (const server of servers) await server.close();
  namespaces.remove();
});

const resolverOf = (server: string, dns: VrfDnsOptions = {}) =>
  createVrfResolver({ namespace, dns: { servers: [server], ca: certificate.ca, attempts: 1, timeout: 3000, ...dns } });

it.each([
  'tls://127.0.0.1',
  'tls://127.0.0.1:853#dns.example',
  `https://127.0.0.1:${HTTPS}/dns-query`,
  `https://127.0.0.1:${HTTPS}/dns-query#dns.example`,
])('%s is asked in the namespace, and leaves nothing open', async (server) => {
  const before = openFds();
  const resolver = resolverOf(server);
  expect(await resolver.resolve4('host.example')).toEqual(['127.0.0.1']);
  await expect(resolver.resolveMx('host.example')).rejects.toMatchObject({ code: 'ENODATA' });
  expect(resolver.getServers()).toEqual([server]);
  const socket = await dial({
    ...{ namespace, host: 'host.example', port: ORIGIN, dns: { servers: [server], ca: certificate.ca, cache: false } },
  });
  expect(socket.remoteAddress).toBe('127.0.0.1');
  socket.destroy();
  await retryUntil(() => leakedFds(before).filter((fd) => !fd.includes('inotify')).length === 0);
});

it('the name after the # is sent and checked', async () => {
  await resolverOf('tls://127.0.0.1#dns.example').resolve4('host.example');
  expect(names).toEqual(['dns.example']);
  await expect(resolverOf('tls://127.0.0.1#other.example').resolve4('host.example')).rejects.toThrow(
    'ERR_TLS_CERT_ALTNAME_INVALID (TLS)',
  );
  await expect(resolverOf('tls://127.0.0.1', { ca: undefined }).resolve4('host.example')).rejects.toThrow(
    /(CERT|SIGNATURE).*\(TLS\)/,
  );
});

it('the certificate is checked whatever the environment says', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  try {
    for (const server of ['tls://127.0.0.1#other.example', `https://127.0.0.1:${HTTPS}/dns-query#other.example`])
      await expect(resolverOf(server).resolve4('host.example')).rejects.toThrow('ERR_TLS_CERT_ALTNAME_INVALID');
  } finally {
    vi.unstubAllEnvs();
  }
});

it('what the server says otherwise is a failure, and the next server is asked', async () => {
  await expect(resolverOf('tls://127.0.0.1:9').resolve4('host.example')).rejects.toThrow('(TLS)');
  await expect(resolverOf(`https://127.0.0.1:${HTTPS}/other`).resolve4('host.example')).rejects.toThrow('status 404');
  status = 500;
  await expect(resolverOf(`https://127.0.0.1:${HTTPS}/dns-query`).resolve4('host.example')).rejects.toThrow(
    'status 500',
  );
  const both = createVrfResolver({
    ...{ namespace, dns: { servers: [`https://127.0.0.1:${HTTPS}/dns-query`, 'tls://127.0.0.1'], ca: certificate.ca } },
  });
  expect(await both.resolve4('host.example')).toEqual(['127.0.0.1']);
});

it.each([
  'tls://dns.example',
  'https://192.0.2.53',
  'https://dns.example/dns-query',
  'tls://192.0.2.53/x',
  'tls://192.0.2.53#',
  'quic://192.0.2.53',
  'https://192.0.2.53/dns-query{?dns}',
  'tls://2001:db8::53:853',
  'https://2001:db8::53:8443/dns-query',
])('%s is refused', (server) => {
  expect(() => resolverOf(server)).toThrow(expect.objectContaining({ option: 'dns.servers' }));
});

it('certificates are checked when the target is made', () => {
  const pem = String(certificate.ca);
  // What a JavaScript program may pass: the types refuse some of it.
  for (const ca of [
    'garbage',
    5,
    ['', pem],
    [],
    '-----BEGIN',
    pem.slice(0, -40),
    `${pem}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
  ])
    expect(() => resolverOf('tls://127.0.0.1', { ca } as unknown as VrfDnsOptions)).toThrow(
      /^dns\.ca must (be certificates|have a certificate)/,
    );
  for (const ca of [pem, `a comment\n${pem}\n${pem}`, [pem, Buffer.from(pem)]])
    expect(() => resolverOf('tls://127.0.0.1', { ca })).not.toThrow();
});
