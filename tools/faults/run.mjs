#!/usr/bin/env node
// Every operation that the packages export × every system call that it makes × the errors that it can have: afterwards
// the thread is at home, or poisoned, or the process has stopped; nothing is left behind; the error names the call or
// the object.
//
//   npx -y pnpm@10 faults [--only TEXT] [--package NAME,…] [--inside | --outside] [--quick]
//   node tools/faults/run.mjs --entries
//
// From inside, calls fail in the table of `netns-core/sys`; from outside, by strace, in the kernel's place. `--quick` tries
// one error at each place instead of all that are plausible, from inside only: it takes a minute. `--entries` runs nothing:
// it fails if the exports and the entries in tools/faults/operations differ.
import { availableParallelism } from 'node:os';
import { runOperations } from './operation-run.mjs';
import { differingEntries, exportsOf, PACKAGES } from './packages.mjs';

/** The main operations, whose calls fail from outside as well: which of the variants of each. */
const OUTSIDE = {
  'netns-core': {
    runInNamespace: [0, 5],
    openSocket: [0, 2],
    addNamed: [0],
    addNamedAsync: [0],
    deleteNamed: [0],
    spawnInNamespace: [0, 1],
  },
  'vrf-dial': { dial: [0, 1], listenInVrf: [0] },
};

let passed = 0;
let failed = 0;
const failures = [];
const fail = (what, why) => {
  failed += 1;
  failures.push(`${what}: ${why}`);
};

function usage(message) {
  process.stderr.write(
    `faults: ${message}\nusage: faults [--only TEXT] [--package NAME,…] [--inside | --outside] [--quick] [--entries]\n`,
  );
  process.exit(2);
}

function parseArguments(words) {
  const options = {
    only: undefined,
    packages: Object.keys(PACKAGES),
    inside: true,
    outside: true,
    quick: false,
    entries: false,
  };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    if (word === '--') continue;
    if (word === '--inside') options.outside = false;
    else if (word === '--outside') options.inside = false;
    else if (word === '--quick') Object.assign(options, { quick: true, outside: false });
    else if (word === '--entries') options.entries = true;
    else if (word === '--only') options.only = words[++at] ?? usage('--only needs a text');
    else if (word === '--package') options.packages = (words[++at] ?? '').split(',');
    else usage(`${word} is not known`);
  }
  for (const name of options.packages) if (!(name in PACKAGES)) usage(`there is no package ${name}`);
  return options;
}

/** The operations of a package that are to be tried, each with where its calls fail. */
async function jobsOf(packageName, { only, inside, outside }) {
  const { operations, withoutCalls } = PACKAGES[packageName];
  const jobs = [];
  for (const exportName of await exportsOf(packageName)) {
    if (exportName in withoutCalls) {
      const title = `${packageName} ${exportName}, which makes no system call`;
      if (inside && withoutCalls[exportName] !== undefined && (only === undefined || title.includes(only)))
        jobs.push({ packageName, exportName, variant: 0, title, fromOutside: false });
      continue;
    }
    if (!(exportName in operations)) continue;
    for (const [variant, { what, elsewhere }] of [operations[exportName]].flat().entries()) {
      const title = `${packageName} ${exportName}${what === undefined ? '' : `, ${what}`}`;
      if (only !== undefined && !title.includes(only)) continue;
      const job = { packageName, exportName, variant };
      if (inside) jobs.push({ ...job, title, fromOutside: false });
      if (outside && OUTSIDE[packageName]?.[exportName]?.includes(variant))
        jobs.push({ ...job, title: `${title} (strace)`, fromOutside: true, threads: elsewhere !== undefined });
    }
  }
  return jobs;
}

/** Operations that one process tries: to start one, with its namespaces, takes as long as many faults. */
const MAX_BATCH = 16;

/** Jobs from inside in batches, each of one package; those from outside by themselves. */
function batchesOf(jobs) {
  const batches = jobs.filter(({ fromOutside }) => fromOutside).map((job) => [job]);
  for (const packageName of Object.keys(PACKAGES)) {
    const own = jobs.filter((job) => !job.fromOutside && job.packageName === packageName);
    for (let at = 0; at < own.length; at += MAX_BATCH) batches.push(own.slice(at, at + MAX_BATCH));
  }
  return batches;
}

function print({ job: { title }, rows, problems, leftOut }) {
  const lines = [...rows].map(([call, { nth, codes, outcomes }]) => {
    const counts = [...outcomes].sort((a, b) => b[1] - a[1]).map(([outcome, count]) => `${outcome} ${count}`);
    return `  ${`${call} ×${nth.size}`.padEnd(18)} ${[...codes].join(' ').padEnd(60)} ${counts.join(', ')}`;
  });
  console.log(
    [
      `${problems.length === 0 ? 'ok    ' : 'FAILED'} ${title}`,
      ...(leftOut === undefined ? [] : [`  left out: this kernel refuses it: ${leftOut}`]),
      ...lines,
      ...problems.map((problem) => `  ! ${problem.split('\n').slice(0, 6).join('\n    ')}`),
    ].join('\n'),
  );
}

const started = performance.now();
const options = parseArguments(process.argv.slice(2));
for (const packageName of options.packages)
  for (const { name, why } of await differingEntries(packageName)) fail(`${packageName} ${name}`, why);
if (options.entries) {
  for (const line of failures) console.error(line);
  if (failed === 0) console.log('every exported function has an entry in tools/faults/operations');
  process.exit(failed === 0 ? 0 : 1);
}
const jobs = [];
for (const packageName of options.packages) jobs.push(...(await jobsOf(packageName, options)));
const batches = batchesOf(jobs);
let total = 0;
const worker = async () => {
  for (let batch = batches.shift(); batch !== undefined; batch = batches.shift())
    for (const operation of await runOperations(batch, options.quick)) {
      const { job, tried, problems } = operation;
      print(operation);
      total += tried.length;
      if (problems.length === 0) passed += 1;
      else fail(job.title, problems[0].split('\n')[0].slice(0, 300));
    }
};
await Promise.all(Array.from({ length: Math.min(3, Math.max(2, availableParallelism())) }, worker));
for (const line of failures) console.log(`failed: ${line}`);
console.log(`${total} faults in ${((performance.now() - started) / 1000).toFixed(0)} s`);
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed === 0 ? 0 : 1);
