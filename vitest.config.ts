import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { FileOrder } from './tools/vitest/file-order.js';
import { sandboxedForks } from './tools/vitest/sandboxed-forks.js';

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

/**
 * Files that have the machine to themselves. Podman's state, control groups and TAP devices are the machine's, not a
 * sandbox's. A thousand namespaces take the kernel seconds to take down, in which nothing else gets a new one. And a
 * campaign judges by the clock.
 */
const alone = ['**/*.root.test.ts', '**/thousand.test.ts', '**/campaign.test.ts'];
/** Suites of vrf-dial that run once more with a broker, which makes the sockets. */
const throughBroker = [
  ...['dial', 'listen', 'listen-servers', 'udp', 'udp-listener', 'replaced', 'http-agents'],
  ...['resolve/lookup', 'resolve/secure-servers', 'resolve/servers', 'resolve/vrf-resolver'],
].map((name) => `packages/vrf-dial/test/${name}.test.ts`);
const include = [
  'packages/*/test/**/*.test.ts',
  'tools/*/test/**/*.test.ts',
  'bench/harness/test/*.test.ts',
  'examples/**/*.test.ts',
];
/** Those of `tools/vm` are left to its machine. */
const leftOut = ['**/node_modules/**', '**/*.vm.test.ts', ...(machineRoot ? [] : ['**/*.root.test.ts'])];

export default defineConfig({
  resolve: { alias },
  test: {
    // A test file owns its process and its sandbox: namespaces, fds and threads are counted per process, links and names
    // belong to the sandbox. So several run at once.
    pool: sandboxedForks(),
    sequence: { sequencer: FileOrder },
    testTimeout: 30_000,
    // On a busy machine a wait can be too short. What passes only when tried again is named at the end of the run.
    retry: process.env.CI ? 2 : 0,
    hookTimeout: 30_000,
    reporters: ['default', './tools/vitest/closing-line.mjs'],
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include,
          exclude: [...leftOut, ...alone],
          // Much of the time goes by waiting for the kernel, which makes and takes down namespaces one at a time.
          maxWorkers: Number(process.env.NETNS_TEST_WORKERS) || Math.max(2, availableParallelism()),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'through a broker',
          include: throughBroker,
          setupFiles: ['./tools/vitest/through-broker.ts'],
          maxWorkers: Number(process.env.NETNS_TEST_WORKERS) || Math.max(2, availableParallelism()),
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: include.flatMap((pattern) => alone.map((file) => pattern.replace('*.test.ts', file.slice(3)))),
          exclude: leftOut,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
