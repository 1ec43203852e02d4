import type { Operation } from '../operation/operation.js';
import * as operations from './operations.js';
import type { Promised } from './synchronous.js';
import type { SynchronousOperations } from './synchronous-operations.js';

/** The table of all operations: what `netlink-links/operations` exports. */
type Operations = typeof operations;

/**
 * The functions of the table as they are when a Netlink executes them without holding the event loop. (It is derived
 * from the type that has the documentation of each, for an editor to find it.)
 */
type PromisedOperations = {
  [K in keyof SynchronousOperations]: Promised<Operations[K]>;
};

type Factory = (...args: unknown[]) => Operation<unknown>;

interface Executor {
  execute(operation: Operation<unknown>): unknown;
}

/**
 * Defines a method for every operation of the table on a class that can execute operations.
 *
 * @param promised whether arguments that are refused reject the method's promise; otherwise it throws
 */
export function defineOperations(prototype: Executor, { promised }: { promised: boolean }): void {
  for (const [name, make] of Object.entries(operations as unknown as Readonly<Record<string, Factory>>))
    Object.defineProperty(prototype, name, {
      value: promised
        ? async function (this: Executor, ...args: unknown[]) {
            return this.execute(make(...args));
          }
        : function (this: Executor, ...args: unknown[]) {
            return this.execute(make(...args));
          },
      configurable: true,
      writable: true,
    });
}

/** What the methods of a class derived from the table look like to the compiler. */
export const PromisedDoor = class {} as new () => PromisedOperations;
export const SynchronousDoor = class {} as new () => SynchronousOperations;
