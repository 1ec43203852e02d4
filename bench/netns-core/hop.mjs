// What a hop costs: by handle against a C program that makes the same system calls (aim: 1.5 at most), by name
// against the steps of goarista's Do in Go (aim: less than 1).
import { addNamed, deleteNamed, namespaceCookie, openSocket, resolveNamespace, runInNamespace } from 'netns-core';
import { sys } from 'netns-core/sys';
import { buildC, buildGo, missing, output } from '../harness/peers.mjs';
import { compare } from '../harness/report.mjs';
import { sized } from '../harness/turns.mjs';

const NAME = 'bench-hop';
const HOPS = sized(50_000, 2000);
const ROUNDS = 7;
const lacks = { c: missing('gcc'), go: missing('go') };

const handle = addNamed(NAME);
try {
  const c = lacks.c === undefined ? buildC(new URL('peers/hop.c', import.meta.url)) : '';
  const go = lacks.go === undefined ? buildGo(new URL('peers/do.go', import.meta.url)) : '';

  const callback = () => 1;
  /** Microseconds per call, the first tenth not counted. */
  const time = (call, count = HOPS) => {
    for (let i = 0; i < count / 10; i += 1) call();
    const start = process.hrtime.bigint();
    for (let i = 0; i < count; i += 1) call();
    return Number(process.hrtime.bigint() - start) / count / 1000;
  };
  // A hop that does not arrive measures nothing.
  const there = namespaceCookie(handle);
  for (const ref of [handle, NAME])
    if (runInNamespace(ref, () => namespaceCookie('')) !== there) throw new Error('this hop goes elsewhere');

  // Without processor time, since the program measures both kinds of hop each time it runs.
  const inC = (which) => () => ({ value: Number(output(c, `/run/netns/${NAME}`, HOPS).split(' ')[which]) / 1000 });
  await compare({
    id: 'handle',
    title: 'A hop by handle',
    unit: 'µs',
    base: 'c',
    rounds: ROUNDS,
    contestants: {
      c: { name: 'the same system calls in C', missing: lacks.c, run: inC(0) },
      own: {
        name: 'runInNamespace',
        run: () => time(() => runInNamespace(handle, callback)),
        aim: { ratio: { atMost: 1.5 } },
      },
    },
  });
  await compare({
    id: 'name',
    title: 'A hop by name',
    unit: 'µs',
    base: 'go',
    rounds: ROUNDS,
    contestants: {
      go: {
        name: "goarista's Do in Go",
        missing: lacks.go,
        run: () => ({ value: Number(output(go, NAME, HOPS)) / 1000 }),
      },
      own: {
        name: 'runInNamespace',
        run: () => time(() => runInNamespace(NAME, callback)),
        aim: { ratio: { atMost: 1 } },
      },
      c: { name: 'the same system calls in C', missing: lacks.c, run: inC(1) },
    },
  });
  await compare({
    id: 'calls',
    title: 'Other calls',
    unit: 'µs',
    rounds: ROUNDS,
    contestants: {
      socket: {
        name: 'openSocket in a namespace, and close',
        run: () =>
          time(() => {
            sys().close(openSocket({ namespace: handle, family: 'ipv4', type: 'stream' }));
          }, HOPS / 10),
      },
      resolve: {
        name: 'resolveNamespace by name, and close',
        run: () => time(() => resolveNamespace(NAME).close(), HOPS / 10),
      },
    },
  });
} finally {
  handle.close();
  deleteNamed(NAME);
}
