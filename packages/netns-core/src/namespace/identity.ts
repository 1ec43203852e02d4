import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { NamespaceNotFoundError, NetnsError, NotANamespaceError } from '../errors.js';
import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  Errno,
  NS_GET_NSTYPE,
  NSFS_MAGIC,
  PROC_SUPER_MAGIC,
  type Syscalls,
} from '../sys/index.js';

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;

const OTHER_NAMESPACES: Readonly<Record<number, string>> = {
  [CLONE_NEWNS]: 'mount',
  [CLONE_NEWCGROUP]: 'cgroup',
  [CLONE_NEWUTS]: 'UTS',
  [CLONE_NEWIPC]: 'IPC',
  [CLONE_NEWUSER]: 'user',
  [CLONE_NEWPID]: 'PID',
  [CLONE_NEWTIME]: 'time',
};

/**
 * Why an open file is no network namespace; `undefined` if it is one. Asks the file system (nsfs) and the namespace
 * itself (`NS_GET_NSTYPE`, Linux 4.11).
 */
export function whyNotANamespace(calls: Syscalls, fd: number): string | undefined {
  const magic = calls.fstatfs(fd);
  if (magic === NSFS_MAGIC || magic === PROC_SUPER_MAGIC) {
    const type = calls.ioctl(fd, NS_GET_NSTYPE, 0);
    if (type === CLONE_NEWNET) return undefined;
    // Before Linux 4.11 the namespace cannot be asked; setns(2) will tell.
    if (type === -Errno.ENOTTY && magic === NSFS_MAGIC) return undefined;
    const other = OTHER_NAMESPACES[type];
    if (other !== undefined) return `it is a namespace, but of another type (${other})`;
    if (magic === PROC_SUPER_MAGIC) return 'it is a file of /proc, but not one of a namespace';
  }
  const identity = calls.fstat(fd);
  if (typeof identity === 'number') return 'it cannot be examined';
  switch (identity.mode & S_IFMT) {
    case S_IFDIR:
      return 'it is a directory';
    case S_IFREG:
      if (identity.size === 0)
        return 'it is an empty file with no namespace mounted on it, as an interrupted `ip netns add` or a lost mount leaves behind; remove it, or wait until its maker has mounted it';
      return 'it is a regular file';
    default:
      return 'it is neither a namespace nor a regular file';
  }
}

/** Whether an open file is what an interrupted `ip netns add` leaves: empty, and of an ordinary file system. */
export function isLeftover(calls: Syscalls, fd: number): boolean {
  const magic = calls.fstatfs(fd);
  // Files of nsfs and proc have no size either, and are somebody's.
  if (magic < 0 || magic === NSFS_MAGIC || magic === PROC_SUPER_MAGIC) return false;
  const identity = calls.fstat(fd);
  return typeof identity !== 'number' && (identity.mode & S_IFMT) === S_IFREG && identity.size === 0;
}

/** @throws NotANamespaceError if the open file is no network namespace; the file stays open */
export function checkNamespace(calls: Syscalls, fd: number, what: string, path?: string): void {
  const reason = whyNotANamespace(calls, fd);
  if (reason !== undefined)
    throw new NotANamespaceError(`${what} is no network namespace: ${reason}`, { code: 'ERR_NOT_A_NAMESPACE', path });
}

/** The error of a namespace's path that could not be opened. */
export function openError(errno: number, what: string, path: string, lookedIn: readonly string[] = []): NetnsError {
  if (errno === Errno.ENOENT || errno === Errno.ENOTDIR || errno === Errno.ESRCH) {
    const details = { code: errno === Errno.ESRCH ? 'ESRCH' : 'ENOENT', errno, syscall: 'open', path };
    const dangling = danglingLink(path);
    if (dangling !== undefined)
      return new NamespaceNotFoundError(`${what} is a symbolic link to ${dangling}, which does not exist`, details);
    const missing = lookedIn.filter((directory) => !existsSync(directory));
    const where = lookedIn.length === 0 ? '' : `: looked in ${lookedIn.join(' and in ')}`;
    const hint =
      lookedIn.length > 0 && missing.length === lookedIn.length
        ? ' (no such directory: no namespace has a name here yet)'
        : '';
    return new NamespaceNotFoundError(`${what} does not exist${where}${hint}`, details);
  }
  return NetnsError.fromErrno(errno, 'open', `cannot open ${what}`, { path });
}

function danglingLink(path: string): string | undefined {
  try {
    // Links in /proc name what they are, not where it is.
    return !path.startsWith('/proc/') && lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}
