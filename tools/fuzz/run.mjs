#!/usr/bin/env node
// Throws damaged and made-up input at everything that reads: answers of the kernel, DNS messages, files of /etc and
// /proc, CNI documents, templates, options.
//
//   npx -y pnpm@10 fuzz [seconds] [--seed N] [--inputs N] [--target NAME,…] [--replay HEX]
//
// What must hold: nothing but the packages' own errors is thrown, nothing is read beyond the input, every input is
// dealt with in bounded time, and what was written is read as it was. Inputs of bugs that were found are kept in
// `corpus/` and tried first.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'rolldown';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILT = path.join(ROOT, 'tools/node_modules/.cache/fuzz');
/** An input that takes longer has hung. */
const MAX_INPUT_MS = 5000;

function usage(message) {
  process.stderr.write(
    `fuzz: ${message}\nusage: fuzz [seconds] [--seed N] [--inputs N] [--target NAME,…] [--replay HEX]\n`,
  );
  process.exit(2);
}

function parseArguments(words) {
  const options = { seconds: undefined, seed: undefined, inputs: undefined, target: undefined, replay: undefined };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at];
    const number = (text) => (/^\d+$/.test(text ?? '') ? Number(text) : usage(`${word} needs a number, not ${text}`));
    if (word === '--') continue;
    if (/^\d+$/.test(word)) options.seconds = Number(word);
    else if (word === '--seed' || word === '--inputs') options[word.slice(2)] = number(words[++at]);
    else if (word === '--target' || word === '--replay') options[word.slice(2)] = words[++at];
    else usage(`${word} is not known`);
  }
  return options;
}

/** Compiles the targets together with the parsers, which are not exported by the packages. */
async function compile() {
  rmSync(BUILT, { recursive: true, force: true });
  mkdirSync(BUILT, { recursive: true });
  await build({
    input: {
      'fuzz-thread': path.join(ROOT, 'tools/fuzz/fuzz-thread.ts'),
      capture: path.join(ROOT, 'tools/fuzz/capture.ts'),
    },
    platform: 'node',
    transform: { target: 'node20' },
    // The packages have parsers that they do not export: their sources are built in, by relative paths.
    external: [/^netns-core/, /^netlink-links/, /^vrf-dial/, /^cni-types/, /^neslink/, 'undici', 'fast-check'],
    output: { dir: BUILT, entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
  });
}

/** Runs one target on a thread of its own, and watches that it gets on. */
function fuzz(job) {
  return new Promise((resolve) => {
    const shared = new SharedArrayBuffer(8 + 16_384);
    const progress = new Int32Array(shared, 0, 2);
    const found = [];
    let shapes = 0;
    const started = performance.now();
    const worker = new Worker(path.join(BUILT, 'fuzz-thread.mjs'), {
      workerData: { ...job, shared },
      resourceLimits: { maxOldGenerationSizeMb: 1024 },
    });
    let before = -1;
    // On a busy machine a thread may take long to start; that is not the fault of an input.
    let since = Number.POSITIVE_INFINITY;
    const watch = setInterval(() => {
      const tried = Atomics.load(progress, 0);
      if (tried !== before) {
        before = tried;
        since = performance.now();
      } else if (performance.now() - since > MAX_INPUT_MS + 15_000) {
        found.push({ found: `no end within ${MAX_INPUT_MS} ms`, input: currentInput() });
        clearInterval(watch);
        worker.terminate();
      }
    }, 500);
    const currentInput = () => Buffer.from(new Uint8Array(shared, 8, progress[1]).slice()).toString('hex');
    worker.on('message', (message) => {
      if (message.started) since = performance.now();
      else if (message.found !== undefined) found.push(message);
      else shapes = message.shapes;
    });
    worker.on('error', (error) => found.push({ found: error.stack ?? String(error), input: currentInput() }));
    worker.on('exit', () => {
      clearInterval(watch);
      resolve({ found, shapes, tried: Atomics.load(progress, 0), ms: performance.now() - started });
    });
  });
}

const options = parseArguments(process.argv.slice(2));
const seed = options.seed ?? Math.floor(Math.random() * 2 ** 31);
const seconds = options.seconds ?? (options.inputs === undefined ? 30 : 24 * 3600);

await compile();
const captures = mkdtempSync(path.join(tmpdir(), 'fuzz-captures-'));
process.env.FUZZ_ROOT = ROOT;
process.env.FUZZ_CAPTURES = path.join(captures, 'netlink');
mkdirSync(process.env.FUZZ_CAPTURES);
// Relative paths in options lead nowhere of importance.
process.chdir(captures);
const { status, stderr } = spawnSync(process.execPath, [path.join(BUILT, 'capture.mjs')], { encoding: 'utf8' });
if (status !== 0) usage(`the answers of the kernel cannot be captured: ${stderr}`);

const { TARGETS } = await import(pathToFileURL(path.join(BUILT, 'capture.mjs')).href);
const chosen = TARGETS.filter(({ name }) => options.target === undefined || options.target.split(',').includes(name));
if (chosen.length === 0) usage(`--target is one of ${TARGETS.map(({ name }) => name).join(', ')}`);
const shares = chosen.reduce((sum, { share }) => sum + share, 0);
console.log(`fuzz: seed ${seed}`);

let passed = 0;
let failed = 0;
let total = 0;
/** Targets at the same time. */
const atOnce = Math.min(chosen.length, Math.max(2, availableParallelism()));

async function fuzzNext() {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { name, share } = next;
    const { found, shapes, tried, ms } = await fuzz({
      target: name,
      seed,
      replay: options.replay,
      inputs: options.inputs === undefined ? Number.MAX_SAFE_INTEGER : Math.ceil((options.inputs * share) / shares),
      seconds: seconds * (options.inputs === undefined ? atOnce / chosen.length : 1),
    });
    total += tried;
    const columns = [
      name.padEnd(12),
      `${String(tried).padStart(9)} inputs`,
      `${String(shapes).padStart(6)} shapes`,
      `${(ms / 1000).toFixed(1).padStart(7)} s`,
      found.length === 0 ? 'ok' : 'FAILED',
    ];
    console.log(columns.join('  '));
    for (const { found: what, input } of found) {
      console.log(`  ${what.split('\n').slice(0, 7).join('\n  ')}`);
      console.log(`  input: ${input}`);
      console.log(`  again: npx -y pnpm@10 fuzz --target ${name} --replay ${input.slice(0, 4000)}`);
      console.log(`  keep:  echo ${input.slice(0, 60)}… | xxd -r -p > tools/fuzz/corpus/${name}/<what it is>`);
    }
    if (found.length === 0) passed += 1;
    else failed += 1;
  }
}

const waiting = [...chosen];
await Promise.all(Array.from({ length: atOnce }, fuzzNext));
process.chdir(ROOT);
rmSync(captures, { recursive: true, force: true });
console.log(`${total} inputs, seed ${seed}`);
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed === 0 ? 0 : 1);
