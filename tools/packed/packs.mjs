import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PACKAGES, packageNames, readManifest, run } from '../release/workspace.mjs';

/**
 * Packs every package as npm would publish it.
 *
 * @param folder where the packs are put
 * @param packages the folder of the packages, built
 * @returns the packages' names, and the packs as dependencies of a package.json
 */
export function packAll(folder, packages = PACKAGES) {
  const names = packageNames(packages);
  const dependencies = {};
  for (const name of names) {
    if (!existsSync(path.join(packages, name, 'dist')))
      throw new Error(`${name} is not built: run \`npx -y pnpm@10 build\` first`);
    run('npx', ['-y', 'pnpm@10', 'pack', '--pack-destination', folder], path.join(packages, name));
    const { version } = readManifest(path.join(packages, name));
    dependencies[name] = `file:${path.join(folder, `${name}-${version}.tgz`)}`;
  }
  return { names, dependencies };
}

/**
 * Installs packs, and what else is named, into an empty project.
 *
 * @param packs what {@link packAll} returned as `dependencies`. The siblings are not published: who asks for one gets its
 *   pack
 * @param more further dependencies
 * @param flags further arguments of `npm install`
 */
export function installProject(project, packs, { more = {}, flags = [] } = {}) {
  mkdirSync(project);
  writeFileSync(
    path.join(project, 'package.json'),
    JSON.stringify({ name: 'packed', private: true, dependencies: { ...packs, ...more }, overrides: packs }, null, 2),
  );
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', ...flags], project);
}
