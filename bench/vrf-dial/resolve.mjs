// What host names cost. Two figures, each a ratio or a difference taken in one run:
//
//   - a name that the cache knows against an address: what it adds to a dial (aim: 5 µs at most)
//   - a name that is asked for, against `dns.Resolver` in a process that lives in the namespace (aim: 1.3 at most)
//
// node tools/sandbox/sandbox.mjs -- node bench/vrf-dial/resolve.mjs   (after `pnpm run build`)
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SELF = fileURLToPath(import.meta.url);
const NAMESPACE = 'bench-resolve';
const NAME = 'host.bench.example';
const ADDRESS = '192.0.2.80';
const PORT = 8080;
const ROUNDS = 40;
const BATCH = 250;
const AT_ONCE = 32;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

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
  resolver.setServers(['127.0.0.1']);
  const work = () => Promise.all([resolver.resolve4(NAME), resolver.resolve6(NAME)]);
  for (let index = 0; index < 2000; index += 1) await work();
  process.on('message', async (atOnce) => process.send(await time(work, { atOnce })));
  process.send('ready');
} else {
  await main();
}

async function main() {
  const ip = (line) => execFileSync('ip', line.split(' '));
  ip(`netns add ${NAMESPACE}`);
  ip(`-n ${NAMESPACE} link set lo up`);
  ip(`-n ${NAMESPACE} addr add ${ADDRESS}/32 dev lo`);
  mkdirSync(`/etc/netns/${NAMESPACE}`, { recursive: true });
  writeFileSync(`/etc/netns/${NAMESPACE}/resolv.conf`, 'nameserver 127.0.0.1\n');
  const inside = (args, options) => spawn('ip', ['netns', 'exec', NAMESPACE, ...args], options);
  const dnsmasq = inside(
    [
      ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--user=', '--group='],
      ...['--pid-file=', '--log-facility=-', '--listen-address=127.0.0.1', '--bind-interfaces', '--local-ttl=3600'],
      `--host-record=${NAME},${ADDRESS},2001:db8::80`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  await once(dnsmasq.stderr, 'data');
  const server = inside([process.execPath, SELF, 'server'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(server.stdout, 'data');
  const peer = inside([process.execPath, SELF, 'resolver'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await once(peer, 'message');

  const { createVrfConnector, createVrfLookup } = await import('vrf-dial');
  const target = { namespace: NAMESPACE };

  const uncached = createVrfLookup({ ...target, dns: { cache: false } });
  const lookUp = (lookup) =>
    new Promise((resolve, reject) => {
      lookup(NAME, { all: true }, (error, found) => (error ? reject(error) : resolve(found)));
    });
  const timePeer = async (atOnce) => {
    peer.send(atOnce);
    const [figure] = await once(peer, 'message');
    return figure;
  };
  for (let index = 0; index < 2000; index += 1) await lookUp(uncached);
  const result = {};
  for (const atOnce of [1, AT_ONCE]) {
    const ours = [];
    const theirs = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await time(() => lookUp(uncached), { atOnce }));
      theirs.push(await timePeer(atOnce));
    }
    const ratio = median(ours.map((value, index) => value / theirs[index]));
    result[`uncached_ratio_${atOnce}_at_once`] = ratio;
    console.log(
      `uncached, ${atOnce} at once: ${median(ours).toFixed(0)} µs a name; dns.Resolver inside: ${median(theirs).toFixed(0)} µs; ratio ${ratio.toFixed(2)} (aim: 1.3 at most)`,
    );
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
  const differences = [];
  const bare = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // In turns, and each side first as often as second.
    const first = round % 2 === 0 ? byName : byAddress;
    const second = first === byName ? byAddress : byName;
    const a = await time(first);
    const b = await time(second);
    differences.push(first === byName ? a - b : b - a);
    bare.push(first === byName ? b : a);
  }
  const added = median(differences);
  result.cached_added_microseconds = added;
  console.log(
    `cached: a name adds ${added.toFixed(1)} µs to a dial of ${median(bare).toFixed(0)} µs (aim: 5 µs at most)`,
  );

  const cached = createVrfLookup(target);
  await lookUp(cached);
  const lookups = [];
  for (let round = 0; round < ROUNDS; round += 1) lookups.push(await time(() => lookUp(cached)));
  console.log(`cached: createVrfLookup answers in ${median(lookups).toFixed(1)} µs, the route to each address checked`);
  console.log(JSON.stringify({ bench: 'vrf-dial/resolve', ...result }));

  for (const child of [dnsmasq, server, peer]) child.kill();
  ip(`netns del ${NAMESPACE}`);
}

