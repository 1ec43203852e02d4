import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installProject } from '../packed/packs.mjs';
import { run } from '../release/workspace.mjs';

const fileHere = (name) => fileURLToPath(new URL(name, import.meta.url));
const SANDBOX = fileHere('../sandbox/sandbox.mjs');

/** They are installed into the project of this check alone, and are not part of the workspace. */
const BUNDLERS = {
  esbuild: '0.28.2',
  rollup: '4.68.8',
  '@rollup/plugin-commonjs': '29.0.3',
  '@rollup/plugin-json': '6.1.0',
  '@rollup/plugin-node-resolve': '16.0.3',
  webpack: '5.113.0',
  '@yarnpkg/cli-dist': '4.18.1',
};

/** What the program that is bundled prints. */
const WORKS = 'bundled bundled';
/** What an error says where koffi is missing. */
const NOT_LOADED = /ERR_KOFFI_NOT_LOADED/;
const ADVICE = /install without --omit=optional\. In a bundle leave netns-core and koffi out \(external\)/;

/**
 * Bundles a program in all the ways of docs/guide/typescript-and-bundlers.md and runs the bundles: beside `node_modules` each works, elsewhere
 * each says what it lacks. So does an installation without optional dependencies. The program itself runs with Yarn's
 * Plug'n'Play. Scripts of packages are run nowhere.
 *
 * @param folder where projects are made
 * @param packs what `packAll` returned as `dependencies`
 */
export function checkBundlers(folder, packs) {
  const project = path.join(folder, 'bundlers');
  installProject(project, packs, { more: BUNDLERS });
  for (const file of ['app.mjs', 'build-bundles.mjs']) copyFileSync(fileHere(file), path.join(project, file));
  run(process.execPath, ['build-bundles.mjs'], project);
  const wrong = JSON.parse(readFileSync(path.join(project, 'failed.json'), 'utf8'));

  const bundles = path.join(project, 'bundles');
  const inPlace = runAll(bundles);
  for (const [bundle, { status, stdout, stderr }] of Object.entries(inPlace))
    if (status !== 0 || stdout !== WORKS) wrong.push(`${bundle} ended with ${status}: ${stdout}\n${stderr}`);

  const elsewhere = path.join(folder, 'elsewhere');
  cpSync(path.join(bundles, 'whole'), elsewhere, { recursive: true });
  // Rollup's bundles never contain it.
  cpSync(path.join(project, 'node_modules/undici'), path.join(elsewhere, 'node_modules/undici'), { recursive: true });
  // webpack has written the directory of the sources into its bundles.
  const yarn = path.join(folder, 'yarn.cjs');
  copyFileSync(path.join(project, 'node_modules/@yarnpkg/cli-dist/bin/yarn.js'), yarn);
  rmSync(path.join(project, 'node_modules'), { recursive: true });
  for (const [bundle, { status, stderr }] of Object.entries(runAll(elsewhere)))
    if (status === 0 || !NOT_LOADED.test(stderr) || !ADVICE.test(stderr))
      wrong.push(`${bundle} without node_modules ended with ${status}:\n${stderr}`);

  const bare = path.join(folder, 'without-optional');
  installProject(bare, { 'netns-core': packs['netns-core'] }, { flags: ['--omit=optional'] });
  const said = run(
    process.execPath,
    [
      '-e',
      "try { require('netns-core').runInNamespace('', () => {}) } catch ({ code, message }) { console.log(code, message) }",
    ],
    bare,
  );
  if (!NOT_LOADED.test(said) || !ADVICE.test(said)) wrong.push(`--omit=optional: ${said}`);

  const plugAndPlay = runWithPlugAndPlay(path.join(folder, 'plug-and-play'), packs, yarn);
  if (plugAndPlay !== WORKS) wrong.push(`Plug'n'Play: ${plugAndPlay}`);

  if (wrong.length > 0) throw new Error(`bundlers:\n${wrong.join('\n')}`);
  console.log(
    `${Object.keys(inPlace).length} bundles of esbuild, rollup and webpack work, and say what they lack elsewhere; Plug'n'Play works`,
  );
}

function runAll(folder) {
  const printed = run(process.execPath, [SANDBOX, '--', process.execPath, fileHere('run-bundles.mjs'), folder], '/');
  return JSON.parse(printed.trim().split('\n').at(-1));
}

/** @returns what the program prints in a project that Yarn has installed without node_modules */
function runWithPlugAndPlay(project, packs, yarn) {
  mkdirSync(project);
  const manifest = { name: 'packed', private: true, dependencies: packs, resolutions: packs };
  writeFileSync(path.join(project, 'package.json'), JSON.stringify(manifest));
  // Without one, a folder above it might be taken for the project.
  writeFileSync(path.join(project, 'yarn.lock'), '');
  copyFileSync(fileHere('app.mjs'), path.join(project, 'app.mjs'));
  // Yarn does not read npm's configuration. In CI it would take a new lock file for a mistake.
  const registry = run('npm', ['config', 'get', 'registry'], project).trim();
  run(process.execPath, [yarn, 'install'], project, {
    ...process.env,
    YARN_NODE_LINKER: 'pnp',
    YARN_NPM_REGISTRY_SERVER: registry,
    YARN_UNSAFE_HTTP_WHITELIST: new URL(registry).hostname,
    YARN_ENABLE_TELEMETRY: '0',
    YARN_ENABLE_SCRIPTS: '0',
    YARN_ENABLE_GLOBAL_CACHE: '0',
    YARN_ENABLE_IMMUTABLE_INSTALLS: '0',
    YARN_IGNORE_PATH: '1',
  });
  const flags = ['--no-warnings', '--require', './.pnp.cjs', '--experimental-loader', './.pnp.loader.mjs'];
  return run(process.execPath, [SANDBOX, '--', process.execPath, ...flags, 'app.mjs'], project).trim();
}
