import { spawn } from 'node:child_process';
import type { RemoteInfo, Socket } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeNamespaces, uniqueName } from '#testkit';
import { createUdpSocket, createVrfLookup } from '../../src/index.ts';
import { writeNetnsFiles } from './name-servers.js';

// `dns.lookup` of a process in the namespace is glibc's getaddrinfo. Each configuration has a name of its own for the
// one namespace, a link, and so files of its own in /etc/netns, which `ip netns exec` puts in the place of those in /etc.
const NS = uniqueName('glibc');
const SERVERS = ['127.0.0.1', '127.0.0.2'];
const IPV4 = '192.0.2.7';
const IPV6 = '2001:db8::7';
const links: string[] = [];
const sockets: Socket[] = [];
let namespaces: { remove(): void };

/**
 * What a server does with a question is said by the name: `a-addr.6-none.…`, or `lame.…` for the first server. Names
 * end in what they are called without a search domain; whatever has another domain does not exist.
 */
function answer(query: Buffer, server: number): Buffer | undefined {
  const labels: string[] = [];
  let end = 12;
  for (let size = query[end] ?? 0; size > 0; size = query[end] ?? 0) {
    labels.push(query.toString('latin1', end + 1, end + 1 + size));
    end += size + 1;
  }
  const type = query.readUInt16BE(end + 1);
  const question = query.subarray(12, end + 5);
  const reply = (flags: number, records: readonly Buffer[] = []): Buffer => {
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(flags, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    return Buffer.concat([head, question, ...records]);
  };
  const addresses = (): Buffer => {
    const data = type === 1 ? [192, 0, 2, 7] : [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    return reply(0x8180, [Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length, ...data])]);
  };
  const at = labels.findIndex((label) => /^[46]-/.test(label));
  // A domain of the search list, or a name that stands alone.
  if (at < 0) return labels[0]?.startsWith('rack') && labels.includes('two') ? addresses() : reply(0x8183);
  const action = labels.find((label) => label.startsWith(type === 1 ? '4-' : '6-'))?.slice(2);
  switch (action) {
    case 'addr':
      return addresses();
    case 'none':
      return reply(0x8180);
    case 'nosuch':
      return reply(0x8183);
    case 'servfail':
      return reply(0x8182);
    case 'refused':
      return reply(0x8185);
    case 'lame':
      // No recursion, no authority, nothing: the next server has to be asked.
      return server === 0 ? reply(0x8000) : addresses();
    case 'silent':
      return undefined;
    case 'two':
      return labels.includes('two') ? addresses() : reply(0x8183);
    default:
      return reply(0x8183);
  }
}

beforeAll(async () => {
  namespaces = makeNamespaces(NS);
  for (const [index, address] of SERVERS.entries()) {
    const socket = await createUdpSocket({ namespace: NS, type: 'udp4', bind: { address, port: 53 } });
    sockets.push(socket);
    socket.on('message', (query: Buffer, from: RemoteInfo) => {
      const bytes = answer(query, index);
      if (bytes !== undefined) socket.send(bytes, from.port, from.address);
    });
  }
});

afterAll(() => {
  for (const socket of sockets) socket.close();
  for (const link of links) {
    rmSync(`/run/netns/${link}`, { force: true });
    rmSync(`/etc/netns/${link}`, { recursive: true, force: true });
  }
  namespaces?.remove();
});

interface Configuration {
  readonly options: string;
  readonly servers: number;
  readonly search: readonly string[];
  readonly sources: string;
}

const HOSTS = [
  ...['192.0.2.31 plain.test plain', '2001:db8::31 plain.test', '::ffff:192.0.2.33 mapped.test', '::1 self.test'],
  ...['192.0.2.39 xn--bcher3-3ya.test', '192.0.2.40 4-addr.6-addr.both.test', '192.0.2.41 4-nosuch.6-nosuch.both.test'],
];

const action = fc.constantFrom('addr', 'none', 'servfail', 'refused');
const configurations: fc.Arbitrary<Configuration> = fc.record({
  options: fc
    .record({
      ndots: fc.constantFrom('', ' ndots:0', ' ndots:2', ' ndots:5'),
      more: fc.constantFrom('', '', ' no-aaaa', ' single-request', ' rotate'),
    })
    .map(({ ndots, more }) => `timeout:1 attempts:1${ndots}${more}`),
  servers: fc.constantFrom(1, 2),
  search: fc.constantFrom([], ['one.example'], ['one.example', 'two.example']),
  sources: fc.constantFrom(
    ...['files dns', 'dns', 'files', 'files [NOTFOUND=return] dns', 'files [SUCCESS=continue] dns'],
    ...['files myhostname dns', 'files [!UNAVAIL=return] dns', 'files dns [SUCCESS=return]'],
  ),
});
// A name that does not exist has neither family; and glibc takes a lame answer to one question for one to both.
const actions = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(action, action) },
  { weight: 1, arbitrary: fc.constantFrom(['nosuch', 'nosuch'], ['lame', 'lame'], ['two', 'two']) },
);
const names = fc
  .tuple(actions, fc.constantFrom('', '.x', '.x.y.z', '.'))
  .map(([[four, six], end]) => `4-${four}.6-${six}${end}`);
const FIXED = [
  ...[
    'plain.test',
    'plain',
    'PLAIN.test',
    'mapped.test',
    'self.test',
    'bücher3.test',
    'nosuch.test',
    'rack.12',
    'rack.0x7f',
  ],
  ...['4-addr.6-addr.both.test', '4-nosuch.6-nosuch.both.test', '127.1', '0x7f.1', '1.2.3.4.5', '4-none.6-servfail'],
  ...['4-servfail.6-none', '4-refused.6-none', '4-lame.6-lame', '4-none.6-none', '4-addr.6-servfail'],
];

type Outcome = readonly string[] | string;

const sorted = (found: readonly LookupAddress[]): string[] => [...new Set(found.map(({ address }) => address))].sort();

async function asGlibc(link: string, cases: readonly (readonly [string, 0 | 4 | 6])[]): Promise<Outcome[]> {
  const program = `
    const dns = require('node:dns');
    const cases = ${JSON.stringify(cases)};
    Promise.all(cases.map(([name, family]) => new Promise((resolve) => {
      dns.lookup(name, { all: true, family }, (error, found) => resolve(error ? error.code : found));
    }))).then((all) => console.log(JSON.stringify(all)));`;
  const child = spawn('ip', ['netns', 'exec', link, process.execPath, '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '64' },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(child, 'close');
  return (JSON.parse(output) as (string | LookupAddress[])[]).map((outcome) =>
    typeof outcome === 'string' ? outcome : sorted(outcome),
  );
}

function ours(link: string, cases: readonly (readonly [string, 0 | 4 | 6])[]): Promise<Outcome[]> {
  const lookup = createVrfLookup({ namespace: link, dns: { cache: false } });
  return Promise.all(
    cases.map(
      ([name, family]) =>
        new Promise<Outcome>((resolve) => {
          lookup(name, { all: true, family }, (error, found) =>
            resolve(error ? (error.code ?? '') : sorted(found as LookupAddress[])),
          );
        }),
    ),
  );
}

/** No server gives an answer for one family, and there is no address of the other. */
function oneFamilyFails(name: string): boolean {
  const said = /^4-(\w+)\.6-(\w+)/.exec(name)?.slice(1) ?? [];
  return said.includes('none') && said.some((one) => ['servfail', 'refused'].includes(one));
}

async function compare(
  configuration: Configuration,
  asked: readonly string[],
): Promise<{ asked: string; glibc: Outcome; ours: Outcome }[]> {
  const link = uniqueName('conf');
  links.push(link);
  mkdirSync('/run/netns', { recursive: true });
  symlinkSync(NS, `/run/netns/${link}`);
  const { servers, search, options, sources } = configuration;
  writeNetnsFiles(link, {
    'resolv.conf': [
      ...SERVERS.slice(0, servers).map((server) => `nameserver ${server}`),
      ...[search.length > 0 ? `search ${search.join(' ')}` : 'search .', `options ${options}`, ''],
    ].join('\n'),
    hosts: `${HOSTS.join('\n')}\n`,
    'nsswitch.conf': `hosts: ${sources}\n`,
    'host.conf': 'multi on\n',
  });
  const cases = asked.flatMap((name) => ([0, 4, 6] as const).map((family) => [name, family] as const));
  const [reference, own] = [await asGlibc(link, cases), await ours(link, cases)];
  return cases.flatMap(([name, family], index) => {
    const [glibc = '', mine = ''] = [reference[index], own[index]];
    // glibc forgets in some configurations that one family could not be asked for. That there is no such name is more
    // than it can know then.
    const forgotten = glibc === 'ENOTFOUND' && mine === 'EAI_AGAIN' && oneFamilyFails(name);
    return forgotten || JSON.stringify(glibc) === JSON.stringify(mine)
      ? []
      : [{ asked: `${name} ${family}, ${JSON.stringify(configuration)}`, glibc, ours: mine }];
  });
}

it('names resolve as with the C library, whatever the configuration', async () => {
  const differences: object[] = [];
  for (const configuration of fc.sample(configurations, {
    numRuns: Number(process.env.RUNS ?? 6),
    seed: Number(process.env.SEED ?? 1),
  }))
    differences.push(
      ...(await compare(configuration, [...FIXED, ...fc.sample(names, { numRuns: 6, seed: differences.length + 1 })])),
    );
  expect(differences).toEqual([]);
}, 60_000);

it('one family without an answer and none of the other leave open whether there are addresses', async () => {
  const cases = (['silent', 'servfail', 'refused'] as const).flatMap((action) => [
    `4-none.6-${action}`,
    `4-${action}.6-none`,
  ]);
  for (const search of [[], ['one.example', 'two.example']]) {
    const lookup = createVrfLookup({
      namespace: NS,
      dns: { servers: SERVERS.slice(0, 1), search, hosts: false, timeout: 300, attempts: 1, cache: false },
    });
    const errors = await Promise.all(
      cases.map(
        (name) => new Promise<Error | null>((resolve) => lookup(name, { all: true }, (error) => resolve(error))),
      ),
    );
    expect(errors.map((error) => (error as NodeJS.ErrnoException | null)?.code)).toEqual(cases.map(() => 'EAI_AGAIN'));
    expect(errors.map((error) => /\((127[^;]*)/.exec(error?.message ?? '')?.[1])).toEqual([
      ...['127.0.0.1: no answer within 0.3 s', '127.0.0.1: no answer within 0.3 s', '127.0.0.1: SERVFAIL'],
      ...['127.0.0.1: SERVFAIL', '127.0.0.1: REFUSED', '127.0.0.1: REFUSED'],
    ]);
  }
});

it('an error tells what each server failed with, for each kind of record', async () => {
  const lookup = createVrfLookup({
    namespace: NS,
    dns: { servers: SERVERS, search: [], hosts: false, timeout: 300, attempts: 2, cache: false },
  });
  const error = await new Promise<Error | null>((resolve) => lookup('4-refused.6-silent', (reason) => resolve(reason)));
  expect(error).toMatchObject({ code: 'EAI_AGAIN', servers: SERVERS });
  expect(error?.message).toContain(
    '(127.0.0.1: no answer within 0.3 s for AAAA, REFUSED for A; 127.0.0.2: no answer within 0.3 s for AAAA, REFUSED for A; from dns.servers)',
  );
});

it('sources that are merged are given together', async () => {
  const link = uniqueName('conf');
  links.push(link);
  symlinkSync(NS, `/run/netns/${link}`);
  writeNetnsFiles(link, {
    'resolv.conf': `nameserver ${SERVERS[0]}\nsearch .\n`,
    hosts: `192.0.2.50 4-addr.6-addr\n${IPV4} 4-addr.6-none\n192.0.2.51 4-nosuch.6-nosuch\n192.0.2.52 4-servfail.6-servfail\n`,
    'nsswitch.conf': 'hosts: files [SUCCESS=merge] dns\n',
  });
  const cases = ['4-addr.6-addr', '4-addr.6-none', '4-nosuch.6-nosuch', '4-servfail.6-servfail', '4-addr.6-none.x'];
  const asked = cases.map((name) => [name, 0] as const);
  const expected = [['192.0.2.50', IPV4, IPV6], [IPV4], ['192.0.2.51'], ['192.0.2.52'], [IPV4]];
  expect(await ours(link, asked)).toEqual(expected);
});
