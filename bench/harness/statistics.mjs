// Middle, spread and ratios of measured values.

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The middle one of some values, the least and the greatest.
 *
 * @param {readonly number[]} values
 */
export function spread(values) {
  return { median: median(values), least: Math.min(...values), greatest: Math.max(...values) };
}

/**
 * The ratios of two contestants, each of two values of one round: a machine that slows down stretches both.
 *
 * @param {readonly number[]} values
 * @param {readonly number[]} others
 */
export function ratios(values, others) {
  return values.map((value, round) => value / (others[round] ?? Number.NaN));
}
