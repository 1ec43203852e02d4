import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';
import { sandboxedForks } from '../vitest/sandboxed-forks.ts';

const { projects: _, ...shared } = base.test ?? {};

/** For one fault after the other: the first test that notices it ends the file. */
export default defineConfig({
  ...base,
  root: path.resolve(fileURLToPath(import.meta.url), '../../..'),
  test: {
    ...shared,
    include: ['packages/*/test/**/*.test.ts'],
    pool: sandboxedForks(),
    maxWorkers: 1,
    bail: 1,
    retry: 0,
  },
});
