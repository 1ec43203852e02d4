import { fstatSync, openSync } from 'node:fs';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { NetnsError } from '../errors.js';
import {
  Errno,
  type FileIdentity,
  O_CLOEXEC,
  O_RDONLY,
  PIDFD_GET_INFO,
  PIDFD_GET_NET_NAMESPACE,
  type Syscalls,
} from '../sys/index.js';

/** A descriptor that is kept for the life of the process, and what tells it from a later one of the same number. */
interface KeptFile {
  readonly fd: number;
  readonly dev: bigint;
  readonly ino: bigint;
}

// The namespace that the process started in, captured once, by the main thread, when the first copy of this package
// is loaded there: an open file descriptor, since a namespace may have no name. Worker threads inherit the number.
const KEY = 'netns-core.start';
const OWN = Symbol.for(KEY);
const holder = process as typeof process & { [OWN]?: KeptFile };

if (isMainThread && process.platform === 'linux' && holder[OWN] === undefined) {
  try {
    const fd = openSync('/proc/thread-self/ns/net', 'r');
    const { dev, ino } = fstatSync(fd, { bigint: true });
    holder[OWN] = { fd, dev, ino };
    setEnvironmentData(KEY, holder[OWN]);
  } catch {
    // No descriptor left, or no /proc: `startNamespaceFd` tries again and says so.
  }
}

/**
 * The namespace that the process started in, as a file descriptor that must not be closed. Other code may have closed
 * the one that is kept, and its number be another file's: its identity is compared before it is used.
 *
 * @throws NetnsError when it cannot be opened (again)
 */
export function startNamespaceFd(calls: Syscalls): number {
  const what = 'the namespace that the process started in';
  const kept = holder[OWN] ?? (getEnvironmentData(KEY) as KeptFile | undefined);
  if (kept !== undefined) {
    const found = calls.fstat(kept.fd);
    if (isSame(found, kept)) return kept.fd;
    if (typeof found === 'number' && found !== -Errno.EBADF)
      throw NetnsError.fromErrno(-found, 'fstat', `cannot examine ${what}`);
  }
  // Nothing has moved the main thread in most programs, so that it still is where it started.
  const fd = calls.open('/proc/self/ns/net', O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) throw NetnsError.fromErrno(-fd, 'open', `cannot open ${what}`);
  const identity = calls.fstat(fd);
  const isStart = typeof identity !== 'number' && (kept === undefined || isSame(identity, kept));
  if (typeof identity === 'number' || !isStart) {
    calls.close(fd);
    throw new NetnsError(
      `${what} is not known any more: other code has closed the file descriptor ${kept?.fd ?? ''} that this package kept of it, and the main thread is in another namespace now`,
      { code: 'EBADF', syscall: 'fstat' },
    );
  }
  holder[OWN] = { fd, dev: identity.dev, ino: identity.ino };
  if (isMainThread) setEnvironmentData(KEY, holder[OWN]);
  return fd;
}

function isSame(found: FileIdentity | number, { dev, ino }: KeptFile): boolean {
  return typeof found !== 'number' && found.dev === dev && found.ino === ino;
}

// An ioctl on a pidfd of the process opens the main thread's namespace in half the time that the walk through /proc
// takes. To open a pidfd costs as much as that walk, so it is kept, for the life of the process; and since a file
// descriptor that is kept can be closed by others, and its number become another process's, it is looked at each time.
// Worker threads take the walk: nothing tells a thread that is terminated to close what it has kept.
let pidfd: number | undefined;
let pidfdIdentity: KeptFile | undefined;
/** This kernel cannot: it takes Linux 6.13. */
let lacking = !isMainThread;

/**
 * Opens the namespace that the calling thread is in. `/proc/self` would be the main thread's.
 *
 * @returns a close-on-exec file descriptor, or a negative error number
 */
export function openThreadNamespace(calls: Syscalls): number {
  const own = lacking ? undefined : ownPidfd(calls);
  if (own !== undefined) {
    const fd = calls.ioctl(own, PIDFD_GET_NET_NAMESPACE, 0);
    // What the walk through /proc would suffer from as well.
    if (fd >= 0 || fd === -Errno.EMFILE || fd === -Errno.ENFILE || fd === -Errno.ENOMEM) return fd;
  }
  return calls.open('/proc/thread-self/ns/net', O_RDONLY | O_CLOEXEC, 0);
}

/** The pidfd that is kept, opened if there is none; `undefined` where it cannot be had or is not ours any more. */
function ownPidfd(calls: Syscalls): number | undefined {
  if (pidfd !== undefined) {
    const pid = pidOf(calls, pidfd);
    if (pid === process.pid) return pidfd;
    if (pid >= 0 || pid === -Errno.EBADF || pid === -Errno.ENOTTY) forgetPidfd(calls, pidfd);
    return undefined;
  }
  const opened = calls.pidfdOpen(process.pid, 0);
  if (opened < 0) {
    lacking = opened === -Errno.ENOSYS;
    return undefined;
  }
  const pid = pidOf(calls, opened);
  if (pid === process.pid) {
    const identity = calls.fstat(opened);
    pidfdIdentity = typeof identity === 'number' ? undefined : { fd: opened, dev: identity.dev, ino: identity.ino };
    pidfd = opened;
    return opened;
  }
  calls.close(opened);
  lacking = pid === -Errno.ENOTTY;
  return undefined;
}

/**
 * It did not say whose it is. Mostly something else has its number now, or nothing, and it is not ours to close; if it is
 * the same file all the same, the kernel does not answer any more.
 */
function forgetPidfd(calls: Syscalls, fd: number): void {
  if (pidfdIdentity !== undefined && isSame(calls.fstat(fd), pidfdIdentity)) {
    calls.close(fd);
    lacking = true;
  }
  pidfd = undefined;
}

// `struct pidfd_info` of <linux/pidfd.h>, as large as it was at first: a mask (u64), a cgroup (u64), the pid (u32), …
const info = new Uint8Array(64);
const infoMask = new BigUint64Array(info.buffer, 0, 1);
const infoPid = new Uint32Array(info.buffer, 16, 1);
const PIDFD_INFO_PID = 1n;

/** The process that a pidfd is of, or a negative error number. */
function pidOf(calls: Syscalls, fd: number): number {
  infoMask[0] = PIDFD_INFO_PID;
  const result = calls.ioctl(fd, PIDFD_GET_INFO, info);
  return result < 0 ? result : (infoPid[0] ?? 0);
}
