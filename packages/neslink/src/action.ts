import type { ActionContext } from './action-context.js';

/** Something to do in a namespace. `T` is what it answers with. */
export interface Action<T = unknown> {
  /** What errors call it. */
  readonly name: string;
  /** Does it. What it needs of the namespace it takes from the context. */
  do(context: ActionContext): T | Promise<T>;
}

/** What each of a list of actions answers with, in their order. */
export type Results<A extends readonly Action[]> = {
  -readonly [K in keyof A]: A[K] extends Action<infer T> ? Awaited<T> : never;
};
