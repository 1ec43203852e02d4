// Keeps the figures of runs in bench/results.json, and writes bench/RESULTS.md and the plots from them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { missing } from './peers.mjs';
import { curveTableOf, tableOf } from './report.mjs';

const BENCH = path.resolve(import.meta.dirname, '..');
const RESULTS = path.join(BENCH, 'results.json');
const PAGE = path.join(BENCH, 'RESULTS.md');
const PLOTS = path.join(BENCH, 'plots');
const COLOURS = ['#1f6feb', '#d1242f', '#1a7f37', '#8250df', '#9a6700', '#57606a'];

/**
 * @typedef {ReturnType<typeof import('./machine.mjs').machine>} Machine
 * @typedef {{ date: string, seconds: number, machine: Machine, comparisons: import('./report.mjs').Comparison[], curves: import('./report.mjs').Curve[] }} Result
 */

/** @returns {Record<string, Result>} the last figures of each benchmark, by its name */
export function readResults() {
  return existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')) : {};
}

/** Four digits tell all that a measurement knows. @param {string} _key @param {unknown} value */
const inFourDigits = (_key, value) =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value;

/** @param {string} benchmark @param {string} id */
const plotName = (benchmark, id) => `${benchmark.replaceAll('/', '-')}-${id}.svg`;

/** @param {string} text */
const quoted = (text) => `"${text.replaceAll(/["\\]/g, '')}"`;

/**
 * Draws a curve with gnuplot, both axes by powers of ten.
 *
 * @param {string} benchmark @param {import('./report.mjs').Curve} curve
 */
function plot(benchmark, { id, title, x, y, series }) {
  const names = Object.keys(series);
  const script = [
    'set terminal svg size 720,400 font "sans-serif,13" background "#ffffff"',
    `set output ${quoted(path.join(PLOTS, plotName(benchmark, id)))}`,
    `set title ${quoted(title)}`,
    `set xlabel ${quoted(x)}`,
    `set ylabel ${quoted(y)}`,
    'set logscale xy',
    'set format xy "%.8g"',
    'set grid lc rgb "#d0d7de"',
    'set key top left',
    ...names.map((name, at) =>
      [`$points${at} << END`, ...(series[name] ?? []).map((point) => point.join(' ')), 'END'].join('\n'),
    ),
    `plot ${names.map((name, at) => `$points${at} with linespoints pt 7 ps 0.5 lw 2 lc rgb "${COLOURS[at % COLOURS.length]}" title ${quoted(name)}`).join(', ')}`,
  ].join('\n');
  const { status, stderr } = spawnSync('gnuplot', ['-'], { input: script, encoding: 'utf8' });
  if (status !== 0) throw new Error(`gnuplot: ${stderr}`);
}

/** @param {Machine} machine */
function machineInWords({ processor, processors, memory, versions }) {
  const all = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${processors} × ${processor}, ${memory}; ${all.join(', ')}`;
}

/** @param {Record<string, Result>} results */
function pageOf(results) {
  const names = Object.keys(results).sort();
  const lines = [
    '# Results of the benchmarks',
    '',
    'Written by `npx -y pnpm@10 bench`. Contestants take turns, so that a machine that slows down favours none. A value is',
    'the median of all rounds, with the least and the greatest in brackets; a ratio is the median of the ratios within one',
    'round, to the line whose ratio is 1. Processor time is what the process and its ended children took in one round.',
  ];
  for (const name of names) {
    const { date, seconds, machine, comparisons, curves } = results[name] ?? {};
    lines.push('', `## ${name}`, '', `${date}, ${seconds} s, ${machineInWords(machine)}`);
    for (const comparison of comparisons)
      lines.push('', `### ${comparison.title}`, '', `Rounds: ${comparison.rounds}`, '', tableOf(comparison));
    for (const curve of curves)
      lines.push(
        '',
        `### ${curve.title}`,
        '',
        `![${curve.title}](plots/${plotName(name, curve.id)})`,
        '',
        `${curve.y}:`,
        '',
        curveTableOf(curve),
      );
  }
  return `${lines.join('\n')}\n`;
}

/**
 * Keeps what a benchmark reported.
 *
 * @param {string} name @param {Result} result
 */
export function keepResult(name, result) {
  const results = { ...readResults(), [name]: result };
  const sorted = Object.fromEntries(Object.entries(results).sort(([one], [other]) => (one < other ? -1 : 1)));
  writeFileSync(RESULTS, `${JSON.stringify(sorted, inFourDigits, 1)}\n`);
}

/** Writes the page and the plots from what is kept. */
export function writePage() {
  const results = readResults();
  writeFileSync(PAGE, pageOf(results));
  const lacks = missing('gnuplot');
  if (lacks !== undefined) return console.error(`bench: the plots stay as they are, for gnuplot is missing: ${lacks}`);
  rmSync(PLOTS, { recursive: true, force: true });
  mkdirSync(PLOTS);
  for (const [name, { curves }] of Object.entries(results)) for (const curve of curves) plot(name, curve);
}
