#!/usr/bin/env node
// Puts one small fault after the other into the sources that the promise rests on, and runs their tests: a fault that
// no test notices is a test that is missing, or does not matter, which `explained.json` says then.
//
//   npx -y pnpm@10 mutation [source file …] [--every N]
//
// With `--every N` only each Nth fault is tried. What programs that tests start do is that of `dist`, without the fault.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { endStragglers, SANDBOX_ID } from '../sandbox/stragglers.mjs';
import { mutantsOf } from './mutants.mjs';
import { TARGETS } from './targets.mjs';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
/** A fault may make a program wait for ever. */
const TIMEOUT_MS = 300_000;
const explained = JSON.parse(readFileSync(new URL('explained.json', import.meta.url), 'utf8'));

let runs = 0;

async function testsPass(tests, env = {}) {
  const id = `${process.env[SANDBOX_ID]}.mutant-${runs++}.`;
  const { status } = spawnSync(
    process.execPath,
    [
      path.join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--config',
      path.join(ROOT, 'tools/mutation/vitest.config.ts'),
      ...tests,
    ],
    {
      cwd: ROOT,
      env: { ...process.env, ...env, [SANDBOX_ID]: id },
      stdio: 'ignore',
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    },
  );
  // A test file that loops for ever does not notice that the run around it is over.
  await endStragglers(id);
  return status === 0;
}

if (process.env[SANDBOX_ID] === undefined) throw new Error('faults are tried in a sandbox: npx -y pnpm@10 mutation');
const { values, positionals } = parseArgs({ allowPositionals: true, options: { every: { type: 'string' } } });
const every = Number(values.every ?? 1);
const files = positionals.length > 0 ? positionals : Object.keys(TARGETS);
const counts = { passed: 0, failed: 0, skipped: 0 };
const folder = mkdtempSync(path.join(tmpdir(), 'mutation-'));
try {
  for (const file of files) {
    const tests = TARGETS[file];
    if (tests === undefined) throw new Error(`${file}: tools/mutation/targets.mjs does not name its tests`);
    if (!(await testsPass(tests))) throw new Error(`${file}: its tests fail as it is`);
    const mutant = path.join(folder, path.basename(file));
    const all = mutantsOf(file, readFileSync(path.join(ROOT, file), 'utf8'));
    for (const [index, { line, was, becomes, text }] of all.entries()) {
      if (index % every !== 0) continue;
      writeFileSync(mutant, text);
      const survived = await testsPass(tests, { MUTATED_FILE: path.join(ROOT, file), MUTANT: mutant });
      const reason = explained.find((entry) => entry.file === file && entry.was === was && entry.becomes === becomes);
      if (!survived) counts.passed += 1;
      else if (reason === undefined) counts.failed += 1;
      const state = survived ? (reason === undefined ? 'SURVIVED' : 'explained') : 'killed';
      console.log(`${state}  ${file}:${line}  ${was.replace(/\s+/g, ' ').slice(0, 80)}  =>  ${becomes.slice(0, 80)}`);
      if (survived && reason !== undefined) console.log(`    ${reason.because}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
