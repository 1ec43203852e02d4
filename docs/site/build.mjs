// Builds the site into docs/.vitepress/dist and checks it: `npx -y pnpm@10 site`. Installs the generator first, from the
// lock file beside it; it is not part of the workspace.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const DOCS = fileURLToPath(new URL('../', import.meta.url));
/** @param {string} program @param {readonly string[]} args */
const run = (program, args) => execFileSync(program, args, { cwd: DOCS, stdio: 'inherit' });
/** A program of the generator. @param {string} name @param {readonly string[]} args */
const tool = (name, ...args) => run(path.join(DOCS, 'node_modules/.bin', name), args);

run('npx', [
  '-y',
  'pnpm@10',
  'install',
  '--ignore-workspace',
  '--frozen-lockfile',
  '--prefer-offline',
  '--reporter=silent',
]);
run(process.execPath, ['site/errors.mjs']);
tool('typedoc', '--options', 'typedoc.json');
tool('vitepress', 'build');
run(process.execPath, ['site/check.mjs']);
