// What the benchmarks share: medians, fair turns and one form of table.

/** The middle one of some numbers. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Lets contestants take turns, so that a machine that slows down favours none: another one comes first in every round.
 *
 * @param contestants functions by name; each gives (a promise of) its figure
 * @returns all figures by name, in the order of rounds
 */
export async function takeTurns(rounds, contestants) {
  const figures = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  const names = Object.keys(contestants);
  for (let round = 0; round < rounds; round += 1)
    for (const name of round % 2 === 0 ? names : [...names].reverse()) figures[name].push(await contestants[name]());
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
