import { NetnsError } from '../errors.js';
import { unshareNetwork } from '../namespace/current.js';
import { adoptFd, type NetnsHandle } from '../namespace/handle.js';
import { openError } from '../namespace/identity.js';
import { defaultNamedDirectory } from '../namespace/named-directories.js';
import { checkName, describeName } from '../namespace/names.js';
import { makeReference, type NamespaceRef } from '../namespace/reference.js';
import { CLONE_NEWNET, type Syscalls } from '../sys/index.js';
import { openThreadNamespace } from '../thread/home.js';
import { asMove, HOME, keeping, MADE, type Move, returnHome } from '../thread/moves.js';
import { createLazyThreads, threadSys } from '../thread/thread.js';
import { checkNamedOptions, mountName, type NamedOptions, refuseExistingName } from './name-file.js';
import { NamedDirectory } from './named-directory.js';

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
export function addNamed(name: string, options: NamedOptions = {}): NetnsHandle {
  checkName(name);
  checkNamedOptions(options, 'addNamed');
  const calls = threadSys();
  createLazyThreads();
  return asMove(calls, name, describeNew, makeNamed, options, undefined);
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
  return asMove(calls, name, describeNew, makeNamedAndStay, undefined, undefined);
}

/**
 * Gives an existing namespace a name, as `ip netns attach` does: the one of a process, of a file, of a handle. It may
 * have several.
 *
 * @returns a handle on it, which the caller closes; the namespace lives on by its name
 * @throws as `resolveNamespace` and {@link addNamed}
 */
export function attachNamed(name: string, ref: NamespaceRef, options: NamedOptions = {}): NetnsHandle {
  checkName(name);
  checkNamedOptions(options, 'attachNamed');
  return asMove(threadSys(), name, describeNew, nameExisting, options, ref);
}

/** Prepares the directory of the name of a move and calls `work`, which mounts a namespace there. */
function inNewName<T>(
  calls: Syscalls,
  move: Move<string>,
  { dir = defaultNamedDirectory(), trustDirectory = false }: NamedOptions,
  work: (mount: (fd: number) => void) => T,
): T {
  const name = move.ref;
  const files = keeping(calls, move);
  const directory = NamedDirectory.prepare(files, dir, trustDirectory);
  try {
    // Before a namespace is made in vain; mountName finds out for good.
    refuseExistingName(files, directory, name);
    return work((fd) => mountName(files, directory, name, fd));
  } finally {
    directory.close(files);
  }
}

function nameExisting(calls: Syscalls, move: Move<string>, options: NamedOptions, ref: NamespaceRef): NetnsHandle {
  makeReference(calls, move, ref);
  inNewName(calls, move, options, (mount) => mount(move.fds[MADE] ?? -1));
  return adoptFd(move.fds[MADE] ?? -1);
}

function makeNamedAndStay(calls: Syscalls, move: Move<string>): NetnsHandle {
  return inNewName(calls, move, {}, (mount) => unshareNetwork(calls, mount));
}

/** Makes a namespace and mounts it, with the thread back where it was. */
function makeNamed(calls: Syscalls, move: Move<string>, options: NamedOptions): NetnsHandle {
  inNewName(calls, move, options, (mount) => {
    makeNamespace(calls, move);
    mount(move.fds[MADE] ?? -1);
  });
  return adoptFd(move.fds[MADE] ?? -1);
}

const describeNew = (name: string): string => `the new ${describeName(name).replace('the ', '')}`;

/** Makes a namespace, with the thread back where it was. */
function makeNamespace(calls: Syscalls, move: Move<string>): void {
  const home = openThreadNamespace(calls);
  move.fds[HOME] = home;
  if (home < 0) throw openError(-home, "the caller's namespace", '/proc/thread-self/ns/net');
  move.away = true;
  const made = calls.unshare(CLONE_NEWNET);
  if (made < 0) {
    move.away = false;
    throw NetnsError.fromErrno(-made, 'unshare', `cannot make ${describeName(move.ref)}`);
  }
  const fd = openThreadNamespace(calls);
  move.fds[MADE] = fd;
  const error = fd < 0 ? openError(-fd, describeNew(move.ref), '/proc/thread-self/ns/net') : undefined;
  returnHome(calls, move, undefined, error && { error });
  if (error !== undefined) throw error;
}
