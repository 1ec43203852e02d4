import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Readable, type Writable } from 'node:stream';
import { NetnsError } from 'netns-core';
import { MAX_TIMER_MS } from 'netns-core/sys';
import { guardChild } from './process-guard.js';
import { Result } from './result.js';

/** How a running process is treated. */
export interface ProcessOptions {
  /** Milliseconds after which it is killed; 0 or absent: never. */
  timeout?: number;
  /** Kills it when aborted. */
  signal?: AbortSignal;
  /** Whether its output is collected for the {@link Result}. Default true; with false `stdout` and `stderr` must be read. */
  capture?: boolean;
  /**
   * Milliseconds that what it has left running in the background (`cmd &`) may go on writing to its output before the
   * result is made without them. Default 1000.
   */
  drainTimeout?: number;
  /**
   * How many bytes of each stream are collected. A process that writes more is killed, and its result says so.
   *
   * @default 104_857_600
   */
  maxBuffer?: number;
  /**
   * Whether it ends when this process ends, in whatever way, together with what it has started (with `group: false`: it
   * alone). `false` lets it go on.
   *
   * @default true
   */
  cleanup?: boolean;
}

/** @internal A {@link ProcessOptions} and whether the child leads a process group of its own. */
export interface AdoptOptions extends ProcessOptions {
  group: boolean;
}

/** One stream of the child: collected, and passed on to its readers. */
class Channel {
  readonly stream: Readable;
  private readonly chunks: Buffer[] = [];
  private size = 0;
  private ended = false;

  constructor(source: Readable | null, capture: boolean, maxBuffer: number, onOverflow: () => void) {
    if (source !== null && !capture) {
      this.stream = source;
      return;
    }
    // Whoever starts to read later still gets everything; the collected chunks are the same memory.
    const stream = new Readable({ read() {} });
    this.stream = stream;
    if (source === null) stream.push(null);
    source?.on('data', (chunk: Buffer) => {
      if (this.size >= maxBuffer) return;
      this.chunks.push(chunk.subarray(0, maxBuffer - this.size));
      this.size += chunk.length;
      if (this.size > maxBuffer) onOverflow();
      if (!this.ended) stream.push(chunk);
    });
    source?.once('close', () => this.end());
    // A reset pipe is an end like any other: how the process ended is what counts.
    source?.on('error', () => this.end());
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.stream.push(null);
  }

  text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}

/** A running program: one that `exec`, `NAExec` or `NAExecNescript` has started. */
export class Process {
  /** Its process id. */
  readonly pid: number;
  /** Its standard input. */
  readonly stdin: Writable;
  /** Its standard output, from the first byte on, whenever reading starts. */
  readonly stdout: Readable;
  /** Its standard error, likewise. */
  readonly stderr: Readable;

  private readonly out: Channel;
  private readonly err: Channel;
  private readonly started = performance.now();
  private readonly finished: Promise<Result>;
  private exited = false;
  private timedOut = false;
  private truncated = false;
  private inputError: Error | undefined;

  private constructor(
    private readonly child: ChildProcess,
    pid: number,
    stdin: Writable,
    private readonly options: AdoptOptions,
  ) {
    const capture = options.capture ?? true;
    this.pid = pid;
    this.stdin = stdin;
    if (options.cleanup !== false) guardChild(child, options.group);
    const { maxBuffer = 100 * 1024 * 1024 } = options;
    const overflow = (): void => {
      this.truncated = true;
      this.kill();
    };
    this.out = new Channel(child.stdout, capture, maxBuffer, overflow);
    this.err = new Channel(child.stderr, capture, maxBuffer, overflow);
    this.stdout = this.out.stream;
    this.stderr = this.err.stream;
    // A program that does not read to the end is not a failure; `write` rejects.
    stdin.on('error', (error) => {
      this.inputError = error;
    });
    // Every later error is one of sending a signal, which `signal` reports itself.
    child.on('error', () => undefined);
    this.finished = this.watch();
    // Whoever never asks for the result must not be punished for it.
    this.finished.catch(() => undefined);
  }

  /**
   * Takes over a child just spawned, with pipes for all three streams. Resolves once it runs.
   *
   * @throws NetnsError if it could not be started, naming the command
   * @internal
   */
  static async adopt(child: ChildProcess, command: string, options: AdoptOptions): Promise<Process> {
    const { pid, stdin } = child;
    if (pid === undefined || stdin === null) {
      const cause: unknown = pid === undefined ? await firstError(child) : undefined;
      const { code = 'ERR_SPAWN' } = (cause ?? {}) as NodeJS.ErrnoException;
      throw new NetnsError(
        `cannot run ${JSON.stringify(command)}: ${code === 'ENOENT' ? 'no such program, or no such working directory' : (cause as Error | undefined)?.message}`,
        { code, cause },
      );
    }
    return new Process(child, pid, stdin, options);
  }

  private async watch(): Promise<Result> {
    const { child, options } = this;
    const stop = (): void => {
      if (!this.exited) this.kill();
    };
    const timer =
      options.timeout === undefined || options.timeout === 0 || options.timeout > MAX_TIMER_MS
        ? undefined
        : setTimeout(() => {
            this.timedOut = !this.exited;
            stop();
          }, options.timeout);
    options.signal?.addEventListener('abort', stop, { once: true });
    if (options.signal?.aborted === true) stop();
    const closed = whenClosed(child);
    const [code, signal] = await whenExited(child);
    this.exited = true;
    const totalTime = performance.now() - this.started;
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', stop);
    // Its background jobs may hold its pipes for ever: they get a moment to write what they have.
    let drain: NodeJS.Timeout | undefined;
    if (options.capture !== false) {
      drain = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        this.stdin.destroy();
      }, options.drainTimeout ?? 1000);
      await closed;
    }
    clearTimeout(drain);
    this.out.end();
    this.err.end();
    return new Result({
      stdout: this.out.text(),
      stderr: this.err.text(),
      exitCode: code ?? -1,
      signal,
      totalTime,
      timedOut: this.timedOut,
      truncated: this.truncated,
    });
  }

  /** Whether it still runs. */
  get running(): boolean {
    return !this.exited && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Ends it, and all that it has started, with `SIGKILL`. Nothing happens if it has ended. */
  kill(): void {
    this.signal('SIGKILL');
  }

  /**
   * Sends a signal to it and, unless it was started with `group: false`, to all that it has started. Nothing happens
   * if it has ended.
   *
   * @throws NetnsError for a signal that does not exist or may not be sent
   */
  signal(signal: NodeJS.Signals | number): void {
    // The number is not given to another process before the exit was collected, which is when `running` turns false.
    if (!this.running) return;
    try {
      process.kill(this.options.group ? -this.pid : this.pid, signal);
    } catch (cause) {
      const { code = 'ERR_UNKNOWN_SIGNAL', message } = cause as NodeJS.ErrnoException;
      if (code === 'ESRCH') return;
      throw new NetnsError(`cannot send ${signal} to process ${this.pid}: ${message}`, { code, cause });
    }
  }

  /**
   * Writes to its standard input; resolves once the pipe has taken it.
   *
   * @throws NetnsError if it has ended or has closed its input (`EPIPE`)
   */
  async write(data: string | Uint8Array): Promise<void> {
    try {
      if (this.inputError !== undefined) throw this.inputError;
      if (this.stdin.writableEnded || this.stdin.destroyed || !this.running)
        throw Object.assign(new Error('its input is closed'), { code: 'EPIPE' });
      await new Promise<void>((resolve, reject) => {
        this.stdin.write(data, (error) => (error ? reject(error) : resolve()));
      });
    } catch (cause) {
      const { code = 'EPIPE', message } = cause as NodeJS.ErrnoException;
      throw new NetnsError(`cannot write to process ${this.pid}: ${message}`, { code, cause });
    }
  }

  /**
   * Waits for its end and resolves to what it has left. Its standard input is ended first, since a program that reads
   * to the end would never come to one; `keepInput` leaves it open. May be called any number of times.
   */
  result(options: { keepInput?: boolean } = {}): Promise<Result> {
    if (options.keepInput !== true && !this.stdin.writableEnded) this.stdin.end();
    return this.finished;
  }

  /** Kills it if it still runs, and closes its streams. May be called more than once. */
  close(): void {
    this.kill();
    this.stdin.destroy();
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
    this.out.end();
    this.err.end();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Closes it and waits until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.finished;
  }
}

/** How it ended; an executor may hand over a child that has ended already. */
async function whenExited(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  const { exitCode, signalCode } = child;
  if (exitCode !== null || signalCode !== null) return [exitCode, signalCode];
  return (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
}

/** Waits until its output has ended, which may be before this is called. */
async function whenClosed(child: ChildProcess): Promise<unknown> {
  const isOver = (stream: Readable | null): boolean => stream === null || stream.closed || stream.destroyed;
  const hasEnded = child.exitCode !== null || child.signalCode !== null;
  return hasEnded && isOver(child.stdout) && isOver(child.stderr) ? undefined : once(child, 'close');
}

function firstError(child: ChildProcess): Promise<Error> {
  return new Promise((resolve) => {
    child.once('error', resolve);
  });
}
