// Scripts that are ended by force (`vm` with a timeout) while they work in namespaces, in a process of its own: it may
// stop itself rather than go on in the wrong namespace. After each, what this thread makes must be made at home.
import { closeSync, readdirSync, readlinkSync } from 'node:fs';
import vm from 'node:vm';
import {
  addNamed,
  deleteNamed,
  get,
  namespaceCookie,
  openSocket,
  runInNamespace,
  set,
  socketNamespaceCookie,
} from 'netns-core';
import { dial } from 'vrf-dial';
import { IPV4, PORTS } from './addresses.mjs';
import { now } from './clock.mjs';
import { Random } from './random.mjs';

const KINDS = ['hop', 'openSocket', 'dial', 'addNamed'].map((name) => ({ name: `terminated ${name}` }));
process.on('disconnect', () => process.exit());
process.on('unhandledRejection', () => {});

/**
 * How long a script goes on by itself. Node 26 does not end a script whose timeout comes while the rejection of a
 * promise is reported: the loop of a script that rejects promises would go on for good.
 */
const LONGEST_SCRIPT_MS = 200;
const SCRIPT = 'for (const end = now() + longest; now() < end; ) { try { work(); } catch {} }';

/** Without a timer: a script that is ended while it sets one leaves Node's own list of timers as it is then. */
async function turnsUntil(time) {
  do await new Promise(setImmediate);
  while (now() < time);
}

const reference = ({ target }) => ('vrf' in target ? { vrf: target.vrf } : target.namespace);
const here = () => readlinkSync('/proc/thread-self/ns/net');
const namespaceDescriptors = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /^net:|\/run\/netns/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false;
    }
  }).length;

process.once('message', async ({ seed, names }) => {
  const random = new Random(seed, 'terminated');
  const home = here();
  const way = get();
  const homeCookie = namespaceCookie(way);
  let stopped = false;
  process.on('message', ({ stop }) => {
    stopped ||= stop;
  });
  process.send({ ready: true, kinds: KINDS });
  const own = `own-${process.pid}`;
  const openSockets = new Set();
  let rounds = 0;
  let before;
  while (!stopped) {
    const index = random.integer(0, KINDS.length);
    const name = random.pick(names);
    const ref = reference(name);
    const work = [
      () => runInNamespace(ref, () => 1),
      () => closeSync(openSocket({ namespace: ref, family: 'ipv4', type: 'stream' })),
      () => {
        dial({ ...name.target, host: IPV4, port: PORTS.echo, timeout: 1000 }).then(
          (socket) => {
            openSockets.add(socket);
            socket.on('error', () => {});
            socket.destroy();
          },
          () => {},
        );
      },
      () => {
        addNamed(own).close();
        deleteNamed(own);
      },
    ][index];
    const start = now();
    try {
      vm.runInNewContext(
        SCRIPT,
        { work, now, longest: LONGEST_SCRIPT_MS },
        { timeout: index === 2 ? random.integer(1, 3) : random.integer(1, 9) },
      );
    } catch {
      // ERR_SCRIPT_EXECUTION_TIMEOUT, each time: also if the script ended by itself.
    }
    let answer = 'own';
    let code = null;
    if (random.chance(0.5)) {
      // What is made by the next call, in the same turn.
      try {
        const fd = openSocket({ family: 'ipv4', type: 'stream' });
        if (socketNamespaceCookie(fd) !== homeCookie) answer = 'a socket made away from home';
        closeSync(fd);
      } catch (error) {
        code = error.code;
      }
    }
    await turnsUntil(0);
    if (here() !== home) {
      answer = 'the thread is away from home a turn later';
      set(way);
    }
    try {
      deleteNamed(own);
    } catch {
      // Not there: usually.
    }
    process.send({ results: [[index, name.index, start, now(), code === null ? answer : null, code, 0]] });
    openSockets.clear();
    rounds += 1;
    if (rounds === 50) before = namespaceDescriptors();
    await turnsUntil(now() + 5);
  }
  await turnsUntil(now() + 1200);
  const more = before === undefined ? 0 : namespaceDescriptors() - before;
  way.close();
  // One descriptor may be lost with a script that is ended between opening and keeping it; not one with each script.
  process.send({
    leftovers: more > 5 + rounds / 50 ? [`${more} descriptors of namespaces after ${rounds} scripts`] : [],
  });
  process.send({ end: true, thrown: 0 });
  process.disconnect();
});
