import type { Operation } from '../operation/operation.js';
import { BlockingSocket } from '../socket/blocking.js';
import { runBlocking } from '../socket/run.js';
import type { Synchronous } from './synchronous.js';

/**
 * Makes the synchronous function of an operation that acts where the calling thread is: its socket is opened for the
 * call and closed after it, so it is always the namespace of the moment, inside a hop the hop's.
 */
export function inCurrentNamespace<F extends (...args: never[]) => Operation<unknown>>(make: F): Synchronous<F> {
  const execute = (...args: Parameters<F>): unknown => {
    const operation = make(...args);
    const socket = BlockingSocket.open();
    try {
      return runBlocking(operation, socket);
    } finally {
      socket.close();
    }
  };
  return execute as Synchronous<F>;
}
