// Makes of the plugin what a node can run without npm:
//
//   node package/build.mjs DIRECTORY         the plugin as one script, with koffi beside it; the node needs Node.js
//   node package/build.mjs --sea DIRECTORY   one executable with Node.js in it; the node needs nothing
//
// Both are for the architecture and the libc of the machine that builds them.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildSync } from 'esbuild';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const PLUGIN = path.join(HERE, '../veth-bridge.mjs');
const NAME = path.basename(PLUGIN, '.mjs');

/** What koffi is made of here: its package reduced to the one native file that this machine loads. */
function koffiFiles() {
  const core = createRequire(createRequire(import.meta.url).resolve('netns-core'));
  // Loaded, to see which of its native files it takes.
  core('koffi');
  const native = Object.keys(core.cache).find((file) => file.endsWith('.node'));
  if (native === undefined) throw new Error('koffi has loaded no native file');
  return {
    'node_modules/koffi/index.js': Buffer.from("module.exports = require('./koffi.node');\n"),
    'node_modules/koffi/koffi.node': readFileSync(native),
  };
}

/** @param {Record<string, Buffer>} files */
function directoryName(files) {
  const digest = createHash('sha256');
  for (const [name, content] of Object.entries(files)) digest.update(`${name}\0${content.length}\0`).update(content);
  return `.${NAME}-${digest.digest('hex').slice(0, 16)}`;
}

/** The plugin and all that it imports as one script. @param {string} file @param {Record<string, Buffer>} koffi */
function bundle(file, koffi) {
  buildSync({
    entryPoints: [PLUGIN],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    // A file without a suffix is CommonJS for Node.
    format: 'cjs',
    minify: true,
    // Errors print the names of their classes.
    keepNames: true,
    define: {
      'import.meta.url': 'packaged.url',
      KOFFI_DIRECTORY: JSON.stringify(directoryName(koffi)),
      // esbuild does not take a list here.
      KOFFI_FILES: JSON.stringify(Object.keys(koffi).join(' ')),
    },
    // The built packages, as users have them, not the sources that this repository's tsconfig.json names.
    tsconfigRaw: {},
    inject: [path.join(HERE, 'koffi-home.mjs')],
    logLevel: 'warning',
    // Chunks of the packages import one another also where nothing of them is used.
    logOverride: { 'ignored-bare-import': 'silent' },
  });
}

/** @param {string} directory */
function buildScript(directory) {
  const koffi = koffiFiles();
  const file = path.join(directory, NAME);
  bundle(file, koffi);
  writeFileSync(file, `#!/usr/bin/env node\n${readFileSync(file, 'utf8')}`);
  chmodSync(file, 0o755);
  for (const [name, content] of Object.entries(koffi)) {
    const copy = path.join(directory, directoryName(koffi), name);
    mkdirSync(path.dirname(copy), { recursive: true });
    writeFileSync(copy, content);
  }
}

/** @param {string} directory */
async function buildExecutable(directory) {
  const { inject } = await import('postject');
  const koffi = koffiFiles();
  const file = path.join(directory, NAME);
  const work = mkdtempSync(path.join(directory, '.build-'));
  try {
    const at = (/** @type {string} */ name) => path.join(work, name);
    bundle(at('plugin.cjs'), koffi);
    /** @type {Record<string, string>} */
    const assets = {};
    for (const [index, [name, content]] of Object.entries(koffi).entries()) {
      assets[name] = at(`asset-${index}`);
      writeFileSync(assets[name], content);
    }
    const config = { main: at('plugin.cjs'), output: at('blob'), assets, useCodeCache: true };
    writeFileSync(at('sea.json'), JSON.stringify({ ...config, disableExperimentalSEAWarning: true }));
    execFileSync(process.execPath, ['--experimental-sea-config', at('sea.json')], { stdio: 'pipe' });
    copyFileSync(process.execPath, at('node'));
    chmodSync(at('node'), 0o755);
    await inject(at('node'), 'NODE_SEA_BLOB', readFileSync(at('blob')), {
      sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
    });
    renameSync(at('node'), file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const { values, positionals } = parseArgs({ options: { sea: { type: 'boolean' } }, allowPositionals: true });
const [directory] = positionals;
if (directory === undefined || positionals.length > 1) {
  console.error('usage: node package/build.mjs [--sea] DIRECTORY');
  process.exit(2);
}
mkdirSync(directory, { recursive: true });
if (values.sea) await buildExecutable(directory);
else buildScript(directory);
