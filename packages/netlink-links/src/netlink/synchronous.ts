import type { Operation } from '../operation/operation.js';

/** An operation's function as it is when a Netlink executes it at once. */
export type Synchronous<F> = F extends (...args: infer A) => Operation<infer T> ? (...args: A) => T : never;
