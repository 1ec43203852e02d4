#!/usr/bin/env node
// Gives a copy of the packages the versions and changelogs of their next release, packs them as npm would publish them,
// installs the packs into an empty project, and loads every subpath with `import` and with `require`, and starts every
// program: what a user gets, not what the workspace has.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkBundlers } from '../bundlers/check-bundlers.mjs';
import { makeVersionedCopy } from '../release/versioned-copy.mjs';
import { readManifest, run } from '../release/workspace.mjs';
import { checkDefinitions } from './check-definitions.mjs';
import { checkInstallers } from './check-installers.mjs';
import { checkResolutions, typedSubpaths } from './check-resolutions.mjs';
import { installProject, packAll } from './packs.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'packed-'));

try {
  const project = path.join(folder, 'project');
  const copy = path.join(folder, 'copy');
  makeVersionedCopy(copy);
  const { names, dependencies } = packAll(folder, path.join(copy, 'packages'));
  // The oldest types that users of these packages can have.
  installProject(project, dependencies, { more: { '@types/node': '^20.18.0' } });

  let loaded = 0;
  for (const name of names) {
    const manifest = readManifest(path.join(project, 'node_modules', name));
    for (const program of Object.keys(manifest.bin ?? {}))
      run(path.join(project, 'node_modules/.bin', program), ['--version'], project);
    for (const [subpath, target] of Object.entries(manifest.exports)) {
      if (typeof target === 'string' || !target.import) continue;
      const specifier = path.posix.join(name, subpath);
      // What is loaded for its effect need not export anything. vrf-dial/register wants to be told a target.
      const forEffect = [manifest.sideEffects].flat().includes(`${subpath.replace('./', './dist/')}.*`);
      const env = forEffect ? { ...process.env, VRF_INTERFACE: 'lo' } : process.env;
      const viaImport = run(
        process.execPath,
        [
          '--input-type=module',
          '-e',
          `import * as all from '${specifier}'; console.log(Object.keys(all).sort().join())`,
        ],
        project,
        env,
      );
      const viaRequire = run(
        process.execPath,
        ['-e', `console.log(Object.keys(require('${specifier}')).sort().join())`],
        project,
        env,
      );
      if (viaImport !== viaRequire)
        throw new Error(
          `${specifier} exports one thing to import and another to require:\n${viaImport}\n${viaRequire}`,
        );
      if (viaImport.trim() === '' && !forEffect) throw new Error(`${specifier} exports nothing`);
      loaded += 1;
    }
  }
  console.log(`${names.length} packages packed and installed; ${loaded} subpaths load with import and with require`);
  const specifiers = typedSubpaths(project, names);
  checkResolutions(project, specifiers);
  await checkDefinitions(project, specifiers);
  checkInstallers(folder, names, dependencies);
  checkBundlers(folder, dependencies);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
