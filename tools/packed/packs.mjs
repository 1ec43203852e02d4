import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGES = fileURLToPath(new URL('../../packages/', import.meta.url));

/** Runs a program to its end and returns what it prints; throws if it fails, with what it said on stderr. */
export function run(program, args, cwd, env = process.env) {
  return execFileSync(program, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/**
 * Packs every package as npm would publish it.
 *
 * @param folder where the packs are put
 * @param packages the folder of the packages, built
 * @returns the packages' names, and the packs as dependencies of a package.json
 */
export function packAll(folder, packages = PACKAGES) {
  const names = readdirSync(packages).filter((name) => existsSync(path.join(packages, name, 'package.json')));
  const dependencies = {};
  for (const name of names) {
    if (!existsSync(path.join(packages, name, 'dist')))
      throw new Error(`${name} is not built: run \`npx -y pnpm@10 build\` first`);
    run('npx', ['-y', 'pnpm@10', 'pack', '--pack-destination', folder], path.join(packages, name));
    const { version } = JSON.parse(readFileSync(path.join(packages, name, 'package.json'), 'utf8'));
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
