// Builds the packages whose sources are not those of the last build: most commands build first, and CI runs many.
//
//   node tools/build/run.mjs
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STAMPS = path.join(ROOT, 'node_modules/.cache/netns-build');
/** What every package is built with. */
const SHARED = [
  'pnpm-lock.yaml',
  'tsconfig.base.json',
  'tsconfig.json',
  'tools/tsup.base.ts',
  'tools/dispose-symbols.ts',
];
const OWN = ['package.json', 'tsconfig.json', 'tsup.config.ts'];

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

const packages = new Map();
for (const folder of readdirSync(path.join(ROOT, 'packages')).map((name) => path.join(ROOT, 'packages', name))) {
  if (!existsSync(path.join(folder, 'tsup.config.ts'))) continue;
  const description = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  packages.set(description.name, { folder, description });
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

const stale = [...packages.keys()].filter((name) => !isBuilt(name));
if (stale.length > 0) {
  for (const name of stale) rmSync(stampOf(name), { force: true });
  const filters = stale.flatMap((name) => ['--filter', name]);
  const { status, error } = spawnSync('pnpm', ['-r', ...filters, 'run', 'build'], { cwd: ROOT, stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
  mkdirSync(STAMPS, { recursive: true });
  for (const name of stale) writeFileSync(stampOf(name), stampNow(name));
}
