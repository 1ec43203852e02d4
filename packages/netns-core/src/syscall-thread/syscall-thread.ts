import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { NetnsError } from '../errors.js';
import { inTurn } from './in-turn.js';
import { Job, perform, readError, THROWN } from './jobs.js';
import { makeRingMemory, RingSubmitter, ROOM, SLOTS } from './ring.js';

/** How long the thread is kept without work, ms. */
const IDLE = 1000;

/** How many jobs may be under way before further namespaces have to wait, so that what is done in the ones that are there comes first. */
const FEW = SLOTS / 2;

/** How long one job may take before sends that wait behind it go another way, ms. */
const STUCK = 20;

const NOTHING = new Uint8Array(0);

/** A namespace that is to be made. */
interface WaitingJob {
  readonly kind: number;
  readonly content: Uint8Array;
  readonly settle: (fd: number) => void;
  readonly fail: (error: unknown) => void;
}

/** A job that the thread has been handed. */
interface SubmittedJob {
  done(result: number, answer: Uint8Array): void;
  fail(error: unknown): void;
  /** Another way to do it. */
  readonly otherwise?: () => Promise<number>;
}

/**
 * A thread that makes the system calls that may have to wait in the kernel: to make a namespace takes the kernel's
 * network lock, which is held for seconds at times. The event loop only hands jobs over and collects their answers.
 *
 * It is a `Worker` of 10 MB, which starts within 50 ms when the first namespace is to be made, and ends a second
 * after the last job. Where none can start (no memory, Node's permission model), namespaces are made on the calling
 * thread, a few a turn.
 */
class SyscallThread {
  readonly #memory = makeRingMemory();
  readonly #ring = new RingSubmitter(this.#memory);
  readonly #submitted: (SubmittedJob | undefined)[] = [];
  readonly #waiting: WaitingJob[] = [];
  #worker: Worker | undefined;
  #scheduled = false;
  #watching = false;
  #idle: NodeJS.Timeout | undefined;
  // How many jobs were done when that was last looked at, and since when it has been that many.
  #progress = 0;
  #progressAt = 0;

  constructor() {
    // Not within a hop, where the thread would be born in a foreign namespace: by then the hop is over.
    queueMicrotask(() => this.#start());
  }

  #start(): void {
    try {
      const program = createRequire(import.meta.url).resolve('netns-core/syscall-thread');
      // What the process loads for itself (`--import`, NODE_OPTIONS) does not concern this thread.
      this.#worker = new Worker(program, { workerData: this.#memory, execArgv: [], env: {}, name: 'netns-core' });
    } catch {
      this.#doWithout();
      return;
    }
    // The first message says that it runs.
    this.#worker.on('message', () => this.#turn());
    this.#worker.on('error', (error) => this.#ended(error));
    this.#worker.on('exit', () => this.#ended(new Error('it was terminated')));
  }

  /** Makes a namespace; answers with its file descriptor. */
  make(kind: number, content: Uint8Array): Promise<number> {
    return new Promise((settle, fail) => {
      this.#waiting.push({ kind, content, settle, fail });
      if (this.#ring.running) this.#schedule();
    });
  }

  /** `send(2)`; another way where this one is blocked. */
  send(fd: number, data: Uint8Array, otherwise: () => Promise<number>): Promise<number> {
    const { outstanding, running } = this.#ring;
    if (!running || outstanding >= SLOTS || data.length > ROOM || this.#isStuck()) return otherwise();
    return new Promise((done, fail) => {
      this.#submit(Job.send, fd, data, { done, fail, otherwise });
      this.#watch();
    });
  }

  /** Whether a job takes its time, and everybody behind it has to wait. */
  #isStuck(): boolean {
    if (this.#ring.outstanding === 0) return false;
    const { completed } = this.#ring;
    const now = performance.now();
    if (completed !== this.#progress) {
      this.#progress = completed;
      this.#progressAt = now;
    }
    return now - this.#progressAt > STUCK;
  }

  /** Looks after sends: those behind a job that takes its time are taken back. */
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    setTimeout(() => {
      this.#watching = false;
      if (this.#isStuck()) this.#withdrawSends();
      else if (this.#ring.outstanding > 0) this.#watch();
    }, STUCK).unref();
  }

  #withdrawSends(): void {
    for (const [slot, job] of this.#submitted.entries())
      if (job?.otherwise !== undefined && this.#ring.withdraw(slot)) {
        this.#submitted[slot] = undefined;
        job.otherwise().then((result) => job.done(result, NOTHING), job.fail);
      }
  }

  #submit(kind: number, argument: number, content: Uint8Array, job: SubmittedJob): void {
    if (this.#ring.outstanding === 0) {
      this.#worker?.ref();
      this.#progressAt = performance.now();
    }
    this.#submitted[this.#ring.submit(kind, argument, content)] = job;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  /** Hands over and collects what there is. What those do next who waited for it comes before further namespaces. */
  #turn(): void {
    this.#feed();
    if (this.#collect() || !this.#ring.listen()) this.#schedule();
    else if (this.#ring.outstanding === 0) this.#rest();
  }

  #feed(): void {
    while (this.#ring.outstanding < FEW) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      const { kind, content, settle, fail } = job;
      const done = (result: number, answer: Uint8Array): void => {
        if (result === THROWN) fail(readError(answer));
        else settle(result);
      };
      this.#submit(kind, 0, content, { done, fail });
    }
  }

  #collect(): boolean {
    let some = false;
    for (let slot = this.#ring.collect(); slot >= 0; slot = this.#ring.collect()) {
      some = true;
      const job = this.#submitted[slot];
      this.#submitted[slot] = undefined;
      job?.done(this.#ring.result(slot), this.#ring.content(slot));
    }
    return some;
  }

  #rest(): void {
    this.#worker?.unref();
    this.#idle ??= setTimeout(() => this.#stopIfIdle(), IDLE).unref();
    this.#idle.refresh();
  }

  #stopIfIdle(): void {
    if (this.#ring.outstanding > 0 || this.#waiting.length > 0) return;
    forget(this);
    this.#worker = undefined;
    this.#ring.submit(Job.stop, 0, NOTHING);
  }

  /** The thread has ended, and not because it was told to. */
  #ended(cause: Error): void {
    if (this.#worker === undefined) return;
    this.#worker = undefined;
    clearTimeout(this.#idle);
    if (!this.#ring.running) {
      this.#doWithout();
      return;
    }
    forget(this);
    const error = new NetnsError(`the thread that makes namespaces has ended: ${cause.message}. Try again`, {
      code: 'ERR_SYSCALL_THREAD',
      cause,
    });
    for (const job of this.#submitted.splice(0)) job?.fail(error);
    for (const job of this.#waiting.splice(0)) job.fail(error);
  }

  /** No thread can start: what waits for it is done here. */
  #doWithout(): void {
    forget(this);
    for (const { kind, content, settle, fail } of this.#waiting.splice(0)) makeHere(kind, content).then(settle, fail);
  }
}

function makeHere(kind: number, content: Uint8Array): Promise<number> {
  return inTurn(() => {
    const room = new Uint8Array(ROOM);
    const { result, length } = perform(kind, 0, content, room);
    if (result === THROWN) throw readError(room.subarray(0, length));
    return result;
  });
}

let thread: SyscallThread | undefined;

function forget(old: SyscallThread): void {
  if (thread === old) thread = undefined;
}

/** Makes a namespace, one of the kinds of `Job`, on the thread, which is started if need be; answers with its file descriptor. */
export function makeAside(kind: number, content: Uint8Array = NOTHING): Promise<number> {
  if (content.length > ROOM) return makeHere(kind, content);
  thread ??= new SyscallThread();
  return thread.make(kind, content);
}

/**
 * `send(2)` on the thread, if it runs and would do it soon. While many namespaces are made and furnished at once this
 * costs a tenth of a call on libuv's pool, and leaves that to others.
 *
 * @internal for the sibling packages
 * @param data must not be touched until the answer is there
 * @param otherwise sends it in another way
 */
export function sendAside(fd: number, data: Uint8Array, otherwise: () => Promise<number>): Promise<number> {
  return thread === undefined ? otherwise() : thread.send(fd, data, otherwise);
}
