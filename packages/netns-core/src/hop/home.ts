import { openSync } from 'node:fs';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { NetnsError } from '../errors.js';
import { Errno, O_CLOEXEC, O_RDONLY, PIDFD_GET_NET_NAMESPACE, type Syscalls } from '../sys/index.js';

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

// What tells the calling thread's namespace: `/proc/thread-self/ns/net` always; on the main thread of a process on
// Linux 6.11 and later an ioctl on the process's own pidfd, which takes a quarter of the time. Kept per thread.
let pidfd: number | undefined;
let pidfdServed = false;

/**
 * Opens the namespace that the calling thread is in. `/proc/self` would be the main thread's.
 *
 * @returns a close-on-exec file descriptor, or a negative error number
 */
export function openThreadNamespace(calls: Syscalls): number {
  if (pidfd === undefined) pidfd = isMainThread ? calls.pidfdOpen(process.pid, 0) : -1;
  if (pidfd >= 0) {
    const fd = calls.ioctl(pidfd, PIDFD_GET_NET_NAMESPACE, 0);
    if (fd >= 0) {
      pidfdServed = true;
      return fd;
    }
    if (!pidfdRefused.has(-fd)) return fd;
    // Refused for good. Closed only if it never served: else somebody else has closed it, and the number is theirs.
    if (!pidfdServed) calls.close(pidfd);
    pidfd = -1;
  }
  return calls.open('/proc/thread-self/ns/net', O_RDONLY | O_CLOEXEC, 0);
}

/** How kernels before 6.11 (and seccomp filters) say that they do not have the ioctl. */
const pidfdRefused = new Set<number>([
  Errno.EPERM,
  Errno.EBADF,
  Errno.EACCES,
  Errno.EINVAL,
  Errno.ENOTTY,
  Errno.ENOSYS,
  Errno.EOPNOTSUPP,
]);
