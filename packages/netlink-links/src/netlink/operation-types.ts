import type { Operation } from '../operation/operation.js';
import type * as operations from './operations.js';

/** The table of all operations: what `netlink-links/operations` exports. */
export type Operations = typeof operations;

/** The functions of the table as they are when a Netlink executes them without holding the event loop. */
export type PromisedOperations = {
  [K in keyof Operations]: Operations[K] extends (...args: infer A) => Operation<infer T>
    ? (...args: A) => Promise<T>
    : never;
};

/** The functions of the table as they are when a Netlink executes them at once. */
export type SynchronousOperations = {
  [K in keyof Operations]: Operations[K] extends (...args: infer A) => Operation<infer T> ? (...args: A) => T : never;
};
