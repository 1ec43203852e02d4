// What a failed operation could have left behind, as the kernel and Node show it.
import { createHook } from 'node:async_hooks';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const NETNS_DIR = '/run/netns';

/** Timers, watches, processes, workers and sockets of Node that are alive, and during which run they were made. */
const WATCHED = new Set([
  'Timeout',
  'FSEVENTWRAP',
  'PROCESSWRAP',
  'WORKER',
  'TCPWRAP',
  'TCPSERVERWRAP',
  'UDPWRAP',
  'PIPEWRAP',
  'STATWATCHER',
]);
const alive = new Map();
let current;

// Node creates them with the first worker, and they would be blamed on that run.
void [process.stdout, process.stderr];

createHook({
  init(id, type) {
    if (WATCHED.has(type)) alive.set(id, { type, run: current });
  },
  destroy(id) {
    alive.delete(id);
  },
}).enable();

/** Says what run follows: what it makes is told by it. What is made outside of all runs (`undefined`) may stay. */
export function nameRun(run) {
  current = run;
}

export const resourcesAlive = () => new Map(alive);

function readable(read, fallback) {
  try {
    return read();
  } catch {
    return fallback;
  }
}

export function openFds() {
  const fds = new Map();
  for (const name of readdirSync('/proc/self/fd')) {
    const target = readable(() => readlinkSync(`/proc/self/fd/${name}`), undefined);
    if (target !== undefined) fds.set(Number(name), target);
  }
  return fds;
}

/** Where namespaces are mounted. */
function mounts() {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(' - nsfs '))
    .map((line) => line.split(' ')[4])
    .sort();
}

const links = (pid) =>
  readFileSync(`/proc/${pid}/net/dev`, 'utf8')
    .split('\n')
    .slice(2)
    .map((line) => line.split(':')[0].trim())
    .filter(Boolean)
    .sort();

const children = () =>
  readdirSync('/proc/self/task').flatMap((tid) =>
    readable(() => readFileSync(`/proc/self/task/${tid}/children`, 'latin1').split(' ').filter(Boolean), []),
  );

/** The namespace of the calling thread. */
export const here = () => readlinkSync('/proc/thread-self/ns/net');

/** Threads of this process that are not in the namespace of its first one. */
function threadsAway() {
  const home = here();
  return readdirSync('/proc/self/task').filter((tid) => {
    const place = readable(() => readlinkSync(`/proc/self/task/${tid}/ns/net`), home);
    return place !== home;
  });
}

/**
 * @param pids a process in each namespace whose links are to be looked at, by the namespace's name
 */
export function takeStock(pids) {
  return {
    fds: openFds(),
    mounts: mounts(),
    names: readable(() => readdirSync(NETNS_DIR), []),
    links: Object.entries(pids).flatMap(([name, pid]) => links(pid).map((link) => `${link} in ${name}`)),
    children: children(),
    threadsAway: threadsAway(),
  };
}

/** Items of the second list that the first has not, or not so often. */
function surplus(before, after) {
  const left = [...before];
  return after.filter((item) => {
    const at = left.indexOf(item);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** What there is now and was not before, in words. */
export function differences(before, after) {
  const found = [];
  for (const key of ['mounts', 'names', 'links', 'children', 'threadsAway'])
    for (const item of surplus(before[key], after[key])) found.push(`${key}: ${item}`);
  for (const [fd, target] of after.fds)
    if (before.fds.get(fd) !== target) found.push(`file descriptor ${fd} -> ${target}`);
  return found;
}
