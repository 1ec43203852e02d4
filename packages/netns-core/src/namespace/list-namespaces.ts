import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { checkKnownOptions } from '../checks/known-options.js';
import { checkBoolean, checkOptionsObject } from '../checks/option-checks.js';
import { accessDenied, NetnsError } from '../errors.js';
import { Errno, SIOCGSKNS, type Syscalls } from '../sys/index.js';
import { threadSys } from '../thread/thread.js';
import { readMounts } from './mount-propagation.js';
import { NETNS_DIRS } from './named-directories.js';
import { describeNamespace, type NamespaceRef, resolveNamespace } from './reference.js';

/** Something that keeps a namespace alive without being in it. */
export interface NamespaceHolder {
  readonly pid: number;
  /** The file descriptor in that process. */
  readonly fd: number;
  /** `'descriptor'`: the namespace itself is open; `'socket'`: a socket that was made in it. */
  readonly kind: 'descriptor' | 'socket';
}

/** A network namespace, as `lsns -t net` shows it. */
export interface NamespaceInfo {
  /** `'NS(dev:ino)'`, as {@link NetnsHandle.uniqueId}. */
  readonly id: string;
  readonly dev: bigint;
  /** The number in `net:[4026531840]`. */
  readonly ino: bigint;
  /** Its names under `/run/netns`, symbolic links included. */
  readonly names: readonly string[];
  /** All files that it is mounted on, its names' among them. */
  readonly paths: readonly string[];
  /** The processes (not threads) in it that the caller may look at, in rising order. */
  readonly pids: readonly number[];
  /** For one without a process and a file: what keeps it alive, as far as the caller may look at it. */
  readonly holders?: readonly NamespaceHolder[];
}

/** Options of {@link listNamespaces}. */
export interface ListNamespacesOptions {
  /**
   * Also lists namespaces that are kept alive by nothing but open descriptors or sockets. Takes a look at every
   * descriptor of every process.
   *
   * @default true
   */
  holders?: boolean | undefined;
}

/**
 * Lists the network namespaces that have a process, a file, or (unless `holders: false` is given) an open descriptor or
 * socket. What the caller may not look at is left out; sockets of other processes take Linux 5.6 and the right to trace
 * them. Holds the event loop for 10 to 50 µs a process: `listNamespacesAsync` does not.
 *
 * @throws NetnsError, InvalidOptionError
 */
export function listNamespaces(options: ListNamespacesOptions = {}): NamespaceInfo[] {
  const steps = collect(checkedHolders(options, 'listNamespaces'));
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** How long {@link listNamespacesAsync} holds the event loop before others get their turn. */
const SLICE_MS = 3;

/** {@link listNamespaces} that looks at a few processes a turn of the event loop. */
export async function listNamespacesAsync(options: ListNamespacesOptions = {}): Promise<NamespaceInfo[]> {
  const steps = collect(checkedHolders(options, 'listNamespacesAsync'));
  for (;;) {
    const end = performance.now() + SLICE_MS;
    while (performance.now() < end) {
      const { done, value } = steps.next();
      if (done) return value;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * The names of a namespace under `/run/netns` (or `/var/run/netns`), sorted, as `ip netns identify` prints them;
 * symbolic links that lead to it included.
 *
 * @throws as {@link resolveNamespace}
 */
export function identify(ref: NamespaceRef): string[] {
  using handle = resolveNamespace(ref);
  const { dev, ino } = handle;
  if (ino === 0n)
    throw new NetnsError(`cannot find the names of ${describeNamespace(ref)}: fstat of the opened namespace failed`, {
      code: 'EIO',
      syscall: 'fstat',
    });
  const names = new Set<string>();
  for (const { name, file } of nameFiles()) {
    const found = fileIdentity(file);
    if (found !== undefined && found.dev === dev && found.ino === ino) names.add(name);
  }
  return [...names].sort();
}

function checkedHolders(options: ListNamespacesOptions, callee: string): boolean {
  checkOptionsObject(options, callee);
  checkKnownOptions(options, { callee, names: ['holders'] });
  return checkBoolean('holders', options.holders) ?? true;
}

interface Entry {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly names: string[];
  readonly paths: string[];
  readonly pids: number[];
  readonly holders: NamespaceHolder[];
}

function fileIdentity(file: string): { dev: bigint; ino: bigint } | undefined {
  try {
    return statSync(file, { bigint: true, throwIfNoEntry: false });
  } catch {
    // Not ours to see.
    return undefined;
  }
}

/** What stands in the directories of named namespaces. */
function nameFiles(): { name: string; file: string }[] {
  return NETNS_DIRS.flatMap((dir) => namesIn(dir).map((name) => ({ name, file: `${dir}/${name}` })));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_ACCESS_DENIED')
      throw accessDenied(error, `cannot list ${directory}`, `--allow-fs-read=${directory}`);
    return [];
  }
}

function ownIdentity(): { dev: bigint; ino: bigint } | undefined {
  const file = '/proc/thread-self/ns/net';
  try {
    return statSync(file, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw accessDenied(error, `cannot list namespaces: ${file} cannot be looked at`, '--allow-fs-read=/proc');
  }
}

/** Looks at everything in small steps. */
function* collect(withHolders: boolean): Generator<undefined, NamespaceInfo[]> {
  const calls = threadSys();
  // Every namespace's file is on the device of this one's.
  const own = ownIdentity();
  if (own === undefined)
    throw new NetnsError('cannot list namespaces: /proc, by which processes are found, is not mounted here', {
      code: 'ENOENT',
      errno: Errno.ENOENT,
      syscall: 'stat',
      path: '/proc/thread-self/ns/net',
    });
  const found = new Map<bigint, Entry>();
  const at = (dev: bigint, ino: bigint): Entry => {
    let entry = found.get(ino);
    if (entry === undefined) {
      entry = { dev, ino, names: [], paths: [], pids: [], holders: [] };
      found.set(ino, entry);
    }
    return entry;
  };
  const atFile = (file: string): Entry | undefined => {
    const identity = fileIdentity(file);
    return identity === undefined || identity.dev !== own?.dev ? undefined : at(identity.dev, identity.ino);
  };

  for (const pid of processes()) {
    atFile(`/proc/${pid}/ns/net`)?.pids.push(pid);
    if (withHolders && own !== undefined)
      for (const { ino, ...holder } of heldBy(calls, pid, own.dev)) at(own.dev, ino).holders.push(holder);
    yield;
  }
  for (const { root, mountPoint, type } of readMounts('thread-self')) {
    if (!root.startsWith('net:[') || (type !== 'nsfs' && type !== 'proc')) continue;
    const entry = atFile(mountPoint);
    if (entry !== undefined && !entry.paths.includes(mountPoint)) entry.paths.push(mountPoint);
    yield;
  }
  for (const { name, file } of nameFiles()) {
    const entry = atFile(file);
    if (entry !== undefined && !entry.names.includes(name)) entry.names.push(name);
    yield;
  }
  return [...found.values()].map(({ dev, ino, names, paths, pids, holders }) => ({
    id: `NS(${dev}:${ino})`,
    dev,
    ino,
    names,
    paths,
    pids: pids.sort((a, b) => a - b),
    ...(pids.length === 0 && paths.length === 0 && { holders }),
  }));
}

function processes(): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid));
  } catch (error) {
    throw accessDenied(error, 'cannot list the processes', '--allow-fs-read=/proc');
  }
}

/** The namespaces that a process has open, or has sockets of. */
function* heldBy(calls: Syscalls, pid: number, device: bigint): Generator<NamespaceHolder & { ino: bigint }> {
  let pidfd: number | undefined;
  try {
    for (const name of namesIn(`/proc/${pid}/fd`)) {
      const fd = Number(name);
      const link = linkOf(`/proc/${pid}/fd/${name}`);
      if (link.startsWith('net:[')) yield { pid, fd, kind: 'descriptor', ino: BigInt(link.slice(5, -1)) };
      else if (link === '/' || link.includes('netns')) {
        // Opened by a name. Once that is unmounted, nothing is left of the path.
        const identity = fileIdentity(`/proc/${pid}/fd/${name}`);
        if (identity?.dev === device) yield { pid, fd, kind: 'descriptor', ino: identity.ino };
      } else if (link.startsWith('socket:[')) {
        pidfd ??= calls.pidfdOpen(pid, 0);
        const ino = namespaceOfSocket(calls, pidfd, fd);
        if (ino !== undefined) yield { pid, fd, kind: 'socket', ino };
      }
    }
  } finally {
    if (pidfd !== undefined && pidfd >= 0) calls.close(pidfd);
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    // Closed meanwhile, or not ours to see.
    return '';
  }
}

/** The namespace of another process's socket, of which a copy is looked at. */
function namespaceOfSocket(calls: Syscalls, pidfd: number, fd: number): bigint | undefined {
  const copy = pidfd < 0 ? pidfd : calls.pidfdGetfd(pidfd, fd);
  if (copy < 0) return undefined;
  const namespace = calls.ioctl(copy, SIOCGSKNS, 0);
  calls.close(copy);
  if (namespace < 0) return undefined;
  const identity = calls.fstat(namespace);
  calls.close(namespace);
  return typeof identity === 'number' ? undefined : identity.ino;
}
