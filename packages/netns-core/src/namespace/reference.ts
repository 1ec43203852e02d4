import { NetnsError } from '../errors.js';
import { openThreadNamespace, startNamespaceFd } from '../hop/home.js';
import { threadSys } from '../hop/thread.js';
import { Errno, F_DUPFD_CLOEXEC, O_CLOEXEC, O_NOCTTY, O_NONBLOCK, O_RDONLY, type Syscalls } from '../sys/index.js';
import { adoptFd, NetnsHandle, openFd } from './handle.js';
import { checkNamespace, openError } from './identity.js';
import { checkName, vrfToNetns } from './names.js';

/** Where named namespaces are mounted (`ip netns`, `<linux>` convention). */
export const NETNS_RUN_DIR = '/run/netns';

/** Where a name is looked for, in this order. The second is the first on most systems, but not in every container. */
export const NETNS_DIRS: readonly string[] = [NETNS_RUN_DIR, '/var/run/netns'];

/**
 * Which network namespace is meant:
 * - a string: a name under `/run/netns` (or `/var/run/netns`); `''` is the one the caller is in; `'default'` is the
 *   namespace of that name if there is one, else the one that the process started in
 * - a {@link NetnsHandle}, or the number of an open file descriptor as `{ fd }` (both stay the caller's)
 * - `{ name, dir }`: a name in a directory of one's own
 * - `{ vrf }`: the VRF's namespace, `ns-<vrf>`
 * - `{ pid }` or `{ pid, tid }`: where a process or one of its threads is
 * - `{ path }`: a namespace's file
 */
export type NamespaceRef =
  | string
  | NetnsHandle
  | { readonly name: string; readonly dir?: string | undefined }
  | { readonly vrf: string }
  | { readonly pid: number; readonly tid?: number | undefined }
  | { readonly path: string }
  | { readonly fd: number };

/** What a reference means, its own syntax checked. Nothing has been opened yet. */
type Target =
  | { kind: 'current' }
  | { kind: 'start' }
  | { kind: 'named'; name: string; dirs: readonly string[]; orStart: boolean }
  | { kind: 'file'; path: string; what: string }
  | { kind: 'handle'; handle: NetnsHandle }
  | { kind: 'fd'; fd: number };

function invalidReference(reason: string): NetnsError {
  return new NetnsError(`invalid namespace reference: ${reason}`, { code: 'ERR_INVALID_REFERENCE' });
}

function named(name: string, dirs: readonly string[] = NETNS_DIRS): Target {
  checkName(name);
  return { kind: 'named', name, dirs, orStart: name === 'default' && dirs === NETNS_DIRS };
}

function checkPath(path: string, option: string): void {
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    throw invalidReference(`${option} must be a path, not ${JSON.stringify(path)}`);
}

function checkId(id: number, option: string): void {
  if (!Number.isInteger(id) || id < 1 || id > 0x7fffffff)
    throw invalidReference(`${option} must be a positive number, not ${String(id)}`);
}

/** @internal */
export function interpret(ref: NamespaceRef): Target {
  if (typeof ref === 'string') return ref === '' ? { kind: 'current' } : named(ref);
  if (typeof ref !== 'object' || ref === null)
    throw invalidReference(
      `a name, a handle, { name }, { vrf }, { pid }, { path } or { fd } is expected, not ${String(ref)}`,
    );
  if (ref instanceof NetnsHandle) return { kind: 'handle', handle: ref };
  if ('name' in ref) {
    if (ref.dir === undefined) return named(ref.name);
    checkPath(ref.dir, 'dir');
    return named(ref.name, [ref.dir]);
  }
  if ('vrf' in ref) {
    if (typeof ref.vrf !== 'string') throw invalidReference(`vrf must be a string, not ${typeof ref.vrf}`);
    return interpret(vrfToNetns(ref.vrf));
  }
  if ('pid' in ref) {
    checkId(ref.pid, 'pid');
    if (ref.tid === undefined)
      return { kind: 'file', path: `/proc/${ref.pid}/ns/net`, what: `the namespace of process ${ref.pid}` };
    checkId(ref.tid, 'tid');
    return {
      kind: 'file',
      path: `/proc/${ref.pid}/task/${ref.tid}/ns/net`,
      what: `the namespace of thread ${ref.tid} of process ${ref.pid}`,
    };
  }
  if ('path' in ref) {
    checkPath(ref.path, 'path');
    return { kind: 'file', path: ref.path, what: `the namespace ${ref.path}` };
  }
  if ('fd' in ref) {
    if (!Number.isInteger(ref.fd) || ref.fd < 0)
      throw invalidReference(`fd must be a file descriptor, not ${String(ref.fd)}`);
    return { kind: 'fd', fd: ref.fd };
  }
  throw invalidReference(`{ ${Object.keys(ref).join(', ')} } has none of name, vrf, pid, path and fd`);
}

/** How a reference is called in messages: `namespace "red"`, `the namespace of process 7`. */
export function describeNamespace(ref: NamespaceRef): string {
  const target = interpret(ref);
  switch (target.kind) {
    case 'current':
      return "the caller's namespace";
    case 'start':
      return 'the namespace the process started in';
    case 'named':
      return `the namespace "${target.name}"`;
    case 'file':
      return target.what;
    case 'handle':
      return `the namespace ${target.handle}`;
    case 'fd':
      return `the namespace of file descriptor ${target.fd}`;
  }
}

/**
 * The name under which `ip netns exec` would look for files in `/etc/netns/<name>`; `undefined` for namespaces that
 * are not meant by a name.
 */
export function namespaceName(ref: NamespaceRef): string | undefined {
  const target = interpret(ref);
  return target.kind === 'named' ? target.name : undefined;
}

/**
 * The file whose identity tells which namespace a reference means at the moment; `undefined` for references that do
 * not go by a file.
 */
export function namespaceFile(ref: NamespaceRef): string | undefined {
  const target = interpret(ref);
  if (target.kind === 'named') return `${target.dirs[0]}/${target.name}`;
  return target.kind === 'file' ? target.path : undefined;
}

/**
 * Checks what can be checked of a reference without opening anything: names, paths, numbers.
 *
 * @throws InvalidNameError, ClosedHandleError or NetnsError `ERR_INVALID_REFERENCE`
 */
export function checkReference(ref: NamespaceRef): void {
  const target = interpret(ref);
  if (target.kind === 'handle') openFd(target.handle);
}

// O_NONBLOCK and O_NOCTTY: a path may lead to a pipe or a terminal, and opening it must not do what that would do.
const OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

/** An open namespace, and whether whoever asked for it has to close it. */
export interface OpenNamespace {
  readonly fd: number;
  readonly owned: boolean;
  /** Whether it is known that the file is a network namespace. */
  readonly checked: boolean;
}

/**
 * Opens what a reference means. Does not examine what it opened: setns(2) does.
 *
 * @internal
 */
export function openReference(calls: Syscalls, ref: NamespaceRef): OpenNamespace {
  const target = interpret(ref);
  switch (target.kind) {
    case 'current': {
      const fd = openThreadNamespace(calls);
      if (fd < 0) throw openError(-fd, "the caller's namespace", '/proc/thread-self/ns/net');
      return { fd, owned: true, checked: true };
    }
    case 'start':
      return { fd: startNamespaceFd(calls), owned: false, checked: true };
    case 'handle':
      return { fd: openFd(target.handle), owned: false, checked: true };
    case 'fd':
      return { fd: target.fd, owned: false, checked: false };
    case 'file': {
      const fd = calls.open(target.path, OPEN_FLAGS, 0);
      if (fd < 0) throw openError(-fd, target.what, target.path);
      return { fd, owned: true, checked: false };
    }
    case 'named': {
      let first = 0;
      for (const dir of target.dirs) {
        const fd = calls.open(`${dir}/${target.name}`, OPEN_FLAGS, 0);
        if (fd >= 0) return { fd, owned: true, checked: false };
        if (first === 0) first = fd;
        if (fd !== -Errno.ENOENT && fd !== -Errno.ENOTDIR)
          throw openError(-fd, `the namespace "${target.name}"`, `${dir}/${target.name}`);
      }
      if (target.orStart) return { fd: startNamespaceFd(calls), owned: false, checked: true };
      throw openError(-first, `the namespace "${target.name}"`, `${target.dirs[0]}/${target.name}`, target.dirs);
    }
  }
}

/**
 * Opens the namespace that a reference means.
 *
 * @returns a handle that the caller owns and closes, also where the reference was a handle itself
 * @throws NamespaceNotFoundError, NotANamespaceError, InvalidNameError, ClosedHandleError, or NetnsError with the
 *   kernel's code
 */
export function resolveNamespace(ref: NamespaceRef): NetnsHandle {
  const calls = threadSys();
  const { fd, owned, checked } = openReference(calls, ref);
  const own = owned ? fd : calls.fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (own < 0) throw NetnsError.fromErrno(-own, 'fcntl', `cannot duplicate ${describeNamespace(ref)}`);
  try {
    if (!checked) checkNamespace(calls, own, describeNamespace(ref));
  } catch (error) {
    calls.close(own);
    throw error;
  }
  return adoptFd(own);
}
