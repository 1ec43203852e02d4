// Two VRFs with the same addresses, and one Node process that serves in both and fetches from both.
//
//   npx -y pnpm@10 demo
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { linkSetUp } from 'netlink-links';
import { namespaceCookie, socketNamespaceCookie } from 'netns-core';
import { createVrfFetch, listenInVrf } from 'vrf-dial';
import { check, printChecks, table } from './report.mjs';
import {
  COLOURS,
  isWired,
  makeNeighbour,
  makeVrf,
  NEIGHBOUR_ADDRESS,
  neighbourNamespace,
  PORT,
  picture,
  removeVrf,
  VRF_ADDRESS,
  vrfNamespace,
} from './topology.mjs';
import { watchWire } from './wire.mjs';

// Whatever happens, the demo ends.
setTimeout(() => {
  console.error('the demo took longer than 30 seconds');
  process.exit(1);
}, 30_000).unref();

const TOS = { vrf: 0x20, neighbour: 0x48 };

/** A server that says where its socket was born, by the kernel's own number for that namespace. */
function server(name) {
  return createServer((request, response) => {
    const born = socketNamespaceCookie(request.socket._handle.fd);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ server: name, born: String(born) }));
  });
}

/** The four ways that requests take. All four URLs of a kind are the same; only where they are asked from differs. */
const routes = COLOURS.flatMap((colour) => [
  {
    from: `VRF ${colour}`,
    client: { vrf: colour },
    url: `http://${NEIGHBOUR_ADDRESS}:${PORT}/`,
    server: `host-${colour}`,
    namespace: neighbourNamespace(colour),
    target: { namespace: neighbourNamespace(colour), host: NEIGHBOUR_ADDRESS, tos: TOS.neighbour },
    address: NEIGHBOUR_ADDRESS,
    colour,
  },
  {
    from: `host-${colour}`,
    client: { namespace: neighbourNamespace(colour) },
    url: `http://${VRF_ADDRESS}:${PORT}/`,
    server: `VRF ${colour}`,
    namespace: vrfNamespace(colour),
    target: { vrf: colour, host: VRF_ADDRESS, tos: TOS.vrf },
    address: VRF_ADDRESS,
    colour,
  },
]);

async function ask(route) {
  const response = await route.fetch(route.url);
  return response.json();
}

/** Asks by several requests at a time until told to stop, and counts the answers by who gave them. */
function traffic(route, concurrency = 8) {
  const state = {
    answers: new Map(),
    born: new Set(),
    errors: new Map(),
    total: 0,
    stopped: false,
    began: performance.now(),
  };
  const loop = async () => {
    while (!state.stopped) {
      try {
        const { server: who, born } = await ask(route);
        state.answers.set(who, (state.answers.get(who) ?? 0) + 1);
        state.born.add(born);
        state.total += 1;
      } catch (error) {
        const reason = error.cause ?? error;
        state.errors.set(reason.code ?? reason.name, reason.message);
        await delay(10);
      }
    }
  };
  const loops = Array.from({ length: concurrency }, loop);
  state.stop = async () => {
    state.stopped = true;
    await Promise.all(loops);
    state.rate = Math.round((state.total / (performance.now() - state.began)) * 1000);
    return state;
  };
  return state;
}

const only = (counts, who) => counts.size === 1 && counts.has(who);
const hex = (set) => (set.size === 0 ? '-' : [...set].map((tos) => `0x${tos.toString(16).padStart(2, '0')}`).join(' '));

async function until(what, condition, timeout) {
  const began = performance.now();
  while (!(await condition())) {
    if (performance.now() - began > timeout) throw new Error(`${what}: not so after ${timeout} ms`);
    await delay(2);
  }
  return performance.now() - began;
}

console.log('\nTwo VRFs, the same addresses in both:');
console.log(picture);

linkSetUp('lo');
for (const colour of COLOURS) {
  makeNeighbour(colour);
  makeVrf(colour);
}
for (const route of routes) {
  route.fetch = createVrfFetch({ ...route.client });
  route.http = server(route.server);
  route.listener = await listenInVrf(route.http, { ...route.target, port: PORT, graceMs: 300 });
}

// ── One request each way, with a capture on every link.
for (const route of routes) {
  const wires = new Map(
    ['', ...COLOURS.flatMap((colour) => [vrfNamespace(colour), neighbourNamespace(colour)])].map((name) => [
      name,
      watchWire(name),
    ]),
  );
  const answer = await ask(route);
  await delay(60);
  const mine = [vrfNamespace(route.colour), neighbourNamespace(route.colour)];
  const elsewhere = [...wires]
    .filter(([name]) => !mine.includes(name))
    .reduce((sum, [, wire]) => sum + wire.packets, 0);
  const here = wires.get(route.namespace);
  route.seen = here.tos.get(route.address) ?? { synAck: new Set(), data: new Set() };
  route.here = here.packets;
  route.elsewhere = elsewhere;
  route.answer = answer;
  for (const wire of wires.values()) wire.close();
}

// ── As many as go, in all four ways at once.
const load = routes.map((route) => traffic(route));
await delay(1500);
for (const [i, route] of routes.entries()) route.load = await load[i].stop();

table(
  routes.map((route) => ({
    'asked from': route.from,
    URL: route.url,
    'answered by': route.answer.server,
    'socket born in': `${route.namespace} (cookie ${route.answer.born})`,
    'TOS of SYN-ACK': hex(route.seen.synAck),
    'TOS of data': hex(route.seen.data),
    'packets elsewhere': route.elsewhere,
    'requests/s': route.load.rate,
  })),
);

for (const route of routes) {
  const { tos } = route.target;
  check(
    `${route.from} asks ${route.url}, and ${route.server} alone answers`,
    route.answer.server === route.server && only(route.load.answers, route.server) && route.load.errors.size === 0,
    `${route.load.total} answers, ${route.load.errors.size} errors`,
  );
  check(
    `the answering socket was born in ${route.namespace}`,
    route.answer.born === String(namespaceCookie(route.namespace)) && route.load.born.size === 1,
  );
  check(
    `its SYN-ACK and its data carry TOS 0x${tos.toString(16)}`,
    hex(route.seen.synAck) === `0x${tos.toString(16)}` && hex(route.seen.data) === `0x${tos.toString(16)}`,
  );
  check(
    'no packet of it was seen in any other namespace',
    route.elsewhere === 0 && route.here > 0,
    `${route.here} here, ${route.elsewhere} elsewhere`,
  );
}

// ── VRF red goes away and comes back under traffic.
console.log('\nVRF red is deleted and made again while requests run in both:\n');
const [fromRed, , fromBlue] = routes;
const toRed = routes[1];
const before = namespaceCookie(vrfNamespace('red'));
const running = routes.map((route) => traffic(route, 2));
await delay(300);
removeVrf('red');
const released = await until('the old namespace is released', () => !isWired('red'), 5000);
let missing;
await ask(fromRed).catch((error) => {
  missing = error.cause ?? error;
});
const waiting = toRed.listener.state;
makeVrf('red');
const made = performance.now();
await until('the listener is back', () => toRed.listener.state === 'listening', 2000);
const rebound = performance.now() - made;
await until('requests are answered again', async () => (await ask(fromRed).catch(() => undefined)) !== undefined, 2000);
await delay(500);
const after = namespaceCookie(vrfNamespace('red'));
const results = [];
for (const [i, route] of routes.entries()) results.push({ route, ...(await running[i].stop()) });

table(
  results.map(({ route, total, errors, born }) => ({
    'asked from': route.from,
    'answered by': route.server,
    answers: total,
    'errors meanwhile': errors.size === 0 ? 'none' : [...errors.keys()].join(' '),
    'answering sockets born in': [...born].map((cookie) => `cookie ${cookie}`).join(', then '),
  })),
);

const answer = await ask(fromRed);
const answerOfRed = await ask(toRed);
check('the namespace made again is another one', before !== after, `cookie ${before}, then ${after}`);
check(
  'the deleted namespace was let go, though connections had been open in it',
  released < 2000,
  `${Math.round(released)} ms after its deletion`,
);
check('while it was missing, a request failed by name', missing?.code === 'ENOENT', missing?.message);
check('and the listener waited', waiting === 'waiting');
check(
  'the listener was bound again',
  toRed.listener.state === 'listening',
  `${rebound.toFixed(1)} ms after its address was there`,
);
check('requests through VRF red are answered by its neighbour again', answer.server === fromRed.server);
check('the server in VRF red answers from the new namespace', answerOfRed.born === String(after));
for (const { route, errors, answers } of results)
  if (route.colour === fromBlue.colour)
    check(
      `${route.from} noticed nothing`,
      errors.size === 0 && only(answers, route.server),
      `${answers.get(route.server)} answers, no error`,
    );

for (const route of routes) {
  await route.fetch.close();
  await route.listener.close();
}
process.exitCode = printChecks() ? 0 : 1;
