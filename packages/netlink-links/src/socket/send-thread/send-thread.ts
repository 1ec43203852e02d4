import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { ownThreadOptions, requireFrom } from 'netns-core/sys';
import { createRingMemory, MAX_MESSAGE, RingSubmitter, SLOTS } from './ring.js';

/** How long the thread is kept without work. */
const IDLE_MS = 1000;

/** How long one send may take before those behind it go to libuv's pool, and how often results are looked for at least. */
const STUCK_MS = 20;

/** A send that the thread has been handed. */
interface SubmittedSend {
  readonly length: number;
  done(result: number): void;
  fail(error: unknown): void;
  /** Sends it in another way. */
  onPool(): Promise<number>;
}

/** A send that the ring does not have yet. */
interface WaitingSend {
  readonly fd: number;
  readonly message: Uint8Array;
  readonly send: SubmittedSend;
}

/**
 * A thread with nothing but sends in it: the kernel carries a netlink request out within `send(2)`, and may have to
 * wait for its lock first. The event loop only hands messages over and collects results, which takes half the time of
 * a call on libuv's pool and leaves that pool to others.
 *
 * It is a `Worker` of 10 MB with memory that both threads share.
 */
export class SendThread {
  readonly #memory = createRingMemory();
  readonly #ring = new RingSubmitter(this.#memory);
  readonly #submitted: (SubmittedSend | undefined)[] = [];
  /** What is handed over as soon as the ring has room. */
  readonly #waiting: WaitingSend[] = [];
  readonly #onEnd: (hadStarted: boolean) => void;
  #worker: Worker | undefined;
  #scheduled = false;
  #watch: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  // How many sends were done when that was last looked at, and since when it has been that many.
  #progress = 0;
  #progressAt = 0;

  /**
   * @param onEnd is called once, when the thread has ended or could not start
   * @throws whatever `new Worker` throws, where no thread can start
   */
  constructor(onEnd: (hadStarted: boolean) => void) {
    this.#onEnd = onEnd;
    const program = requireFrom(import.meta.url).resolve('netlink-links/send-thread');
    this.#worker = new Worker(program, ownThreadOptions('netlink-links', this.#memory));
    // The first message says that it runs; the others that there are results.
    this.#worker.on('message', () => this.#turn());
    this.#worker.on('error', () => this.#ended());
    this.#worker.on('exit', () => this.#ended());
    this.#worker.unref();
  }

  /** Whether a message would be sent soon if it was handed over now. */
  accepts({ length }: Uint8Array): boolean {
    return this.#ring.running && this.#worker !== undefined && length <= MAX_MESSAGE && !this.#isStuck();
  }

  /**
   * `send(2)` on the thread.
   *
   * @param onPool sends it in another way, if this one turns out to be blocked
   */
  send(fd: number, message: Uint8Array, onPool: () => Promise<number>): Promise<number> {
    return new Promise((done, fail) => {
      const waiting = { fd, message, send: { length: message.length, done, fail, onPool } };
      if (this.#ring.outstanding === 0) this.#worker?.ref();
      if (this.#ring.outstanding < SLOTS) this.#submit(waiting);
      else this.#waiting.push(waiting);
      this.#watch ??= setTimeout(() => this.#look(), STUCK_MS).unref();
    });
  }

  /** Whether one send takes long, and all behind it have to wait. */
  #isStuck(): boolean {
    const { completed, unsent } = this.#ring;
    const now = performance.now();
    // Results that wait to be collected, since something else holds the event loop, are no send that takes long.
    if (unsent === 0 || completed !== this.#progress) {
      this.#progress = completed;
      this.#progressAt = now;
    }
    return now - this.#progressAt > STUCK_MS;
  }

  /** Collects what is done, also if the thread has not said so, and takes back what waits behind a long send. */
  #look(): void {
    this.#watch = undefined;
    if (this.#worker === undefined) return;
    this.#turn();
    if (this.#isStuck()) this.#withdraw();
    if (this.#ring.outstanding > 0) this.#watch ??= setTimeout(() => this.#look(), STUCK_MS).unref();
  }

  #withdraw(): void {
    for (const [slot, send] of this.#submitted.entries())
      if (send !== undefined && this.#ring.withdraw(slot)) {
        this.#submitted[slot] = undefined;
        send.onPool().then(send.done, send.fail);
      }
    for (const { send } of this.#waiting.splice(0)) send.onPool().then(send.done, send.fail);
  }

  #turn(): void {
    this.#scheduled = false;
    if (this.#collect() || !this.#ring.listen()) this.#schedule();
    else if (this.#ring.outstanding === 0) this.#rest();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  #collect(): boolean {
    let some = false;
    for (let slot = this.#ring.collect(); slot >= 0; slot = this.#ring.collect()) {
      some = true;
      const send = this.#submitted[slot];
      this.#submitted[slot] = undefined;
      send?.done(this.#ring.result(slot));
    }
    if (this.#worker !== undefined) this.#submitWaiting();
    return some;
  }

  #submitWaiting(): void {
    if (this.#waiting.length === 0) return;
    for (const waiting of this.#waiting.splice(0, SLOTS - this.#ring.outstanding)) this.#submit(waiting);
  }

  #submit({ fd, message, send }: WaitingSend): void {
    if (this.#ring.unsent === 0) this.#progressAt = performance.now();
    this.#submitted[this.#ring.submit(fd, message)] = send;
  }

  #rest(): void {
    this.#worker?.unref();
    this.#idle ??= setTimeout(() => this.#stopIfIdle(), IDLE_MS).unref();
    this.#idle.refresh();
  }

  #stopIfIdle(): void {
    if (this.#ring.outstanding > 0 || this.#worker === undefined) return;
    this.#worker = undefined;
    this.#ring.stop();
    this.#onEnd(true);
  }

  /** The thread has ended, and not because it was told to. */
  #ended(): void {
    if (this.#worker === undefined) return;
    this.#worker = undefined;
    clearTimeout(this.#idle);
    clearTimeout(this.#watch);
    this.#collect();
    this.#withdraw();
    // What it was about to send may have reached the kernel or not: its answer, or that there is none, will tell.
    for (const send of this.#submitted.splice(0)) send?.done(send.length);
    this.#onEnd(this.#ring.running);
  }
}
