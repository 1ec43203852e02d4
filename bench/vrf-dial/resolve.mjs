// What host names cost. Two figures, each a ratio or a difference taken in one run:
//
//   - a name that the cache knows against an address: what it adds to a dial (aim: 5 µs at most)
//   - a name that is asked for, against `dns.Resolver` in a process that lives in the namespace (aim: 1.3 at most):
//     of a server on the namespace's loopback, which shows what the resolver itself costs and nothing else, and of one
//     that takes a millisecond to answer, as one across a network does
//
// node tools/sandbox/sandbox.mjs -- node bench/vrf-dial/resolve.mjs   (after `pnpm run build`)
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { median, medianRatio, messageFrom, printTable, tell } from '../table.mjs';

const SELF = fileURLToPath(import.meta.url);
const NAMESPACE = 'bench-resolve';
const NAME = 'host.bench.example';
const ADDRESS = '192.0.2.80';
const PORT = 8080;
const ROUNDS = 40;
const BATCH = 250;
const AT_ONCE = 32;

/** Microseconds per call of `work`, one after the other, or `AT_ONCE` side by side. */
async function time(work, { atOnce = 1 } = {}) {
  const started = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let index = 0; index < BATCH / atOnce; index += 1) await work();
    }),
  );
  return ((performance.now() - started) * 1000) / BATCH;
}

if (process.argv[2] === 'server') {
  const { createServer } = await import('node:net');
  createServer((socket) => socket.on('error', () => {}).resume()).listen(PORT, ADDRESS, () => console.log('ready'));
} else if (process.argv[2] === 'distant') {
  // Answers every query with one address, a millisecond later.
  const { createSocket } = await import('node:dgram');
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    let end = 12;
    while (query[end] !== 0) end += query[end] + 1;
    const ipv6 = query.readUInt16BE(end + 1) === 28;
    const head = Buffer.from(query.subarray(0, end + 5));
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt32BE(1, 6);
    head.writeUInt16BE(1, 6);
    head.writeUInt32BE(0, 8);
    const record = Buffer.alloc(12 + (ipv6 ? 16 : 4));
    record.writeUInt16BE(0xc00c, 0);
    record.writeUInt16BE(ipv6 ? 28 : 1, 2);
    record.writeUInt16BE(1, 4);
    record.writeUInt16BE(record.length - 12, 10);
    setTimeout(() => socket.send(Buffer.concat([head, record]), from.port, from.address), 1);
  });
  socket.bind(53, '127.0.0.2', () => console.log('ready'));
} else if (process.argv[2] === 'resolver') {
  // The peer: c-ares where no namespace is needed, asked for both families at once, as our lookup does.
  const { Resolver } = await import('node:dns/promises');
  const resolver = new Resolver();
  resolver.setServers([process.argv[3]]);
  const work = () => Promise.all([resolver.resolve4(NAME), resolver.resolve6(NAME)]);
  for (let index = 0; index < 500; index += 1) await work();
  process.on('message', async (atOnce) => process.send(await time(work, { atOnce })));
  process.send('ready');
} else {
  await main();
}

async function main() {
  const ip = (line) => execFileSync('ip', line.split(' '));
  ip(`netns add ${NAMESPACE}`);
  ip(`-n ${NAMESPACE} link set lo up`);
  // Ports of connections that were closed wait for a minute: without this, to find a free one is what is measured.
  execFileSync('ip', [
    ...['netns', 'exec', NAMESPACE, 'sysctl', '-qw', 'net.ipv4.tcp_tw_reuse=1'],
    'net.ipv4.ip_local_port_range=1024 65535',
  ]);
  ip(`-n ${NAMESPACE} addr add ${ADDRESS}/32 dev lo`);
  mkdirSync(`/etc/netns/${NAMESPACE}`, { recursive: true });
  writeFileSync(`/etc/netns/${NAMESPACE}/resolv.conf`, 'nameserver 127.0.0.1\n');
  const inside = (args, options) => spawn('ip', ['netns', 'exec', NAMESPACE, ...args], options);
  const dnsmasq = inside(
    [
      ...[
        'dnsmasq',
        '--keep-in-foreground',
        '--conf-file=/dev/null',
        '--no-resolv',
        '--no-hosts',
        '--user=',
        '--group=',
      ],
      ...['--pid-file=', '--log-facility=-', '--listen-address=127.0.0.1', '--bind-interfaces', '--local-ttl=3600'],
      `--host-record=${NAME},${ADDRESS},2001:db8::80`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await once(dnsmasq.stderr, 'data');
  const server = inside([process.execPath, SELF, 'server'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(server.stdout, 'data');
  const distant = inside([process.execPath, SELF, 'distant'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(distant.stdout, 'data');

  const { createVrfConnector, createVrfLookup } = await import('vrf-dial');
  const target = { namespace: NAMESPACE };

  const lookUp = (lookup) =>
    new Promise((resolve, reject) => {
      lookup(NAME, { all: true }, (error, found) => (error ? reject(error) : resolve(found)));
    });
  const rows = [];
  for (const [title, nameServer, atOnce, rounds] of [
    ['a server on loopback', '127.0.0.1', 1, ROUNDS],
    [`a server on loopback, ${AT_ONCE} at once`, '127.0.0.1', AT_ONCE, ROUNDS],
    ['a server a millisecond away', '127.0.0.2', 1, ROUNDS / 8],
  ]) {
    const peer = inside([process.execPath, SELF, 'resolver', nameServer], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await messageFrom(peer);
    const uncached = createVrfLookup({ ...target, dns: { servers: [nameServer], cache: false } });
    for (let index = 0; index < 500; index += 1) await lookUp(uncached);
    const ours = [];
    const theirs = [];
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await time(() => lookUp(uncached), { atOnce }));
      tell(`${title}, round ${round + 1} of ${rounds}`);
      peer.send(atOnce);
      theirs.push(await messageFrom(peer));
    }
    peer.kill();
    rows.push({
      what: `a name of ${title}, not cached`,
      figure: `${median(ours).toFixed(0)} µs; dns.Resolver inside ${median(theirs).toFixed(0)} µs`,
      ratio: medianRatio(ours, theirs),
      target: '≤ 1.3',
    });
  }

  const connect = createVrfConnector({ ...target, family: 4 });
  const dialTo = (hostname) => () =>
    new Promise((resolve, reject) => {
      connect({ hostname, protocol: 'http:', port: String(PORT), host: hostname }, (error, socket) => {
        if (error) return reject(error);
        socket.once('close', resolve).destroy();
      });
    });
  const byName = dialTo(NAME);
  const byAddress = dialTo(ADDRESS);
  for (let index = 0; index < 1000; index += 1) {
    await byName();
    await byAddress();
  }
  // A few microseconds of a hundred: one dial of each kind in turns, so that whatever else the machine does falls on both
  // alike, and the middle of what each pair differs by.
  const differences = [];
  const whole = [];
  const timed = async (dial) => {
    const started = performance.now();
    await dial();
    return (performance.now() - started) * 1000;
  };
  for (let pair = 0; pair < ROUNDS * BATCH; pair += 1) {
    tell(`a cached name, pair ${pair + 1} of ${ROUNDS * BATCH}`);
    const [first, second] = pair % 2 === 0 ? [byName, byAddress] : [byAddress, byName];
    const one = await timed(first);
    const two = await timed(second);
    differences.push(pair % 2 === 0 ? one - two : two - one);
    whole.push(pair % 2 === 0 ? two : one);
  }
  rows.push({
    what: 'a name that the cache knows, in place of an address, adds to a dial',
    figure: `${median(differences).toFixed(1)} µs to ${median(whole).toFixed(0)} µs`,
    target: '≤ 5 µs',
  });

  const cached = createVrfLookup(target);
  await lookUp(cached);
  const lookups = [];
  for (let round = 0; round < ROUNDS; round += 1) lookups.push(await time(() => lookUp(cached)));
  rows.push({
    what: 'createVrfLookup, cached, the route to IPv6 checked',
    figure: `${median(lookups).toFixed(1)} µs`,
  });
  printTable(rows);

  for (const child of [dnsmasq, server, distant]) child.kill();
  ip(`netns del ${NAMESPACE}`);
}
