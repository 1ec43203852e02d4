import { access } from 'node:fs';
import { PoisonedThreadError } from '../errors.js';
import { type Syscalls, sys } from '../sys/index.js';

/** What there is once per thread, however many copies of this package it has loaded. */
interface ThreadState {
  /** Why this thread must not be used any more. */
  poisoned?: string;
  /** All lazily created threads exist. */
  warm?: boolean;
  /** How often this thread has given a namespace a name, or taken one away. */
  namedChanges?: number;
}

// `process` is one object per thread, and the same one in every realm (`vm` contexts included).
const KEY = Symbol.for('netns-core.thread');

function threadState(): ThreadState {
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

/**
 * The system calls, for work that depends on the calling thread's namespace.
 *
 * @throws PoisonedThreadError on a thread that could not return home before
 */
export function threadSys(): Syscalls {
  const { poisoned } = threadState();
  if (poisoned !== undefined)
    throw new PoisonedThreadError(
      `this thread is in a foreign network namespace for good, so nothing more is done on it: ${poisoned}. End the process (or the worker)`,
      { code: 'ERR_POISONED_THREAD' },
    );
  return sys();
}

/**
 * Makes sure that every thread that is created lazily exists before the calling thread enters another namespace: a
 * thread is born in its creator's namespace, and one of libuv's pool that was born in a hop would resolve names and
 * open files' sockets there for good. The first piece of work makes libuv start its whole pool, and wait for it,
 * before the call returns; koffi's asynchronous calls run on the same pool.
 */
export function createLazyThreads(): void {
  const state = threadState();
  if (state.warm) return;
  // Not `stat`: libuv may hand that to io_uring, which needs no pool.
  access('/', () => {});
  state.warm = true;
}

/** Notes that this thread gives a namespace a name, or takes one away. */
export function noteNamedChange(): void {
  threadState().namedChanges = namedChanges() + 1;
}

/** A number that has grown if this thread has given or taken away a name, by whichever copy of this package. */
export function namedChanges(): number {
  return threadState().namedChanges ?? 0;
}
