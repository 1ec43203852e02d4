/**
 * How many system calls of ours may be on threads of libuv's pool at once. The pool has four threads, for
 * all files and names of the process; a slow kernel holds two of them at most.
 */
const SLOTS = 2;

interface Pool {
  free: number;
  readonly waiting: (() => void)[];
}

// One per process (and thread), not per copy of this package: ESM and CommonJS copies share the same threads.
const KEY = Symbol.for('netlink-links.pool');
const registry = globalThis as { [KEY]?: Pool };

function pool(): Pool {
  registry[KEY] ??= { free: SLOTS, waiting: [] };
  return registry[KEY];
}

/** Runs a call on a thread of the pool when it is its turn; first come, first served. */
export async function onPool(call: () => Promise<number>): Promise<number> {
  const slots = pool();
  if (slots.free > 0) slots.free -= 1;
  else await new Promise<void>((resolve) => slots.waiting.push(resolve));
  try {
    return await call();
  } finally {
    // The slot goes straight to the next in line, so that no other call can slip in between.
    const next = slots.waiting.shift();
    if (next === undefined) slots.free += 1;
    else next();
  }
}
