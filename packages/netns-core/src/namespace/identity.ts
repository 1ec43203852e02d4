import { existsSync, lstatSync, readlinkSync, statSync } from 'node:fs';
import { escaped } from '../checks/escaped.js';
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
import { describeMissingMount } from './mount-propagation.js';

const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFDIR = 0o040000;
const S_IFLNK = 0o120000;

const OTHER_NAMESPACES: Readonly<Record<number, string>> = {
  [CLONE_NEWNS]: 'mount',
  [CLONE_NEWCGROUP]: 'cgroup',
  [CLONE_NEWUTS]: 'UTS',
  [CLONE_NEWIPC]: 'IPC',
  [CLONE_NEWUSER]: 'user',
  [CLONE_NEWPID]: 'PID',
  [CLONE_NEWTIME]: 'time',
};

/** What an open file turned out to be. */
export type Examination =
  | { readonly kind: 'namespace' }
  /** Empty, and of an ordinary file system: a name whose namespace is not mounted. */
  | { readonly kind: 'unmounted' }
  | { readonly kind: 'symlink' }
  | { readonly kind: 'other'; readonly reason: string }
  /** It could not be found out. */
  | { readonly kind: 'failed'; readonly syscall: string; readonly errno: number };

/**
 * Finds out whether an open file is a network namespace. Asks the file system (nsfs) and the namespace itself
 * (`NS_GET_NSTYPE`, Linux 4.11). The file may be open with `O_PATH` if it is of an ordinary file system.
 */
export function examine(calls: Syscalls, fd: number): Examination {
  const magic = calls.fstatfs(fd);
  if (magic < 0) return { kind: 'failed', syscall: 'fstatfs', errno: -magic };
  if (magic === NSFS_MAGIC || magic === PROC_SUPER_MAGIC) {
    const type = calls.ioctl(fd, NS_GET_NSTYPE, 0);
    if (type === CLONE_NEWNET) return { kind: 'namespace' };
    // Before Linux 4.11 the namespace cannot be asked; setns(2) will tell.
    if (type === -Errno.ENOTTY && magic === NSFS_MAGIC) return { kind: 'namespace' };
    const other = OTHER_NAMESPACES[type];
    if (other !== undefined) return { kind: 'other', reason: `it is a namespace, but of another type (${other})` };
    if (magic === PROC_SUPER_MAGIC && type === -Errno.ENOTTY)
      return { kind: 'other', reason: 'it is a file of /proc, but not one of a namespace' };
    return type < 0
      ? { kind: 'failed', syscall: 'ioctl', errno: -type }
      : { kind: 'other', reason: 'it is a namespace, but of another type' };
  }
  const identity = calls.fstat(fd);
  if (typeof identity === 'number') return { kind: 'failed', syscall: 'fstat', errno: -identity };
  switch (identity.mode & S_IFMT) {
    case S_IFLNK:
      return { kind: 'symlink' };
    case S_IFDIR:
      return { kind: 'other', reason: 'it is a directory' };
    case S_IFREG:
      return identity.size === 0 ? { kind: 'unmounted' } : { kind: 'other', reason: 'it is a regular file' };
    default:
      return { kind: 'other', reason: 'it is neither a namespace nor a regular file' };
  }
}

/**
 * Why an open file is not a network namespace; `undefined` if it is one, or if that could not be found out.
 *
 * @param path where it was opened
 */
export function whyNotANamespace(calls: Syscalls, fd: number, path?: string): string | undefined {
  return reasonOf(examine(calls, fd), path);
}

/** What speaks against an examined file; `undefined` for a namespace, and where it could not be found out. */
export function reasonOf(found: Examination, path: string | undefined): string | undefined {
  switch (found.kind) {
    case 'unmounted':
      return describeMissingMount(path);
    case 'symlink':
      return 'it is a symbolic link';
    case 'other':
      return found.reason;
    default:
      return undefined;
  }
}

/**
 * @param path where it was opened
 * @throws NotANamespaceError if the open file is not a network namespace, NetnsError if that could not be found out;
 *   the file stays open
 */
export function checkNamespace(calls: Syscalls, fd: number, what: string, path?: string): void {
  const found = examine(calls, fd);
  if (found.kind === 'failed')
    throw NetnsError.fromErrno(found.errno, found.syscall, `cannot find out whether ${what} is a network namespace`, {
      path,
    });
  const reason = reasonOf(found, path);
  if (reason !== undefined) throw notANamespace(what, reason, { path });
}

/** The error of a file that is there and is not a network namespace. */
export function notANamespace(
  what: string,
  reason: string,
  details: { path?: string | undefined; errno?: number; syscall?: string },
): NotANamespaceError {
  return new NotANamespaceError(`${what} is not a network namespace: ${reason}`, {
    code: 'ERR_NOT_A_NAMESPACE',
    ...details,
  });
}

/** The error of a namespace's path that could not be opened. */
export function openError(errno: number, what: string, path: string, lookedIn: readonly string[] = []): NetnsError {
  if (errno === Errno.ENOENT || errno === Errno.ENOTDIR || errno === Errno.ESRCH) {
    const details = { code: errno === Errno.ESRCH ? 'ESRCH' : 'ENOENT', errno, syscall: 'open', path };
    const dangling = danglingLink(path);
    if (dangling !== undefined)
      return new NamespaceNotFoundError(
        `${what} is a symbolic link to ${escaped(dangling, 300)}, which does not exist`,
        details,
      );
    return new NamespaceNotFoundError(`${what} does not exist${whereItIsMissing(path, lookedIn)}`, details);
  }
  // The file that a namespace is mounted on has no permissions: without its mount it cannot be opened. It is what a
  // process with CAP_DAC_OVERRIDE finds there as well, and may be waited for.
  if (errno === Errno.EACCES && isUnmounted(path)) return unmountedError(what, path);
  return NetnsError.fromErrno(errno, 'open', `cannot open ${what}`, { path });
}

/** The error of a name that stands on a file without its mount. */
export function unmountedError(what: string, path: string): NetnsError {
  return notANamespace(what, describeMissingMount(path), { path, errno: Errno.EACCES, syscall: 'open' });
}

/** A process's directory in `/proc`. */
const PROCESS_PATH = /^\/proc\/(\d+)\//;

function whereItIsMissing(path: string, lookedIn: readonly string[]): string {
  const pid = PROCESS_PATH.exec(path)?.[1];
  if (path.startsWith('/proc/') && !existsSync('/proc/self')) return ': /proc cannot be read, or is not mounted here';
  if (pid !== undefined && !existsSync(`/proc/${pid}`) && isAlive(Number(pid)))
    return ': the process runs, but /proc hides it from this user (the mount option hidepid)';
  if (lookedIn.length === 0) return '';
  const missing = lookedIn.every((directory) => !existsSync(directory));
  return `: looked in ${lookedIn.map((directory) => escaped(directory, 300)).join(' and in ')}${missing ? ' (no such directory: no namespace has a name here yet)' : ''}`;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether a path leads to the file of a namespace that is not mounted, as it is while `ip netns add` makes a name. */
export function isUnmounted(path: string): boolean {
  try {
    const status = statSync(path);
    return status.isFile() && status.size === 0 && (status.mode & 0o777) === 0 && !path.startsWith('/proc/');
  } catch {
    return false;
  }
}

function danglingLink(path: string): string | undefined {
  try {
    // Links in /proc name what they are, not where it is.
    return !path.startsWith('/proc/') && lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}
