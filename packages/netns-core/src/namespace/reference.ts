import { escaped, shown } from '../checks/escaped.js';
import { checkKnownOptions, type KnownOptions } from '../checks/known-options.js';
import { InvalidOptionError, NetnsError } from '../errors.js';
import { Errno, F_DUPFD_CLOEXEC, O_CLOEXEC, O_NOCTTY, O_NONBLOCK, O_RDONLY, type Syscalls } from '../sys/index.js';
import { openThreadNamespace, startNamespaceFd } from '../thread/home.js';
import { asMove, MADE, type Move } from '../thread/moves.js';
import { threadSys } from '../thread/thread.js';
import { adoptFd, NetnsHandle, openFd } from './handle.js';
import { checkNamespace, isUnmounted, openError, unmountedError } from './identity.js';
import { NETNS_DIRS } from './named-directories.js';
import { checkName, describeName, vrfToNetns } from './names.js';

export { NETNS_RUN_DIR } from './named-directories.js';

/**
 * Which network namespace is meant:
 * - a string: a name under `/run/netns` (or `/var/run/netns`); `''` is the one the caller is in; `'default'` is the
 *   namespace of that name if there is one, else the one that the process started in
 * - a {@link NetnsHandle}, or the number of an open file descriptor as `{ fd }` (both stay the caller's)
 * - `{ name, dir }`: a name in a directory of one's own
 * - `{ vrf }`: the VRF's namespace, `ns-<vrf>`
 * - `{ pid }` or `{ pid, tid }`: where a process or one of its threads is
 * - `{ path }`: a namespace's file; a relative path, like a relative `dir`, is resolved by the kernel at each use, from
 *   the directory that the process is in then (`process.chdir`)
 *
 * An object has the properties of one of these and no other ones.
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
  | { kind: 'named'; name: string; dirs: readonly string[]; orStart: boolean }
  | { kind: 'file'; path: string; what: string }
  | { kind: 'handle'; handle: NetnsHandle }
  | { kind: 'fd'; fd: number };

function invalidReference(option: string, reason: string): InvalidOptionError {
  return new InvalidOptionError(option, `invalid namespace reference: ${reason}`);
}

function named(name: unknown, dirs: readonly string[] = NETNS_DIRS): Target {
  if (typeof name !== 'string') throw invalidReference('name', `name must be a string, not ${shown(name)}`);
  checkName(name);
  return { kind: 'named', name, dirs, orStart: name === 'default' && dirs === NETNS_DIRS };
}

function checkPath(path: unknown, option: string): asserts path is string {
  if (typeof path !== 'string' || path === '' || path.includes('\0'))
    throw invalidReference(option, `${option} must be a path, not ${shown(path)}`);
}

function checkId(id: unknown, option: string): asserts id is number {
  if (typeof id !== 'number' || !Number.isInteger(id) || id < 1 || id > INT_MAX)
    throw invalidReference(option, `${option} must be a positive number, not ${shown(id)}`);
}

const INT_MAX = 0x7fffffff;

/** What each kind of reference is told apart by, and what else it may have. */
const PROPERTIES: Readonly<Record<string, string | undefined>> = {
  name: 'dir',
  vrf: undefined,
  pid: 'tid',
  path: undefined,
  fd: undefined,
};

const KNOWN_PROPERTIES: KnownOptions = {
  callee: 'a namespace reference',
  noun: 'property',
  names: ['name', 'dir', 'vrf', 'pid', 'tid', 'path', 'fd'],
  synonyms: {
    netns: 'name',
    namespace: 'name',
    ns: 'name',
    process: 'pid',
    thread: 'tid',
    file: 'path',
    directory: 'dir',
  },
};

/** The property that a reference goes by: exactly one, with nothing beside it that means another namespace. */
function selectorOf(ref: object): string {
  checkKnownOptions(ref, KNOWN_PROPERTIES);
  const keys = Object.keys(ref);
  const selectors = keys.filter((key) => Object.hasOwn(PROPERTIES, key));
  const [selector] = selectors;
  if (selector === undefined)
    throw invalidReference(
      'ref',
      `{ ${escaped(keys.join(', '))} } has none of ${Object.keys(PROPERTIES).slice(0, -1).join(', ')} and fd`,
    );
  if (selectors.length > 1)
    throw invalidReference(
      'ref',
      `{ ${keys.join(', ')} } could mean several namespaces: give one of ${selectors.join(', ')}`,
    );
  const beside = keys.find((key) => key !== selector && key !== PROPERTIES[selector]);
  if (beside !== undefined) throw invalidReference(beside, `${beside} does not go together with ${selector}`);
  return selector;
}

/** The properties that an object reference may have. */
type ReferenceProperties = { readonly [key in 'name' | 'dir' | 'vrf' | 'pid' | 'tid' | 'path' | 'fd']?: unknown };

/** @internal */
export function interpret(ref: NamespaceRef): Target {
  if (typeof ref === 'string') return ref === '' ? { kind: 'current' } : named(ref);
  if (typeof ref !== 'object' || ref === null || Array.isArray(ref))
    throw invalidReference(
      'ref',
      `a name, a handle, { name }, { vrf }, { pid }, { path } or { fd } is expected, not ${shown(ref)}`,
    );
  if (ref instanceof NetnsHandle) return { kind: 'handle', handle: ref };
  const selector = selectorOf(ref);
  const { name, dir, vrf, pid, tid, path, fd }: ReferenceProperties = ref;
  switch (selector) {
    case 'name':
      if (dir === undefined) return named(name);
      checkPath(dir, 'dir');
      return named(name, [dir]);
    case 'vrf':
      if (typeof vrf !== 'string') throw invalidReference('vrf', `vrf must be a string, not ${shown(vrf)}`);
      return interpret(vrfToNetns(vrf));
    case 'pid':
      checkId(pid, 'pid');
      if (tid === undefined)
        return { kind: 'file', path: `/proc/${pid}/ns/net`, what: `the namespace of process ${pid}` };
      checkId(tid, 'tid');
      return {
        kind: 'file',
        path: `/proc/${pid}/task/${tid}/ns/net`,
        what: `the namespace of thread ${tid} of process ${pid}`,
      };
    case 'path':
      checkPath(path, 'path');
      return { kind: 'file', path, what: `the namespace ${escaped(path, 300)}` };
    default:
      if (typeof fd !== 'number' || !Number.isInteger(fd) || fd < 0 || fd > INT_MAX)
        throw invalidReference('fd', `fd must be a file descriptor, not ${shown(fd)}`);
      return { kind: 'fd', fd };
  }
}

/** How a reference is called in messages: `the namespace "red"`, `the namespace of process 7`. Safe for a log line. */
export function describeNamespace(ref: NamespaceRef): string {
  const target = interpret(ref);
  switch (target.kind) {
    case 'current':
      return "the caller's namespace";
    case 'named':
      return describeName(target.name);
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
 * Checks what can be checked of a reference without opening anything: names, paths, numbers.
 *
 * @throws InvalidNameError, ClosedHandleError or InvalidOptionError
 */
export function checkReference(ref: NamespaceRef): void {
  const target = interpret(ref);
  if (target.kind === 'handle') openFd(target.handle);
}

// O_NONBLOCK and O_NOCTTY: a path may lead to a pipe or a terminal, and opening it must not do what that would do.
const OPEN_FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

/** How often a name is opened again that a process without CAP_DAC_OVERRIDE may not open at one moment, and may at the next. */
const MAX_LOOKS = 10;

/** An open namespace, and whether the caller has to close it. */
export interface OpenNamespace {
  readonly fd: number;
  readonly owned: boolean;
  /** Whether it is known that the file is a network namespace. */
  readonly checked: boolean;
  /** Where it was opened, if by a path. */
  readonly path?: string;
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
    case 'handle':
      return { fd: openFd(target.handle), owned: false, checked: true };
    case 'fd':
      return { fd: target.fd, owned: false, checked: false };
    case 'file': {
      const fd = calls.open(target.path, OPEN_FLAGS, 0);
      if (fd < 0) throw openError(-fd, target.what, target.path);
      return { fd, owned: true, checked: false, path: target.path };
    }
    case 'named': {
      let first = 0;
      for (const dir of target.dirs) {
        const path = `${dir}/${target.name}`;
        let fd = calls.open(path, OPEN_FLAGS, 0);
        // It was between its file and its mount, and is no longer; and may be so again, where it is made anew all the time.
        for (let looks = 0; fd === -Errno.EACCES && looks < MAX_LOOKS; looks += 1) {
          if (isUnmounted(path)) throw unmountedError(describeName(target.name), path);
          fd = calls.open(path, OPEN_FLAGS, 0);
        }
        if (fd >= 0) return { fd, owned: true, checked: false, path };
        if (first === 0) first = fd;
        if (fd !== -Errno.ENOENT && fd !== -Errno.ENOTDIR) throw openError(-fd, describeName(target.name), path);
      }
      if (target.orStart) return { fd: startNamespaceFd(calls), owned: false, checked: true };
      throw openError(-first, describeName(target.name), `${target.dirs[0]}/${target.name}`, target.dirs);
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
  return asMove(threadSys(), ref, describeNamespace, openHandle, undefined, undefined);
}

/** The thread stays where it is; as a move, the descriptor is closed if V8 ends the caller half-way. */
function openHandle(calls: Syscalls, move: Move<NamespaceRef>): NetnsHandle {
  makeReference(calls, move, move.ref);
  return adoptFd(move.fds[MADE] ?? -1);
}

/**
 * Opens the namespace that a reference means as what a move makes: a descriptor of its own in `fds[MADE]`.
 *
 * @throws as {@link resolveNamespace}
 */
export function makeReference(calls: Syscalls, move: Pick<Move, 'fds'>, ref: NamespaceRef): void {
  const target = openReference(calls, ref);
  const fd = target.owned ? target.fd : calls.fcntl(target.fd, F_DUPFD_CLOEXEC, 0);
  move.fds[MADE] = fd;
  if (fd < 0) throw NetnsError.fromErrno(-fd, 'fcntl', `cannot duplicate ${describeNamespace(ref)}`);
  if (!target.checked) checkNamespace(calls, fd, describeNamespace(ref), target.path);
}
