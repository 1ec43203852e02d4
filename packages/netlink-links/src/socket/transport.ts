import type { Operation } from '../operation/operation.js';
import type { DumpRequest, Request } from '../operation/request.js';
import type { Outcome } from './answers.js';

/** Executes requests and waits with the thread. */
export interface BlockingTransport {
  /**
   * Sends requests, in order, and gives their outcomes, in order. Dumps that the kernel interrupts are started
   * again, a bounded number of times.
   */
  exchange(requests: readonly Request<unknown>[]): Outcome[];
  /** Answers whole operations, in place of their requests: for tests without a kernel. */
  readonly execute?: (operation: Operation<unknown>) => unknown;
  close(): void;
}

/** Executes requests without holding the event loop. */
export interface Transport {
  /** As for the blocking transport. Calls may overlap: each gets the answers to its own requests. */
  exchange(requests: readonly Request<unknown>[]): Promise<Outcome[]>;
  /** As for the blocking transport. */
  readonly execute?: (operation: Operation<unknown>) => unknown;
  /** The objects of a dump in the portions in which the kernel sends them. It ends with the outcome of the dump. */
  stream<E>(request: DumpRequest<E>): AsyncGenerator<E[], Outcome>;
  close(): void;
}
