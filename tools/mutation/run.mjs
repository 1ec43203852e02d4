#!/usr/bin/env node
// Puts one small fault after the other into the sources that the promise rests on, and runs their tests: a fault that
// no test notices is a test that is missing, or does not matter, which `explained.json` says then. Faults that the
// compiler refuses are not tried.
//
//   npx -y pnpm@10 mutation [source file …] [--every N]
//
// With `--every N` only each Nth fault is tried.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SANDBOX_ID } from '../sandbox/stragglers.mjs';
import { acceptedByCompiler } from './compiler.mjs';
import { FaultySource } from './faulty-source.mjs';
import { mutantsOf } from './mutants.mjs';
import { TARGETS } from './targets.mjs';
import { TestRunner } from './test-runner.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
/** A fault may make a program wait for ever: a test file has this many times as long as all take without it. */
const TIMEOUT_FACTOR = 3;
const MIN_TIMEOUT_MS = 30_000;
const MAX_TIMEOUT_MS = 600_000;
const explained = JSON.parse(readFileSync(new URL('explained.json', import.meta.url), 'utf8'));
// Scripts that are ended at random instructions find faults in few tries.
process.env.INTERRUPTED_TRIES ??= '20';

const isExplainedBy = (file, mutant) => (entry) =>
  entry.file === file && entry.was === mutant.was && entry.becomes === mutant.becomes;

async function tryFaults(file, every) {
  const tests = TARGETS[file];
  if (tests === undefined) throw new Error(`${file}: tools/mutation/targets.mjs does not name its tests`);
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const all = mutantsOf(file, text);
  const accepted = acceptedByCompiler(
    file,
    text,
    all.map((mutant) => mutant.text),
  );
  const mutants = all.filter((_, index) => accepted[index]);
  for (const { was, becomes } of explained.filter((entry) => entry.file === file))
    if (!mutants.some((mutant) => mutant.was === was && mutant.becomes === becomes))
      throw new Error(`explained.json explains a fault of ${file} that is not made (any more): ${was} => ${becomes}`);
  const count = {
    faults: all.length,
    refused: all.length - mutants.length,
    tried: 0,
    killed: 0,
    explained: 0,
    survived: 0,
  };
  const source = new FaultySource(file);
  const runner = await TestRunner.start(file, () => source.build());
  try {
    source.put(text);
    const started = performance.now();
    const failing = await runner.firstFailure(tests, MAX_TIMEOUT_MS);
    if (failing !== undefined) throw new Error(`${file}: its tests fail as it is: ${failing}`);
    const needed = performance.now() - started;
    console.log(`${file}: ${mutants.length} faults, tests of ${(needed / 1000).toFixed(1)} s`);
    const timeout = Math.min(Math.max(MIN_TIMEOUT_MS, TIMEOUT_FACTOR * needed), MAX_TIMEOUT_MS);
    for (const [index, mutant] of mutants.entries()) {
      if (index % every !== 0) continue;
      const begun = performance.now();
      source.put(mutant.text);
      const killer = await runner.firstFailure(tests, timeout);
      const reason = killer === undefined ? explained.find(isExplainedBy(file, mutant))?.because : undefined;
      const state = killer !== undefined ? 'killed' : reason !== undefined ? 'explained' : 'survived';
      count.tried += 1;
      count[state] += 1;
      const seconds = ((performance.now() - begun) / 1000).toFixed(1);
      console.log(
        `${state.toUpperCase()}  ${file}:${mutant.line}  ${mutant.was}  =>  ${mutant.becomes}  (${seconds} s)`,
      );
      if (killer !== undefined || reason !== undefined) console.log(`    ${killer ?? reason}`);
    }
  } finally {
    await runner.close();
    source.remove();
  }
  return count;
}

if (process.env[SANDBOX_ID] === undefined) throw new Error('faults are tried in a sandbox: npx -y pnpm@10 mutation');
const { values, positionals } = parseArgs({ allowPositionals: true, options: { every: { type: 'string' } } });
const every = Number(values.every ?? 1);
const table = {};
for (const file of positionals.length > 0 ? positionals : Object.keys(TARGETS))
  table[file.replace('packages/', '').replace('/src', '')] = await tryFaults(file, every);
console.table(table);
const sum = (state) => Object.values(table).reduce((total, count) => total + count[state], 0);
console.log(`${sum('killed')} passed, ${sum('survived')} failed, 0 skipped`);
process.exitCode = sum('survived') > 0 || sum('tried') === 0 ? 1 : 0;
