import { channel } from 'node:diagnostics_channel';
import { NetnsError } from '../errors.js';
import { notANamespace, openError, whyNotANamespace } from '../namespace/identity.js';
import { describeNamespace, type NamespaceRef, type OpenNamespace, openReference } from '../namespace/reference.js';
import { CLONE_NEWNET, Errno, type Syscalls } from '../sys/index.js';
import { openThreadNamespace } from './home.js';
import { createLazyThreads, threadSys } from './thread.js';
import { refuseAsyncFunction, refuseUnborn } from './unborn.js';
import { checkHopOptions, goHome, type HopOptions, returning } from './way-back.js';

/** Published on `diagnostics_channel` as `netns-core:hop`, after each hop, if somebody listens. */
export interface HopEvent {
  /** The reference the hop was asked for. */
  readonly namespace: NamespaceRef;
  /** Nanoseconds from before the first system call to after the last. */
  readonly duration: bigint;
  /** What the function threw, if it did. */
  readonly error?: unknown;
}

const hopChannel = channel('netns-core:hop');

/**
 * Calls a synchronous function with the calling thread in another network namespace, and returns what it returns.
 * Sockets made inside (by `openSocket`, or by a library that calls socket(2) at once) belong to that namespace for
 * life; everything after that happens at home, in Node's ordinary event loop.
 *
 * The thread returns to where it was at entry, so hops nest. `''` calls the function where the thread is. The function
 * must not be asynchronous, nor return a promise or a Node object that has yet to make its socket.
 *
 * @param ref where to
 * @param fn what to do there; its result or its error passes through
 * @throws NamespaceNotFoundError, NotANamespaceError, InvalidNameError, ClosedHandleError, NetnsError (`EPERM`, …)
 *   before the function was called; AsyncCallbackError; NamespaceRestoreError with `onRestoreFailure: 'throw'`;
 *   PoisonedThreadError after one
 */
export function runInNamespace<T>(ref: NamespaceRef, fn: () => T, options?: HopOptions): T {
  const calls = threadSys();
  refuseAsyncFunction(fn);
  if (options !== undefined) checkHopOptions(options);
  if (ref === '') {
    const result = fn();
    refuseUnborn(result);
    return result;
  }
  createLazyThreads();
  if (!hopChannel.hasSubscribers) return hop(calls, ref, fn, options?.onRestoreFailure);

  const start = process.hrtime.bigint();
  const publish = (outcome: { error?: unknown }): void => {
    hopChannel.publish({ namespace: ref, duration: process.hrtime.bigint() - start, ...outcome } satisfies HopEvent);
  };
  try {
    const result = hop(calls, ref, fn, options?.onRestoreFailure);
    publish({});
    return result;
  } catch (error) {
    publish({ error });
    throw error;
  }
}

/**
 * {@link runInNamespace} that always stops the process if the thread cannot return.
 */
export function mustRunInNamespace<T>(ref: NamespaceRef, fn: () => T): T {
  return runInNamespace(ref, fn);
}

function hop<T>(calls: Syscalls, ref: NamespaceRef, fn: () => T, onRestoreFailure: HopOptions['onRestoreFailure']): T {
  const home = enter(calls, ref);
  return returning(calls, home, describeNamespace, ref, fn, onRestoreFailure);
}

/** Takes the thread to a namespace; answers with the one it came from, open, to return to. */
function enter(calls: Syscalls, ref: NamespaceRef): number {
  const target = openReference(calls, ref);
  const home = openThreadNamespace(calls);
  if (home < 0) {
    if (target.owned) calls.close(target.fd);
    throw openError(-home, "the caller's namespace", '/proc/thread-self/ns/net');
  }
  const entered = calls.setns(target.fd, CLONE_NEWNET);
  if (entered < 0) {
    calls.close(home);
    throw enterError(calls, -entered, ref, target);
  }
  if (target.owned) calls.close(target.fd);
  return home;
}

/**
 * The two halves of a hop, for a constructor that has to call `super` in between. Whoever calls this leaves in a
 * `finally`, in the same turn; the process is stopped if that fails.
 *
 * @internal
 */
export function enterNamespace(ref: NamespaceRef): { leave(): void } {
  const calls = threadSys();
  createLazyThreads();
  const home = enter(calls, ref);
  return { leave: () => goHome(calls, home, describeNamespace, ref, { result: undefined }, 'abort') };
}

/** Finds out why setns(2) refused, closes what was opened, and makes the error of it. */
function enterError(calls: Syscalls, errno: number, ref: NamespaceRef, target: OpenNamespace): NetnsError {
  const what = describeNamespace(ref);
  try {
    const { path } = target;
    const reason = errno === Errno.EINVAL ? whyNotANamespace(calls, target.fd, path) : undefined;
    if (reason !== undefined) return notANamespace(what, reason, { path, errno, syscall: 'setns' });
    return NetnsError.fromErrno(errno, 'setns', `cannot enter ${what}`);
  } finally {
    if (target.owned) calls.close(target.fd);
  }
}
