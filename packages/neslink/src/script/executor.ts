import { type ChildProcess, type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';
import {
  checkBoolean,
  checkFunction,
  checkKnownOptions,
  checkMilliseconds,
  checkOptionsObject,
  type KnownOptions,
} from 'netns-core/checks';
import { type Environment, findProgram } from './environment.js';
import { Process, type ProcessOptions } from './process.js';
import { prepareGuard } from './process-guard.js';

/** Starts a program somewhere: by default here, through a `Do` in its namespace. */
export type Executor = (
  file: string,
  args: readonly string[],
  options: SpawnOptionsWithoutStdio,
) => ChildProcess | Promise<ChildProcess>;

/** Where and how a script or command is run. */
export interface ExecOptions extends ProcessOptions {
  /** Its working directory. Default: this process's. */
  cwd?: string;
  /**
   * Whether it leads a process group of its own, which signals then reach as a whole; without one, `kill` ends a shell
   * and leaves what the shell has started. The price: a Ctrl-C at this process's terminal does not reach it. Default true.
   */
  group?: boolean;
  /** Who starts it. Default: `child_process.spawn`, in the namespace of the caller. */
  executor?: Executor;
}

const KNOWN: KnownOptions = {
  callee: 'exec',
  names: ['timeout', 'signal', 'capture', 'drainTimeout', 'maxBuffer', 'cleanup', 'cwd', 'group', 'executor'],
  synonyms: { killonexit: 'cleanup', detached: 'group', directory: 'cwd', abortsignal: 'signal' },
};

/** @throws InvalidOptionError */
function checkExecOptions(options: ExecOptions): void {
  checkOptionsObject(options, KNOWN.callee);
  checkKnownOptions(options, KNOWN);
  for (const option of ['capture', 'cleanup', 'group'] as const) checkBoolean(option, options[option]);
  for (const option of ['timeout', 'drainTimeout'] as const) checkMilliseconds(option, options[option]);
  checkFunction('executor', options.executor);
}

/** Runs one command line; resolves once it runs. */
export async function execute(
  command: readonly string[],
  env: Environment,
  options: ExecOptions = {},
): Promise<Process> {
  const [name = '', ...args] = command;
  checkExecOptions(options);
  const { executor = spawn, cwd, group = true, ...processOptions } = options;
  options.signal?.throwIfAborted();
  if (processOptions.cleanup !== false) prepareGuard();
  const child = await executor(findProgram(name), args, {
    env: { ...env },
    detached: group,
    ...(cwd === undefined ? {} : { cwd }),
  });
  return Process.adopt(child, name, { ...processOptions, group });
}
