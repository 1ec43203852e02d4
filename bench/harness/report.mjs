// What benchmarks report: comparisons, single figures and curves. Each is printed as a table, and handed to
// bench/run.mjs, which keeps it in results.json.
import { appendFileSync } from 'node:fs';
import { ratios, spread } from './statistics.mjs';
import { QUICK, takeTurns } from './turns.mjs';

/**
 * What is aimed at: of the ratio to the base, or of the value itself.
 *
 * @typedef {{ ratio?: { atMost?: number, atLeast?: number }, value?: { atMost?: number, atLeast?: number } }} Aim
 * @typedef {{ median: number, least: number, greatest: number }} Spread
 * @typedef {{ name: string, value?: Spread, ratio?: Spread, processor?: Spread, processorRatio?: Spread, aim?: Aim, met?: boolean, missing?: string }} Row
 * @typedef {{ id: string, title: string, unit: string, base?: string, rounds: number, rows: Record<string, Row> }} Comparison
 * @typedef {{ id: string, title: string, x: string, y: string, series: Record<string, [number, number][]> }} Curve
 * @typedef {{ name: string, run?: Parameters<typeof takeTurns>[1][string], aim?: Aim, missing?: string }} Contestant
 */

const FEW_ROUNDS = 2;

/** @param {number} value */
export function inShort(value) {
  const size = Math.abs(value);
  return value.toLocaleString('en', { maximumFractionDigits: size >= 100 ? 0 : size >= 10 ? 1 : 2 });
}

/** @param {Spread | undefined} value @param {(value: number) => string} print */
function withSpread(value, print) {
  if (value === undefined) return '';
  const { median, least, greatest } = value;
  return least === greatest ? print(median) : `${print(median)} (${print(least)} to ${print(greatest)})`;
}

/** @param {number} limit */
const aimed = (limit) => limit.toLocaleString('en', { maximumFractionDigits: 3 });

/** @param {{ atMost?: number, atLeast?: number }} limits */
const inSigns = ({ atMost, atLeast }) =>
  [atMost === undefined ? '' : `≤ ${aimed(atMost)}`, atLeast === undefined ? '' : `≥ ${aimed(atLeast)}`]
    .filter(Boolean)
    .join(', ');

/** @param {Aim | undefined} aim @param {string} unit */
function aimInWords(aim, unit) {
  if (aim === undefined) return '';
  return [aim.ratio && inSigns(aim.ratio), aim.value && `${inSigns(aim.value)} ${unit}`].filter(Boolean).join(', ');
}

/** @param {number | undefined} value @param {{ atMost?: number, atLeast?: number } | undefined} limits */
const keeps = (value = Number.NaN, { atMost = Infinity, atLeast = -Infinity } = {}) =>
  value <= atMost && value >= atLeast;

/** @param {Row} row */
function isMet({ aim, value, ratio, missing }) {
  if (aim === undefined || missing !== undefined) return undefined;
  return (
    (aim.ratio === undefined || keeps(ratio?.median, aim.ratio)) &&
    (aim.value === undefined || keeps(value?.median, aim.value))
  );
}

/**
 * The lines of a comparison, as a table in markdown.
 *
 * @param {Comparison} comparison
 */
export function tableOf({ unit, base, rows }) {
  const ratio = (/** @type {number} */ value) => value.toFixed(2);
  const lines = Object.entries(rows).map(([key, row]) => {
    if (row.missing !== undefined) return [row.name, `**missing**: ${row.missing}`, '', '', '', ''];
    const aim = aimInWords(row.aim, unit);
    return [
      row.name,
      withSpread(row.value, inShort),
      key === base ? '1' : withSpread(row.ratio, ratio),
      row.processor === undefined ? '' : `${inShort(row.processor.median)} ms`,
      row.processorRatio === undefined ? '' : ratio(row.processorRatio.median),
      row.met === false ? `**${aim}: missed**` : aim,
    ];
  });
  const columns = ['', unit, 'ratio', 'processor time', 'its ratio', 'aim']
    .map((title, at) => [title, ...lines.map((cells) => cells[at] ?? '')])
    .filter(([title, ...cells]) => title === '' || title === unit || cells.some((cell) => cell !== ''));
  const cellsOf = (/** @type {number} */ line) => `| ${columns.map((cells) => cells[line]).join(' | ')} |`;
  return [cellsOf(0), `|${columns.map(() => ' --- |').join('')}`, ...lines.map((_, line) => cellsOf(line + 1))].join(
    '\n',
  );
}

/**
 * The points of a curve, as a table in markdown.
 *
 * @param {Curve} curve
 */
export function curveTableOf({ x, series }) {
  const names = Object.keys(series);
  const places = [...new Set(Object.values(series).flatMap((points) => points.map(([place]) => place)))];
  return [
    `| ${[x, ...names].join(' | ')} |`,
    `| ${['---', ...names.map(() => '---')].join(' | ')} |`,
    ...places
      .sort((a, b) => a - b)
      .map((place) => {
        const values = names.map((name) => series[name]?.find(([at]) => at === place)?.[1]);
        return `| ${[inShort(place), ...values.map((value) => (value === undefined ? '' : inShort(value)))].join(' | ')} |`;
      }),
  ].join('\n');
}

/** @param {'comparison' | 'curve'} kind @param {Comparison | Curve} what */
function handOver(kind, what) {
  const { BENCH_REPORT: file } = process.env;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ kind, ...what })}\n`);
}

/**
 * Reports figures that a benchmark has taken itself.
 *
 * @param {{ id: string, title: string, unit: string, base?: string, contestants: Record<string, Contestant & { figures?: { value: number, processor?: number }[] }> }} comparison
 */
export function report({ id, title, unit, base, contestants }) {
  const figuresOf = (/** @type {string | undefined} */ key) =>
    key === undefined ? undefined : contestants[key]?.figures;
  const processors = (/** @type {{ processor?: number }[] | undefined} */ figures) =>
    figures?.flatMap(({ processor }) => (processor === undefined ? [] : [processor]));
  const others = base === undefined || figuresOf(base) === undefined ? undefined : figuresOf(base);
  const rows = Object.fromEntries(
    Object.entries(contestants).map(([key, { name, aim, missing, figures }]) => {
      /** @type {Row} */
      const row = { name, aim, missing };
      if (figures !== undefined && figures.length > 0) {
        const values = figures.map(({ value }) => value);
        row.value = spread(values);
        const own = processors(figures) ?? [];
        if (own.length > 0) row.processor = spread(own);
        if (others !== undefined && key !== base) {
          row.ratio = spread(
            ratios(
              values,
              others.map(({ value }) => value),
            ),
          );
          const theirs = processors(others) ?? [];
          if (own.length > 0 && theirs.length === own.length && theirs.every((time) => time > 0))
            row.processorRatio = spread(ratios(own, theirs));
        }
      }
      row.met = isMet(row);
      return [key, row];
    }),
  );
  const rounds = Math.max(0, ...Object.values(contestants).map(({ figures = [] }) => figures.length));
  const comparison = { id, title, unit, base, rounds, rows };
  console.log(`\n${title} (${rounds === 1 ? 'once' : `median of ${rounds}`})\n\n${tableOf(comparison)}`);
  handOver('comparison', comparison);
  return comparison;
}

/**
 * Lets contestants take turns and reports them.
 *
 * @param {{ id: string, title: string, unit: string, base?: string, rounds: number, warmUp?: number, contestants: Record<string, Contestant> }} comparison
 *   `base` is the contestant that the ratios are of; a contestant that is `missing` says how it is had
 */
export async function compare({ id, title, unit, base, rounds, warmUp = 1, contestants }) {
  const runs = Object.fromEntries(
    Object.entries(contestants).flatMap(([key, { run, missing }]) =>
      run === undefined || missing !== undefined ? [] : [[key, run]],
    ),
  );
  await takeTurns(warmUp, runs, `${title}, warming up`);
  const figures = await takeTurns(QUICK ? Math.min(rounds, FEW_ROUNDS) : rounds, runs, title);
  return report({
    id,
    title,
    unit,
    base,
    contestants: Object.fromEntries(
      Object.entries(contestants).map(([key, contestant]) => [key, { ...contestant, figures: figures[key] }]),
    ),
  });
}

/**
 * Reports how something grows.
 *
 * @param {Curve} curve points by the name of what was measured
 */
export function curve(curve) {
  console.log(`\n${curve.title} (${curve.y})\n\n${curveTableOf(curve)}`);
  handOver('curve', curve);
}
