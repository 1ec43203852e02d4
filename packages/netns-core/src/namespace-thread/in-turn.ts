import { performance } from 'node:perf_hooks';

/** How long the event loop is held before others get their turn, ms. */
const SLICE = 3;

// What waits for its turn, one queue per thread.
const waiting: (() => void)[] = [];
let scheduled = false;

function workThrough(): void {
  const end = performance.now() + SLICE;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    next();
    if (performance.now() >= end) break;
  }
  scheduled = waiting.length > 0;
  if (scheduled) setImmediate(workThrough);
}

/**
 * Does synchronous work that takes a millisecond or so, such as making a namespace, a few pieces a turn of the event
 * loop. A thousand callers at once would otherwise hold it for seconds.
 */
export function inTurn<T>(work: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    waiting.push(() => {
      try {
        resolve(work());
      } catch (error) {
        reject(error);
      }
    });
    if (scheduled) return;
    scheduled = true;
    setImmediate(workThrough);
  });
}
