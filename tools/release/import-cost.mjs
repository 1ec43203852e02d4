// A process of sizes.mjs: imports a module and prints what that cost, and what it took to start.
//
//   node --expose-gc import-cost.mjs <specifier> <folder from which it is imported>
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const started = process.cpuUsage();
const [specifier, folder] = process.argv.slice(2);

/** What the process holds itself, code pages of the runtime left out, in kB. */
function memory() {
  globalThis.gc();
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
}

// A package finds itself by its name, and what it depends on.
const resolved = createRequire(path.join(folder, 'from.cjs'))
  .resolve(specifier)
  .replace(/\.cjs$/, '.js');
const module = pathToFileURL(resolved);
const before = { memory: memory(), cpu: process.cpuUsage() };
await import(module);
// Processor time: an import waits for nothing, and on a busy machine the clock tells of the others.
const imported = process.cpuUsage(before.cpu);
const ms = ({ user, system }) => (user + system) / 1000;
console.log(JSON.stringify({ ms: ms(imported), startMs: ms(started), mb: (memory() - before.memory) / 1024 }));
