import type { WorkerOptions } from 'node:worker_threads';
import { requireFrom } from './require-from.js';

/** Marks the options of these packages' own threads, for what is put before `Worker`. */
export const OWN_THREAD: unique symbol = Symbol.for('netns-core.own-thread');

/**
 * Options of a thread that runs a program of these packages, which only calls the kernel. What the process loads for
 * itself (`--import`, NODE_OPTIONS) does not concern it, but for Yarn's Plug'n'Play, without which it finds no package.
 */
export function ownThreadOptions(name: string, workerData: unknown): WorkerOptions {
  const execArgv = 'pnp' in process.versions ? ['--require', requireFrom(import.meta.url).resolve('pnpapi')] : [];
  const options: WorkerOptions & { [OWN_THREAD]: true } = { name, workerData, execArgv, env: {}, [OWN_THREAD]: true };
  return options;
}
