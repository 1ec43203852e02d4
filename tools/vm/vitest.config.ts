import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

/** Tests that need Debian's kernel; `tools/vm/run.mjs` runs them in its machine. */
export default defineConfig({
  ...base,
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    ...base.test,
    include: ['packages/*/test-vm/**/*.vm.test.ts'],
    // Emulation is an order of magnitude slower than the machine itself.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One after the other: starting processes is what costs most here.
    maxWorkers: 1,
    isolate: false,
    reporters: ['verbose', './tools/vitest/closing-line.mjs'],
  },
});
