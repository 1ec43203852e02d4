import type { Operation } from '../operation/operation.js';
import type * as operations from './operations.js';
import type { SynchronousOperations } from './synchronous-operations.js';

/** The table of all operations: what `netlink-links/operations` exports. */
type Operations = typeof operations;

/** An operation's function as it is when a Netlink executes it at once. */
export type Synchronous<F> = F extends (...args: infer A) => Operation<infer T> ? (...args: A) => T : never;

/** An operation's function as it is when a Netlink executes it without holding the event loop. */
type Promised<F> = F extends (...args: infer A) => Operation<infer T> ? (...args: A) => Promise<T> : never;

/**
 * The functions of the table as they are when a Netlink executes them without holding the event loop. (It is derived
 * from the type that has the documentation of each, for an editor to find it.)
 */
export type PromisedOperations = {
  [K in keyof SynchronousOperations]: Promised<Operations[K]>;
};
