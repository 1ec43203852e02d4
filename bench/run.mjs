// Runs the benchmarks one after the other, each in a sandbox of its own, passes on the tables they print, and keeps the
// figures in results.json, RESULTS.md and plots/:
//
//   node bench/run.mjs [folder or benchmark …] [--limit MINUTES] [--quick] [--list]   (after `pnpm run build`)
//
// A benchmark is a script in a folder of bench/ (vrf-dial/requests); what it needs beside it lies in folders below.
// One that takes longer than the limit is stopped, with all processes that it started, and counts as failed. With
// --quick each does a little of its work, and nothing is kept.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from './harness/machine.mjs';
import { keepResult, writePage } from './harness/results.mjs';

const LIMIT_MINUTES = '15';
const BENCH = import.meta.dirname;
const SANDBOX = path.join(BENCH, '../tools/sandbox/sandbox.mjs');
const NO_BENCHMARKS = new Set(['node_modules', 'harness', 'plots']);

const benchmarks = readdirSync(BENCH, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !NO_BENCHMARKS.has(entry.name))
  .flatMap(({ name: folder }) =>
    readdirSync(path.join(BENCH, folder))
      .filter((file) => file.endsWith('.mjs'))
      .map((file) => `${folder}/${path.basename(file, '.mjs')}`),
  )
  .sort();

/** @param {string} asked `netns-core` or `vrf-dial/requests` */
function benchmarksOf(asked) {
  const found = benchmarks.filter((name) => name === asked || name.startsWith(`${asked}/`));
  if (found.length > 0) return found;
  console.error(`bench: there is no benchmark ${asked}: give a folder or one of ${benchmarks.join(', ')}`);
  process.exit(2);
}

/** Runs a benchmark, and keeps its figures if it ended well within its time. */
async function succeeds(name, { minutes, quick }) {
  console.log(`\n### ${name}`);
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'));
  const file = path.join(folder, 'report');
  const started = performance.now();
  // A process group of its own, so that its servers and clients can be stopped with it.
  const child = spawn(process.execPath, [SANDBOX, '--', process.execPath, path.join(BENCH, `${name}.mjs`)], {
    stdio: 'inherit',
    detached: true,
    env: { ...process.env, BENCH_REPORT: file, BENCH_QUICK: quick ? '1' : '0' },
  });
  const stop = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // All of them have ended.
    }
  };
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    stop();
  }, minutes * 60_000);
  const [code, signal] = await once(child, 'exit');
  clearTimeout(limit);
  stop();
  const reported = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  rmSync(folder, { recursive: true });
  if (late) console.error(`bench: ${name} was stopped after ${minutes} minutes: --limit gives it more`);
  else if (code !== 0) console.error(`bench: ${name} ended with ${signal ?? code}`);
  if (code !== 0) return false;
  if (!quick) {
    const figures = reported.filter(Boolean).map((line) => JSON.parse(line));
    const ofKind = (kind) => figures.filter((one) => one.kind === kind).map(({ kind: _, ...rest }) => rest);
    keepResult(name, {
      date: new Date().toISOString().slice(0, 10),
      seconds: Math.round((performance.now() - started) / 1000),
      machine: machine(),
      comparisons: ofKind('comparison'),
      curves: ofKind('curve'),
    });
  }
  return true;
}

const { values, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: {
    limit: { type: 'string', default: LIMIT_MINUTES },
    quick: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const minutes = Number(values.limit);
if (!(minutes > 0)) throw new Error(`--limit must be a number of minutes, got ${values.limit}`);
const chosen = asked.length > 0 ? asked.flatMap(benchmarksOf) : benchmarks;
if (values.list) console.log(chosen.join('\n'));
else {
  const failed = [];
  for (const name of chosen) if (!(await succeeds(name, { minutes, quick: values.quick }))) failed.push(name);
  if (!values.quick) writePage();
  console.log(`\n${chosen.length - failed.length} of ${chosen.length} benchmarks ended well`);
  if (failed.length > 0) console.error(`bench: failed: ${failed.join(', ')}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}
