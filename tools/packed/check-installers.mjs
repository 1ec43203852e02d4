import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readManifest, run } from '../release/workspace.mjs';

/**
 * Installers besides npm, which installs the packs for the other checks, and Yarn 4, which does for the bundlers' check:
 * the part of a manifest by which each takes our packs for the packages of these names, and its command. All read npm's
 * configuration, Yarn 1 but for the registry.
 */
const INSTALLERS = {
  'pnpm 10': {
    manifest: (packs) => ({ pnpm: { overrides: packs } }),
    command: ['pnpm@10', 'install', '--no-frozen-lockfile', '--ignore-workspace', '--ignore-scripts', '--silent'],
  },
  'Yarn 1': {
    manifest: (packs) => ({ resolutions: packs }),
    command: ['yarn@1.22.22', 'install', '--no-lockfile', '--non-interactive', '--ignore-scripts', '--silent'],
  },
};

/** Prints how many packages load, with `import` and with `require`. */
const PROGRAM = `
  import { createRequire } from 'node:module';
  const require = createRequire(import.meta.url);
  const names = process.argv.slice(2);
  for (const name of names) {
    const [imported, required] = [Object.keys(await import(name)), Object.keys(require(name))];
    if (imported.length === 0 || required.length === 0) throw new Error(name + ' exports nothing');
  }
  console.log(names.length);
`;

/**
 * Installs the packs into an empty project with each installer, loads every package there and starts every program.
 *
 * @param folder where the projects are made
 * @param names the packages
 * @param packs what `packAll` returned as `dependencies`
 */
export function checkInstallers(folder, names, packs) {
  const registry = run('npm', ['config', 'get', 'registry'], folder).trim();
  for (const [installer, { manifest, command }] of Object.entries(INSTALLERS)) {
    const project = path.join(folder, installer.replace(' ', '-'));
    mkdirSync(project);
    // Yarn 1 warns that each pack is named in two ways, by the dependency and by the resolution; both are needed.
    const described = { name: 'packed', version: '0.0.0', license: 'MIT', private: true, dependencies: packs };
    writeFileSync(path.join(project, 'package.json'), JSON.stringify({ ...described, ...manifest(packs) }));
    run('npx', ['-y', ...command], project, {
      ...process.env,
      YARN_REGISTRY: registry,
      // A cache of Yarn 1 holds a pack by name and version, and would give an earlier one.
      YARN_CACHE_FOLDER: path.join(folder, 'yarn-cache'),
    });

    const manifests = names.map((name) => readManifest(path.join(project, 'node_modules', name)));
    const libraries = manifests.filter((one) => one.exports['.'] !== undefined).map(({ name }) => name);
    writeFileSync(path.join(project, 'load.mjs'), PROGRAM);
    const loaded = run(process.execPath, ['load.mjs', ...libraries], project);
    if (Number(loaded) !== libraries.length) throw new Error(`${installer}: of ${libraries.length}, ${loaded} load`);
    for (const program of manifests.flatMap(({ bin = {} }) => Object.keys(bin)))
      run(path.join(project, 'node_modules/.bin', program), ['--version'], project);
  }
  console.log(`${Object.keys(INSTALLERS).join(' and ')} install the packages; each loads, and each program starts`);
}
