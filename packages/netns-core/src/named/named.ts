import { readdirSync } from 'node:fs';
import { NetnsError, NotANamespaceError } from '../errors.js';
import { openThreadNamespace } from '../hop/home.js';
import { returning } from '../hop/hop.js';
import { createLazyThreads, threadSys } from '../hop/thread.js';
import { unshareNetwork } from '../namespace/current.js';
import { adoptFd, type NetnsHandle } from '../namespace/handle.js';
import { openError, whyNotANamespace } from '../namespace/identity.js';
import { checkName } from '../namespace/names.js';
import { NETNS_DIRS, NETNS_RUN_DIR } from '../namespace/reference.js';
import {
  CLONE_NEWNET,
  Errno,
  LOCK_EX,
  MNT_DETACH,
  MS_BIND,
  MS_REC,
  MS_SHARED,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  type Syscalls,
} from '../sys/index.js';

/** Where named namespaces are; `/run/netns` if nothing is said. */
export interface NamedOptions {
  dir?: string | undefined;
}

/** The kernel's file of the calling thread's namespace; `/proc/self` would be the main thread's. */
const THREAD_NAMESPACE = '/proc/thread-self/ns/net';

/**
 * Makes a named network namespace as `ip netns add` does: `ip netns list` shows it, `ip netns exec` enters it. The
 * calling thread stays where it is.
 *
 * @throws InvalidNameError, NetnsError (`EEXIST`, `EPERM`, …); nothing is left behind then
 */
export function addNamed(name: string, { dir = NETNS_RUN_DIR }: NamedOptions = {}): void {
  checkName(name);
  const calls = threadSys();
  createLazyThreads();
  const path = makeNameFile(calls, name, dir);
  try {
    const home = openThreadNamespace(calls);
    if (home < 0) throw openError(-home, "the caller's namespace", THREAD_NAMESPACE);
    const made = calls.unshare(CLONE_NEWNET);
    if (made < 0) {
      calls.close(home);
      throw NetnsError.fromErrno(-made, 'unshare', `cannot make the namespace "${name}"`);
    }
    returning(
      calls,
      home,
      () => `the new namespace "${name}"`,
      undefined,
      () => mountThreadNamespace(calls, name, path),
      'abort',
    );
  } catch (error) {
    calls.umount2(path, MNT_DETACH);
    calls.unlink(path);
    throw error;
  }
}

/**
 * Makes a named network namespace and moves the calling thread into it, where it stays, as in Go's netns package.
 *
 * @throws InvalidNameError, NetnsError (`EEXIST`, `EPERM`, …); the thread is then where it was, and nothing is left
 */
export function newNamed(name: string): NetnsHandle {
  checkName(name);
  const calls = threadSys();
  const path = makeNameFile(calls, name, NETNS_RUN_DIR);
  try {
    return unshareNetwork(calls, (fd) => {
      try {
        mountThreadNamespace(calls, name, path);
      } catch (error) {
        calls.close(fd);
        throw error;
      }
      return adoptFd(fd);
    });
  } catch (error) {
    calls.umount2(path, MNT_DETACH);
    calls.unlink(path);
    throw error;
  }
}

function mountThreadNamespace(calls: Syscalls, name: string, path: string): void {
  const mounted = calls.mount(THREAD_NAMESPACE, path, 'none', MS_BIND, null);
  if (mounted < 0)
    throw NetnsError.fromErrno(-mounted, 'mount', `cannot give the new namespace its name "${name}"`, { path });
}

/** Makes the empty file that a namespace is mounted on, and its directory if need be. */
function makeNameFile(calls: Syscalls, name: string, dir: string): string {
  prepareDirectory(calls, dir);
  const path = `${dir}/${name}`;
  const file = calls.open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0);
  if (file === -Errno.EEXIST)
    throw new NetnsError(`the namespace "${name}" exists already in ${dir}: choose another name, or delete it first`, {
      code: 'EEXIST',
      errno: Errno.EEXIST,
      syscall: 'open',
      path,
    });
  if (file < 0) throw NetnsError.fromErrno(-file, 'open', `cannot make the file of the namespace "${name}"`, { path });
  calls.close(file);
  return path;
}

/**
 * Makes the directory, and a shared mount of it, so that namespaces mounted there are seen in other mount namespaces
 * and, more to the point, go away there when they are deleted here. A lock on the directory keeps two processes from
 * mounting it twice, which would hide what was mounted in between (`ip netns` takes the same lock).
 */
function prepareDirectory(calls: Syscalls, dir: string): void {
  const made = calls.mkdir(dir, 0o755);
  if (made < 0 && made !== -Errno.EEXIST)
    throw NetnsError.fromErrno(-made, 'mkdir', `cannot make the directory of named namespaces ${dir}`, { path: dir });
  const lock = calls.open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (lock < 0)
    throw NetnsError.fromErrno(-lock, 'open', `cannot open the directory of named namespaces ${dir}`, { path: dir });
  try {
    calls.flock(lock, LOCK_EX);
    let shared = calls.mount('', dir, 'none', MS_SHARED | MS_REC, null);
    if (shared === -Errno.EINVAL) {
      // It is no mount of its own yet.
      const bound = calls.mount(dir, dir, 'none', MS_BIND | MS_REC, null);
      if (bound < 0) throw NetnsError.fromErrno(-bound, 'mount', `cannot mount ${dir} on itself`, { path: dir });
      shared = calls.mount('', dir, 'none', MS_SHARED | MS_REC, null);
    }
    if (shared < 0) throw NetnsError.fromErrno(-shared, 'mount', `cannot make ${dir} a shared mount`, { path: dir });
  } finally {
    calls.close(lock);
  }
}

/** More mounts than anybody stacks on one name. */
const MOST_MOUNTS = 64;

/**
 * Removes the name of a namespace, as `ip netns delete` does. The namespace itself goes with its last process, socket
 * and handle. An empty file without a namespace, left by an interrupted `ip netns add`, is removed as well.
 *
 * @throws InvalidNameError, NamespaceNotFoundError, NotANamespaceError (a directory, or a file with something in it:
 *   it stays), NetnsError (`EPERM`, …)
 */
export function deleteNamed(name: string, { dir }: NamedOptions = {}): void {
  checkName(name);
  const calls = threadSys();
  const path = findName(calls, name, dir === undefined ? NETNS_DIRS : [dir]);
  for (let mounts = 0; mounts < MOST_MOUNTS; mounts += 1) {
    const unmounted = calls.umount2(path, MNT_DETACH);
    if (unmounted === -Errno.EINVAL) break;
    if (unmounted < 0)
      throw NetnsError.fromErrno(-unmounted, 'umount2', `cannot unmount the namespace "${name}"`, { path });
  }
  const removed = calls.unlink(path);
  if (removed < 0 && removed !== -Errno.ENOENT)
    throw NetnsError.fromErrno(-removed, 'unlink', `cannot remove the name of the namespace "${name}"`, { path });
}

/** The path of a name that may be deleted: a namespace, or an empty file. */
function findName(calls: Syscalls, name: string, dirs: readonly string[]): string {
  const what = `the namespace "${name}"`;
  for (const dir of dirs) {
    const path = `${dir}/${name}`;
    const fd = calls.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW, 0);
    if (fd === -Errno.ENOENT || fd === -Errno.ENOTDIR) continue;
    // The empty file without a mount has no permissions: who may not open it may still be allowed to remove it.
    if (fd === -Errno.EACCES) return path;
    if (fd < 0) throw openError(-fd, what, path);
    const reason = whyNotANamespace(calls, fd);
    const identity = calls.fstat(fd);
    calls.close(fd);
    const emptyFile = typeof identity !== 'number' && (identity.mode & 0o170000) === 0o100000 && identity.size === 0;
    if (reason === undefined || emptyFile) return path;
    throw new NotANamespaceError(`${what} is not deleted, since ${path} is no network namespace: ${reason}`, {
      code: 'ERR_NOT_A_NAMESPACE',
      path,
    });
  }
  throw openError(Errno.ENOENT, what, `${dirs[0]}/${name}`, dirs);
}

/**
 * The names in the directory of named namespaces, sorted; as with `ip netns list`, also those with nothing mounted on
 * them yet. Without a directory there are none.
 *
 * @throws NetnsError (`EACCES`, `ENOTDIR`, …)
 */
export function listNamed({ dir }: NamedOptions = {}): string[] {
  threadSys();
  const names = new Set<string>();
  for (const directory of dir === undefined ? NETNS_DIRS : [dir]) {
    try {
      for (const entry of readdirSync(directory)) names.add(entry);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'EIO';
      if (code === 'ENOENT') continue;
      throw new NetnsError(`cannot list the directory of named namespaces ${directory} (${code})`, {
        code,
        path: directory,
        cause: error,
      });
    }
  }
  return [...names].sort();
}
