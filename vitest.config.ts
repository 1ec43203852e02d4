import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { FileOrder } from './tools/vitest/file-order.js';

/** The siblings' sources, as tsconfig.json names them: tests see the source, programs that tests start see `dist`. */
const { compilerOptions } = JSON.parse(readFileSync(new URL('./tsconfig.json', import.meta.url), 'utf8')) as {
  compilerOptions: { paths: Record<string, [string]> };
};
const alias = Object.entries(compilerOptions.paths).map(([name, [file]]) => ({
  find: new RegExp(`^${name}$`),
  replacement: fileURLToPath(new URL(file, import.meta.url)),
}));

/** Root of the machine, not the root of a user namespace: what containers and TAP devices want here. */
const machineRoot =
  process.getuid?.() === 0 && /^\s*0\s+0\s+4294967295/.test(readFileSync('/proc/self/uid_map', 'utf8'));
if (!machineRoot)
  process.stdout.write('left out, since they need the root of the machine: files named *.root.test.ts\n');

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'tools/*/test/**/*.test.ts', 'examples/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...(machineRoot ? [] : ['**/*.root.test.ts'])],
    // A test file owns its process: namespaces, fds and threads are counted per process. One file at a time: they share
    // the sandbox's home namespace and the names in /run/netns.
    fileParallelism: false,
    pool: 'forks',
    sequence: { sequencer: FileOrder },
    setupFiles: ['./tools/vitest/empty-home.mjs'],
    testTimeout: 30_000,
    // On a busy machine a wait can be too short. What passes only when tried again is named at the end of the run.
    retry: process.env.CI ? 2 : 0,
    hookTimeout: 30_000,
    reporters: ['default', './tools/vitest/closing-line.mjs'],
  },
});
