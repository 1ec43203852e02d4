import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';
import { sandboxedForks } from '../vitest/sandboxed-forks.ts';

const { projects: _, ...shared } = base.test ?? {};
const { MUTATED_FILE = '', MUTANT = '' } = process.env;

/** The tests as they are, one source file of which is another: `tools/mutation/run.mjs` starts this. */
export default defineConfig({
  ...base,
  root: path.resolve(fileURLToPath(import.meta.url), '../../..'),
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      load: (id) => (id === MUTATED_FILE ? readFileSync(MUTANT, 'utf8') : undefined),
    },
  ],
  test: {
    ...shared,
    include: ['packages/*/test/**/*.test.ts'],
    pool: sandboxedForks(),
    maxWorkers: 1,
    bail: 1,
    retry: 0,
    reporters: ['dot'],
  },
});
