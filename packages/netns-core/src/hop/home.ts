import { openSync } from 'node:fs';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { NetnsError } from '../errors.js';
import { Errno, O_CLOEXEC, O_EXCL, O_RDONLY, PIDFD_GET_NET_NAMESPACE, type Syscalls } from '../sys/index.js';

// The namespace that the process started in, captured once, by the main thread, when the first copy of this package
// is loaded there: an open file descriptor, since a namespace may have no name. Worker threads inherit the number.
const KEY = 'netns-core.start';
const OWN = Symbol.for(KEY);
const holder = process as typeof process & { [OWN]?: number };

if (isMainThread && process.platform === 'linux' && holder[OWN] === undefined) {
  try {
    holder[OWN] = openSync('/proc/thread-self/ns/net', 'r');
    setEnvironmentData(KEY, holder[OWN]);
  } catch {
    // No descriptor left, or no /proc: `startNamespaceFd` tries again and says so.
  }
}

/**
 * The namespace that the process started in, as a file descriptor that must not be closed.
 *
 * @throws NetnsError when it can not be opened
 */
export function startNamespaceFd(calls: Syscalls): number {
  const inherited = holder[OWN] ?? (getEnvironmentData(KEY) as number | undefined);
  if (inherited !== undefined) return inherited;
  // The main thread has not loaded this package, so it is where it started.
  const fd = calls.open('/proc/self/ns/net', O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) throw NetnsError.fromErrno(-fd, 'open', 'cannot open the namespace that the process started in');
  holder[OWN] = fd;
  return fd;
}

// On Linux 6.11 and later an ioctl on a pidfd of the thread opens its namespace, in half the time that the walk through
// /proc takes. The pidfd is opened anew each time: one that is kept could be closed by others, and its number become
// another process's. Whether the kernel has the ioctl is found out once per thread.
let byPidfd = true;
let tid: number | undefined;

/** A pidfd of one thread, not of its process; `<linux/pidfd.h>`, since Linux 6.9. */
const PIDFD_THREAD = O_EXCL;

/**
 * Opens the namespace that the calling thread is in. `/proc/self` would be the main thread's.
 *
 * @returns a close-on-exec file descriptor, or a negative error number
 */
export function openThreadNamespace(calls: Syscalls): number {
  if (byPidfd) {
    tid ??= isMainThread ? process.pid : calls.gettid();
    const pidfd = calls.pidfdOpen(tid, isMainThread ? 0 : PIDFD_THREAD);
    let fd = pidfd;
    if (pidfd >= 0) {
      fd = calls.ioctl(pidfd, PIDFD_GET_NET_NAMESPACE, 0);
      calls.close(pidfd);
    }
    if (fd >= 0 || SHORTAGES.has(-fd)) return fd;
    if (LACKING.has(-fd)) byPidfd = false;
  }
  return calls.open('/proc/thread-self/ns/net', O_RDONLY | O_CLOEXEC, 0);
}

/** The kernel is too old for it, and will be the next time. Anything else may be about this one call. */
const LACKING = new Set<number>([Errno.ENOSYS, Errno.ENOTTY]);

/** What the walk through /proc would suffer from as well. */
const SHORTAGES = new Set<number>([Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM]);
