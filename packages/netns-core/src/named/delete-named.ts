import { NetnsError, NotANamespaceError } from '../errors.js';
import { noteNamedChange, threadSys } from '../hop/thread.js';
import { isLeftover, openError, whyNotANamespace } from '../namespace/identity.js';
import { checkName } from '../namespace/names.js';
import { NETNS_DIRS } from '../namespace/reference.js';
import {
  Errno,
  MNT_DETACH,
  O_CLOEXEC,
  O_NOCTTY,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  type Syscalls,
} from '../sys/index.js';
import { checkDirectory, type NamedOptions } from './name-file.js';

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
  if (dir !== undefined) checkDirectory(dir);
  const calls = threadSys();
  const path = findName(calls, name, dir === undefined ? NETNS_DIRS : [dir]);
  noteNamedChange();
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
    if (fd === -Errno.ELOOP)
      throw new NotANamespaceError(
        `${what} is not deleted, since ${path} is a symbolic link: remove the link, or delete the name it leads to`,
        { code: 'ERR_NOT_A_NAMESPACE', path },
      );
    if (fd < 0) throw openError(-fd, what, path);
    const reason = whyNotANamespace(calls, fd);
    const emptyFile = isLeftover(calls, fd);
    calls.close(fd);
    if (reason === undefined || emptyFile) return path;
    throw new NotANamespaceError(`${what} is not deleted, since ${path} is no network namespace: ${reason}`, {
      code: 'ERR_NOT_A_NAMESPACE',
      path,
    });
  }
  throw openError(Errno.ENOENT, what, `${dirs[0]}/${name}`, dirs);
}
