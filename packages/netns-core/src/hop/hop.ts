import { channel } from 'node:diagnostics_channel';
import { NetnsError } from '../errors.js';
import { notANamespace, openError, whyNotANamespace } from '../namespace/identity.js';
import { describeNamespace, type NamespaceRef, type OpenNamespace, openReference } from '../namespace/reference.js';
import { CLONE_NEWNET, Errno, type Syscalls } from '../sys/index.js';
import { openThreadNamespace } from '../thread/home.js';
import { asMove, closeMoveFd, HOME, MADE, type Move, returnHome, TARGET } from '../thread/moves.js';
import { createLazyThreads, threadSys } from '../thread/thread.js';
import { forgetConnecting, observeConnectingSockets } from './connecting-sockets.js';
import { checkHopOptions, type HopOptions } from './hop-options.js';
import { refuseAsyncFunction, refuseUnborn } from './unborn.js';

/** Published on `diagnostics_channel` as `netns-core:hop`, after each hop, if there is a subscriber. */
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
  observeConnectingSockets();
  if (ref === '') return asMove(calls, ref, describeNamespace, stay, fn, undefined);
  createLazyThreads();
  const throws = options?.onRestoreFailure === 'throw';
  if (!hopChannel.hasSubscribers) return asMove(calls, ref, describeNamespace, hop, fn, throws);
  return published(ref, () => asMove(calls, ref, describeNamespace, hop, fn, throws));
}

function published<T>(ref: NamespaceRef, run: () => T): T {
  const start = process.hrtime.bigint();
  const publish = (outcome: { error?: unknown }): void => {
    hopChannel.publish({ namespace: ref, duration: process.hrtime.bigint() - start, ...outcome } satisfies HopEvent);
  };
  try {
    const result = run();
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

function hop<T>(calls: Syscalls, move: Move<NamespaceRef>, fn: () => T, throws: boolean): T {
  move.throws = throws;
  enter(calls, move);
  let result: T;
  try {
    result = fn();
    refuseUnborn(result);
  } catch (error) {
    forgetConnecting();
    returnHome(calls, move, undefined, { error });
    throw error;
  }
  forgetConnecting();
  returnHome(calls, move, result, undefined);
  return result;
}

/** Calls the function where the thread is. */
function stay<T>(_calls: Syscalls, _move: Move<NamespaceRef>, fn: () => T): T {
  try {
    const result = fn();
    refuseUnborn(result);
    forgetConnecting();
    return result;
  } catch (error) {
    forgetConnecting();
    throw error;
  }
}

/** Takes the thread to the namespace of a move. */
function enter(calls: Syscalls, move: Move<NamespaceRef>): void {
  const target = openReference(calls, move.ref);
  move.fds[TARGET] = target.owned ? target.fd : -1;
  const home = openThreadNamespace(calls);
  move.fds[HOME] = home;
  if (home < 0) throw openError(-home, "the caller's namespace", '/proc/thread-self/ns/net');
  move.away = true;
  const entered = calls.setns(target.fd, CLONE_NEWNET);
  if (entered < 0) {
    move.away = false;
    throw enterError(calls, -entered, move.ref, target);
  }
  closeMoveFd(calls, move, TARGET);
}

/** Finds out why setns(2) refused, and makes the error of it. */
function enterError(calls: Syscalls, errno: number, ref: NamespaceRef, { fd, path }: OpenNamespace): NetnsError {
  const what = describeNamespace(ref);
  const reason = errno === Errno.EINVAL ? whyNotANamespace(calls, fd, path) : undefined;
  if (reason !== undefined) return notANamespace(what, reason, { path, errno, syscall: 'setns' });
  return NetnsError.fromErrno(errno, 'setns', `cannot enter ${what}`);
}

/** How a file descriptor is made in a namespace. */
export interface Maker<A> {
  /** Makes it there: one system call, whose result it returns. */
  readonly make: (calls: Syscalls, argument: A) => number;
  /** Goes on with it, back at home. It is closed if this throws. */
  readonly finish: (calls: Syscalls, fd: number, argument: A) => void;
  readonly error: (errno: number, ref: NamespaceRef, argument: A) => NetnsError;
}

/**
 * Makes a file descriptor in a namespace. Until it is returned it is closed whatever happens, the end of the running
 * function by V8 included.
 *
 * @throws as {@link runInNamespace}, and the errors of the maker
 */
export function makeInNamespace<A>(ref: NamespaceRef, maker: Maker<A>, argument: A): number {
  const calls = threadSys();
  if (ref !== '') createLazyThreads();
  if (ref === '' || !hopChannel.hasSubscribers)
    return asMove(calls, ref, describeNamespace, makeDescriptor, maker as Maker<unknown>, argument);
  return published(ref, () => asMove(calls, ref, describeNamespace, makeDescriptor, maker as Maker<unknown>, argument));
}

function makeDescriptor<A>(calls: Syscalls, move: Move<NamespaceRef>, maker: Maker<A>, argument: A): number {
  const away = move.ref !== '';
  if (away) enter(calls, move);
  const fd = maker.make(calls, argument);
  move.fds[MADE] = fd;
  if (away) returnHome(calls, move, fd, undefined);
  if (fd < 0) throw maker.error(-fd, move.ref, argument);
  maker.finish(calls, fd, argument);
  return fd;
}
