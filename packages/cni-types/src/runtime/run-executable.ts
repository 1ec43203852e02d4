import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** Finds and runs the executables of plugins: by default in directories of this machine, as child processes. */
export interface PluginExecutor {
  /**
   * Finds the executable of a plugin.
   *
   * @param directories where to search, in this order
   * @throws PluginNotFoundError, or any error that says why there is none
   */
  find(type: string, directories: readonly string[]): Promise<string>;
  /** Runs what `find` returned to its end: the protocol's variables in `env`, the configuration on `stdin`. */
  run(file: string, options: RunOptions): Promise<Outcome>;
}

/** How an executable ended and what it printed. */
export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it was ended by us, if it was. */
  readonly killedFor?: 'timeout' | 'abort' | 'output';
}

/** How an executable is run. */
export interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: string;
  /** In milliseconds; 0 is without limit. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

/** More than any result has; a plugin that prints without end must not take our memory. */
const MAXIMUM_OUTPUT = 16 * 1024 * 1024;

function runOnce(file: string, options: RunOptions): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, [], {
      env: options.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      // A process group of its own, so that what a hanging plugin has started is ended with it.
      detached: true,
    });
    const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let size = 0;
    let killedFor: Outcome['killedFor'];
    let exit: { code: number | null; signal: NodeJS.Signals | null } = { code: null, signal: null };

    const kill = (why: NonNullable<Outcome['killedFor']>): void => {
      if (killedFor !== undefined) return;
      killedFor = why;
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // All of the group has ended already: only a pipe is still held, by a process that left it.
      }
      // A process that left the group may hold the pipes for ever: what it prints is not waited for.
      child.stdout.destroy();
      child.stderr.destroy();
      child.stdin.destroy();
    };
    const timer = options.timeout > 0 ? setTimeout(kill, options.timeout, 'timeout') : undefined;
    const onAbort = (): void => kill('abort');
    options.signal?.addEventListener('abort', onAbort, { once: true });

    const finish = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
    };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAXIMUM_OUTPUT) kill('output');
        else chunks[name].push(chunk);
      });
    child.once('error', (error) => {
      finish();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      exit = { code, signal };
    });
    child.once('close', () => {
      finish();
      resolve({
        ...exit,
        stdout: Buffer.concat(chunks.stdout).toString('utf8'),
        stderr: Buffer.concat(chunks.stderr).toString('utf8'),
        ...(killedFor === undefined ? {} : { killedFor }),
      });
    });
    // A plugin may end without having read its configuration.
    child.stdin.on('error', () => {});
    child.stdin.end(options.stdin);
  });
}

/**
 * Runs an executable to its end. One that is just being written (ETXTBSY, a plugin under installation) is tried
 * again for a while, as the reference implementation does.
 */
export async function runExecutable(file: string, options: RunOptions): Promise<Outcome> {
  for (let attempt = 0; ; attempt += 1) {
    options.signal?.throwIfAborted();
    try {
      return await runOnce(file, options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ETXTBSY' || attempt >= 10) throw error;
      await delay(200, undefined, { signal: options.signal }).catch(() => options.signal?.throwIfAborted());
    }
  }
}
