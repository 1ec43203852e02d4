import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function newest(folder: string): number {
  let time = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) time = Math.max(time, statSync(path.join(entry.parentPath, entry.name)).mtimeMs);
  return time;
}

/** Packages whose `dist` is at least as new as their sources. */
const built = new Set(
  readdirSync(path.join(ROOT, 'packages'))
    .map((name) => path.join(ROOT, 'packages', name))
    .filter((folder) => {
      const result = path.join(folder, 'dist/index.js');
      return existsSync(result) && statSync(result).mtimeMs >= newest(path.join(folder, 'src'));
    }),
);

/** What is built is taken as it is: compiling every source once more takes a minute under emulation. */
function asBuilt(source: string): string {
  const match = /^(.*)\/src\/(?:(.*)\/)?index\.ts$/.exec(source);
  const [, folder = '', subpath = 'index'] = match ?? [];
  const result = path.join(folder, 'dist', `${subpath}.js`);
  return match !== null && built.has(folder) && existsSync(result) ? result : source;
}

const alias = base.resolve?.alias as { find: RegExp; replacement: string }[];

const { projects: _, ...shared } = base.test ?? {};

/** Suites that the promise rests on, which must hold on this kernel too. Quick ones: emulation is slow. */
const MAIN_SUITES = [
  'packages/netns-core/test/{hop,reference-identity,socket}.test.ts',
  'packages/vrf-dial/test/{dial,vrf-socket}.test.ts',
];

/** Tests on Debian's kernel; `tools/vm/run.mjs` runs them in its machine. */
export default defineConfig({
  ...base,
  root: ROOT,
  resolve: { alias: alias.map((entry) => ({ ...entry, replacement: asBuilt(entry.replacement) })) },
  test: {
    ...shared,
    // Emulation is an order of magnitude slower than the machine itself.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: ['verbose', './tools/vitest/closing-line.mjs'],
    projects: [
      {
        extends: true,
        test: {
          name: 'features',
          pool: 'forks',
          include: ['packages/*/test-vm/**/*.vm.test.ts', 'examples/**/*.vm.test.ts'],
          // One after the other, in one process: starting processes is what costs most here.
          maxWorkers: 1,
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'main', include: MAIN_SUITES, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
