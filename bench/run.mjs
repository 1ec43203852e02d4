// Runs the benchmarks one after the other, and passes on the tables they print:
//
//   node tools/sandbox/sandbox.mjs -- node bench/run.mjs [folder or script …]     (after `pnpm run build`)
//
// A folder's benchmark is its run.mjs or, without one, each of its scripts.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

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

const asked = process.argv.slice(2);
const folders = readdirSync(BENCH, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
  .map(({ name }) => name)
  .sort();
let failed = 0;
for (const script of (asked.length > 0 ? asked : folders).flatMap(scriptsOf)) {
  console.log(`\n### ${path.relative(BENCH, script)}\n`);
  const { status, signal } = spawnSync(process.execPath, [script], { stdio: 'inherit' });
  if (status === 0) continue;
  console.error(`bench: ${path.relative(BENCH, script)} ended with ${signal ?? status}`);
  failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
