// Contestants take turns, round by round, and their wall time and processor time are told apart.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { median } from './statistics.mjs';

/** For a look at whether a benchmark works: few rounds and small sizes, whose figures say little. */
export const QUICK = process.env.BENCH_QUICK === '1';

/**
 * @template T
 * @param {T} full
 * @param {T} quick for `bench --quick`
 */
export const sized = (full, quick) => (QUICK ? quick : full);

const TELL_EVERY_MS = 5000;
/** No turn of a benchmark takes a process of its as long. */
const SILENT_MS = 120_000;
let told = performance.now();

/**
 * Says on stderr what a benchmark is at, every few seconds.
 *
 * @param {string} what
 */
export function tell(what) {
  if (performance.now() - told < TELL_EVERY_MS) return;
  told = performance.now();
  console.error(`bench: ${what}`);
}

/**
 * The next message of a process.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @throws where it ends, or is silent for two minutes
 */
export async function messageFrom(child) {
  const waiting = new AbortController();
  const { signal } = waiting;
  const silent = setTimeout(() => waiting.abort(new Error(`process ${child.pid} was silent`)), SILENT_MS);
  try {
    const ended = once(child, 'exit', { signal }).then(([code, by]) => {
      throw new Error(`process ${child.pid} ended with ${by ?? code}`);
    });
    return await Promise.race([once(child, 'message', { signal }).then(([message]) => message), ended]);
  } catch (error) {
    throw signal.reason ?? error;
  } finally {
    clearTimeout(silent);
    waiting.abort();
  }
}

const MS_PER_TICK = 10;

/** Processor time, ms, of this process with all its threads, and of its children that have ended (in steps of 10 ms). */
export function processorTime() {
  const { user, system } = process.cpuUsage();
  const fields = readFileSync('/proc/self/stat', 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  const ofChildren = Number(fields[13]) + Number(fields[14]);
  return (user + system) / 1000 + ofChildren * MS_PER_TICK;
}

/**
 * Milliseconds that a function takes.
 *
 * @param {() => unknown} run
 */
export async function timed(run) {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

/**
 * Milliseconds that a function takes once it has run a few times: the median of several runs.
 *
 * @param {() => unknown} run
 */
export async function typicalTime(run) {
  const times = [];
  for (let round = 0; round < sized(7, 1); round += 1) {
    const time = await timed(run);
    if (round >= 2 || QUICK) times.push(time);
  }
  return median(times);
}

/**
 * One turn: the contestant's own figures, or its value and the processor time that passed here meanwhile.
 *
 * @param {() => number | { value: number, processor?: number } | Promise<number | { value: number, processor?: number }>} run
 * @returns {Promise<{ value: number, processor?: number }>}
 */
async function turn(run) {
  const before = processorTime();
  const result = await run();
  return typeof result === 'number' ? { value: result, processor: processorTime() - before } : result;
}

/**
 * Lets contestants take turns, so that a machine that slows down favours none: another one comes first in every round.
 *
 * @param {number} rounds
 * @param {Record<string, Parameters<typeof turn>[0]>} contestants functions by name; each gives (a promise of) its
 *   value, or its value and its processor time in milliseconds where that is another process's
 * @param {string} what is measured, for {@link tell}
 * @returns all figures by name, in the order of rounds
 */
export async function takeTurns(rounds, contestants, what) {
  const names = Object.keys(contestants);
  /** @type {Record<string, { value: number, processor?: number }[]>} */
  const figures = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1)
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      tell(`${what}, round ${round + 1} of ${rounds}, ${name}`);
      figures[name]?.push(await turn(contestants[name] ?? (() => Number.NaN)));
    }
  return figures;
}
