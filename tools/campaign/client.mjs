// A process full of clients, started by run.mjs, which judges what they say. What they find out about themselves
// (threads away from home, descriptors left behind) they report, too.
import diagnostics from 'node:diagnostics_channel';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { now, sleep } from './clock.mjs';
import { Thrown } from './kinds/kind.mjs';
import { Random } from './random.mjs';

/** After which a request is given up, in ms. None may take that long. */
const GIVEN_UP_MS = 30_000;

let results = [];
const report = (message) => {
  if (process.connected) process.send(message);
};
const unexpected = (text, at = now()) => report({ unexpected: text, at });
const flush = () => {
  if (results.length === 0) return;
  report({ results });
  results = [];
};

process.on('disconnect', () => process.exit());
const thrown = { Thrown: 0 };
for (const event of ['uncaughtException', 'unhandledRejection'])
  process.on(event, (error) => {
    if (error instanceof Thrown || error?.code === 'CAMPAIGN_THROWN') thrown.Thrown += 1;
    else unexpected(`${event}: ${error?.stack ?? error}`);
  });

process.once('message', (config) => {
  campaign(config).catch((error) => {
    report({ broken: String(error.stack) });
  });
});

async function kindsOf({ group, wrong }) {
  if (group === 'wrong') {
    const { wrongKinds } = await import('./kinds/wrong.mjs');
    const chosen = wrong.map((name) => ({ name: `wrong on purpose: ${name}`, ...wrongKinds[name] }));
    return { kinds: chosen.filter(({ ask }) => ask !== undefined), listens: chosen.find(({ listens }) => listens) };
  }
  if (group === 'vrf-dial') return { kinds: (await import('./kinds/vrf-dial.mjs')).vrfDialKinds, listens: {} };
  return { kinds: (await import('./kinds/others.mjs')).otherKinds };
}

async function campaign(config) {
  const { seed, group, names, concurrency } = config;
  const { kinds, listens } = await kindsOf(config);
  const random = new Random(seed, group);
  const before = inventory();
  let stopped = false;
  process.on('message', ({ stop }) => {
    stopped ||= stop;
  });

  // Subscribers that throw.
  const subscriber = () => {
    if (random.chance(0.002)) throw new Thrown('subscriber');
  };
  const channels = ['dial:start', 'dial:connected', 'dial:error', 'resolve', 'listen', 'replaced'].map(
    (c) => `vrf-dial:${c}`,
  );
  for (const channel of [...channels, 'netns-core:hop']) diagnostics.subscribe(channel, subscriber);

  const home = readlinkSync('/proc/thread-self/ns/net');
  const watching = setInterval(() => {
    const here = readlinkSync('/proc/thread-self/ns/net');
    if (here !== home) unexpected(`the thread is in ${here}, home is ${home}`);
    flush();
  }, 25);

  // When a listener failed: its 'error' event comes a turn later, which is long on a busy machine.
  const failedAt = new WeakMap();
  diagnostics.subscribe('vrf-dial:listen', ({ error }) => {
    if (error !== undefined) failedAt.set(error, now());
  });
  let listeners = [];
  if (listens !== undefined) {
    const { listenEverywhere } = await import('./kinds/vrf-dial.mjs');
    listeners = await listenEverywhere(
      names,
      (error) => unexpected(`listener: ${error.stack}`, failedAt.get(error)),
      listens.target,
    );
  }
  report({ ready: true, kinds: kinds.map(({ name }) => ({ name })) });

  /** What is kept, by kind and name. */
  const kept = new Map();
  const closing = new Set();
  let nonce = 0;
  let running = 0;

  function close(key) {
    const { kind, value } = kept.get(key);
    kept.delete(key);
    if (kind.close === undefined) return;
    const closed = Promise.resolve()
      .then(() => kind.close(value))
      .catch((error) => unexpected(`close of ${kind.name}: ${error.stack}`))
      .finally(() => closing.delete(closed));
    closing.add(closed);
  }

  async function ask(kindIndex, kind, name) {
    nonce += 1;
    const key = `${kindIndex}:${name.index}`;
    const abort = random.chance(0.04) ? new AbortController() : undefined;
    const context = { random, nonce: nonce.toString(36), signal: abort?.signal };
    if (abort !== undefined) setTimeout(() => abort.abort(), random.next() ** 2 * 30);
    // One in a thousand uses is the last of what is kept.
    const last = random.chance(0.001);
    let given;
    const start = now();
    try {
      let entry = kept.get(key);
      if (entry === undefined) {
        entry = { kind, value: kind.open(name, context) };
        kept.set(key, entry);
      }
      const answer = kind.ask(entry.value, context);
      const timer = new Promise((_resolve, reject) => {
        given = setTimeout(() => reject(Object.assign(new Error('given up'), { code: 'GIVEN_UP' })), GIVEN_UP_MS);
      });
      if (last) close(key);
      const id = await Promise.race([answer, timer]);
      results.push([kindIndex, name.index, start, now(), id, null, 0]);
    } catch (error) {
      const excused = abort !== undefined || last || kept.get(key) === undefined;
      const code = error.name === 'AbortError' ? 'AbortError' : (error.code ?? error.cause?.code ?? error.name);
      results.push([
        kindIndex,
        name.index,
        start,
        now(),
        null,
        String(code),
        excused ? 1 : 0,
        String(error.stack ?? error).slice(0, 600),
      ]);
    } finally {
      clearTimeout(given);
    }
  }

  async function runner() {
    running += 1;
    const own = new Random(seed, `${group}:${running}`);
    while (!stopped) {
      const kind = own.weighted(kinds);
      const name = own.pick(names);
      await ask(kinds.indexOf(kind), kind, name);
      // The loop must turn: some kinds answer at once, for ever.
      if (own.chance(0.2)) await new Promise((resolve) => setImmediate(resolve));
      if (own.chance(0.02)) await sleep(own.integer(0, 20));
      if (results.length > 200) flush();
    }
  }

  async function disturb() {
    while (!stopped) {
      await sleep(random.integer(50, 500));
      if (random.chance(0.3)) globalThis.gc?.();
      if (random.chance(0.1)) {
        // The loop is held: what changed meanwhile must be noticed before the next request.
        const until = now() + random.integer(20, 150);
        while (now() < until);
      }
    }
  }

  const runners = kinds.length === 0 ? [] : Array.from({ length: concurrency }, runner);
  await Promise.all([...runners, disturb()]);
  while (!stopped) await sleep(20);
  for (const key of [...kept.keys()]) close(key);
  for (const listener of listeners) closing.add(listener.close({ graceMs: 0 }));
  const closed = await Promise.race([Promise.allSettled([...closing]).then(() => true), sleep(5000)]);
  if (closed !== true) unexpected(`${closing.size} agents or listeners are not closed after 5 s`);
  for (const channel of [...channels, 'netns-core:hop']) diagnostics.unsubscribe(channel, subscriber);
  clearInterval(watching);
  flush();
  await reportLeftovers(before, home);
  const { user, system } = process.cpuUsage();
  report({ end: true, thrown: thrown.Thrown, cpu: (user + system) / 1e6 });
  // What must be told is told; the rest of the process is what run.mjs ends.
  process.disconnect();
}

/** Descriptors by what they are, threads, and where the threads are. */
function inventory() {
  const descriptors = new Map();
  for (const fd of readdirSync('/proc/self/fd')) {
    let link;
    try {
      link = readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      continue;
    }
    const what = link.replace(/:\[\d+\]$/, (number) => (link.startsWith('net:') ? number : ''));
    descriptors.set(what, (descriptors.get(what) ?? 0) + 1);
  }
  const threads = readdirSync('/proc/self/task').map((tid) => {
    try {
      return `${readFileSync(`/proc/self/task/${tid}/comm`, 'utf8').trim()} in ${readlinkSync(`/proc/self/task/${tid}/ns/net`)}`;
    } catch {
      return undefined;
    }
  });
  return { descriptors, threads: threads.filter((thread) => thread !== undefined) };
}

/**
 * What stays for the life of a process: netns-core's start namespace and pidfd, libuv's inotify descriptor, and the one
 * that libuv opens in order to have one to close when it cannot accept for want of descriptors.
 */
const KEPT_DESCRIPTORS = (home) =>
  new Map([
    [home, 2],
    ['anon_inode:[pidfd]', 1],
    ['pidfd:', 1],
    ['anon_inode:inotify', 1],
    ['/', 1],
  ]);
/** Threads that come on demand and stay: libuv's pool, koffi's, the threads that make system calls aside. */
const KEPT_THREADS = 16;

async function reportLeftovers(before, home) {
  const allowed = KEPT_DESCRIPTORS(home);
  let left = [];
  for (let wait = 0; wait < 100; wait += 1) {
    globalThis.gc?.();
    const { descriptors } = inventory();
    left = [];
    for (const [what, count] of descriptors) {
      const more = count - (before.descriptors.get(what) ?? 0) - (allowed.get(what) ?? 0);
      if (more > 0) left.push(`${more} × ${what}`);
    }
    if (left.length === 0) break;
    await sleep(50);
  }
  const { threads } = inventory();
  const away = threads.filter((thread) => !thread.endsWith(` in ${home}`));
  if (threads.length > before.threads.length + KEPT_THREADS)
    left.push(`${threads.length - before.threads.length} threads`);
  report({ leftovers: [...left, ...away.map((thread) => `thread ${thread}`)] });
}
