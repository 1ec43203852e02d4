import { existsSync } from 'node:fs';
import { escaped } from '../checks/escaped.js';
import { NetnsError, NotANamespaceError } from '../errors.js';
import { examine, openError, reasonOf } from '../namespace/identity.js';
import { NETNS_DIRS } from '../namespace/named-directories.js';
import { checkName, describeName } from '../namespace/names.js';
import {
  Errno,
  MNT_DETACH,
  NSFS_MAGIC,
  O_CLOEXEC,
  O_NOCTTY,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  PROC_SUPER_MAGIC,
  type Syscalls,
  UMOUNT_NOFOLLOW,
} from '../sys/index.js';
import { asMove, keeping, type Move } from '../thread/moves.js';
import { threadSys } from '../thread/thread.js';
import { checkNamedOptions, type NamedOptions } from './name-file.js';
import { descriptorPath, NamedDirectory } from './named-directory.js';

/** More mounts than are ever stacked on one name, and more often than another program makes it again meanwhile. */
const MAX_MOUNTS = 64;

/**
 * Removes the name of a namespace, as `ip netns delete` does. The namespace itself goes with its last process, socket
 * and handle. Of a name that is a symbolic link to a namespace, or to one that is gone, the link is removed. An empty
 * file without a namespace, left by an interrupted `ip netns add`, is removed as well.
 *
 * @throws InvalidNameError, NamespaceNotFoundError, NotANamespaceError (a directory, a file with something in it,
 *   another mount: it stays), NetnsError (`EPERM`, …)
 */
export function deleteNamed(name: string, options: NamedOptions = {}): void {
  checkName(name);
  checkNamedOptions(options, 'deleteNamed');
  const calls = threadSys();
  // Not a move, but recorded as one: what it holds, the lock above all, is let go if V8 ends it half-way.
  asMove(calls, name, describeName, deleteFrom, options, undefined);
}

function deleteFrom(real: Syscalls, move: Move<string>, { dir, trustDirectory = false }: NamedOptions): void {
  const calls = keeping(real, move);
  const name = move.ref;
  const dirs = dir === undefined ? NETNS_DIRS : [dir];
  for (const place of dirs) {
    const directory = NamedDirectory.open(calls, place, trustDirectory);
    if (typeof directory === 'number') continue;
    try {
      tryLock(calls, directory);
      if (removeName(calls, directory, name)) return;
    } finally {
      directory.unlock(calls);
      directory.close(calls);
    }
  }
  throw openError(Errno.ENOENT, describeName(name), `${dirs[0]}/${name}`, dirs);
}

/** The lock orders this with others that make the same name; where it cannot be had, the kernel's own order holds. */
function tryLock(calls: Syscalls, directory: NamedDirectory): void {
  try {
    directory.lock(calls);
  } catch (error) {
    if (!(error instanceof NetnsError)) throw error;
  }
}

/** Takes away all mounts of a name, then the name. Returns whether there was anything. */
function removeName(calls: Syscalls, directory: NamedDirectory, name: string): boolean {
  const what = describeName(name);
  const path = directory.pathOf(name);
  let unmounted = false;
  for (let count = 0; count < MAX_MOUNTS; count += 1) {
    const file = directory.openName(calls, name);
    if (file === -Errno.ENOENT) return unmounted;
    if (file < 0) throw openError(-file, what, path);
    try {
      if (isMounted(calls, file, directory, name)) {
        const result = unmount(calls, file, directory, name);
        // EINVAL: another process has just done it.
        if (result < 0 && result !== -Errno.EINVAL)
          throw NetnsError.fromErrno(-result, 'umount2', `cannot unmount ${what}`, { path });
        unmounted = true;
        continue;
      }
    } finally {
      calls.close(file);
    }
    const removed = calls.unlinkat(directory.fd, name, 0);
    if (removed === -Errno.ENOENT) return unmounted;
    if (removed >= 0) return true;
    // EBUSY: another process has just mounted a namespace there.
    if (removed !== -Errno.EBUSY)
      throw NetnsError.fromErrno(-removed, 'unlink', `cannot remove the name of ${what}`, { path });
  }
  throw NetnsError.fromErrno(
    Errno.EBUSY,
    'umount2',
    `cannot remove ${what}, on which namespaces are mounted again and again`,
    {
      path,
    },
  );
}

/**
 * Whether a name's open file is a namespace, which has to be unmounted; otherwise its directory entry may go.
 *
 * @throws NotANamespaceError if neither may be done, NetnsError if that cannot be found out
 */
function isMounted(calls: Syscalls, file: number, directory: NamedDirectory, name: string): boolean {
  const what = describeName(name);
  const path = directory.pathOf(name);
  const found = examine(calls, file);
  switch (found.kind) {
    case 'namespace':
      return true;
    case 'unmounted':
      return false;
    case 'symlink':
      if (leadsToNamespace(calls, directory, name)) return false;
      throw notDeleted(what, path, 'a symbolic link to something else than a network namespace');
    case 'failed':
      throw NetnsError.fromErrno(found.errno, found.syscall, `cannot find out what ${what} is, which is not deleted`, {
        path,
      });
    case 'other':
      throw notDeleted(what, path, `not a network namespace: ${reasonOf(found, path)}`);
  }
}

function notDeleted(what: string, path: string, is: string): NotANamespaceError {
  return new NotANamespaceError(`${what} is not deleted, since ${escaped(path, 300)} is ${is}`, {
    code: 'ERR_NOT_A_NAMESPACE',
    path,
  });
}

/** Whether a symbolic link is the name of a namespace, or was one: `/proc/<pid>/ns/net` of a process that has ended. */
function leadsToNamespace(calls: Syscalls, directory: NamedDirectory, name: string): boolean {
  // First as a place only, since to open some files for reading does something to them.
  const place = calls.openat(directory.fd, name, O_PATH | O_CLOEXEC, 0);
  if (place === -Errno.ENOENT || place === -Errno.ENOTDIR || place === -Errno.ESRCH) return true;
  if (place < 0) throw openError(-place, describeName(name), directory.pathOf(name));
  const magic = calls.fstatfs(place);
  calls.close(place);
  if (magic !== NSFS_MAGIC && magic !== PROC_SUPER_MAGIC) return false;
  const target = calls.openat(directory.fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
  if (target < 0) throw openError(-target, describeName(name), directory.pathOf(name));
  const { kind } = examine(calls, target);
  calls.close(target);
  return kind === 'namespace';
}

/**
 * Unmounts exactly the mount that is open. Without /proc it can be named by its path only, which is safe where no other
 * process may change the directory.
 */
function unmount(calls: Syscalls, file: number, directory: NamedDirectory, name: string): number {
  const result = calls.umount2(descriptorPath(file), MNT_DETACH);
  if (result !== -Errno.ENOENT || existsSync(descriptorPath(file))) return result;
  const identity = calls.fstat(directory.fd);
  if (typeof identity === 'number') return identity;
  if ((identity.mode & 0o022) !== 0)
    throw new NetnsError(
      `cannot unmount ${describeName(name)} safely: others may write to ${escaped(directory.dir, 300)}, and /proc is not mounted here`,
      { code: 'ENOENT', errno: Errno.ENOENT, syscall: 'umount2', path: directory.pathOf(name) },
    );
  return calls.umount2(directory.pathOf(name), MNT_DETACH | UMOUNT_NOFOLLOW);
}
