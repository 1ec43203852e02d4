#!/usr/bin/env node
// Packs every package as npm would publish it, installs the packs into an empty project, and loads every subpath with
// `import` and with `require`: what a user gets, not what the workspace has.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGES = fileURLToPath(new URL('../../packages/', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'packed-'));
const run = (program, args, cwd) =>
  execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

try {
  const project = path.join(folder, 'project');
  mkdirSync(project);
  const names = readdirSync(PACKAGES).filter((name) => existsSync(path.join(PACKAGES, name, 'package.json')));
  const dependencies = {};
  for (const name of names) {
    if (!existsSync(path.join(PACKAGES, name, 'dist')))
      throw new Error(`${name} is not built: run \`npx -y pnpm@10 build\` first`);
    run('npx', ['-y', 'pnpm@10', 'pack', '--pack-destination', folder], path.join(PACKAGES, name));
    const { version } = JSON.parse(readFileSync(path.join(PACKAGES, name, 'package.json'), 'utf8'));
    dependencies[name] = `file:${path.join(folder, `${name}-${version}.tgz`)}`;
  }
  // The siblings are not published yet: who asks for one gets its pack.
  writeFileSync(
    path.join(project, 'package.json'),
    JSON.stringify({ name: 'packed', private: true, dependencies, overrides: dependencies }, null, 2),
  );
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], project);

  let loaded = 0;
  for (const name of names) {
    const manifest = JSON.parse(readFileSync(path.join(project, 'node_modules', name, 'package.json'), 'utf8'));
    for (const [subpath, target] of Object.entries(manifest.exports)) {
      if (typeof target === 'string' || !target.import) continue;
      const specifier = path.posix.join(name, subpath);
      const viaImport = run(
        process.execPath,
        [
          '--input-type=module',
          '-e',
          `import * as all from '${specifier}'; console.log(Object.keys(all).sort().join())`,
        ],
        project,
      );
      const viaRequire = run(
        process.execPath,
        ['-e', `console.log(Object.keys(require('${specifier}')).sort().join())`],
        project,
      );
      if (viaImport !== viaRequire)
        throw new Error(
          `${specifier} exports one thing to import and another to require:\n${viaImport}\n${viaRequire}`,
        );
      if (viaImport.trim() === '') throw new Error(`${specifier} exports nothing`);
      loaded += 1;
    }
  }
  console.log(`${names.length} packages packed and installed; ${loaded} subpaths load with import and with require`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
