import { shown } from '../checks/escaped.js';
import { checkInteger } from '../checks/option-checks.js';
import { InvalidOptionError, NetnsError } from '../errors.js';
import { CLONE_NEWNET, type Syscalls } from '../sys/index.js';
import { openThreadNamespace, startNamespaceFd } from '../thread/home.js';
import { asMove, closeMoveFd, HOME, MADE, type Move, returnHome } from '../thread/moves.js';
import { createLazyThreads, threadSys } from '../thread/thread.js';
import { adoptFd, NetnsHandle, openFd } from './handle.js';
import { openError } from './identity.js';
import { resolveNamespace } from './reference.js';

/**
 * The namespace that the calling thread is in.
 *
 * @throws NetnsError when the process has no file descriptor left
 */
export function get(): NetnsHandle {
  return resolveNamespace('');
}

/**
 * The namespace that the process started in, wherever the calling thread is now.
 *
 * @throws NetnsError when the process has no file descriptor left, or it is not known any more
 */
export function homeNamespace(): NetnsHandle {
  return resolveNamespace({ fd: startNamespaceFd(threadSys()) });
}

/** The namespace of that name under `/run/netns`, or else `/var/run/netns`. @throws as {@link resolveNamespace} */
export function getFromName(name: string): NetnsHandle {
  return resolveNamespace({ name });
}

/** The namespace whose file is at that path. @throws as {@link resolveNamespace} */
export function getFromPath(path: string): NetnsHandle {
  return resolveNamespace({ path });
}

/** The namespace that a process (its main thread) is in. @throws as {@link resolveNamespace} */
export function getFromPid(pid: number): NetnsHandle {
  return resolveNamespace({ pid });
}

/** The namespace that one thread of a process is in. @throws as {@link resolveNamespace} */
export function getFromThread(pid: number, tid: number): NetnsHandle {
  return resolveNamespace({ pid, tid });
}

/**
 * Moves the calling thread to a namespace, where it stays. Whatever Node makes on this thread from then on is made
 * there; {@link runInNamespace} is what most programs want.
 *
 * @throws ClosedHandleError, NetnsError (`EPERM`, …)
 */
export function set(handle: NetnsHandle): void {
  setns(handle, CLONE_NEWNET);
}

/**
 * setns(2) with a namespace type of one's own, 0 for "whatever it is".
 *
 * @throws ClosedHandleError, NetnsError (`EPERM`, `EINVAL`, …)
 */
export function setns(handle: NetnsHandle, nstype: number): void {
  if (!(handle instanceof NetnsHandle))
    throw new InvalidOptionError('handle', `a NetnsHandle is expected, got ${shown(handle)}`);
  const type = checkInteger('nstype', nstype, 0, 0xffffffff) ?? 0;
  const calls = threadSys();
  createLazyThreads();
  const result = calls.setns(openFd(handle), type | 0);
  if (result < 0) throw NetnsError.fromErrno(-result, 'setns', `cannot enter ${handle}`);
}

/**
 * Makes a new network namespace and moves the calling thread into it, where it stays. It has a loopback interface,
 * which is down, and nothing else. It vanishes with the last thread, handle and name.
 *
 * @throws NetnsError (`EPERM`, `ENOSPC`, …); the thread is then where it was
 */
export function newNetns(): NetnsHandle {
  const calls = threadSys();
  return unshareNetwork(calls, () => {});
}

/**
 * Takes the calling thread into a new namespace and calls `then` with a file descriptor on it. If anything fails, the thread is taken back.
 *
 * @internal
 */
export function unshareNetwork(calls: Syscalls, then: (fd: number) => void): NetnsHandle {
  createLazyThreads();
  return asMove(calls, '', describeFailed, unshareAndStay, then, undefined);
}

const describeFailed = (): string => 'a namespace whose creation failed';

function unshareAndStay(calls: Syscalls, move: Move<string>, then: (fd: number) => void): NetnsHandle {
  const home = openThreadNamespace(calls);
  move.fds[HOME] = home;
  if (home < 0) throw openError(-home, "the caller's namespace", '/proc/thread-self/ns/net');
  move.away = true;
  const made = calls.unshare(CLONE_NEWNET);
  if (made < 0) {
    move.away = false;
    throw NetnsError.fromErrno(-made, 'unshare', 'cannot make a network namespace');
  }
  let handle: NetnsHandle;
  try {
    const fd = openThreadNamespace(calls);
    move.fds[MADE] = fd;
    if (fd < 0) throw openError(-fd, 'the new namespace', '/proc/thread-self/ns/net');
    then(fd);
    handle = adoptFd(fd);
  } catch (error) {
    returnHome(calls, move, undefined, { error });
    throw error;
  }
  // From here on the thread is where it was meant to be.
  move.away = false;
  closeMoveFd(calls, move, HOME);
  return handle;
}
