#!/usr/bin/env node
// Runs examples/clients and examples/servers as a user would: the packages as npm would publish them, the clients from the
// registry, in a project of its own. The programs run in the sandbox, against servers in a VRF, with a home that has the
// same addresses and must not see a packet.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PACKAGES = ['netns-core', 'vrf-dial'];
const EXAMPLES = ['clients', 'servers'];

const folder = mkdtempSync(path.join(tmpdir(), 'clients-'));
const run = (program, args, cwd) => execFileSync(program, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
const manifest = (...names) => JSON.parse(readFileSync(path.join(ROOT, ...names, 'package.json'), 'utf8'));

try {
  const project = path.join(folder, 'project');
  mkdirSync(project);
  const packs = {};
  for (const name of PACKAGES) {
    run('npx', ['-y', 'pnpm@10', 'pack', '--pack-destination', folder], path.join(ROOT, 'packages', name));
    packs[name] = `file:${path.join(folder, `${name}-${manifest('packages', name).version}.tgz`)}`;
  }
  const dependencies = {};
  for (const example of EXAMPLES) {
    const { dependencies: runtime, devDependencies } = manifest('examples', example);
    Object.assign(dependencies, runtime, devDependencies);
    cpSync(path.join(ROOT, 'examples', example), path.join(project, example), { recursive: true });
  }
  cpSync(path.join(ROOT, 'tools/clients/servers'), path.join(project, 'test-servers'), { recursive: true });
  writeFileSync(
    path.join(project, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies: { ...dependencies, ...packs }, overrides: packs }),
  );
  run(
    'npm',
    ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock', '--loglevel=error'],
    project,
  );
  const inside = path.join(ROOT, 'tools/clients/inside.mjs');
  const sandbox = path.join(ROOT, 'tools/sandbox/sandbox.mjs');
  const { status } = spawnSync(process.execPath, [sandbox, '--', process.execPath, inside, project], {
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
