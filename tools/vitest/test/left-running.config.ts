import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { sandboxedForks } from '../sandboxed-forks.js';

/** A run of one file that leaves a process behind. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: { include: ['left-running.fixture.ts'], pool: sandboxedForks() },
});
