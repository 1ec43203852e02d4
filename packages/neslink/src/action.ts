import { describeMisplaced } from 'netlink-links';
import { InvalidOptionError } from 'netns-core';
import type { ActionContext } from './action-context.js';

/** Something to do in a namespace. `T` is the type of its result. */
export interface Action<T = unknown> {
  /** What errors call it. */
  readonly name: string;
  /** Does it. What it needs of the namespace it takes from the context. */
  do(context: ActionContext): T | Promise<T>;
}

/** The results of a list of actions, in their order. */
export type Results<A extends readonly Action[]> = {
  -readonly [K in keyof A]: A[K] extends Action<infer T> ? Awaited<T> : never;
};

/**
 * Refuses what is not an action, before anything is done.
 *
 * @throws InvalidOptionError with its place, counted from 1
 */
export function checkActions(actions: readonly unknown[]): void {
  for (const [index, action] of actions.entries())
    if (!isAction(action))
      throw new InvalidOptionError(
        'actions',
        `action ${index + 1} must be an action, such as LASetUp(LPName('v0')), got ${describeMisplaced(action)}`,
      );
}

function isAction(value: unknown): value is Action {
  return typeof value === 'object' && value !== null && 'do' in value && typeof value.do === 'function';
}
