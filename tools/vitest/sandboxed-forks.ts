// The pool in which every test file has a sandbox of its own, so that several can run at once: none sees another's
// links, names or files in /run and /etc.
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PoolOptions, PoolRunnerInitializer, PoolWorker } from 'vitest/node';
import { namespacesOf, unshareFlags } from '../sandbox/namespaces.mjs';
import { endStragglers, HeldMountNamespace, SANDBOX_ID } from '../sandbox/stragglers.mjs';

const KILL_AFTER_MS = 500;
const ENTRY = fileURLToPath(new URL('sandboxed-worker.mjs', import.meta.url));

/** As Vitest's own pool of forks, except that `unshare` starts the process. It becomes Node without another fork. */
class SandboxedFork implements PoolWorker {
  readonly name = 'sandboxed-forks';
  readonly cacheFs = true;
  readonly #options: PoolOptions;
  readonly #flags: readonly string[];
  /** Begins with the id of the sandbox around, if there is one: that one ends our stragglers if we are killed. */
  readonly #id = `${process.env[SANDBOX_ID] ?? ''}.${randomUUID()}`;
  #process: ChildProcess | undefined;
  #stopping = false;
  #mountNamespace: HeldMountNamespace | undefined;

  constructor(options: PoolOptions, flags: readonly string[]) {
    this.#options = options;
    this.#flags = flags;
  }

  async start(): Promise<void> {
    if (this.#process !== undefined) return;
    const { env, execArgv, distPath } = this.#options;
    const child = fork(ENTRY, [path.join(distPath, 'workers/forks.js')], {
      execPath: 'unshare',
      execArgv: [...this.#flags, process.execPath, ...execArgv],
      env: { ...env, [SANDBOX_ID]: this.#id, NETNS_SANDBOX_OUTSIDE: namespacesOf() },
      stdio: 'pipe',
      serialization: 'advanced',
    });
    this.#process = child;
    this.#stopping = false;
    // Once it has said something it is inside.
    child.once('message', () => {
      try {
        this.#mountNamespace = new HeldMountNamespace(Number(child.pid));
      } catch {
        // It is over already: what it has started is found by its id.
      }
    });
    // Vitest says only that the process is gone.
    child.once('exit', (code, signal) => {
      if (!this.#stopping)
        this.#options.project.vitest.logger.error(`a test process ended: ${signal ?? `code ${code}`}`);
    });
    const { outputStream, errorStream } = this.#options.project.vitest.logger;
    for (const [from, to] of [
      [child.stdout, outputStream],
      [child.stderr, errorStream],
    ] as const) {
      to.setMaxListeners(to.getMaxListeners() + 1);
      from?.pipe(to, { end: false });
    }
  }

  async stop(): Promise<void> {
    const child = this.#running;
    this.#stopping = true;
    const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    const timer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
    child.kill();
    await ended;
    clearTimeout(timer);
    await endStragglers(this.#id, this.#mountNamespace);
    this.#mountNamespace?.close();
    const { outputStream, errorStream } = this.#options.project.vitest.logger;
    for (const [from, to] of [
      [child.stdout, outputStream],
      [child.stderr, errorStream],
    ] as const) {
      from?.unpipe(to);
      to.setMaxListeners(to.getMaxListeners() - 1);
    }
    this.#process = undefined;
  }

  on: PoolWorker['on'] = (event, callback) => void this.#running.on(event, callback);
  off: PoolWorker['off'] = (event, callback) => void this.#running.off(event, callback);
  send: PoolWorker['send'] = (message) => void this.#running.send(message);
  deserialize: PoolWorker['deserialize'] = (data) => data;

  get #running(): ChildProcess {
    if (this.#process === undefined) throw new Error('the process of this test file has not been started, or is over');
    return this.#process;
  }
}

/** For `pool` in Vitest's configuration. */
export function sandboxedForks(): PoolRunnerInitializer {
  let flags: readonly string[] | undefined;
  return {
    name: 'sandboxed-forks',
    createPoolWorker: (options) => {
      flags ??= unshareFlags();
      return new SandboxedFork(options, flags);
    },
  };
}
