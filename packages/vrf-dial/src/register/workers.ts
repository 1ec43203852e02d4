import workerThreads, { setEnvironmentData, type Worker, type WorkerOptions } from 'node:worker_threads';
import { isMoving } from 'netns-core/checks';
import { OWN_THREAD, requireFrom } from 'netns-core/sys';
import type { Environment } from './environment.js';

/** Under this key of `getEnvironmentData` a worker thread finds what its creator was told. */
export const REGISTERED = 'vrf-dial.register';

/** What a worker thread finds: the variables, or that its thread lives in a namespace of its own. */
export type Registered = { readonly environment: Environment } | { readonly elsewhere: true };

/**
 * Registers in every worker thread as well, whatever its `execArgv` and `env`. Those that are started in a hop (by
 * `NamespaceWorker`) live in another namespace and are left alone.
 */
export function registerInWorkers(environment: Environment): void {
  const here: Registered = { environment };
  setEnvironmentData(REGISTERED, here);
  const preload = requireFrom(import.meta.url).resolve('vrf-dial/register');
  const own = workerThreads.Worker;
  const registering = new Proxy(own, {
    construct(target, [filename, options], newTarget): Worker {
      const construct = (given: WorkerOptions): Worker =>
        Reflect.construct(target, [filename, given], newTarget) as Worker;
      if ((options as { [OWN_THREAD]?: unknown } | undefined)?.[OWN_THREAD] === true)
        return construct(options as WorkerOptions);
      if (isMoving()) {
        setEnvironmentData(REGISTERED, { elsewhere: true } satisfies Registered);
        try {
          return construct(options as WorkerOptions);
        } finally {
          setEnvironmentData(REGISTERED, here);
        }
      }
      const { execArgv: given, ...rest } = (options ?? {}) as WorkerOptions;
      // Not by `--import`, which Node 20 and 22 pass over where the program of the thread is given as text.
      const execArgv = ['--require', preload, ...(given ?? process.execArgv)];
      try {
        return construct({ ...rest, execArgv });
      } catch (error) {
        // Options of the process that a thread may not have, and that an ordinary Worker passes over in silence.
        const refused = given === undefined ? refusedOptions(error) : [];
        if (refused.length === 0) throw error;
        return construct({ ...rest, execArgv: execArgv.filter((option) => !refused.includes(option)) });
      }
    },
  });
  Object.assign(workerThreads, { Worker: registering });
}

/** What Node says it refused: `…invalid execArgv flags: --title=x, --expose-gc`. */
function refusedOptions(error: unknown): string[] {
  if ((error as NodeJS.ErrnoException | undefined)?.code !== 'ERR_WORKER_INVALID_EXEC_ARGV') return [];
  return (error as Error).message.replace(/^.*?flags: /s, '').split(', ');
}
