import { access } from 'node:fs';
import { PoisonedThreadError } from '../errors.js';
import { type Syscalls, sys } from '../sys/index.js';
import { keepInspectorHome } from './inspector.js';
import { isMoving, undoInterruptedMoves } from './moves.js';
import { threadState } from './thread-state.js';

/**
 * The system calls, for work that depends on the calling thread's namespace. A thread that was interrupted in a hop,
 * and so is still elsewhere, is taken back first.
 *
 * @throws PoisonedThreadError on a thread that could not return home before
 */
export function threadSys(): Syscalls {
  const calls = sys();
  if (isMoving()) undoInterruptedMoves(calls);
  const { poisoned } = threadState();
  if (poisoned !== undefined)
    throw new PoisonedThreadError(
      `this thread is in a foreign network namespace for good, so nothing more is done on it: ${poisoned}. End the process (or the worker)`,
      { code: 'ERR_POISONED_THREAD' },
    );
  return calls;
}

/**
 * Makes sure that every thread that is created lazily exists before the calling thread enters another namespace: a
 * thread is born in its creator's namespace, and one of libuv's pool that was born in a hop would resolve names and
 * open files' sockets there for good. The first piece of work makes libuv start its whole pool, and wait for it,
 * before the call returns; koffi's asynchronous calls run on the same pool. Node's inspector, which a signal starts at
 * any time, is kept from starting in a hop.
 */
export function createLazyThreads(): void {
  const state = threadState();
  if (state.warm) return;
  // Not `stat`: libuv may hand that to io_uring, which needs no pool.
  access('/', () => {});
  keepInspectorHome();
  state.warm = true;
}
