import { NetnsError } from '../errors.js';
import { openThreadNamespace } from '../hop/home.js';
import { createLazyThreads, threadSys } from '../hop/thread.js';
import { returning } from '../hop/way-back.js';
import { unshareNetwork } from '../namespace/current.js';
import { adoptFd, type NetnsHandle } from '../namespace/handle.js';
import { openError } from '../namespace/identity.js';
import { checkName } from '../namespace/names.js';
import { NETNS_RUN_DIR } from '../namespace/reference.js';
import { CLONE_NEWNET, type Syscalls } from '../sys/index.js';
import { checkDirectory, makeNameFile, mountThreadNamespace, type NamedOptions, removeNameFile } from './name-file.js';

/**
 * Makes a named network namespace as `ip netns add` does: `ip netns list` shows it, `ip netns exec` enters it. The
 * calling thread stays where it is.
 *
 * It takes half a millisecond, but the thread waits for the kernel's network lock (rtnl), which is held for seconds
 * while the kernel takes down many namespaces that were removed. Where an event loop must not wait for that,
 * `addNamedAsync` does it on a thread of its own.
 *
 * @returns a handle on it, which the caller closes; the namespace lives on by its name
 * @throws InvalidNameError, NetnsError (`EEXIST`, `EPERM`, …); nothing is left behind then
 */
export function addNamed(name: string, { dir = NETNS_RUN_DIR }: NamedOptions = {}): NetnsHandle {
  checkName(name);
  checkDirectory(dir);
  const calls = threadSys();
  createLazyThreads();
  const path = makeNameFile(calls, name, dir);
  try {
    const home = openThreadNamespace(calls);
    if (home < 0) throw openError(-home, "the caller's namespace", '/proc/thread-self/ns/net');
    const made = calls.unshare(CLONE_NEWNET);
    if (made < 0) {
      calls.close(home);
      throw NetnsError.fromErrno(-made, 'unshare', `cannot make the namespace "${name}"`);
    }
    const describe = (): string => `the new namespace "${name}"`;
    return adoptFd(returning(calls, home, describe, undefined, () => openAndMount(calls, name, path), 'abort'));
  } catch (error) {
    removeNameFile(calls, path);
    throw error;
  }
}

/**
 * Makes a named network namespace and moves the calling thread into it, where it stays, as in Go's netns package.
 *
 * @returns a handle on it, which the caller closes
 * @throws InvalidNameError, NetnsError (`EEXIST`, `EPERM`, …); the thread is then where it was, and nothing is left
 */
export function newNamed(name: string): NetnsHandle {
  checkName(name);
  const calls = threadSys();
  const path = makeNameFile(calls, name, NETNS_RUN_DIR);
  try {
    return unshareNetwork(calls, (fd) => {
      mountOrClose(calls, fd, name, path);
      return adoptFd(fd);
    });
  } catch (error) {
    removeNameFile(calls, path);
    throw error;
  }
}

/** In the new namespace: opens it, and gives it its name. */
function openAndMount(calls: Syscalls, name: string, path: string): number {
  const fd = openThreadNamespace(calls);
  if (fd < 0) throw openError(-fd, `the new namespace "${name}"`, '/proc/thread-self/ns/net');
  mountOrClose(calls, fd, name, path);
  return fd;
}

function mountOrClose(calls: Syscalls, fd: number, name: string, path: string): void {
  try {
    mountThreadNamespace(calls, name, path);
  } catch (error) {
    calls.close(fd);
    throw error;
  }
}
