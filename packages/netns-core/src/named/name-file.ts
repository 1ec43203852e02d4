import { NetnsError } from '../errors.js';
import { noteNamedChange } from '../hop/thread.js';
import {
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
  O_RDONLY,
  type Syscalls,
} from '../sys/index.js';

/** Where named namespaces are; `/run/netns` if nothing is said. */
export interface NamedOptions {
  dir?: string | undefined;
}

/** @throws NetnsError `ERR_INVALID_ARGUMENT` for what is no path; a NUL would cut it short on its way to the kernel */
export function checkDirectory(dir: string): void {
  if (typeof dir !== 'string' || dir === '' || dir.includes('\0'))
    throw new NetnsError(`the option dir must be the path of a directory, not ${JSON.stringify(dir)}`, {
      code: 'ERR_INVALID_ARGUMENT',
    });
}

/** The kernel's file of the calling thread's namespace; `/proc/self` would be the main thread's. */
const THREAD_NAMESPACE = '/proc/thread-self/ns/net';

/** Gives the namespace that the calling thread is in a name: mounts it on the name's file. */
export function mountThreadNamespace(calls: Syscalls, name: string, path: string): void {
  noteNamedChange();
  const mounted = calls.mount(THREAD_NAMESPACE, path, 'none', MS_BIND, null);
  if (mounted < 0)
    throw NetnsError.fromErrno(-mounted, 'mount', `cannot give the new namespace its name "${name}"`, { path });
}

/** Takes back what {@link makeNameFile} and {@link mountThreadNamespace} did. */
export function removeNameFile(calls: Syscalls, path: string): void {
  calls.umount2(path, MNT_DETACH);
  calls.unlink(path);
}

/** Makes the empty file that a namespace is mounted on, and its directory if need be. */
export function makeNameFile(calls: Syscalls, name: string, dir: string): string {
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
    let locked = calls.flock(lock, LOCK_EX);
    while (locked === -Errno.EINTR) locked = calls.flock(lock, LOCK_EX);
    if (locked < 0)
      throw NetnsError.fromErrno(-locked, 'flock', `cannot lock the directory of named namespaces ${dir}`, {
        path: dir,
      });
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
