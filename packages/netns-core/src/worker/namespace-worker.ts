import { getEnvironmentData, setEnvironmentData, Worker, type WorkerOptions } from 'node:worker_threads';
import { checkMisspeltOptions, checkOptionsObject, type KnownOptions, shown } from '../checks/index.js';
import { accessDenied, InvalidOptionError } from '../errors.js';
import { runInNamespace } from '../hop/hop.js';
import { describeNamespace, type NamespaceRef, namespaceName } from '../namespace/reference.js';
import { requireFrom } from '../sys/index.js';
import { WORKER_NAMESPACE, type WorkerNamespace } from './worker-namespace.js';

const NOT_AN_OPTION = 'the first argument';

/** Of Node's options; further ones of a newer Node are passed on as well. */
const KNOWN: KnownOptions = {
  callee: 'NamespaceWorker',
  names: [
    'argv',
    'env',
    'eval',
    'execArgv',
    'name',
    'resourceLimits',
    'stderr',
    'stdin',
    'stdout',
    'trackUnmanagedFds',
    'transferList',
    'workerData',
  ],
  synonyms: { namespace: NOT_AN_OPTION, netns: NOT_AN_OPTION, vrf: NOT_AN_OPTION },
};
const NO_OTHERS: ReadonlySet<string> = new Set();

/**
 * Makes a worker in the namespace: its thread is started by the constructor of `Worker`, and is born where its creator
 * is at that moment. A class of its own, since nothing can be wrapped around `super()`.
 */
class WorkerStartedElsewhere {
  constructor(ref: NamespaceRef, filename: string | URL, options: WorkerOptions) {
    const { execArgv: given } = options;
    const preload = requireFrom(import.meta.url).resolve('netns-core/worker-preload');
    const execArgv = ['--require', preload, ...(given ?? process.execArgv)];
    const start = (flags: string[]): WorkerStartedElsewhere =>
      runInNamespace(ref, () => Reflect.construct(Worker, [filename, { ...options, execArgv: flags }], new.target));
    const told = getEnvironmentData(WORKER_NAMESPACE);
    setEnvironmentData(WORKER_NAMESPACE, { name: namespaceName(ref) } satisfies WorkerNamespace);
    try {
      // biome-ignore lint/correctness/noConstructorReturn: this is the object, of the derived class
      return start(execArgv);
    } catch (error) {
      // Options of the process that a thread may not have, and that an ordinary Worker passes over in silence.
      const refused = given === undefined ? refusedOptions(error) : [];
      if (refused.length === 0)
        throw accessDenied(error, `cannot start a worker in ${describeNamespace(ref)}`, '--allow-worker');
      // biome-ignore lint/correctness/noConstructorReturn: as above
      return start(execArgv.filter((option) => !refused.includes(option)));
    } finally {
      setEnvironmentData(WORKER_NAMESPACE, told);
    }
  }
}
Object.setPrototypeOf(WorkerStartedElsewhere, Worker);
Object.setPrototypeOf(WorkerStartedElsewhere.prototype, Worker.prototype);
const StartedElsewhere = WorkerStartedElsewhere as unknown as new (
  ref: NamespaceRef,
  filename: string | URL,
  options: WorkerOptions,
) => Worker;

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
export class NamespaceWorker extends StartedElsewhere {
  /**
   * @param ref the namespace
   * @param filename as `Worker`
   * @param options as `Worker`
   * @throws as {@link runInNamespace}, and as `Worker`
   */
  constructor(ref: NamespaceRef, filename: string | URL, options: WorkerOptions = {}) {
    checkOptionsObject(options, 'NamespaceWorker');
    checkMisspeltOptions(options, KNOWN, NO_OTHERS);
    checkExecArgv(options.execArgv);
    super(ref, filename, options);
  }
}

/** @throws InvalidOptionError */
function checkExecArgv(execArgv: unknown): void {
  if (execArgv !== undefined && !(Array.isArray(execArgv) && execArgv.every((option) => typeof option === 'string')))
    throw new InvalidOptionError('execArgv', `execArgv must be an array of strings, got ${shown(execArgv)}`);
}

/** What Node says it refused: `…invalid execArgv flags: --title=x, --expose-gc`. */
function refusedOptions(error: unknown): string[] {
  if ((error as NodeJS.ErrnoException | undefined)?.code !== 'ERR_WORKER_INVALID_EXEC_ARGV') return [];
  return (error as Error).message.replace(/^.*?flags: /s, '').split(', ');
}
