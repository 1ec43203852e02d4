// What a package costs a program that only imports it: processor time and memory over bare Node, for each subpath.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { report } from '../harness/report.mjs';
import { sized, takeTurns } from '../harness/turns.mjs';

const PACKAGES = path.join(import.meta.dirname, '../../packages');
const SUBJECT = path.join(import.meta.dirname, '../../tools/release/import-cost.mjs');
const ROUNDS = sized(15, 2);

/** The modules of all packages that `import` takes, those for their effect left out. */
const modules = readdirSync(PACKAGES).flatMap((name) => {
  const folder = path.join(PACKAGES, name);
  const { exports = {}, sideEffects = [] } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const forEffect = new Set([sideEffects].flat().map((file) => `${file}`.replace('dist/', '').replace('.*', '')));
  return Object.entries(exports)
    .filter(([subpath, target]) => target.import !== undefined && !forEffect.has(subpath))
    .map(([subpath]) => ({ specifier: path.posix.join(name, subpath), folder }));
});
modules.push({ specifier: 'undici', folder: path.join(PACKAGES, 'vrf-dial') });

const costs = Object.fromEntries(modules.map(({ specifier }) => [specifier, []]));
const turns = modules.map(({ specifier, folder }) => [
  specifier,
  () => {
    const printed = execFileSync(process.execPath, ['--expose-gc', SUBJECT, specifier, folder], { encoding: 'utf8' });
    const { ms, mb } = JSON.parse(printed);
    costs[specifier].push({ ms, mb });
    return { value: ms };
  },
]);
await takeTurns(ROUNDS, Object.fromEntries(turns), 'imports');

for (const [id, title, unit, atMost, figure] of [
  ['time', '`import`: processor time over the start of Node', 'ms', 25, 'ms'],
  ['memory', '`import`: memory over bare Node', 'MB', 10, 'mb'],
])
  report({
    id,
    title,
    unit,
    contestants: Object.fromEntries(
      modules.map(({ specifier }) => [
        specifier,
        {
          name: `\`${specifier}\``,
          figures: costs[specifier].map((cost) => ({ value: cost[figure] })),
          aim: specifier === 'undici' ? undefined : { value: { atMost } },
        },
      ]),
    ),
  });
