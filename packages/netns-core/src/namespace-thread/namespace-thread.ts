import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { NetnsError } from '../errors.js';
import { ownThreadOptions, requireFrom } from '../sys/index.js';
import { fromPlainError, type JobAnswer, type JobMessage, type NamespaceJob, SlotState } from './jobs.js';

/** How many jobs a thread is handed at once, so that it always has a next one while the event loop is busy. */
const DEPTH = 16;

/** A namespace that is to be made. */
export interface PendingJob {
  readonly job: NamespaceJob;
  settle(fd: number): void;
  fail(error: unknown): void;
}

/** What a thread tells its owner. */
export interface ThreadEvents {
  /** It can take further jobs. */
  free(): void;
  /** It has ended, and never began these jobs; or it could not start at all. */
  ended(unbegun: readonly PendingJob[], hadStarted: boolean): void;
}

/**
 * A thread that makes namespaces, one after the other, which may have to wait for locks of the kernel and of the
 * directory. It is a plain `Worker` that gets jobs by messages, up to {@link DEPTH} ahead of time, and answers each as
 * soon as it is done. A job that it has not begun can be taken back.
 */
export class NamespaceThread {
  readonly #slots = new Int32Array(new SharedArrayBuffer(DEPTH * Int32Array.BYTES_PER_ELEMENT));
  /** By slot: the job, or null where one was taken back and its message is still on its way. */
  readonly #jobs = new Map<number, PendingJob | null>();
  readonly #events: ThreadEvents;
  readonly #worker: Worker;
  #ready = false;
  #ended = false;
  #lastAnswerAt = 0;

  /** @throws whatever `new Worker` throws, where no thread can start */
  constructor(events: ThreadEvents) {
    this.#events = events;
    const program = requireFrom(import.meta.url).resolve('netns-core/namespace-thread');
    this.#worker = new Worker(program, ownThreadOptions('netns-core', this.#slots));
    this.#worker.on('message', (answer: JobAnswer) => this.#take(answer));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new Error('it was terminated')));
  }

  /** Whether it runs, so that it can be handed jobs. */
  get ready(): boolean {
    return this.#ready && !this.#ended;
  }

  /** Whether it has jobs that are not done. */
  get busy(): boolean {
    return this.#jobs.size > 0;
  }

  get hasRoom(): boolean {
    return this.ready && this.#jobs.size < DEPTH;
  }

  /** For how long it has worked on its current job, in milliseconds. */
  get busyMs(): number {
    return this.busy ? performance.now() - this.#lastAnswerAt : 0;
  }

  /** Hands a job over; there must be room for it. */
  submit(job: PendingJob): void {
    let slot = 0;
    while (this.#jobs.has(slot)) slot += 1;
    if (!this.busy) {
      this.#worker.ref();
      this.#lastAnswerAt = performance.now();
    }
    this.#jobs.set(slot, job);
    this.#slots[slot] = SlotState.waiting;
    this.#post({ slot, job: job.job });
  }

  /** Takes back the jobs that it has not begun. */
  withdraw(): PendingJob[] {
    const unbegun: PendingJob[] = [];
    for (const [slot, job] of this.#jobs) {
      if (job === null || !this.#claim(slot)) continue;
      unbegun.push(job);
      this.#jobs.set(slot, null);
    }
    return unbegun;
  }

  /** Ends the thread, which must have no jobs. */
  stop(): void {
    this.#ended = true;
    this.#post(null);
  }

  #claim(slot: number): boolean {
    return Atomics.compareExchange(this.#slots, slot, SlotState.waiting, SlotState.withdrawn) === SlotState.waiting;
  }

  #post(message: JobMessage): void {
    this.#worker.postMessage(message);
  }

  #take(answer: JobAnswer): void {
    if (answer === 'ready') this.#ready = true;
    else {
      const job = this.#jobs.get(answer.slot);
      this.#jobs.delete(answer.slot);
      this.#lastAnswerAt = performance.now();
      if ('fd' in answer) job?.settle(answer.fd);
      else if ('error' in answer) job?.fail(fromPlainError(answer.error));
    }
    if (!this.busy) this.#worker.unref();
    this.#events.free();
  }

  #end(cause: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    const unbegun = this.withdraw();
    const error = new NetnsError(`the thread that was making the namespace has ended: ${cause.message}. Try again`, {
      code: 'ERR_SYSCALL_THREAD',
      cause,
    });
    for (const job of this.#jobs.values()) job?.fail(error);
    this.#jobs.clear();
    this.#events.ended(unbegun, this.#ready);
  }
}
