// What host names cost:
//
//   - a name that the cache knows against an address: what it adds to a dial
//   - a name that is asked for, against `dns.Resolver` in a process that lives in the namespace: of a server on the namespace's loopback, which shows what the resolver itself costs and nothing else, and of one
//     that takes a millisecond to answer, as one across a network does
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { addNamespace } from '../harness/ip.mjs';
import { missing } from '../harness/peers.mjs';
import { compare, report } from '../harness/report.mjs';
import { median } from '../harness/statistics.mjs';
import { messageFrom, sized, tell } from '../harness/turns.mjs';

const SELF = fileURLToPath(import.meta.url);
const NAME_SERVER = fileURLToPath(new URL('../harness/name-server.mjs', import.meta.url));
const NAMESPACE = 'bench-resolve';
const NAME = 'host.bench.example';
const ADDRESS = '192.0.2.80';
const PORT = 8080;
const ROUNDS = sized(40, 2);
const BATCH = 250;
const AT_ONCE = 32;
// Until V8 has compiled what both run: a resolver of a server runs for days.
const WARM_UP = sized(5000, 20);
const PAIRS = sized(10_000, 100);

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
} else if (process.argv[2] === 'resolver') {
  // The peer: c-ares where no namespace is needed, asked for both families at once, as our lookup does.
  const { Resolver } = await import('node:dns/promises');
  const resolver = new Resolver();
  resolver.setServers([process.argv[3]]);
  const work = () => Promise.all([resolver.resolve4(NAME), resolver.resolve6(NAME)]);
  for (let index = 0; index < WARM_UP; index += 1) await work();
  process.on('message', async (atOnce) => {
    const before = process.cpuUsage();
    const value = await time(work, { atOnce });
    const { user, system } = process.cpuUsage(before);
    process.send({ value, processor: (user + system) / 1000 });
  });
  process.send('ready');
} else {
  await main();
}

async function main() {
  const lacks = missing('dnsmasq');
  if (lacks !== undefined) throw new Error(`this benchmark needs dnsmasq: ${lacks}`);
  addNamespace(NAMESPACE, ADDRESS);
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
  const distant = inside([process.execPath, NAME_SERVER, '127.0.0.2', '1'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(distant.stdout, 'data');

  const { createVrfConnector, createVrfLookup } = await import('vrf-dial');
  const target = { namespace: NAMESPACE };

  const lookUp = (lookup) =>
    new Promise((resolve, reject) => {
      lookup(NAME, { all: true }, (error, found) => (error ? reject(error) : resolve(found)));
    });
  for (const [id, title, nameServer, atOnce, rounds, aim] of [
    ['loopback', 'a server on loopback', '127.0.0.1', 1, ROUNDS, 1.1],
    ['many', `a server on loopback, ${AT_ONCE} at once`, '127.0.0.1', AT_ONCE, ROUNDS, 1.3],
    ['distant', 'a server a millisecond away', '127.0.0.2', 1, Math.ceil(ROUNDS / 8), 1.1],
  ]) {
    const peer = inside([process.execPath, SELF, 'resolver', nameServer], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await messageFrom(peer);
    const uncached = createVrfLookup({ ...target, dns: { servers: [nameServer], cache: false } });
    for (let index = 0; index < WARM_UP; index += 1) await lookUp(uncached);
    await compare({
      id,
      title: `A name of ${title}, not cached`,
      unit: 'µs',
      base: 'resolver',
      rounds,
      contestants: {
        resolver: {
          name: 'dns.Resolver in a process inside the namespace',
          run: () => {
            peer.send(atOnce);
            return messageFrom(peer);
          },
        },
        own: {
          name: 'createVrfLookup',
          run: () => time(() => lookUp(uncached), { atOnce }),
          aim: { ratio: { atMost: aim } },
        },
      },
    });
    peer.kill();
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
  for (let index = 0; index < WARM_UP; index += 1) {
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
  for (let pair = 0; pair < PAIRS; pair += 1) {
    tell(`a cached name, pair ${pair + 1} of ${PAIRS}`);
    const [first, second] = pair % 2 === 0 ? [byName, byAddress] : [byAddress, byName];
    const one = await timed(first);
    const two = await timed(second);
    differences.push(pair % 2 === 0 ? one - two : two - one);
    whole.push(pair % 2 === 0 ? two : one);
  }
  report({
    id: 'cached',
    title: 'What a name that the cache knows, in place of an address, adds to a dial',
    unit: 'µs',
    contestants: {
      added: {
        name: 'added',
        figures: [{ value: median(differences) }],
        aim: { value: { atMost: 5 } },
      },
      whole: { name: 'a dial to the address', figures: [{ value: median(whole) }] },
    },
  });

  const cached = createVrfLookup(target);
  await lookUp(cached);
  await compare({
    id: 'cached-lookup',
    title: 'createVrfLookup, cached, the route to IPv6 checked',
    unit: 'µs',
    rounds: ROUNDS,
    contestants: { own: { name: 'createVrfLookup', run: () => time(() => lookUp(cached)) } },
  });

  for (const child of [dnsmasq, server, distant]) child.kill();
}
