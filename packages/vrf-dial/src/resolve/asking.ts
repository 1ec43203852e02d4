import type { Cancellation } from '../cancellation.js';
import type { ResolverConfiguration } from './configuration.js';
import type { ResolverContext } from './context.js';

/** What all questions of one resolution have in common. */
export interface Asking {
  readonly context: ResolverContext;
  readonly configuration: ResolverConfiguration;
  /** Which server is asked first, for `rotate`. */
  readonly first: number;
  readonly cancellation: Cancellation;
}

// Where the next resolution of a target with `rotate` begins. A count for all: it only has to differ.
let turn = 0;

/** The server that is asked first. */
export function firstServer({ rotate }: ResolverConfiguration): number {
  if (!rotate) return 0;
  turn = (turn + 1) % 0x4000_0000;
  return turn;
}
