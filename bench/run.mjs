// Runs the benchmarks one after the other, and passes on the tables they print:
//
//   node tools/sandbox/sandbox.mjs -- node bench/run.mjs [folder or script …] [--limit MINUTES]   (after `pnpm run build`)
//
// A folder's benchmark is its run.mjs or, without one, each of its scripts. One that takes longer than the limit is
// stopped, with all processes that it started, and counts as failed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const LIMIT_MINUTES = '10';
const BENCH = path.dirname(fileURLToPath(import.meta.url));

function scriptsIn(folder) {
  const scripts = readdirSync(folder).filter((file) => file.endsWith('.mjs'));
  return (scripts.includes('run.mjs') ? ['run.mjs'] : scripts.sort()).map((file) => path.join(folder, file));
}

/** `netns-core`, `vrf-dial/requests.mjs` or any path. */
function scriptsOf(name) {
  for (const place of [path.join(BENCH, name), path.join(BENCH, `${name}.mjs`), path.resolve(name)]) {
    if (!existsSync(place)) continue;
    return statSync(place).isDirectory() ? scriptsIn(place) : [place];
  }
  console.error(`bench: there is no benchmark ${name}: give a folder or a script below ${path.relative('.', BENCH)}`);
  process.exit(2);
}

/** Whether a script ended well within its time. */
async function succeeds(script, minutes) {
  const title = path.relative(BENCH, script);
  console.log(`\n### ${title}\n`);
  // A process group of its own, so that its servers and clients can be stopped with it.
  const child = spawn(process.execPath, [script], { stdio: 'inherit', detached: true });
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
  if (late) console.error(`bench: ${title} was stopped after ${minutes} minutes: --limit gives it more`);
  else if (code !== 0) console.error(`bench: ${title} ended with ${signal ?? code}`);
  return code === 0;
}

const { values, positionals: asked } = parseArgs({
  allowPositionals: true,
  options: { limit: { type: 'string', default: LIMIT_MINUTES } },
});
const minutes = Number(values.limit);
if (!(minutes > 0)) throw new Error(`--limit must be a number of minutes, got ${values.limit}`);
const folders = readdirSync(BENCH, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
  .map(({ name }) => name)
  .sort();
let failed = 0;
for (const script of (asked.length > 0 ? asked : folders).flatMap(scriptsOf))
  if (!(await succeeds(script, minutes))) failed += 1;
process.exit(failed === 0 ? 0 : 1);
