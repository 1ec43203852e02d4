#!/usr/bin/env node
// Every operation that the packages export × every system call that it makes × the errors that it can have: afterwards
// the thread is at home, or poisoned, or the process has stopped; nothing is left behind; the error names the call or
// the object.
//
//   npx -y pnpm@10 faults [--only TEXT] [--inside | --outside]
//
// From inside, calls fail in the table of `netns-core/sys`; from outside, by strace, in the kernel's place.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { exportsOf, PACKAGES } from './packages.mjs';

const CHILD = fileURLToPath(new URL('child.mjs', import.meta.url));
/** One operation with all its faults. */
const MAX_OPERATION_MS = 180_000;
/** What a process says that cannot return. */
const STOPPED = /^netns-core: .*(return|stopp|abort)/m;
const SANDBOX = [
  '--net',
  '--mount',
  '--propagation',
  'private',
  'sh',
  '-c',
  'ulimit -c 0; mount -t tmpfs faults /run/netns && exec "$@"',
  'sh',
];

let passed = 0;
let failed = 0;
const failures = [];
const fail = (what, why) => {
  failed += 1;
  failures.push(`${what}: ${why}`);
};

const args = process.argv.slice(2).filter((word) => word !== '--');
const only = args.includes('--only') ? args[args.indexOf('--only') + 1] : undefined;
const unknown = args.find(
  (word, index) => !['--only', '--inside', '--outside'].includes(word) && args[index - 1] !== '--only',
);
if (unknown !== undefined) {
  process.stderr.write(`faults: ${unknown} is not known\nusage: faults [--only TEXT] [--inside | --outside]\n`);
  process.exit(2);
}

/** Runs the child, again where it was stopped by design, until all faults have been tried. */
async function runOperation({ packageName, exportName, variant, title }) {
  const rows = new Map();
  const tried = [];
  const problems = [];
  const until = performance.now() + MAX_OPERATION_MS;
  const note = ({ call, nth, code, outcome, problem, key }) => {
    tried.push(key);
    if (!rows.has(call)) rows.set(call, { nth: new Set(), codes: new Set(), outcomes: new Map() });
    const row = rows.get(call);
    row.nth.add(nth);
    row.codes.add(code);
    row.outcomes.set(outcome, (row.outcomes.get(outcome) ?? 0) + 1);
    if (problem) problems.push(`${key}: ${outcome}: ${problem}`);
  };
  for (;;) {
    let over = false;
    let restart = false;
    let stopped;
    const child = spawn(
      'unshare',
      [
        ...SANDBOX,
        process.execPath,
        '--expose-gc',
        CHILD,
        packageName,
        exportName,
        String(variant),
        JSON.stringify(tried),
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: Math.ceil(Math.max(1000, until - performance.now())),
        killSignal: 'SIGKILL',
      },
    );
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      errors = (errors + text).slice(-6000);
    });
    const closed = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
    for await (const line of createInterface({ input: child.stdout })) {
      let message;
      try {
        message = JSON.parse(line);
      } catch {
        continue;
      }
      if (message.type === 'result') {
        note(message);
        if (message.problem?.startsWith('the thread is in')) restart = true;
      } else if (message.type === 'stopped') {
        stopped = message;
        note({ ...message, outcome: 'stopped' });
        tried.push(`${message.call}#${message.nth}`);
      } else if (message.type === 'poisoned') {
        note({ ...message, outcome: 'poisoned' });
        tried.push(`${message.call}#${message.nth}`);
        restart = true;
      } else if (message.type === 'unusable') {
        over = true;
        problems.push(`does not work without a fault: ${message.reason}`);
      } else if (message.type === 'end') {
        over = true;
        if (message.leftOut) console.log(`left out: ${title}: this kernel refuses it: ${message.leftOut}`);
        if (message.count > 0) problems.push(`${message.count} left in the end: ${message.leaks.join('; ')}`);
      }
    }
    const { code, signal } = await closed;
    if (stopped !== undefined) {
      if (signal !== 'SIGABRT' && code !== 134)
        problems.push(`${stopped.key}: the process was to stop, and ended with ${signal ?? code}`);
      if (!STOPPED.test(errors))
        problems.push(`${stopped.key}: the process stopped without a word on stderr: ${errors.slice(0, 300)}`);
      continue;
    }
    if (over) break;
    if (restart) continue;
    problems.push(
      `ended with ${signal ?? code} after ${tried.length} faults${performance.now() > until ? ' (no time left)' : ''}: ${errors.slice(-1500)}`,
    );
    break;
  }
  return { title, rows, problems, tried: tried.length };
}

function print({ title, rows, problems }) {
  const lines = [...rows].map(([call, { nth, codes, outcomes }]) => {
    const counts = [...outcomes].sort((a, b) => b[1] - a[1]).map(([outcome, count]) => `${outcome} ${count}`);
    return `  ${`${call} ×${nth.size}`.padEnd(18)} ${[...codes].join(' ').padEnd(60)} ${counts.join(', ')}`;
  });
  console.log(
    [
      `${problems.length === 0 ? 'ok    ' : 'FAILED'} ${title}`,
      ...lines,
      ...problems.map((problem) => `  ! ${problem.split('\n').slice(0, 6).join('\n    ')}`),
    ].join('\n'),
  );
}

async function inside() {
  const jobs = [];
  for (const packageName of Object.keys(PACKAGES)) {
    const { operations, withoutCalls } = PACKAGES[packageName];
    const exported = await exportsOf(packageName);
    for (const name of Object.keys({ ...operations, ...withoutCalls }))
      if (!exported.includes(name)) fail(`${packageName} ${name}`, 'has an entry and is no export');
    for (const exportName of exported) {
      if (exportName in withoutCalls) continue;
      if (!(exportName in operations)) {
        fail(`${packageName} ${exportName}`, 'is exported and has no entry in tools/faults/operations');
        continue;
      }
      for (const [variant, { what }] of [operations[exportName]].flat().entries()) {
        const title = `${packageName} ${exportName}${what === undefined ? '' : `, ${what}`}`;
        if (only === undefined || title.includes(only)) jobs.push({ packageName, exportName, variant, title });
      }
    }
  }
  let total = 0;
  const worker = async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const outcome = await runOperation(job);
      print(outcome);
      total += outcome.tried;
      if (outcome.problems.length === 0) passed += 1;
      else fail(outcome.title, outcome.problems[0].split('\n')[0].slice(0, 300));
    }
  };
  await Promise.all(Array.from({ length: Math.min(3, Math.max(2, availableParallelism())) }, worker));
  return total;
}

const started = performance.now();
const total = await inside();
for (const line of failures) console.log(`failed: ${line}`);
console.log(`${total} faults in ${((performance.now() - started) / 1000).toFixed(0)} s`);
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed === 0 ? 0 : 1);
