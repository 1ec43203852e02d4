import type { Operation } from '../operation/operation.js';
import { type BatchResults, checkOperation, runBatchBlocking } from '../socket/batch.js';
import { runBlocking } from '../socket/run.js';
import type { BlockingTransport } from '../socket/transport.js';
import { defineOperations, SynchronousDoor } from './operation-methods.js';

/**
 * The operations of a Netlink, executed at once: each is a method that returns its value and throws its error. They
 * hold the event loop for as long as the kernel takes.
 */
export class NetlinkSync extends SynchronousDoor {
  readonly #transport: () => BlockingTransport;

  /** @internal */
  constructor(transport: () => BlockingTransport) {
    super();
    this.#transport = transport;
  }

  /** Executes an operation, a value of 'netlink-links/operations'. */
  execute<T>(operation: Operation<T>): T {
    checkOperation(operation);
    return runBlocking(operation, this.#transport());
  }

  /**
   * Executes operations in order, many to one write.
   *
   * @throws NetlinkBatchError with the position of the first that failed
   */
  batch<const T extends readonly Operation<unknown>[]>(operations: T): BatchResults<T> {
    return runBatchBlocking(operations, this.#transport()) as BatchResults<T>;
  }
}

defineOperations(NetlinkSync.prototype, { promised: false });
