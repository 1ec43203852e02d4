#!/usr/bin/env node
// Publishes the packages under the versions that stand in their manifests, those first that others depend on, with
// provenance. A version that the registry has is passed over, so that an interrupted run can be started again.
//
//   node tools/release/publish.mjs [--dry-run]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packAll } from '../packed/packs.mjs';
import { PUBLISHER } from './publisher.mjs';
import { PACKAGES, readManifest } from './workspace.mjs';

const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } });
const dryRun = values['dry-run'];

/** The packages, each behind those that it depends on. */
function inOrder(names) {
  const ordered = new Set();
  const add = (name) => {
    for (const dependency of Object.keys(readManifest(path.join(PACKAGES, name)).dependencies ?? {}))
      if (names.includes(dependency)) add(dependency);
    ordered.add(name);
  };
  for (const name of names) add(name);
  return [...ordered];
}

function isPublished(name, version) {
  const { status, stdout } = spawnSync('npm', ['view', `${name}@${version}`, 'version'], { encoding: 'utf8' });
  return status === 0 && stdout.trim() === version;
}

const folder = mkdtempSync(path.join(tmpdir(), 'publish-'));
try {
  const { names, dependencies } = packAll(folder);
  for (const name of inOrder(names)) {
    const { version } = readManifest(path.join(PACKAGES, name));
    if (!dryRun) {
      if (PUBLISHER.author === 'OWNER') throw new Error('set the publisher first: node tools/release/publisher.mjs');
      if (version === '0.0.0')
        throw new Error(`${name} has no version yet: run \`npx -y pnpm@10 changeset version\` first`);
      if (isPublished(name, version)) {
        console.log(`${name}@${version} is published already`);
        continue;
      }
    }
    const pack = dependencies[name].replace(/^file:/, '');
    const flags = dryRun ? ['--dry-run'] : ['--provenance'];
    execFileSync('npm', ['publish', pack, '--access', 'public', ...flags], { stdio: 'inherit' });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
