#!/usr/bin/env node
// What each package costs who installs and imports it, as its README says.
//
//   node tools/release/sizes.mjs           measures, prints it for every subpath and writes it into the READMEs
//   node tools/release/sizes.mjs --check    fails if a README's sizes are not those of the built packages
//
// Times and memory depend on the machine, so they are written and never compared.
import { existsSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PACKAGES, packageNames, readManifest, run } from './workspace.mjs';

/** How far a README's sizes may be off, as a part of them. */
const TOLERANCE = 0.1;
const ROUNDS = 9;
/** A dependency that takes longer than our own code. */
const HEAVY = 'undici';
const SUBJECT = path.join(import.meta.dirname, 'import-cost.mjs');
/** The line of a README. */
const LINE = /^Size: ([\d.]+ [kM]B) installed, ([\d.]+ [kM]B) with dependencies.*$/m;

/** The bytes of a file, or of all files in a folder. */
function bytesOf(place) {
  if (!statSync(place).isDirectory()) return statSync(place).size;
  return readdirSync(place)
    .filter((name) => name !== 'node_modules')
    .reduce((sum, name) => sum + bytesOf(path.join(place, name)), 0);
}

/** The bytes of what is published of a package of the workspace. */
function publishedBytes(name) {
  const folder = path.join(PACKAGES, name);
  if (!existsSync(path.join(folder, 'dist')))
    throw new Error(`${name} is not built: run \`npx -y pnpm@10 build\` first`);
  return ['package.json', ...readManifest(folder).files]
    .map((file) => path.join(folder, file))
    .filter((file) => existsSync(file))
    .reduce((sum, file) => sum + bytesOf(file), 0);
}

/** The folder of a dependency as Node finds it, or undefined for an optional one of another platform. */
function findDependency(folder, name) {
  for (let at = folder; at !== path.dirname(at); at = path.dirname(at)) {
    const place = path.join(at, 'node_modules', name);
    if (existsSync(place)) return realpathSync(place);
  }
  return undefined;
}

/** All folders that an installation of a package has, its own among them. */
function installedFolders(name) {
  const folders = new Set([path.join(PACKAGES, name)]);
  for (const folder of folders) {
    const { dependencies = {}, optionalDependencies = {} } = readManifest(folder);
    for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const found = findDependency(folder, dependency);
      if (found !== undefined) folders.add(found);
      else if (!(dependency in optionalDependencies)) throw new Error(`${dependency}, of ${folder}, is not installed`);
    }
  }
  return folders;
}

/** The bytes of a package, and of it and all that it depends on. */
function sizesOf(name) {
  const all = [...installedFolders(name)].map((folder) =>
    path.dirname(folder) === PACKAGES ? publishedBytes(path.basename(folder)) : bytesOf(folder),
  );
  return { own: publishedBytes(name), all: all.reduce((sum, bytes) => sum + bytes, 0) };
}

const inUnits = (bytes) => (bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const toBytes = (text) => Number.parseFloat(text) * (text.endsWith('MB') ? 1e6 : 1e3);

/** How a README differs from what is built. */
function problemsOf(name) {
  const [, own, all] = LINE.exec(readFileSync(path.join(PACKAGES, name, 'README.md'), 'utf8')) ?? [];
  if (own === undefined || all === undefined) return [`packages/${name}/README.md has no line "Size: …"`];
  const sizes = sizesOf(name);
  return [
    ['installed', own, sizes.own],
    ['with dependencies', all, sizes.all],
  ]
    .filter(([, said, bytes]) => Math.abs(toBytes(said) - bytes) > TOLERANCE * bytes)
    .map(([what, said, bytes]) => `packages/${name}/README.md: ${said} ${what}, but it is ${inUnits(bytes)}`);
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** What it costs to import a module: its time, also in comparison to Node's start, and memory that bare Node does not have. */
function importCost(specifier, folder) {
  const runs = Array.from({ length: ROUNDS }, () =>
    JSON.parse(run(process.execPath, ['--expose-gc', SUBJECT, specifier, folder], folder)),
  );
  // The median of ratios: a busy or slow machine stretches both times.
  const ratio = median(runs.map(({ ms, startMs }) => ms / startMs));
  return { ms: Math.min(...runs.map(({ ms }) => ms)), ratio, mb: median(runs.map(({ mb }) => mb)) };
}

const inWords = ({ ratio, mb }) => `${ratio.toFixed(2)} × the start of Node and ${mb.toFixed(1)} MB`;
const tell = (what, cost) => console.log(`${what}: ${cost.ms.toFixed(0)} ms, ${inWords(cost)}`);

/** The modules of a package that are imported, those for their effect left out. */
function modulesOf({ name, exports, sideEffects }) {
  return Object.entries(exports)
    .filter(
      ([subpath, target]) =>
        target.import !== undefined && ![sideEffects].flat().includes(`${subpath.replace('./', './dist/')}.*`),
    )
    .map(([subpath]) => path.posix.join(name, subpath));
}

function lineOf(name, costs) {
  const { own, all } = sizesOf(name);
  const line = `Size: ${inUnits(own)} installed, ${inUnits(all)} with dependencies`;
  if (costs[name] === undefined) return `${line}.`;
  const heavy = costs[HEAVY] === undefined ? '' : `, most of it for ${HEAVY} (${inWords(costs[HEAVY])})`;
  return `${line}; \`import\` takes ${inWords(costs[name])}${heavy}.`;
}

function write() {
  for (const name of packageNames()) {
    const folder = path.join(PACKAGES, name);
    const costs = {};
    for (const specifier of modulesOf(readManifest(folder))) {
      costs[specifier] = importCost(specifier, folder);
      tell(specifier, costs[specifier]);
    }
    if (HEAVY in (readManifest(folder).dependencies ?? {})) {
      costs[HEAVY] = importCost(HEAVY, folder);
      tell(`  of which ${HEAVY}`, costs[HEAVY]);
    }
    const readme = path.join(folder, 'README.md');
    const text = readFileSync(readme, 'utf8');
    const line = lineOf(name, costs);
    if (!LINE.test(text)) throw new Error(`packages/${name}/README.md has no line "Size: …" to write\n${line}`);
    writeFileSync(readme, text.replace(LINE, line));
    console.log(`${name}: ${line}`);
  }
}

if (parseArgs({ options: { check: { type: 'boolean', default: false } } }).values.check) {
  const problems = packageNames().flatMap(problemsOf);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) {
    console.error('`node tools/release/sizes.mjs` measures and writes them');
    process.exitCode = 1;
  } else console.log(`${packageNames().length} READMEs tell the sizes of their packages`);
} else write();
