// Puts the figures of bench/results.json into READMEs and pages, or fails where they differ:
//
//   node tools/readme/figures.mjs [--check]
//
// A figure stands between two comments; the first says where it comes from:
//
//   <!-- figure vrf-dial/requests kept-together vrf ratio -->0.99<!-- / -->
//
// that is the benchmark, the id of its comparison, the contestant and the kind of figure, or for a curve its id, the
// place on the axis and the number of the series (`growth/agents memory 1000 0`).
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { inShort } from '../../bench/harness/report.mjs';
import { readResults } from '../../bench/harness/results.mjs';
import { pages, ROOT, readmes } from './code-blocks.mjs';

const FIGURE = /(<!-- figure ([^>]+?) -->)(.*?)(<!-- \/ -->)/gs;
const inHundredths = (value) => value.toFixed(2);
const range = ({ least, greatest }, print) => `${print(least)} to ${print(greatest)}`;

const KINDS = {
  value: ({ value }) => inShort(value.median),
  'value-range': ({ value }) => range(value, inShort),
  ratio: ({ ratio }) => inHundredths(ratio.median),
  'ratio-range': ({ ratio }) => range(ratio, inHundredths),
  'processor-ratio': ({ processorRatio }) => inHundredths(processorRatio.median),
};

const results = readResults();

/**
 * The text of a figure.
 *
 * @param {string} source
 */
function figureOf(source) {
  const [benchmark = '', id, place = '', kind = ''] = source.split(' ');
  const result = results[benchmark];
  if (result === undefined) throw new Error(`"${source}": bench/results.json has no benchmark ${benchmark}`);
  const curve = result.curves.find((one) => one.id === id);
  if (curve !== undefined) {
    const value = Object.values(curve.series)[Number(kind)]?.find(([at]) => at === Number(place))?.[1];
    if (value === undefined) throw new Error(`"${source}": the curve has no such point`);
    return inShort(value);
  }
  const row = result.comparisons.find((one) => one.id === id)?.rows[place];
  const print = KINDS[kind];
  if (row === undefined || print === undefined)
    throw new Error(`"${source}": there is no such row; kinds are ${Object.keys(KINDS).join(', ')}`);
  if (row.missing !== undefined) throw new Error(`"${source}": the run lacked this peer`);
  return print(row);
}

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const problems = [];
let count = 0;
for (const page of [...pages(), ...readmes()]) {
  const file = path.join(ROOT, page);
  const before = readFileSync(file, 'utf8');
  const after = before.replaceAll(FIGURE, (_whole, open, source, said, close) => {
    count += 1;
    try {
      const figure = figureOf(source);
      if (figure !== said) problems.push(`${page}: "${source}" is ${figure}, and the page says ${said}`);
      return `${open}${figure}${close}`;
    } catch (error) {
      problems.push(`${page}: ${error.message}`);
      return `${open}${said}${close}`;
    }
  });
  if (!values.check && after !== before) writeFileSync(file, after);
}
const wrong = values.check ? problems : problems.filter((problem) => !problem.includes(', and the page says '));
for (const problem of wrong) console.error(problem);
if (wrong.length > 0) {
  console.error('`npx -y pnpm@10 bench` measures, `node tools/readme/figures.mjs` writes the figures into the pages');
  process.exitCode = 1;
} else console.log(`${count} figures are those of bench/results.json`);
