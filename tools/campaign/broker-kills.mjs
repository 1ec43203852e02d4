#!/usr/bin/env node
// Kills brokers and their clients (SIGKILL) at random moments, also while they start. Each socket that a broker has made
// must be in the namespace that was asked for, the next broker must listen at the same path, a bound listener must go on,
// and in the end nothing may be left: no descriptor, no process, no file. Then one client floods the broker with
// connections, while another one is served.
//
//   node tools/sandbox/sandbox.mjs -- node tools/campaign/broker-kills.mjs [kills] [connections] [--seed N]
import { execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connectBroker, hopSource, SocketReserve, socketNamespaceCookie } from 'netns-core';
import { sys } from 'netns-core/sys';
import { dial, listenInVrf } from 'vrf-dial';
import { now, sleep } from './clock.mjs';
import { Random } from './random.mjs';

const SELF = fileURLToPath(import.meta.url);
const PROGRAM = fileURLToPath(new URL('../../packages/netns-core/dist/netns-broker.js', import.meta.url));
const NAMES = ['kills-red', 'kills-blue'];
const CLIENTS = 3;
/** How many kills there are between two counts of what is left. */
const COUNTED_EVERY = 50;
const PATIENCE_MS = 30_000;
/** How many connections of the flood send requests. */
const SENDERS = 100;
/** What a client may be told while there is no broker. */
const EXPECTED = new Set(['ERR_BROKER_UNAVAILABLE', 'ERR_BROKER_TIMEOUT']);

const [, , role, ...rest] = process.argv;
if (role === 'client') await client(...rest);
else if (role === 'flood') await flood(...rest);
else await main();

/** Asks for sockets of both namespaces, in all ways, until it is killed. */
async function client(socket, seed, ...cookies) {
  process.on('disconnect', () => process.exit());
  const random = new Random(seed, 'client');
  const source = connectBroker(socket, { timeout: 300 });
  const watches = NAMES.map((name) => source.watch(name, () => {}));
  let checked = 0;
  const check = (fd, which) => {
    const cookie = socketNamespaceCookie(fd);
    sys().close(fd);
    checked += 1;
    if (String(cookie) !== cookies[which]) process.send({ wrong: `${NAMES[which]}: ${cookie}, not ${cookies[which]}` });
  };
  const kinds = [
    (options, which) => check(source.open(options), which),
    (options, which) => check(source.openNetlink(options.namespace, 0), which),
    (options, which) => {
      const fds = new Int32Array(8);
      const count = source.openMany(options, fds);
      for (const fd of fds.subarray(0, count)) check(fd, which);
    },
    async ({ namespace, family, type }, which) => {
      const reserve = new SocketReserve({ namespace, source });
      const opened = await Promise.allSettled([1, 2, 3].map(() => reserve.openSoon(family, type)));
      for (const { value, reason } of opened) {
        if (reason !== undefined) throw reason;
        check(value, which);
      }
    },
    ({ namespace }, which) => {
      const { cookie } = source.inspect(namespace);
      if (String(cookie) !== cookies[which]) process.send({ wrong: `${namespace} has the cookie ${cookie}` });
    },
  ];
  process.send({ ready: true });
  for (;;) {
    const which = random.integer(0, NAMES.length);
    const options = { namespace: NAMES[which], family: random.pick(['ipv4', 'ipv6']), type: 'stream' };
    try {
      await random.pick(kinds)(options, which);
    } catch (error) {
      if (!EXPECTED.has(error.code)) process.send({ wrong: String(error) });
    }
    if (checked >= 100) {
      process.send({ checked });
      checked = 0;
    }
    if (random.chance(0.1)) watches.push(source.watch(random.pick(NAMES), () => {}));
    await new Promise(setImmediate);
  }
}

/** Makes so many connections, each with a request, of which it reads no reply; 500 at a time. */
async function flood(socket, connections) {
  process.on('disconnect', () => process.exit());
  const line = `${JSON.stringify({ version: 1, request: 'open', namespace: NAMES[0], family: 'ipv4', type: 'stream', options: {}, count: 8 })}\n`;
  const crowd = [];
  // Paused: it does not see that the broker has ended it, and so stays open. With too many waiting, connect(2) says EAGAIN.
  // What is sent to one that was refused closes it here as well: those that are served send.
  const connect = (onConnect) => {
    let isConnected = false;
    const connection = net.connect({ path: socket, allowHalfOpen: true }, () => {
      isConnected = true;
      if (crowd.length < SENDERS) connection.write(line.repeat(3));
      onConnect(connection);
    });
    connection.pause().on('error', () => isConnected || setTimeout(connect, 10, onConnect));
  };
  for (let made = 0; made < connections; made += 100)
    crowd.push(
      ...(await Promise.all(Array.from({ length: Math.min(100, connections - made) }, () => new Promise(connect)))),
    );
  process.send({ held: openIn() });
  await sleep(1000);
  for (const connection of crowd) connection.destroy();
  process.disconnect();
}

function openIn(pid = 'self') {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** The processes that this one has started and that are still there, ended ones that were not waited for included. */
function children() {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
}

async function kill(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function main() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { seed: { type: 'string' } } });
  const [kills, connections] = [Number(positionals[0] ?? 1000), Number(positionals[1] ?? 10_000)];
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  if (process.env.NETNS_SANDBOX === undefined) throw new Error('this makes namespaces: run it in tools/sandbox');
  const random = new Random(seed, 'kills');
  const problems = [];
  for (const name of NAMES) {
    execFileSync('ip', ['netns', 'add', name]);
    execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  }
  const cookies = NAMES.map((name) => String(hopSource.inspect(name).cookie));
  const directory = mkdtempSync(path.join(tmpdir(), 'broker-kills-'));
  const socket = path.join(directory, 'socket');
  const config = path.join(directory, 'config.json');
  const policy = { rules: [{ users: ['*'], namespaces: NAMES }], limits: { clientsPerUser: 200 } };
  writeFileSync(config, JSON.stringify({ path: socket, policy, log: 'none' }));

  const count = { broker: 0, starting: 0, client: 0, checked: 0 };
  const startBroker = () =>
    spawn(process.execPath, [PROGRAM, '--config', config], { stdio: ['ignore', 'inherit', 'inherit'] });
  let clientSeed = 0;
  const startClient = () => {
    clientSeed += 1;
    const child = fork(SELF, ['client', socket, `${seed} ${clientSeed}`, ...cookies]);
    child.ready = new Promise((resolve) => {
      child.once('exit', resolve);
      child.on('message', ({ ready, wrong, checked = 0 }) => {
        if (ready) resolve();
        if (wrong !== undefined) problems.push(wrong);
        count.checked += checked;
      });
    });
    return child;
  };

  let broker = startBroker();
  // It waits synchronously: to be asked only once a broker has been started.
  const witness = connectBroker(socket, { timeout: PATIENCE_MS });
  const listenersSource = connectBroker(socket, { timeout: 500 });
  const look = () => {
    for (const [which, name] of NAMES.entries()) {
      const fd = witness.open({ namespace: name, family: 'ipv4', type: 'dgram' });
      if (String(socketNamespaceCookie(fd)) !== cookies[which]) problems.push(`the witness got a socket elsewhere`);
      sys().close(fd);
    }
  };
  look();
  const listener = await listenInVrf(
    net.createServer((connection) => connection.end('there')),
    { namespace: NAMES[0], host: '127.0.0.1', port: 8080, source: listenersSource },
  );
  const visit = async () => {
    const connection = await dial({ namespace: NAMES[0], source: hopSource, host: '127.0.0.1', port: 8080 });
    let said = '';
    for await (const chunk of connection) said += chunk;
    if (said !== 'there') problems.push(`the listener said ${JSON.stringify(said)}`);
  };
  await visit();

  /** Waits until a broker without clients has no more open than at first. */
  const settle = async () => {
    witness.close();
    const until = now() + PATIENCE_MS;
    for (;;) {
      const open = openIn(broker.pid);
      // The listener's connections to the broker come back by themselves.
      if (open <= base) return;
      if (now() > until) return problems.push(`the broker keeps ${open - base} descriptors`);
      await sleep(20);
    }
  };
  const before = openIn();
  const base = openIn(broker.pid) + 2;

  let clients = Array.from({ length: CLIENTS }, startClient);
  for (let done = 1; done <= kills; done += 1) {
    if (random.chance(0.5)) {
      const victim = clients.shift();
      await victim.ready;
      await sleep(random.integer(0, 30));
      await kill(victim);
      count.client += 1;
      clients.push(startClient());
    } else {
      const starting = random.chance(0.3);
      if (starting) {
        await kill(broker);
        broker = startBroker();
        await sleep(random.integer(0, 300));
        count.starting += 1;
      } else {
        await sleep(random.integer(0, 30));
        count.broker += 1;
      }
      await kill(broker);
      broker = startBroker();
      look();
      await visit();
    }
    if (done % COUNTED_EVERY === 0 || done === kills) {
      await Promise.all(clients.map(kill));
      await settle();
      console.log(`${done} kills, ${count.checked} sockets`);
      if (problems.length > 0) break;
      clients = done === kills ? [] : Array.from({ length: CLIENTS }, startClient);
    }
  }

  look();
  const flooder = fork(SELF, ['flood', socket, connections]);
  let flooding = true;
  let served = 0;
  let slowest = 0;
  let held = 0;
  flooder.once('message', (message) => {
    held = message.held;
  });
  flooder.once('exit', () => {
    flooding = false;
  });
  while (flooding) {
    const start = now();
    look();
    slowest = Math.max(slowest, now() - start);
    served += 2;
    await sleep(5);
  }
  if (held < connections) problems.push(`the flood held ${held} descriptors at once, not ${connections} connections`);
  await settle();
  look();

  await listener.close();
  listenersSource.close();
  witness.close();
  const ended = once(broker, 'exit');
  broker.kill();
  const [code] = await ended;
  if (code !== 0) problems.push(`the last broker ended with ${code}`);
  if (existsSync(socket)) problems.push('the socket is left');
  for (const until = now() + PATIENCE_MS; openIn() > before && now() < until; ) await sleep(20);
  if (openIn() > before) problems.push(`this process keeps ${openIn() - before} descriptors`);
  if (children().length > 0) problems.push(`processes are left: ${children().join(', ')}`);
  rmSync(directory, { recursive: true });
  console.log(
    `${count.client} clients and ${count.broker + count.starting} brokers killed (${count.starting} as they started), ` +
      `${count.checked} sockets checked; ${served} served beside ${connections} connections held at once, the slowest two in ${Math.round(slowest)} ms`,
  );
  for (const problem of problems) console.log(`failed: ${problem}`);
  if (problems.length > 0) console.log(`again: --seed ${seed}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
