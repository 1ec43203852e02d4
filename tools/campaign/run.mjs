#!/usr/bin/env node
// The attack on the promise that nothing gets into a wrong namespace. docs/campaign.md says what it does.
//
//   npx -y pnpm@10 campaign [seconds] [--seed N] [--wrong KIND]
import { execFileSync, fork } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { IPV4, IPV6, LISTENER_PORT, PORTS } from './addresses.mjs';
import { Capture } from './capture.mjs';
import { makeNames } from './changes.mjs';
import { now, sleep } from './clock.mjs';
import { Judge } from './judge.mjs';
import { PLUGIN } from './kinds/others.mjs';
import { wrongKinds } from './kinds/wrong.mjs';
import { Random } from './random.mjs';
import { run, World } from './world.mjs';

/** How long a listener may take to let go: a promise of 50 ms, plus the longest time for which loops are held. */
const LISTENER_TOLERANCE_MS = 250;
/** How old a meaning may be at which a connection arrives: servers take a while to accept on a busy machine. */
const CONNECTION_TOLERANCE_MS = 1500;
/** How long a name must have meant the same until its listener must be there. */
const LISTENER_FOLLOWS_MS = 5000;

/** So few requests may all fall into changes. */
const FEW = 20;

/** The processes of clients; `none` is for wrong clients alone. */
const GROUPS = ['vrf-dial', 'others', 'terminated'];
const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    wrong: { type: 'string', multiple: true, default: [] },
    only: { type: 'string' },
    scale: { type: 'string', default: '1' },
    changes: { type: 'string', default: '0' },
  },
});
const usage = (message) => {
  process.stderr.write(
    `campaign: ${message}\nusage: campaign [seconds] [--seed N] [--only ${GROUPS.join(',')}] [--scale N] [--changes N] [--wrong ${Object.keys(wrongKinds).join('|')}]\n`,
  );
  process.exit(2);
};
const seconds = Number(positionals[0] ?? 60);
const seed = Number(given.seed ?? Date.now() % 1_000_000);
const scale = Number(given.scale);
const fewestChanges = Number(given.changes);
const groups = given.only === 'none' ? [] : (given.only?.split(',') ?? GROUPS);
if (!(seconds > 0 && seconds <= 3600)) usage(`${positionals[0]} is not a number of seconds from 1 to 3600`);
if (!Number.isSafeInteger(seed)) usage(`${given.seed} is not an integer`);
if (!(scale > 0 && scale <= 4)) usage(`${given.scale} is not a scale from 0.1 to 4`);
for (const wrong of given.wrong) if (!Object.hasOwn(wrongKinds, wrong)) usage(`no wrong client is called ${wrong}`);
for (const group of groups) if (!GROUPS.includes(group)) usage(`no group of clients is called ${group}`);
if (process.env.NETNS_SANDBOX === undefined) usage('this changes namespaces and mounts: run it in tools/sandbox');

const problems = [];
const problem = (text) => {
  if (problems.length < 1000) problems.push(text);
};
const checks = [];
const check = (what, passed, seen = '') => checks.push({ what, passed, seen });

/** Waits until something is true, for five seconds at most. */
async function until(condition) {
  const deadline = now() + 5000;
  while (!condition() && now() < deadline) await sleep(50);
}

// ---------------------------------------------------------------- namespaces and names

const random = new Random(seed, 'changes');
const lines = (text) =>
  text
    .trim()
    .split('\n')
    .filter((line) => line !== '');
const mounts = () =>
  lines(readFileSync('/proc/self/mountinfo', 'utf8'))
    .map((line) => line.split(' ').slice(4).join(' '))
    .sort();
const namespaces = () =>
  lines(execFileSync('lsns', ['-t', 'net', '-n', '-o', 'NS'], { encoding: 'utf8' }))
    .map((n) => n.trim())
    .sort();
const namedNow = () => readdirSync('/run/netns').sort();
const before = { mounts: mounts(), named: namedNow() };

const worlds = [];
const accounts = new Map();
let strayConnections = 0;
let alienTickets = 0;
const pauses = [];

/** When a client had hardly any descriptors left, and so could fail at anything. */
const scarcities = [];
/** How long after it errors of that time may come: loops are held, and a connection that fails takes requests with it. */
const SCARCITY_ENDS_MS = 250;

const wasScarce = (client, start, end) =>
  scarcities.some(
    ({ of, from, until }) =>
      of === client && from <= end && until + SCARCITY_ENDS_MS + stoppedFor(start - 5000, start) >= start,
  );

/** When descriptors were scarce last, for a report. */
function describeScarcity(client, at) {
  const last = scarcities.filter(({ of, from }) => of === client && from <= at).at(-1);
  if (last === undefined) return '';
  return `${(at - last.from).toFixed(0)} ms after descriptors became scarce, for ${(last.until - last.from).toFixed(0)} ms: `;
}

/** How much longer things may have taken because a client was stopped meanwhile. */
const stoppedFor = (start, end) =>
  pauses.reduce((sum, { from, until }) => sum + Math.max(0, Math.min(until, end) - Math.max(from, start)), 0);

function onReport(world, { accepted = [], alienTicket, at }) {
  if (alienTicket !== undefined) {
    alienTickets += 1;
    problem(`a TLS ticket of w${alienTicket} was offered to ${world.id} at ${at.toFixed(0)}`);
  }
  const account = accounts.get(world);
  for (let i = 0; i < accepted.length; i += 3) {
    const [time, remote, local] = accepted.slice(i, i + 3);
    if (account !== undefined) {
      if (remote === 0) account.nameless += 1;
      else account.accepted.set(`${remote}>${local}`, (account.accepted.get(`${remote}>${local}`) ?? 0) + 1);
    }
    if (world.number === 0) continue;
    const tolerance = CONNECTION_TOLERANCE_MS + stoppedFor(time - 5000, time);
    if (names.some((name) => name.meanings(time, time, tolerance).includes(world))) continue;
    strayConnections += 1;
    problem(
      `${world.id} got a connection on port ${local} at a time when no name had meant it for ${tolerance.toFixed(0)} ms`,
    );
  }
}

function makeWorld(namespace) {
  const world = new World(worlds.length, namespace, onReport);
  worlds.push(world);
  return world;
}

console.log(
  `campaign of ${seconds} s, seed ${seed}, Node ${process.version}, ${process.getuid() === 0 && /^\s*0\s+0\s/.test(readFileSync('/proc/self/uid_map', 'utf8')) ? 'root' : 'an ordinary user'}${given.wrong.length === 0 ? '' : `, with clients that are wrong on purpose: ${given.wrong.join(', ')}`}`,
);
mkdirSync('/run/campaign/plugins', { recursive: true });
writeFileSync('/run/campaign/plugins/campaign', PLUGIN);
chmodSync('/run/campaign/plugins/campaign', 0o755);

const home = makeWorld(undefined);
const names = makeNames(makeWorld, scale);
const base = [];
const startedAt = now();
await home.start();
for (let i = 0; i < Math.max(4, Math.round(24 * scale)); i += 1) {
  const namespace = `w${worlds.length}`;
  await run('ip', 'netns', 'add', namespace);
  base.push(makeWorld(namespace));
}
for (let i = 0; i < base.length; i += 4) await Promise.all(base.slice(i, i + 4).map((world) => world.start()));
for (const name of names) {
  const etc = `/etc/netns/${'vrf' in name.target ? `ns-${name.target.vrf}` : (name.target.namespace.name ?? name.label)}`;
  mkdirSync(etc, { recursive: true });
  writeFileSync(`${etc}/resolv.conf`, `nameserver ${IPV4}\nsearch campaign.example\noptions timeout:1\n`);
  await name.create(random.pick(base));
  name.check();
}

// ---------------------------------------------------------------- packets

const homeCapture = new Capture();
await homeCapture.start(
  undefined,
  'net 192.0.2.0/24 or net 198.51.100.0/24 or net 203.0.113.0/24 or net 2001:db8::/32',
);
const SYN = '(tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn) or (ip6 and tcp and ip6[53] & 0x12 == 2)';
const captures = base.slice(0, 3).map((world) => ({ world, capture: new Capture(), probes: 0 }));
for (const { world, capture } of captures) {
  accounts.set(world, { accepted: new Map(), nameless: 0 });
  await capture.start(world.namespace, SYN, (line) => {
    const found = /\.(\d+) > \S+\.(\d+): Flags \[S/.exec(line);
    return found === null ? `not understood: ${line}` : `${found[1]}>${found[2]}`;
  });
}
console.log(
  `${base.length} namespaces and ${names.length} names with the same addresses, after ${((now() - startedAt) / 1000).toFixed(1)} s`,
);

// ---------------------------------------------------------------- clients

const judge = new Judge(names, stoppedFor);
const clients = [];

async function startClient(group) {
  const script = group === 'terminated' ? './terminated.mjs' : './client.mjs';
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), [], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const client = {
    group,
    child,
    kinds: [],
    ended: false,
    said: '',
    leftovers: undefined,
    stops: 0,
  };
  clients.push(client);
  child.stderr.setEncoding('utf8').on('data', (text) => {
    client.said = (client.said + text).slice(-4000);
  });
  let ready;
  const started = new Promise((resolve) => {
    ready = resolve;
  });
  client.exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  client.exited.then(({ code, signal }) => {
    ready();
    if (client.ended) return;
    client.gone = true;
    if (group === 'terminated' && signal === 'SIGABRT') {
      client.ended = true;
      client.leftovers = [];
      client.stopped = true;
      judge.tally('terminated, then stopped').requests += 1;
      judge.tally('terminated, then stopped').right += 1;
      if (!over) startClient(group);
      return;
    }
    problem(`the clients of ${client.group} ended with ${code ?? signal}: ${client.said}`);
  });
  child.on('message', (message) => {
    if (message.ready) {
      client.kinds = message.kinds;
      for (const { name } of message.kinds) judge.tally(name);
      ready();
    } else if (message.results)
      for (const result of message.results)
        judge.result(client.kinds[result[0]], result, wasScarce(client, result[2], result[3]));
    else if (message.unexpected) {
      const { unexpected, at } = message;
      if (!(/EMFILE/.test(unexpected) && wasScarce(client, at, at)))
        problem(`${client.group}: ${describeScarcity(client, at)}${unexpected}`);
    } else if (message.broken) {
      problem(`${client.group} is broken: ${message.broken}`);
      ready();
    } else if (message.leftovers) client.leftovers = message.leftovers;
    else if (message.end) {
      client.ended = true;
      client.thrown = message.thrown;
      client.cpu = message.cpu;
    }
  });
  child.send({
    ...{ seed, group, wrong: given.wrong, concurrency: group === 'vrf-dial' ? 24 : 8 },
    names: names.map(({ index, label, target, file, type }) => ({ index, label, target, file, type })),
  });
  await started;
}

let over = false;
await Promise.all([...groups, ...(given.wrong.length > 0 ? ['wrong'] : [])].map((group) => startClient(group)));

const attackedAt = now();

// ---------------------------------------------------------------- what happens meanwhile

let changes = 0;
/** On a busy machine it takes longer until enough has happened: ten times as long at most. */
let interrupted = false;
process.once('SIGINT', () => {
  interrupted = true;
});
const goesOn = () => {
  if (interrupted || problems.length >= 1000) return false;
  const past = (now() - attackedAt) / 1000;
  return past < seconds || (changes < fewestChanges && past < 10 * seconds);
};
const mutable = names.filter(({ change }) => change !== undefined);

async function change(name, chance) {
  if (name.busy) return;
  name.busy = true;
  try {
    await name.change(chance.pick(base), chance);
    name.check();
    changes += 1;
  } finally {
    name.busy = false;
  }
}

async function changer(number) {
  const chance = new Random(seed, `changer ${number}`);
  while (goesOn()) {
    const name = chance.pick(mutable);
    if (name.type !== 'recreated' || chance.chance(0.15)) await change(name, chance);
    // Often in quick succession, sometimes with time for all clients to settle.
    await sleep(chance.chance(0.7) ? chance.integer(5, 60) : chance.integer(60, 400));
  }
}

async function stopper() {
  const chance = new Random(seed, 'stopper');
  const quick = mutable.filter(({ type }) => type !== 'recreated');
  while (goesOn()) {
    await sleep(chance.integer(500, 2500));
    const living = clients.filter(({ gone, ended }) => !gone && !ended);
    if (living.length === 0) return;
    const { child } = chance.pick(living);
    const pause = { from: now(), until: Infinity };
    pauses.push(pause);
    const goOn = () => {
      child.kill('SIGCONT');
      pause.until = Math.min(pause.until, now());
    };
    child.kill('SIGSTOP');
    try {
      await sleep(10);
      // Not for longer: what is stopped may hold the lock of /run/netns, for which some changes wait.
      const changed = Promise.all(Array.from({ length: 4 }, () => change(chance.pick(quick), chance)));
      await Promise.race([changed, sleep(500)]);
      await sleep(chance.integer(60, 300));
      goOn();
      await changed;
    } finally {
      goOn();
    }
  }
}

/** Lets a process have hardly more descriptors than it has, for a moment. */
async function scarcity() {
  const chance = new Random(seed, 'scarcity');
  const client = clients.find(({ group }) => group === 'vrf-dial');
  if (client === undefined) return;
  while (goesOn()) {
    await sleep(chance.integer(2000, 6000));
    if (client.gone || !goesOn()) return;
    const { pid } = client.child;
    const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
    let free = 30;
    while (open.has(free)) free += 1;
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))[1];
    const scarce = { of: client, from: now(), until: Infinity };
    scarcities.push(scarce);
    await run('prlimit', '--pid', String(pid), `--nofile=${free + chance.integer(0, 10)}:`);
    await sleep(chance.integer(50, 250));
    await run('prlimit', '--pid', String(pid), `--nofile=${limit}:`);
    scarce.until = now();
  }
}

let probes = 0;
async function prober(number) {
  const chance = new Random(seed, `prober ${number}`);
  const tally = judge.tally('listenInVrf');
  while (goesOn()) {
    await sleep(chance.integer(5, 30));
    const name = chance.pick(names);
    const known = [...new Set(name.history.slice(-4).map(({ world }) => world))].filter((world) => world !== undefined);
    const world = chance.chance(0.5) ? known.at(-1) : chance.pick([...known, chance.pick(base)]);
    if (world === undefined || world.retired || world.readyAt > now()) continue;
    probes += 1;
    const port = LISTENER_PORT + name.index;
    for (const captured of captures) if (captured.world === world) captured.probes += 1;
    const { answer, error, start, end: ended } = await world.probe(probes, port);
    tally.requests += 1;
    const stopped = stoppedFor(start - 5000, ended);
    if (answer !== undefined) {
      if (
        answer === `listener ${name.index}` &&
        name.meanings(start, ended, LISTENER_TOLERANCE_MS + stopped).includes(world)
      ) {
        tally.right += 1;
        continue;
      }
      tally.wrong += 1;
      tally.sample(
        `WRONG '${answer}' on port ${port} of ${world.id}, asked at 0; ${name.label} (${name.type}): ${name.describe(start)}`,
      );
      continue;
    }
    const steady = name.steady(start, ended, LISTENER_FOLLOWS_MS + stopped);
    const starting = now() - attackedAt < LISTENER_FOLLOWS_MS;
    // No answer in time is a busy machine's; where nothing listens the kernel says so.
    const scarce = clients.some((client) => client.group === 'vrf-dial' && wasScarce(client, start - 1000, ended));
    if (steady === world && !starting && !scarce && error !== 'retired' && error !== 'timeout') {
      tally.unexpected += 1;
      tally.sample(
        `UNEXPECTED ${error}: ${name.label} (${name.type}) has meant ${world.id} for ${LISTENER_FOLLOWS_MS} ms, and its listener is not there; ${name.describe(start)}`,
      );
    } else tally.expected.set(error, (tally.expected.get(error) ?? 0) + 1);
  }
}

const progress = setInterval(
  () => {
    let answers = 0;
    let wrong = 0;
    for (const tally of judge.tallies.values()) {
      answers += tally.right;
      wrong += tally.wrong;
    }
    console.log(
      `  ${((now() - attackedAt) / 1000).toFixed(0)} s: ${answers} right, ${wrong} wrong, ${changes} changes`,
    );
  },
  Math.max(5000, seconds * 100),
);

const listening = groups.includes('vrf-dial') || given.wrong.includes('listener');
try {
  await Promise.all([
    ...[1, 2, 3].map(changer),
    stopper(),
    scarcity(),
    ...(listening ? [1, 2, 3].map(prober) : []),
    (async () => {
      while (goesOn()) await sleep(50);
    })(),
  ]);
} catch (error) {
  problem(`the campaign itself: ${error.stack}`);
}
clearInterval(progress);
over = true;
const lasted = (now() - attackedAt) / 1000;

// ---------------------------------------------------------------- the end of everything

for (const { child, gone } of clients) if (!gone && child.connected) child.send({ stop: true });
await Promise.race([Promise.all(clients.map(({ exited }) => exited)), sleep(25_000)]);
for (const client of clients) {
  if (client.child.exitCode === null && client.child.signalCode === null) {
    problem(`the clients of ${client.group} do not end: ${client.said}`);
    client.child.kill('SIGKILL');
    await client.exited;
  }
}
await sleep(200);

for (const tally of judge.tallies.values()) {
  const errors = [...tally.expected.values()].reduce((sum, count) => sum + count, 0);
  check(
    tally.kind,
    tally.wrong === 0 && tally.unexpected === 0 && (tally.right > 0 || tally.requests < FEW),
    `${tally.requests} requests, ${tally.right} right, ${errors} explained errors, ${tally.unexpected} unexpected, ${tally.wrong} wrong${tally.samples.length === 0 ? '' : `; the first: ${tally.samples[0].replace(/\n\s*/g, ' ')}`}`,
  );
}
for (const client of clients) {
  if (client.stopped) continue;
  check(`${client.group}: the process ended by itself`, client.ended, client.said);
  check(
    `${client.group}: nothing left behind`,
    client.leftovers?.length === 0,
    client.leftovers?.join(', ') ?? 'no report',
  );
  if (client.said.trim() !== '') console.log(`${client.group} said: ${client.said.trim().slice(0, 1500)}`);
}
check(
  'no connection and no question reached the servers at home',
  home.connections + home.datagrams + home.queries === 0,
  `${home.connections} connections, ${home.datagrams} datagrams, ${home.queries} DNS queries`,
);
await sleep(300);
check(
  'no packet was captured at home',
  homeCapture.packets === 0,
  `${homeCapture.packets}: ${homeCapture.last.join('; ')}`,
);
// What has not seen anything must be shown to see.
const packetsBefore = homeCapture.packets;
const seenBefore = home.connections;
const control = net.connect(PORTS.echo, IPV4);
await new Promise((resolve) => control.once('data', resolve).once('error', resolve));
control.destroy();
await until(() => homeCapture.packets > packetsBefore && home.connections > seenBefore);
await homeCapture.stop();
check(
  'what captures and counts at home does see a connection',
  homeCapture.packets > packetsBefore && home.connections === seenBefore + 1,
  `${homeCapture.packets - packetsBefore} packets, ${home.connections - seenBefore} connections`,
);
check('no TLS ticket of one namespace was offered to another', alienTickets === 0, String(alienTickets));
check('no connection came to a namespace that no name meant', strayConnections === 0, String(strayConnections));

let captured = 0;
for (const { world, capture, probes: asked } of captures) {
  await capture.stop();
  const { accepted, nameless } = accounts.get(world);
  let toListeners = 0;
  let unmatched = 0;
  const strange = [];
  for (const [key, count] of capture.kept) {
    captured += count;
    const port = Number(key.split('>')[1]);
    if (port >= LISTENER_PORT && port < LISTENER_PORT + names.length) toListeners += count;
    else if (!Object.values(PORTS).includes(port)) strange.push(key);
    else unmatched += Math.max(0, count - (accepted.get(key) ?? 0));
  }
  check(
    `${world.id}: every captured connection is one that a server accepted, or a question to a listener`,
    strange.length === 0 && toListeners <= asked && unmatched <= nameless,
    `${capture.packets} captured, ${toListeners} to listeners (${asked} asked), ${unmatched} not accepted (${nameless} accepted of peers that were gone), ${capture.dropped} dropped, ${strange.slice(0, 5).join(' ')}`,
  );
}

for (const name of names) await name.remove().catch((error) => problem(`the campaign itself: ${error.stack}`));
await Promise.all(worlds.map((world) => world.stop()));
for (const { namespace } of base) await run('ip', 'netns', 'del', namespace);
await sleep(200);

await run('ip', 'addr', 'del', `${IPV4}/24`, 'dev', 'lo');
await run('ip', 'addr', 'del', `${IPV6}/64`, 'dev', 'lo');
rmSync('/run/campaign', { recursive: true });

/** Processes of this sandbox that are neither this one nor an ancestor of it. */
function strangers() {
  const mine = new Set();
  for (
    let pid = process.pid;
    pid > 1;
    pid = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1])
  )
    mine.add(pid);
  return readdirSync('/proc')
    .filter((entry) => {
      if (!/^\d+$/.test(entry) || mine.has(Number(entry))) return false;
      try {
        if (!readFileSync(`/proc/${entry}/environ`, 'latin1').includes(`NETNS_SANDBOX=${process.env.NETNS_SANDBOX}`))
          return false;
        return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${entry}/status`, 'utf8'));
      } catch {
        return false;
      }
    })
    .map((pid) => `${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').slice(0, 80)}`);
}
const beyond = (after, earlier) => after.filter((entry) => !earlier.includes(entry));
const ours = new Set(worlds.slice(1).map(({ ino }) => String(ino)));
let left = [];
for (let wait = 0; wait < 50; wait += 1) {
  left = [
    ...beyond(mounts(), before.mounts)
      .filter((line) => !line.startsWith('/run/netns '))
      .map((line) => `mount ${line}`),
    ...namespaces()
      .filter((ino) => ours.has(ino))
      .map((ino) => `namespace ${ino}`),
    ...beyond(namedNow(), before.named).map((line) => `name ${line}`),
    ...strangers().map((line) => `process ${line}`),
    ...lines(execFileSync('ss', ['-Htuna'], { encoding: 'utf8' }))
      .filter((line) => /192\.0\.2\.|2001:db8:/.test(line) && !line.includes('TIME-WAIT'))
      .map((line) => `socket ${line}`),
  ];
  if (left.length === 0) break;
  await sleep(100);
}
check('no process, mount, name, namespace or socket is left', left.length === 0, left.join('; '));
check(
  'nothing unexpected was reported',
  problems.length === 0,
  `${problems.length} reports, the first: ${problems.slice(0, 3).join(' | ').replace(/\n\s*/g, ' ')}`,
);

// ---------------------------------------------------------------- the table

const total = { requests: 0, right: 0, wrong: 0 };
console.log(
  `\n${'client'.padEnd(36)}${'requests'.padStart(10)}${'right'.padStart(10)}${'wrong'.padStart(7)}${'unexp.'.padStart(7)}  errors that the changes explain`,
);
for (const tally of judge.tallies.values()) {
  const errors = [...tally.expected].sort(([, a], [, b]) => b - a).map(([code, count]) => `${count} ${code}`);
  console.log(
    `${tally.kind.padEnd(36)}${String(tally.requests).padStart(10)}${String(tally.right).padStart(10)}${String(tally.wrong).padStart(7)}${String(tally.unexpected).padStart(7)}  ${errors.slice(0, 6).join(', ')}${errors.length > 6 ? ', …' : ''}`,
  );
  for (const sum of Object.keys(total)) total[sum] += tally[sum];
}
console.log(
  `${'all'.padEnd(36)}${String(total.requests).padStart(10)}${String(total.right).padStart(10)}${String(total.wrong).padStart(7)}`,
);
console.log(
  `${(total.requests / lasted).toFixed(0)} requests a second for ${lasted.toFixed(0)} s; ${changes} changes, ${pauses.length} stops, ${captured} connections captured; ${clients.reduce((sum, { thrown = 0 }) => sum + thrown, 0)} exceptions thrown on purpose got out; processor time ${clients.map(({ group, cpu = 0 }) => `${group} ${cpu.toFixed(1)} s`).join(', ')}`,
);
for (const tally of judge.tallies.values())
  for (const sample of tally.samples) console.log(`- ${tally.kind}: ${sample}`);
for (const text of [...new Set(problems)].slice(0, 20)) console.log(`- ${text}`);
console.log('');
for (const { what, passed, seen } of checks) if (!passed) console.log(`failed: ${what}: ${seen}`);
const failed = checks.filter(({ passed }) => !passed).length;
if (failed > 0)
  console.log(
    `to run this again: campaign ${seconds} --seed ${seed}${given.wrong.map((wrong) => ` --wrong ${wrong}`).join('')}`,
  );
console.log(`${checks.length - failed} passed, ${failed} failed, 0 skipped`);
process.exit(failed === 0 ? 0 : 1);
