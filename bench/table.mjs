// What the benchmarks share: medians, fair turns, one form of table, and word of what is being measured.
import { once } from 'node:events';

/** The middle one of some numbers. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const TELL_EVERY_MS = 5000;
/** No turn of a benchmark takes a process of its as long. */
const SILENT_MS = 120_000;
let told = performance.now();

/** Says on stderr what a benchmark is at, every few seconds. */
export function tell(what) {
  if (performance.now() - told < TELL_EVERY_MS) return;
  told = performance.now();
  console.error(`bench: ${what}`);
}

/**
 * The next message of a process.
 *
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

/**
 * Lets contestants take turns, so that a machine that slows down favours none: another one comes first in every round.
 *
 * @param contestants functions by name; each gives (a promise of) its figure
 * @param what is measured, for {@link tell}
 * @returns all figures by name, in the order of rounds
 */
export async function takeTurns(rounds, contestants, what = '') {
  const figures = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  const names = Object.keys(contestants);
  for (let round = 0; round < rounds; round += 1)
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      tell(`${what}round ${round + 1} of ${rounds}, ${name}`);
      figures[name].push(await contestants[name]());
    }
  return figures;
}

/** The median of the ratios of two contestants, each taken within one round. */
export function medianRatio(figures, peers) {
  return median(figures.map((figure, round) => figure / peers[round]));
}

/** Prints rows as a table in markdown. */
export function printTable(rows) {
  console.log('| what | figure | ratio | target |');
  console.log('| --- | --- | --- | --- |');
  for (const { what, figure, ratio = '', target = '' } of rows)
    console.log(`| ${what} | ${figure} | ${typeof ratio === 'number' ? ratio.toFixed(2) : ratio} | ${target} |`);
}
