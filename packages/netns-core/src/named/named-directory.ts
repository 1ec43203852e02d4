import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { escaped } from '../checks/escaped.js';
import { NetnsError } from '../errors.js';
import { readMounts } from '../namespace/mount-propagation.js';
import { NETNS_DIRS } from '../namespace/named-directories.js';
import {
  Errno,
  LOCK_EX,
  LOCK_NB,
  LOCK_UN,
  MS_BIND,
  MS_REC,
  MS_SHARED,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  type Syscalls,
} from '../sys/index.js';

/** How long another process may hold the lock of a directory, which every process that can read the directory can take. */
const LOCK_TIMEOUT_MS = 5000;

/** Never notified: a way to sleep that also ends when the thread is terminated. */
const SLEEP = new Int32Array(new SharedArrayBuffer(4));

/**
 * The path of an open file. The kernel takes it for exactly that file and mount, whatever has become of the path that it
 * was opened by.
 */
export function descriptorPath(fd: number): string {
  return `/proc/thread-self/fd/${fd}`;
}

/**
 * A directory of named namespaces, opened once: names in it are reached through its descriptor, so that a component of
 * its path that is swapped for a link leads nowhere else.
 */
export class NamedDirectory {
  readonly fd: number;
  /** As the caller gave it, for messages. */
  readonly dir: string;
  #locked = false;

  private constructor(fd: number, dir: string) {
    this.fd = fd;
    this.dir = dir;
  }

  /**
   * @param trusted whether it may belong to another user
   * @returns a negative error number if there is none
   * @throws NetnsError if it cannot be opened, or `ERR_UNTRUSTED_DIRECTORY` if another user's
   */
  static open(calls: Syscalls, dir: string, trusted: boolean): NamedDirectory | number {
    let fd = calls.open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    // Names in it can be reached without the right to list it.
    if (fd === -Errno.EACCES) fd = calls.open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd === -Errno.ENOENT || fd === -Errno.ENOTDIR) return fd;
    if (fd < 0) throw directoryError(-fd, 'open', 'open', dir);
    const directory = new NamedDirectory(fd, dir);
    if (trusted || isDefaultDirectory(dir)) return directory;
    try {
      refuseForeignDirectory(calls, directory);
    } catch (error) {
      directory.close(calls);
      throw error;
    }
    return directory;
  }

  /** Makes it if it is missing; a default one becomes a shared mount, as with `ip netns add`. */
  static prepare(calls: Syscalls, dir: string, trusted: boolean): NamedDirectory {
    const made = calls.mkdir(dir, 0o755);
    if (made < 0 && made !== -Errno.EEXIST) throw directoryError(-made, 'mkdir', 'make', dir);
    if (isDefaultDirectory(dir)) shareMount(calls, dir);
    const directory = NamedDirectory.open(calls, dir, trusted);
    if (typeof directory === 'number') throw directoryError(-directory, 'open', 'open', dir);
    return directory;
  }

  close(calls: Syscalls): void {
    calls.close(this.fd);
  }

  pathOf(name: string): string {
    return `${this.dir}/${name}`;
  }

  /**
   * Opens what has a name here: a namespace, for questions; what may not be read and what is a symbolic link, as a place
   * only (`O_PATH`).
   *
   * @returns a file descriptor or a negative error number
   */
  openName(calls: Syscalls, name: string): number {
    const fd = calls.openat(this.fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, 0);
    return fd === -Errno.EACCES || fd === -Errno.ELOOP || fd === -Errno.ENXIO
      ? calls.openat(this.fd, name, O_PATH | O_CLOEXEC | O_NOFOLLOW, 0)
      : fd;
  }

  /**
   * Keeps other processes from making or deleting names here meanwhile (those that take the lock: this package's).
   *
   * @throws NetnsError `EBUSY` if another process holds it for too long
   */
  lock(calls: Syscalls): void {
    lockDirectory(calls, this.fd, this.dir);
    this.#locked = true;
  }

  unlock(calls: Syscalls): void {
    if (!this.#locked) return;
    this.#locked = false;
    calls.flock(this.fd, LOCK_UN);
  }

  /** Whether {@link descriptorPath} leads anywhere: /proc is there. */
  hasDescriptorPaths(): boolean {
    return existsSync(descriptorPath(this.fd));
  }
}

function directoryError(errno: number, syscall: string, what: string, dir: string): NetnsError {
  return NetnsError.fromErrno(errno, syscall, `cannot ${what} the directory of named namespaces ${escaped(dir, 300)}`, {
    path: dir,
  });
}

/**
 * Whether an open directory is where its mount begins; a second mount would hide the names on the first. The list of
 * mounts also has those that lie hidden below others, so the mount is found by its number.
 */
function isMountPoint(fd: number): boolean {
  try {
    const place = readlinkSync(descriptorPath(fd));
    const [, id] = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/thread-self/fdinfo/${fd}`, 'latin1')) ?? [];
    return readMounts('thread-self').some((mount) => mount.id === id && mount.mountPoint === place);
  } catch {
    return false;
  }
}

function isDefaultDirectory(dir: string): boolean {
  return NETNS_DIRS.includes(path.resolve(dir));
}

/** @throws NetnsError `ERR_UNTRUSTED_DIRECTORY` if the directory's owner is another user than the caller and root */
function refuseForeignDirectory(calls: Syscalls, { fd, dir }: NamedDirectory): void {
  const identity = calls.fstat(fd);
  if (typeof identity === 'number') throw directoryError(-identity, 'fstat', 'examine', dir);
  const { uid } = identity;
  if (uid === 0 || uid === process.geteuid?.()) return;
  throw new NetnsError(
    `the directory ${escaped(dir, 300)} belongs to user ${uid}, who could swap the names in it at any time: use a directory of your own or of root's, or give the option trustDirectory: true`,
    { code: 'ERR_UNTRUSTED_DIRECTORY', path: dir },
  );
}

function lockDirectory(calls: Syscalls, fd: number, dir: string): void {
  const end = performance.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    const locked = calls.flock(fd, LOCK_EX | LOCK_NB);
    if (locked >= 0) return;
    if (locked !== -Errno.EINTR && locked !== -Errno.EAGAIN) throw directoryError(-locked, 'flock', 'lock', dir);
    if (performance.now() >= end)
      throw new NetnsError(
        `cannot lock the directory of named namespaces ${escaped(dir, 300)}: another process has held the lock for ${LOCK_TIMEOUT_MS / 1000} s (\`lslocks\` names it)`,
        { code: 'EBUSY', errno: Errno.EBUSY, syscall: 'flock', path: dir },
      );
    Atomics.wait(SLEEP, 0, 0, 1);
  }
}

/**
 * Makes the directory a shared mount, so that namespaces mounted there are seen in other mount namespaces and go away
 * there when they are deleted here. The lock keeps two processes from mounting it twice, which would hide what was
 * mounted in between (`ip netns` takes the same lock).
 */
function shareMount(calls: Syscalls, dir: string): void {
  const fd = calls.open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0) throw directoryError(-fd, 'open', 'open', dir);
  try {
    lockDirectory(calls, fd, dir);
    let shared = calls.mount('', dir, 'none', MS_SHARED | MS_REC, null);
    if (shared === -Errno.EINVAL && !isMountPoint(fd)) {
      const bound = calls.mount(dir, dir, 'none', MS_BIND | MS_REC, null);
      if (bound < 0) throw directoryError(-bound, 'mount', 'mount on itself', dir);
      shared = calls.mount('', dir, 'none', MS_SHARED | MS_REC, null);
    }
    if (shared < 0) throw directoryError(-shared, 'mount', 'share the mount of', dir);
  } finally {
    // The lock goes with the descriptor.
    calls.close(fd);
  }
}
