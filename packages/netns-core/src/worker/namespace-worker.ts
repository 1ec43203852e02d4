import { createRequire } from 'node:module';
import { getEnvironmentData, setEnvironmentData, Worker, type WorkerOptions } from 'node:worker_threads';
import { enterNamespace } from '../hop/hop.js';
import { type NamespaceRef, namespaceName } from '../namespace/reference.js';
import { WORKER_NAMESPACE, type WorkerNamespace } from './worker-namespace.js';

/**
 * A `Worker` whose thread lives in a network namespace, for libraries that make their sockets in their own ways.
 * Everything that the thread makes by itself is made there: `net`, `http`, `dgram`, `dns.Resolver`, `fetch`.
 *
 * libuv's thread pool is shared by the process and stays at home. `dns.lookup` and `dns.lookupService`, which would run
 * on it, are replaced inside the worker by ones that ask from the namespace, with `/etc/netns/<name>/resolv.conf` and
 * `hosts` where these exist; so whatever uses them (`net.connect` by name, `http`) is answered from the namespace, too.
 *
 * Costs about 40 ms to start and 10 MB of memory. The namespace lives at least as long as the thread.
 */
export class NamespaceWorker extends Worker {
  /**
   * @param ref the namespace
   * @param filename as `Worker`
   * @param options as `Worker`
   * @throws as {@link runInNamespace}, and as `Worker`
   */
  // biome-ignore lint/correctness/noUnreachableSuper: the second call is reached only if the first has thrown
  constructor(ref: NamespaceRef, filename: string | URL, options: WorkerOptions = {}) {
    const preload = createRequire(import.meta.url).resolve('netns-core/worker-preload');
    const told = getEnvironmentData(WORKER_NAMESPACE);
    const execArgv = ['--require', preload, ...(options.execArgv ?? process.execArgv)];
    const name = namespaceName(ref);
    const hop = enterNamespace(ref);
    try {
      setEnvironmentData(WORKER_NAMESPACE, { name } satisfies WorkerNamespace);
      // The thread is started by the constructor, and is born where its creator is at that moment.
      try {
        super(filename, { ...options, execArgv });
      } catch (error) {
        // Options of the process that a thread may not have, and that an ordinary Worker passes over in silence.
        const refused = options.execArgv === undefined ? refusedOptions(error) : [];
        if (refused.length === 0) throw error;
        super(filename, { ...options, execArgv: execArgv.filter((option) => !refused.includes(option)) });
      }
    } finally {
      hop.leave();
      setEnvironmentData(WORKER_NAMESPACE, told);
    }
  }
}

/** What Node says it refused: `…invalid execArgv flags: --title=x, --expose-gc`. */
function refusedOptions(error: unknown): string[] {
  if ((error as NodeJS.ErrnoException | undefined)?.code !== 'ERR_WORKER_INVALID_EXEC_ARGV') return [];
  return (error as Error).message.replace(/^.*?flags: /s, '').split(', ');
}
