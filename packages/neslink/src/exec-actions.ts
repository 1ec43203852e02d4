import type { Action } from './action.js';
import type { ActionContext } from './action-context.js';
import { localEnvironment, mergeEnvironment } from './script/environment.js';
import type { Environment, ExecOptions, Process, Script } from './script/index.js';
import { execute } from './script/index.js';

/** How {@link NAExec} runs its program. */
export interface NAExecOptions extends Omit<ExecOptions, 'executor'> {
  /** Its whole environment. Default: that of this process. */
  env?: Environment;
}

/**
 * Runs a program in the namespace. Gives the running {@link Process}; `result()` waits for its end.
 */
export function NAExec(command: string, args: readonly string[] = [], options: NAExecOptions = {}): Action<Process> {
  const { env, ...execOptions } = options;
  return {
    name: 'NAExec',
    do: (context) =>
      execute([command, ...args], mergeEnvironment(env ?? localEnvironment(), []), {
        ...execOptions,
        executor: within(context),
      }),
  };
}

/**
 * Runs a script in the namespace. Gives the running {@link Process}; `result()` waits for its end. The script should
 * be compiled; its environment is empty unless given.
 *
 * @param subcommand the interpreter and its options, `['sh', '-c']`, in place of the script's own
 */
export function NAExecNescript(
  script: Script,
  subcommand?: readonly string[] | null,
  options: Omit<ExecOptions, 'executor'> = {},
): Action<Process> {
  return {
    name: 'NAExecNescript',
    do: (context) =>
      (subcommand === undefined || subcommand === null ? script : script.withSubcommand(subcommand)).exec({
        ...options,
        executor: within(context),
      }),
  };
}

/** Starts programs in the namespace of the actions. */
export function within(context: ActionContext): NonNullable<ExecOptions['executor']> {
  // What `execute` starts is looked after by it.
  return (file, args, options) => context.spawn(file, args, { ...options, cleanup: false });
}
