import path from 'node:path';
import { escaped, shown } from '../checks/escaped.js';
import { checkKnownOptions } from '../checks/known-options.js';
import { checkBoolean, checkOptionsObject } from '../checks/option-checks.js';
import { InvalidOptionError, NamespaceNotFoundError, NetnsError } from '../errors.js';
import { openError } from '../namespace/identity.js';
import { describeName } from '../namespace/names.js';
import { Errno, MS_BIND, O_CLOEXEC, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, type Syscalls } from '../sys/index.js';
import { descriptorPath, type NamedDirectory } from './named-directory.js';

/** Where named namespaces are; `/run/netns` (or `/var/run/netns`) if no directory is given. */
export interface NamedOptions {
  /** A relative path is resolved when the function is called. */
  dir?: string | undefined;
  /**
   * Makes and deletes names also in a `dir` that belongs to another user, who can swap them at any time.
   *
   * @default false
   */
  trustDirectory?: boolean | undefined;
}

/**
 * Checks the options of a function that makes, deletes or lists names.
 *
 * @throws InvalidOptionError
 */
export function checkNamedOptions(options: NamedOptions, callee: string): void {
  checkOptionsObject(options, callee);
  checkKnownOptions(options, {
    callee,
    names: ['dir', 'trustDirectory'],
    synonyms: { directory: 'dir', path: 'dir', folder: 'dir' },
  });
  if (options.dir !== undefined) checkDirectory(options.dir);
  checkBoolean('trustDirectory', options.trustDirectory);
}

/** Options that mean the same later and on another thread: what they mean at the time of the call. */
export function resolvedOptions({ dir, ...rest }: NamedOptions): NamedOptions {
  return { dir: dir === undefined ? dir : path.resolve(dir), ...rest };
}

/** @throws InvalidOptionError for what cannot be a path; a NUL would cut it short on its way to the kernel */
export function checkDirectory(dir: string): void {
  if (typeof dir !== 'string' || dir === '' || dir.includes('\0'))
    throw new InvalidOptionError('dir', `the option dir must be the path of a directory, not ${shown(dir)}`);
}

/** How often a name's file is made again that another process has removed before it was mounted. */
const MAX_ATTEMPTS = 5;

/** @throws NetnsError `EEXIST` if there is a file of that name already */
export function refuseExistingName(calls: Syscalls, directory: NamedDirectory, name: string): void {
  const file = directory.openName(calls, name);
  if (file === -Errno.ENOENT) return;
  if (file < 0) throw openError(-file, describeName(name), directory.pathOf(name));
  calls.close(file);
  throw nameExists(directory, name);
}

/**
 * Gives an open namespace a name: makes an empty file and mounts the namespace on it. The file is reached by its
 * descriptor from the moment it is made, so that swapping it cannot have the namespace mounted elsewhere.
 *
 * @throws NetnsError (`EEXIST`, `EACCES`, …); no file is left behind then
 */
export function mountName(calls: Syscalls, directory: NamedDirectory, name: string, namespace: number): void {
  const path = directory.pathOf(name);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    directory.lock(calls);
    try {
      const file = calls.openat(directory.fd, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0);
      if (file === -Errno.EEXIST) throw nameExists(directory, name);
      if (file < 0)
        throw NetnsError.fromErrno(
          -file,
          'open',
          `cannot make the file of ${describeName(name)} in ${escaped(directory.dir, 300)}`,
          { path },
        );
      const mounted = calls.mount(descriptorPath(namespace), descriptorPath(file), 'none', MS_BIND, null);
      calls.close(file);
      if (mounted >= 0) return;
      calls.unlinkat(directory.fd, name, 0);
      // ENOENT: another program (`ip netns delete`, which takes no lock) has removed the file meanwhile.
      if (mounted !== -Errno.ENOENT || !directory.hasDescriptorPaths())
        throw NetnsError.fromErrno(
          -mounted,
          'mount',
          `cannot give the namespace its name "${escaped(name)}"${directory.hasDescriptorPaths() ? '' : ' without /proc, which is not mounted here'}`,
          { path },
        );
    } finally {
      directory.unlock(calls);
    }
  }
  throw new NamespaceNotFoundError(
    `${describeName(name)} does not exist: another program keeps removing its file in ${escaped(directory.dir, 300)} while it is made`,
    { code: 'ENOENT', errno: Errno.ENOENT, syscall: 'mount', path },
  );
}

function nameExists(directory: NamedDirectory, name: string): NetnsError {
  return new NetnsError(
    `${describeName(name)} exists already in ${escaped(directory.dir, 300)}: choose another name, or delete it first`,
    { code: 'EEXIST', errno: Errno.EEXIST, syscall: 'open', path: directory.pathOf(name) },
  );
}
