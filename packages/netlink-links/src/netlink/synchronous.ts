import type { Operation } from '../operation/operation.js';

/**
 * The signatures of an operation's function, with what it resolves to in the place of the operation: one, or two where what
 * is asked for decides what comes.
 */
type Executed<F, As extends 'value' | 'promise'> = F extends {
  (...args: infer A): Operation<infer T>;
  (...args: infer B): Operation<infer U>;
}
  ? // A function with one signature matches as well, with arguments that nothing is known of.
    unknown[] extends A
    ? (...args: B) => Result<U, As>
    : { (...args: A): Result<T, As>; (...args: B): Result<U, As> }
  : F extends (...args: infer A) => Operation<infer T>
    ? (...args: A) => Result<T, As>
    : never;

type Result<T, As extends 'value' | 'promise'> = As extends 'promise' ? Promise<T> : T;

/** An operation's function as it is when a Netlink executes it at once. */
export type Synchronous<F> = Executed<F, 'value'>;

/** An operation's function as it is when a Netlink executes it without holding the event loop. */
export type Promised<F> = Executed<F, 'promise'>;
