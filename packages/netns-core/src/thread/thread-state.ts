/** What there is once per thread, however many copies of this package it has loaded. */
interface ThreadState {
  /** Why this thread must not be used any more. */
  poisoned?: string;
  /** All lazily created threads exist. */
  warm?: boolean;
}

// `process` is one object per thread, and the same one in every realm (`vm` contexts included).
const KEY = Symbol.for('netns-core.thread');

export function threadState(): ThreadState {
  const holder = process as typeof process & { [KEY]?: ThreadState };
  holder[KEY] ??= {};
  return holder[KEY];
}

/** Marks the calling thread as stranded in a foreign namespace: every later call on it refuses. */
export function poisonThread(why: string): void {
  threadState().poisoned = why;
}

/** Whether a failed return has stranded the calling thread in a foreign namespace. */
export function isThreadPoisoned(): boolean {
  return threadState().poisoned !== undefined;
}
