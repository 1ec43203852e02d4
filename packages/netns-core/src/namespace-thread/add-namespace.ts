import { checkNamedOptions, type NamedOptions, resolvedOptions } from '../named/name-file.js';
import { adoptFd, type NetnsHandle } from '../namespace/handle.js';
import { checkName } from '../namespace/names.js';
import { threadSys } from '../thread/thread.js';
import { makeAside } from './namespace-threads.js';

/**
 * {@link addNamed} without holding the event loop while the kernel is busy: the namespace is made on a thread of its
 * own. That starts within 50 ms, takes 10 MB and a few file descriptors, and ends a second after the last namespace; a
 * thousand calls at once share it. Namespaces behind one that waits for a lock are made on another.
 *
 * @returns a handle on it, which the caller closes; the namespace lives on by its name
 * @throws InvalidNameError, NetnsError (`EEXIST`, `EPERM`, …), after which nothing is left behind; with code
 * `ERR_SYSCALL_THREAD` if that thread was terminated while it made this very namespace
 */
export async function addNamedAsync(name: string, options: NamedOptions = {}): Promise<NetnsHandle> {
  checkName(name);
  checkNamedOptions(options, 'addNamedAsync');
  // A platform, or a thread, that cannot have one is refused here, before one is started.
  threadSys();
  const fd = await makeAside({ action: 'add', name, options: resolvedOptions(options) });
  return adoptFd(fd);
}

/**
 * {@link deleteNamed} on the thread of {@link addNamedAsync}: an unmount can wait for locks of the kernel.
 *
 * @throws as {@link deleteNamed}; NetnsError `ERR_SYSCALL_THREAD` if that thread was terminated meanwhile
 */
export async function deleteNamedAsync(name: string, options: NamedOptions = {}): Promise<void> {
  checkName(name);
  checkNamedOptions(options, 'deleteNamedAsync');
  threadSys();
  await makeAside({ action: 'delete', name, options: resolvedOptions(options) });
}

/**
 * Makes a network namespace without a name, on the thread of {@link addNamedAsync}; the calling thread stays where it
 * is. It has a loopback interface, which is down, and nothing else, and vanishes with the last handle and process.
 *
 * @returns a handle on it, which the caller closes
 * @throws NetnsError as {@link addNamedAsync}
 */
export async function addUnnamedAsync(): Promise<NetnsHandle> {
  threadSys();
  return adoptFd(await makeAside('unnamed'));
}
