// What a hop costs: by handle against a C program that makes the same system calls (aim: 1.5 at most), by name
// against the steps of goarista's Do in Go (aim: less than 1).
//
//   node tools/sandbox/sandbox.mjs -- node bench/netns-core/hop.mjs     (after `pnpm run build`)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { addNamed, deleteNamed, namespaceCookie, openSocket, resolveNamespace, runInNamespace } from 'netns-core';
import { sys } from 'netns-core/sys';
import { median, medianRatio, printTable, takeTurns } from '../table.mjs';

const NAME = 'bench-hop';
const HOPS = 50_000;
const ROUNDS = 7;
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'bench-hop-'));
const output = (program, args, env) =>
  execFileSync(program, args, { encoding: 'utf8', env: { ...process.env, ...env } });

const handle = addNamed(NAME);
try {
  output('gcc', ['-O2', '-o', `${folder}/hop`, here('hop.c')]);
  const env = { GO111MODULE: 'off', GOPATH: '/usr/share/gocode', GOCACHE: `${folder}/cache`, GOFLAGS: '' };
  output('go', ['build', '-o', `${folder}/do`, here('do.go')], env);

  const callback = () => 1;
  /** Nanoseconds per call, the first tenth not counted. */
  const time = (call, count = HOPS) => {
    for (let i = 0; i < count / 10; i += 1) call();
    const start = process.hrtime.bigint();
    for (let i = 0; i < count; i += 1) call();
    return Number(process.hrtime.bigint() - start) / count;
  };
  // A hop that does not arrive measures nothing.
  const there = namespaceCookie(handle);
  for (const ref of [handle, NAME])
    if (runInNamespace(ref, () => namespaceCookie('')) !== there) throw new Error('this hop goes elsewhere');

  const c = () =>
    output(`${folder}/hop`, [`/run/netns/${NAME}`, String(HOPS)])
      .split(' ')
      .map(Number);
  const figures = await takeTurns(ROUNDS, {
    cByHandle: () => c()[0],
    byHandle: () => time(() => runInNamespace(handle, callback)),
    byName: () => time(() => runInNamespace(NAME, callback)),
    cByName: () => c()[1],
    go: () => Number(output(`${folder}/do`, [NAME, String(HOPS)])),
    socket: () =>
      time(() => {
        sys().close(openSocket({ namespace: handle, family: 'ipv4', type: 'stream' }));
      }, HOPS / 10),
    resolve: () => time(() => resolveNamespace(NAME).close(), HOPS / 10),
  });
  const us = (name) => `${(median(figures[name]) / 1000).toFixed(2)} µs`;
  printTable([
    {
      what: 'hop by handle against the same system calls in C',
      figure: `${us('byHandle')} against ${us('cByHandle')}`,
      ratio: medianRatio(figures.byHandle, figures.cByHandle),
      target: '≤ 1.5',
    },
    {
      what: 'hop by name against the same system calls in C',
      figure: `${us('byName')} against ${us('cByName')}`,
      ratio: medianRatio(figures.byName, figures.cByName),
    },
    {
      what: "hop by name against goarista's Do in Go",
      figure: `${us('byName')} against ${us('go')}`,
      ratio: medianRatio(figures.byName, figures.go),
      target: '< 1',
    },
    { what: 'openSocket in a namespace and close', figure: us('socket') },
    { what: 'resolveNamespace by name and close', figure: us('resolve') },
  ]);
} finally {
  handle.close();
  deleteNamed(NAME);
  rmSync(folder, { recursive: true, force: true });
}
