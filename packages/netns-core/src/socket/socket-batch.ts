import { AsyncResource } from 'node:async_hooks';
import { threadSlots } from '../sys/thread-descriptors.js';
import { MAX_SOCKETS } from './broker-protocol.js';
import type { OpenSocketOptions } from './socket-maker.js';
import type { SocketSource } from './source-types.js';

// Not that of the request that happens to be the first.
const context = new AsyncResource('netns-core:socket-batch');

/** The thread's, made when it is needed. Where it is a worker that is terminated, what is in there is closed. */
let slots: Int32Array | undefined;

interface Waiting {
  readonly resolve: (fd: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Asks a broker together for the sockets of one kind that are wanted in one turn of the event loop: the busier a program
 * is, the fewer round trips it takes for each socket. A socket is made after it was asked for, never ahead, so that it is
 * in the namespace that the reference means then.
 */
export class SocketBatch {
  readonly #options: OpenSocketOptions;
  #waiting: Waiting[] = [];

  constructor(options: OpenSocketOptions) {
    this.#options = options;
  }

  open(source: SocketSource): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#waiting.length === 1) context.runInAsyncScope(() => setImmediate(() => this.#flush(source)));
    });
  }

  #flush(source: SocketSource): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let first = 0; first < waiting.length; ) {
      const group = waiting.slice(first, first + MAX_SOCKETS);
      try {
        first += this.#answer(source, group);
      } catch (error) {
        for (const { reject } of group) reject(error);
        first += group.length;
      }
    }
  }

  /** @returns how many got their socket */
  #answer(source: SocketSource, group: readonly Waiting[]): number {
    if (source.openMany === undefined || group.length === 1) {
      group[0]?.resolve(source.open(this.#options));
      return 1;
    }
    slots ??= threadSlots(MAX_SOCKETS);
    const fds: Int32Array = slots.subarray(0, group.length);
    const count = source.openMany(this.#options, fds);
    for (let index = 0; index < count; index += 1) {
      group[index]?.resolve(fds[index] ?? -1);
      fds[index] = -1;
    }
    return count;
  }
}
