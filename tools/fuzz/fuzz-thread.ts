import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { MAX_INPUT_BYTES, mutateBytes } from './mutate-bytes.ts';
import { Random } from './random.ts';
import type { Target } from './target.ts';
import { TARGETS } from './targets/index.ts';

/** What the thread is told. The shared memory holds how many inputs were tried, and the one that is being tried. */
interface Job {
  readonly target: string;
  readonly seed: number;
  readonly inputs: number;
  readonly seconds: number;
  readonly replay?: string;
  readonly shared: SharedArrayBuffer;
}

const job = workerData as Job;
const progress = new Int32Array(job.shared, 0, 2);
const current = new Uint8Array(job.shared, 8, MAX_INPUT_BYTES);

/** Inputs that led to something new are kept in memory, so many at most. */
const MAX_POOL = 3000;
/** How often what goes on in the background is waited for. */
const SETTLE_EVERY = 20;

function find(name: string): Target {
  const entry = TARGETS.find(({ target }) => target.name === name);
  if (entry === undefined) throw new Error(`there is no target ${name}`);
  return entry.target;
}

/** The kept inputs: those of bugs that were found, and others worth to start from. */
function kept(name: string): Uint8Array[] {
  const folder = path.join(process.env.FUZZ_ROOT ?? '', 'tools/fuzz/corpus', name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((file) => new Uint8Array(readFileSync(path.join(folder, file))));
}

const target = find(job.target);
const encoder = new TextEncoder();
// Words are bytes: the character U+00C0 stands for the byte C0.
const dictionary = target.dictionary.map((word) =>
  /^[\0-\xff]*$/.test(word) ? Uint8Array.from(Buffer.from(word, 'latin1')) : encoder.encode(word),
);

function tryInput(input: Uint8Array): string {
  const bytes = input.length > MAX_INPUT_BYTES ? input.subarray(0, MAX_INPUT_BYTES) : input;
  current.set(bytes);
  progress[1] = bytes.length;
  const shape = target.run(bytes);
  Atomics.add(progress, 0, target.cases ?? 1);
  return shape;
}

/** Bugs that were found, by what they have in common: each is told once. */
const told = new Set<string>();
const MAX_FOUND = 60;

function failed(error: unknown): void {
  const { input } = (error ?? {}) as { input?: Uint8Array };
  const bytes = input ?? current.slice(0, progress[1]);
  const text = (error as Error)?.stack ?? String(error);
  const kind = text
    .replace(/\(.*?\) threw/s, ' threw')
    .replace(/\d+|"[^"]*"/g, '')
    .split('\n')
    .slice(0, 3)
    .join();
  if (told.has(kind)) return;
  told.add(kind);
  parentPort?.postMessage({ found: text, input: Buffer.from(bytes).toString('hex') });
}

async function fuzz(): Promise<void> {
  const shapes = new Set<string>();
  const pool: Uint8Array[] = [];
  const end = performance.now() + job.seconds * 1000;
  const note = (input: Uint8Array): void => {
    let shape: string;
    try {
      shape = tryInput(input);
    } catch (error) {
      failed(error);
      return;
    }
    if (shapes.has(shape) || shapes.size > 100_000) return;
    shapes.add(shape);
    // Small ones are preferred, for they are quick and show what matters.
    if (pool.length < MAX_POOL) pool.push(input.slice());
    else pool[shapes.size % MAX_POOL] = input.slice();
  };
  const settle = async (): Promise<void> => {
    for (;;)
      try {
        await target.settle?.();
        return;
      } catch (error) {
        failed(error);
      }
  };
  let index = 0;
  try {
    const seeds =
      job.replay === undefined
        ? [...kept(job.target), ...target.seeds()]
        : [Uint8Array.from(Buffer.from(job.replay, 'hex'))];
    for (const input of seeds) note(input);
    await settle();
    if (pool.length === 0) pool.push(new Uint8Array(0));
    while (
      job.replay === undefined &&
      index * (target.cases ?? 1) < job.inputs &&
      told.size < MAX_FOUND &&
      (index % 64 !== 0 || performance.now() < end)
    ) {
      const random = new Random(job.seed, index);
      index += 1;
      // New ones are tried more often: the end of the pool is what was found last.
      const from = random.once(3) ? pool[pool.length - 1 - random.below(Math.min(pool.length, 64))] : random.pick(pool);
      const parent = from ?? new Uint8Array(0);
      const changed = random.once(2) ? target.mutate?.(parent, random) : undefined;
      note(changed ?? mutateBytes(parent, pool, dictionary, random));
      if (target.settle !== undefined && index % SETTLE_EVERY === 0) await settle();
    }
    await settle();
  } catch (error) {
    failed(error);
  }
  parentPort?.postMessage({ done: index, shapes: shapes.size });
}

parentPort?.postMessage({ started: true });
await fuzz();
