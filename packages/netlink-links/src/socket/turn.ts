import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';

/** How long answers are decoded in one turn of the event loop. */
const LONGEST_TURN_MS = 2;

// Of this thread: all connections of it share its event loop.
let began: number | undefined;

/** Whether answers have been decoded for long enough in this turn of the event loop: the rest waits for the next one. */
export function isTurnOver(): boolean {
  if (began !== undefined) return performance.now() - began > LONGEST_TURN_MS;
  began = performance.now();
  setImmediate(() => {
    began = undefined;
  });
  return false;
}
