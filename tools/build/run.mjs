// Builds the packages whose sources are not those of the last build: most commands build first, and CI runs many.
//
//   node tools/build/run.mjs
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { PACKAGES, packageNames, ROLLDOWN, ROOT, readManifest } from '../release/workspace.mjs';
import { makeDeclarations, writeDeclarations } from './declarations.mjs';

const STAMPS = path.join(ROOT, 'node_modules/.cache/netns-build');
/** What every package is built with. */
const SHARED = [
  'pnpm-lock.yaml',
  'tsconfig.base.json',
  'tsconfig.json',
  'tools/rolldown.base.ts',
  'tools/dispose-symbols.ts',
  'tools/build/declarations.mjs',
];
const OWN = ['package.json', 'tsconfig.json', 'rolldown.config.ts'];

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

const packages = new Map();
for (const name of packageNames()) {
  const folder = path.join(PACKAGES, name);
  packages.set(name, { folder, description: readManifest(folder) });
}

/** A number of all that a package is made of, the packages of the workspace that it uses among it. */
function digest(name) {
  const one = packages.get(name);
  if (one.digest !== undefined) return one.digest;
  const hash = createHash('sha256');
  const files = [
    ...SHARED.map((file) => path.join(ROOT, file)),
    ...OWN.map((file) => path.join(one.folder, file)),
    ...filesIn(path.join(one.folder, 'src')),
  ];
  for (const file of files)
    if (existsSync(file)) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = one.description;
  for (const other of Object.keys({ ...dependencies, ...peerDependencies, ...devDependencies }).sort())
    if (packages.has(other)) hash.update(digest(other));
  one.digest = hash.digest('hex');
  return one.digest;
}

const stampOf = (name) => path.join(STAMPS, name);
/** The digest of the sources, and how many files were made of them. */
const stampNow = (name) => {
  const dist = path.join(packages.get(name).folder, 'dist');
  const made = existsSync(dist) ? filesIn(dist).map((file) => `${file} ${statSync(file).size}`) : [];
  return `${digest(name)} ${createHash('sha256').update(made.join('\n')).digest('hex')}`;
};
const isBuilt = (name) => existsSync(stampOf(name)) && readFileSync(stampOf(name), 'utf8') === stampNow(name);

/** Builds the programs of a package; resolves once they lie in its `dist`, which holds nothing else then. */
async function buildPrograms(name) {
  const { folder } = packages.get(name);
  rmSync(path.join(folder, 'dist'), { recursive: true, force: true });
  const child = spawn(process.execPath, [ROLLDOWN, '--config', 'rolldown.config.ts'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`${name} cannot be built: rolldown ended with ${code ?? signal}`);
}

const stale = [...packages.keys()].filter((name) => !isBuilt(name));
if (stale.length > 0) {
  const started = performance.now();
  for (const name of stale) rmSync(stampOf(name), { force: true });
  // The programs are built by other processes while this one makes the declarations.
  const queue = stale.map((name) => name);
  const worker = async () => {
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) await buildPrograms(name);
  };
  const built = Promise.all(Array.from({ length: availableParallelism() }, worker));
  // Fails below, once the declarations are made.
  built.catch(() => {});
  await setImmediate();
  const declarations = makeDeclarations(stale);
  await built;
  writeDeclarations(stale, declarations);
  mkdirSync(STAMPS, { recursive: true });
  for (const name of stale) writeFileSync(stampOf(name), stampNow(name));
  console.log(`built ${stale.join(', ')} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
}
