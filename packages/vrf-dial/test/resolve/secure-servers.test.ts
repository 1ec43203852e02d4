// Name servers over TLS and HTTPS in the namespace. At home, on the same ports, stand servers that must get nothing.
import { once } from 'node:events';
import https from 'node:https';
import { createServer, type Server, type Socket } from 'node:net';
import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { createVrfLookup, createVrfResolver, DnsQueryError, dial, type VrfDnsOptions } from 'vrf-dial';
import { ipIn, leakedFds, makeNamespaces, openFds, retryUntil, uniqueName } from '#testkit';
import { type Certificate, httpServerIn, makeCertificate, type RunningServer, serveIn } from '../servers.ts';

const TLS = 853;
const HTTPS = 8444;
const ORIGIN = 8054;
/** The servers of {@link GARBLED} listen from here on. */
const GARBLED_PORTS = 8100;

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

const framed = (message: Buffer): Buffer =>
  Buffer.concat([Buffer.from([message.length >> 8, message.length & 0xff]), message]);
const truncated = (query: Buffer): Buffer => {
  const reply = answer(query);
  reply.writeUInt16BE(0x8380, 2);
  return reply;
};
const ofAnotherId = (query: Buffer): Buffer => {
  const reply = answer(query);
  reply.writeUInt16BE((query.readUInt16BE(0) + 1) & 0xffff, 0);
  return reply;
};
const http = (body: Buffer, length = body.length): Buffer =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: application/dns-message\r\ncontent-length: ${length}\r\n\r\n`),
    body,
  ]);

/** What servers send in place of an answer, and what is said of it. All but those that end the connection leave it open. */
const GARBLED: readonly {
  readonly what: string;
  readonly scheme: 'tcp' | 'tls' | 'https';
  readonly sends: (query: Buffer) => Buffer;
  readonly ends?: boolean;
  readonly code?: string;
  readonly reason: RegExp;
}[] = (['tcp', 'tls'] as const)
  .flatMap(
    (scheme) =>
      [
        { what: 'a truncated answer', scheme, sends: (query: Buffer) => framed(truncated(query)), reason: /truncated/ },
        {
          what: 'an answer cut short',
          scheme,
          sends: (query: Buffer) => framed(answer(query).subarray(0, -3)),
          reason: /not an answer/,
        },
        {
          what: 'an answer to another query',
          scheme,
          sends: (query: Buffer) => framed(ofAnotherId(query)),
          reason: /not an answer/,
        },
        { what: 'an empty message', scheme, sends: () => Buffer.alloc(2), reason: /not an answer/ },
        { what: 'garbage', scheme, sends: () => Buffer.alloc(700, 1), reason: /not an answer/ },
        {
          ...{
            what: 'half a message, and an end',
            scheme,
            ends: true,
            code: 'ECONNREFUSED',
            reason: /closed the connection/,
          },
          sends: (query: Buffer) => framed(answer(query)).subarray(0, 20),
        },
      ] as (typeof GARBLED)[number][],
  )
  .concat([
    { what: 'a truncated answer', scheme: 'https', sends: (query) => http(truncated(query)), reason: /truncated/ },
    {
      what: 'an answer cut short',
      scheme: 'https',
      sends: (query) => http(answer(query).subarray(0, -3)),
      reason: /not an answer/,
    },
    { what: 'no body', scheme: 'https', sends: () => http(Buffer.alloc(0)), reason: /not an answer/ },
    { what: 'too much', scheme: 'https', sends: () => http(Buffer.alloc(70_000), 1_000_000), reason: /not an answer/ },
    { what: 'what is not HTTP', scheme: 'https', sends: () => Buffer.alloc(700, 1), reason: /not an answer/ },
    {
      ...{
        what: 'half a body, and an end',
        scheme: 'https',
        ends: true,
        code: 'ECONNREFUSED',
        reason: /closed the connection|ECONNRESET/,
      },
      sends: (query) => http(answer(query).subarray(0, 20), 60),
    },
  ]);

/** Sends its bytes as soon as the first bytes of a query are there. */
function garbledServer({ scheme, sends, ends }: (typeof GARBLED)[number]): Server {
  const { key, cert } = certificate;
  const serve = (socket: Socket): void => {
    socket.on('error', () => {});
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      const body = scheme === 'https' ? received.indexOf('\r\n\r\n') + 4 : 2;
      if (body < 4 && scheme === 'https') return;
      if (received.length < body + 12) return;
      socket.write(sends(received.subarray(body)));
      if (ends) socket.end();
    });
  };
  return scheme === 'tcp' ? createServer(serve) : tls.createServer({ key, cert }, serve);
}

beforeAll(async () => {
  certificate = makeCertificate(['DNS:dns.example', 'IP:127.0.0.1', 'IP:2001:db8::53']);
  namespace = uniqueName('d');
  namespaces = makeNamespaces(namespace);
  servers.push(await serveIn(namespace, tlsServer(), '127.0.0.1', TLS));
  servers.push(await serveIn(namespace, httpsServer(), '127.0.0.1', HTTPS));
  servers.push(await httpServerIn(namespace, '127.0.0.1', ORIGIN));
  for (const [index, garbled] of GARBLED.entries())
    servers.push(await serveIn(namespace, garbledServer(garbled), '127.0.0.1', GARBLED_PORTS + index));
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

it('an address after the # is checked, and not sent as a name', async () => {
  for (const server of ['tls://127.0.0.1#127.0.0.1', 'tls://127.0.0.1#2001:db8::53', 'tls://127.0.0.1#[2001:db8::53]'])
    expect(await resolverOf(server).resolve4('host.example')).toEqual(['127.0.0.1']);
  await expect(resolverOf('tls://127.0.0.1#192.0.2.1').resolve4('host.example')).rejects.toThrow(
    'ERR_TLS_CERT_ALTNAME_INVALID',
  );
  expect(await resolverOf(`https://127.0.0.1:${HTTPS}/dns-query#127.0.0.1`).resolve4('host.example')).toEqual([
    '127.0.0.1',
  ]);
  // Node's TLS server says false where the client sent no name.
  expect(new Set(names)).toEqual(new Set([false]));
});

it('what TLS failed with is the code of a query, and the cause of it and of a lookup', async () => {
  const wrong = 'tls://127.0.0.1#other.example';
  const query = await resolverOf(wrong)
    .resolve4('host.example')
    .catch((error: unknown) => error);
  expect(query).toBeInstanceOf(DnsQueryError);
  const cause = { code: 'ERR_TLS_CERT_ALTNAME_INVALID', message: expect.stringContaining('DNS:dns.example') };
  expect(query).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID', servers: [wrong], cause });
  const untrusted = `https://127.0.0.1:${HTTPS}/dns-query`;
  const dns = { servers: [wrong, untrusted, '127.0.0.1:9'], attempts: 1, search: [], hosts: false };
  const lookup = createVrfLookup({ namespace, dns });
  const failed = await new Promise<NodeJS.ErrnoException | null>((resolve) => lookup('host.example', resolve));
  expect(failed).toMatchObject({
    code: 'EAI_AGAIN',
    servers: dns.servers,
    message: expect.stringMatching(
      /#other\.example: .*(CERT|SIGNATURE).*\(TLS\); https:.*\(HTTPS\); 127\.0\.0\.1:9: ECONNREFUSED/,
    ),
  });
  const { cause: both } = failed as { cause?: unknown };
  expect(both).toBeInstanceOf(AggregateError);
  const codes = (both as AggregateError).errors.map(({ code }: NodeJS.ErrnoException) => code);
  expect(codes).toEqual(Array(2).fill(expect.stringMatching(/CERT|SIGNATURE/)));
});

it.each(GARBLED.map((garbled, index) => [garbled.what, garbled.scheme, index] as const))(
  '%s over %s is a failure at once, and the next server is asked',
  async (_, scheme, index) => {
    const host = `127.0.0.1:${GARBLED_PORTS + index}`;
    const server = { tcp: host, tls: `tls://${host}`, https: `https://${host}/dns-query` }[scheme];
    const patient = { timeout: 60_000, tcp: true, search: [], attempts: 1 };
    const { code = 'EBADRESP', reason = /./ } = GARBLED[index] ?? {};
    const failed = resolverOf(server, patient).resolve4('host.example');
    await expect(failed).rejects.toMatchObject({ code, message: expect.stringMatching(reason) });
    const dns = { ...patient, servers: [server, 'tls://127.0.0.1'] };
    expect(await resolverOf(server, dns).resolve4('host.example')).toEqual(['127.0.0.1']);
  },
);

it('the zone of an address may be written as in a URL', async () => {
  ipIn(namespace, 'addr add fe80::53/64 dev lo nodad');
  const server = await serveIn(namespace, tlsServer(), 'fe80::53%lo', TLS);
  try {
    for (const zone of ['%25lo', '%lo', '%25l%6f', '%251', '%1'])
      expect(await resolverOf(`tls://[fe80::53${zone}]#dns.example`).resolve4('host.example')).toEqual(['127.0.0.1']);
    await expect(resolverOf('tls://[fe80::53%25none]#dns.example').resolve4('host.example')).rejects.toThrow(
      'there is no interface none in the namespace',
    );
  } finally {
    await server.close();
  }
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
  'https://192.0.2.53/%zz',
  'https://192.0.2.53/dns%2',
  'tls://[fe80::1%25%zz]',
  'tls://[fe80::1%25%2f]',
  'tls://[fe80::1%]',
  'tls://192.0.2.53#192.0.2.300',
  'tls://192.0.2.53#fe80::1%lo',
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
