import { type FSWatcher, lstatSync, readdirSync, statfsSync, statSync, watch } from 'node:fs';
import path from 'node:path';
import { shown } from '../checks/escaped.js';
import { checkKnownOptions } from '../checks/known-options.js';
import { checkBoolean, checkFunction, checkOptionsObject } from '../checks/option-checks.js';
import { accessDenied, InvalidOptionError, NetnsError, NotANamespaceError } from '../errors.js';
import type { NetnsHandle } from '../namespace/handle.js';
import { NETNS_RUN_DIR, resolveNamespace } from '../namespace/reference.js';
import { hopSource } from '../socket/hop-source.js';
import { NSFS_MAGIC, PROC_SUPER_MAGIC } from '../sys/index.js';
import { threadSys } from '../thread/thread.js';
import { MountChanges } from './mount-changes.js';
import { checkDirectory } from './name-file.js';

/** What happened to a name. */
export interface NamedEvent {
  /** `'added'` once the namespace is mounted and can be entered; one replaced under its name is removed, then added. */
  readonly type: 'added' | 'removed';
  readonly name: string;
  /** With `handles: true`, for 'added': open, and the reader's to close. It keeps the namespace alive. */
  readonly handle?: NetnsHandle;
}

/** A subscription to the names of one directory. */
export interface NamedSubscription {
  /** Whether it keeps the event loop alive, as timers can. */
  ref(): void;
  unref(): void;
  close(): void;
}

/** Options of {@link subscribeNamed}. */
export interface SubscribeNamedOptions {
  /** `/run/netns` if nothing is said. It need not exist yet. */
  dir?: string | undefined;
  /** Calls the listener with 'added' for every namespace that is there already. */
  listExisting?: boolean | undefined;
  /**
   * Called for a file that nothing is mounted on for 2 s. Mounts of other mount namespaces do not reach this process if
   * mount propagation is private here; the error says so.
   */
  unmounted?: ((error: NotANamespaceError) => void) | undefined;
}

/** What is known of one file in the directory. */
interface NameState {
  /** What tells this namespace from its successor under the same name; `undefined` while nothing is mounted. */
  identity: string | undefined;
  /** When the file was first seen without a mount, on the clock of `performance.now()`. */
  since: number;
  /** For a symbolic link: device and inode of what it leads to, `undefined` for nothing. */
  target: string | undefined;
  isLink: boolean;
  /** Whether it was reported that nothing is mounted on the file. */
  reported: boolean;
}

interface Subscriber {
  readonly listener: (event: NamedEvent) => void;
  readonly fail: (error: NetnsError) => void;
  readonly unmounted: ((error: NotANamespaceError) => void) | undefined;
  referenced: boolean;
}

/** How often is asked for what inotify does not tell: mounts, and what links lead to. */
const TICK_MS = 25;
/** The same where mounts cannot be asked for, and each name has to be looked at. */
const SLOW_TICK_MS = 500;
/** How long a file may be without a namespace, as while it is being made, until that is reported. */
const UNMOUNTED_MS = 2000;

/** How often a file is looked at that has nothing mounted on it yet, in ms: every 2 ms for the first second, then ever more slowly. */
function nextLook(age: number): number {
  return age < 1000 ? 2 : Math.min(age / 20, 5000);
}

/**
 * Watches one directory for all its subscribers in this thread: one inotify watch, whatever their number. While the
 * directory is missing, the nearest directory above it is watched instead.
 *
 * inotify tells of the creation of a name's file, but of no mount on it: so after a creation the file is looked at
 * until a namespace can be entered there. A mount on the file of a name that is there already, or over it, is known by
 * asking the kernel 40 times a second whether there was any mount, which is one system call and needs no look at the
 * names; what symbolic links lead to is looked at as often.
 */
class DirectoryWatch {
  readonly #dir: string;
  readonly #release: () => void;
  readonly #subscribers = new Set<Subscriber>();
  readonly #names = new Map<string, NameState>();
  #watcher: FSWatcher | undefined;
  /** The directory that inotify watches, and its inode: it may have been replaced. */
  #watched: { path: string; id: string } | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Names of which something was said since the last look. */
  readonly #touched = new Set<string>();
  /** Whether there was a mount somewhere since then. */
  #mounted = false;
  readonly #mounts: MountChanges;
  readonly #ticks: NodeJS.Timeout;
  #lookQueued = false;
  #stopped = false;

  constructor(dir: string, release: () => void) {
    this.#dir = dir;
    this.#release = release;
    this.#arm();
    this.#mounts = new MountChanges();
    this.#ticks = setInterval(() => this.#tick(), this.#mounts.isKnown ? TICK_MS : SLOW_TICK_MS).unref();
    this.#look(true);
  }

  subscribe(
    listener: (event: NamedEvent) => void,
    fail: (error: NetnsError) => void,
    listExisting: boolean,
    unmounted: ((error: NotANamespaceError) => void) | undefined,
  ): NamedSubscription {
    const subscriber: Subscriber = { listener, fail, unmounted, referenced: true };
    // What happened since the last event is found by looking, so that no subscriber is told of what is gone.
    if (listExisting) this.#look();
    this.#subscribers.add(subscriber);
    this.#applyReferences();
    if (listExisting) {
      for (const [name, state] of this.#names)
        if (state.identity !== undefined) tell(subscriber, { type: 'added', name });
    }
    const set = (referenced: boolean): void => {
      subscriber.referenced = referenced;
      this.#applyReferences();
    };
    return {
      ref: () => set(true),
      unref: () => set(false),
      close: () => {
        if (!this.#subscribers.delete(subscriber)) return;
        if (this.#subscribers.size === 0) this.#stop();
        else this.#applyReferences();
      },
    };
  }

  #stop(): void {
    this.#stopped = true;
    this.#watcher?.close();
    this.#watcher = undefined;
    clearTimeout(this.#timer);
    clearInterval(this.#ticks);
    this.#mounts.close();
    this.#release();
  }

  #applyReferences(): void {
    const referenced = [...this.#subscribers].some((subscriber) => subscriber.referenced);
    if (referenced) {
      this.#watcher?.ref();
      this.#timer?.ref();
    } else {
      this.#watcher?.unref();
      this.#timer?.unref();
    }
  }

  /** Watches the directory or, while it is missing, the nearest one above it. */
  #arm(): void {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      let place = this.#dir;
      let id = directoryId(place);
      while (id === undefined && path.dirname(place) !== place) {
        place = path.dirname(place);
        id = directoryId(place);
      }
      if (id === undefined) return;
      if (this.#watcher !== undefined && this.#watched?.path === place && this.#watched.id === id) return;
      this.#watcher?.close();
      this.#watcher = undefined;
      try {
        this.#watcher = watch(place, { persistent: true }, (_event, file) => {
          this.#queueLook(typeof file === 'string' ? file : undefined);
        });
      } catch (error) {
        const { code = 'EIO', message } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ENOTDIR') continue;
        const advice =
          code === 'ENOSPC' || code === 'EMFILE' ? ': raise fs.inotify.max_user_watches or max_user_instances' : '';
        throw new NetnsError(`cannot watch ${place} for named namespaces${advice} (${message})`, {
          code,
          path: place,
          cause: error,
        });
      }
      this.#watcher.on('error', () => {
        // Node has closed it: a new one is needed, for the same place or for one above it.
        this.#watched = undefined;
        this.#queueLook(undefined);
      });
      this.#watched = { path: place, id };
      this.#applyReferences();
      // Something may have been made or replaced before the watch stood.
    }
  }

  #tick(): void {
    if (this.#mounts.changed()) {
      this.#mounted = true;
      this.#queueLook(undefined);
      return;
    }
    for (const [name, state] of this.#names)
      if (state.isLink && state.target !== targetOf(path.join(this.#dir, name))) this.#queueLook(name);
  }

  /** All events of one turn are one look. */
  #queueLook(name: string | undefined): void {
    if (name !== undefined && this.#watched?.path === this.#dir) this.#touched.add(name);
    if (this.#lookQueued) return;
    this.#lookQueued = true;
    queueMicrotask(() => {
      this.#lookQueued = false;
      if (this.#stopped) return;
      try {
        this.#arm();
      } catch (error) {
        this.#failAll(error as NetnsError);
        return;
      }
      this.#look();
    });
  }

  #failAll(error: NetnsError): void {
    for (const subscriber of [...this.#subscribers]) {
      this.#subscribers.delete(subscriber);
      subscriber.fail(error);
    }
    this.#stop();
  }

  /** Compares the directory with what is known of it, and tells the subscribers. */
  #look(quiet = false): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const subscribers = [...this.#subscribers];
    const events = this.#compare();
    if (quiet) return;
    // Told only now that all is known: a listener may subscribe, close or throw. Those who come meanwhile have seen
    // the result already.
    for (const event of events)
      for (const subscriber of subscribers) if (this.#subscribers.has(subscriber)) tell(subscriber, event);
  }

  /** A file stays empty: its maker was interrupted, or has mounted the namespace where this process does not see it. */
  #reportUnmounted(file: string): void {
    const interested = [...this.#subscribers].filter(({ unmounted }) => unmounted !== undefined);
    if (interested.length === 0) return;
    try {
      resolveNamespace({ path: file }).close();
    } catch (error) {
      if (!(error instanceof NotANamespaceError) || !isEmptyFile(file)) return;
      for (const { unmounted } of interested) callUser(() => unmounted?.(error));
    }
  }

  #compare(): NamedEvent[] {
    const events: NamedEvent[] = [];
    const now = performance.now();
    const names = fileNames(this.#dir);
    if (names === UNDECIDED) {
      // No file descriptor left, say. What is known stays true until it can be looked at.
      this.#lookAgain(LATER);
      return events;
    }
    const present = new Set(names);
    const touched = new Set(this.#touched);
    this.#touched.clear();
    const mounted = this.#mounted;
    this.#mounted = false;
    for (const [name, state] of this.#names) {
      if (present.has(name)) continue;
      this.#names.delete(name);
      if (state.identity !== undefined) events.push({ type: 'removed', name });
    }
    let wait = Number.POSITIVE_INFINITY;
    for (const name of present) {
      let state = this.#names.get(name);
      if (state === undefined) {
        state = { identity: undefined, since: now, target: undefined, isLink: false, reported: false };
        this.#names.set(name, state);
      }
      const before = state.identity;
      // A name of which nothing was said is as it was.
      if (before !== undefined && !mounted && !touched.has(name)) continue;
      const file = path.join(this.#dir, name);
      state.isLink = isLink(file);
      state.target = state.isLink ? targetOf(file) : undefined;
      const identity = identify(file, state.isLink, before !== undefined && touched.has(name));
      if (identity === UNDECIDED) {
        this.#touched.add(name);
        wait = Math.min(wait, LATER);
        continue;
      }
      if (before !== undefined && before !== identity) {
        events.push({ type: 'removed', name });
        state.since = now;
      }
      state.identity = identity;
      if (identity !== undefined) state.reported = false;
      else if (!state.reported && now - state.since > UNMOUNTED_MS) {
        state.reported = true;
        this.#reportUnmounted(file);
      }
      if (identity === undefined) wait = Math.min(wait, nextLook(now - state.since));
      else if (before !== identity) events.push({ type: 'added', name });
    }
    if (wait < Number.POSITIVE_INFINITY && this.#watcher !== undefined) this.#lookAgain(wait);
    return events;
  }

  #lookAgain(delay: number): void {
    this.#timer = setTimeout(() => this.#look(), delay);
    this.#applyReferences();
  }
}

function isLink(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** Device and inode of what a symbolic link leads to. */
function targetOf(file: string): string | undefined {
  try {
    const found = statSync(file, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? undefined : `${found.dev}:${found.ino}`;
  } catch {
    return undefined;
  }
}

/** Calls a listener; what it throws is the program's affair (`uncaughtException`), and keeps no other from hearing. */
function tell(subscriber: Subscriber, event: NamedEvent): void {
  callUser(() => subscriber.listener(event));
}

function callUser(call: () => void): void {
  try {
    call();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

function isEmptyFile(file: string): boolean {
  const status = statSync(file, { throwIfNoEntry: false });
  return status?.isFile() === true && status.size === 0;
}

/** @throws NetnsError where Node's permission model closes the directory */
function directoryId(place: string): string | undefined {
  try {
    const status = statSync(place, { bigint: true });
    return status.isDirectory() ? `${status.dev}:${status.ino}` : undefined;
  } catch (error) {
    if (codeOf(error) === 'ERR_ACCESS_DENIED')
      throw accessDenied(error, `cannot watch ${place} for named namespaces`, `--allow-fs-read=${place}`);
    return undefined;
  }
}

/** What is in the directory; {@link UNDECIDED} if that cannot be found out now. */
function fileNames(dir: string): string[] | typeof UNDECIDED {
  try {
    return readdirSync(dir);
  } catch (error) {
    return EXHAUSTED.has(codeOf(error)) ? UNDECIDED : [];
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

let unknowns = 0;

/** The answer of {@link identify} when it could not find out: no file descriptor left, say. Asked again later. */
const UNDECIDED = Symbol('undecided');
/** When to ask again, in ms. */
const LATER = 50;
const EXHAUSTED = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EINTR']);

/**
 * What tells the namespace mounted at a path from every other one; `undefined` if none is, or none that can be
 * entered. Inodes are used again once a namespace is gone, cookies never are.
 *
 * Without a cookie a mounted namespace is told by the time at which the kernel made its inode, which the mount holds. A
 * link to `/proc/<pid>/ns/net` holds none, so there it depends on `touched`.
 *
 * @param touched whether something was said of a namespace that was there before: without a cookie to compare, it
 *   then counts as another one
 */
function identify(file: string, link: boolean, touched: boolean): string | undefined | typeof UNDECIDED {
  try {
    const { type } = statfsSync(file);
    if (type !== NSFS_MAGIC && type !== PROC_SUPER_MAGIC) return undefined;
    // One handle for all questions, so that the answers are of one namespace.
    using handle = resolveNamespace({ path: file });
    const cookie = cookieOf(handle);
    if (cookie !== undefined) return `${handle.dev}:${handle.ino}:${cookie}`;
    if (!link) return `${handle.dev}:${handle.ino}:?${statSync(file, { bigint: true }).ctimeNs}`;
    if (touched) unknowns += 1;
    return `${handle.dev}:${handle.ino}:?${touched ? unknowns : 0}`;
  } catch (error) {
    return EXHAUSTED.has(codeOf(error)) ? UNDECIDED : undefined;
  }
}

function cookieOf(handle: NetnsHandle): bigint | undefined {
  try {
    return hopSource.inspect(handle).cookie;
  } catch (error) {
    // Whoever may not enter it can still be told of it.
    if ((error as NetnsError).code === 'EPERM') return undefined;
    throw error;
  }
}

// One table per thread, however many copies of this package it has loaded.
const KEY = Symbol.for('netns-core.directory-watches');

function directoryWatches(): Map<string, DirectoryWatch> {
  const holder = process as typeof process & { [KEY]?: Map<string, DirectoryWatch> };
  holder[KEY] ??= new Map();
  return holder[KEY];
}

/**
 * Tells of names that appear and disappear, by calls: what {@link watchNamed} is made of, for servers that must not be
 * kept alive by it (`unref`). All subscriptions to a directory share one inotify watch.
 *
 * @param listener called for each event, from the event loop; with `listExisting` also before this returns
 * @param fail called once if the directory can no longer be watched; the subscription is then closed
 * @throws NetnsError (`ENOSPC`, `EMFILE`: the limits of inotify)
 */
export function subscribeNamed(
  listener: (event: NamedEvent) => void,
  fail: (error: NetnsError) => void,
  options: SubscribeNamedOptions = {},
): NamedSubscription {
  checkOptionsObject(options, 'subscribeNamed');
  checkKnownOptions(options, {
    callee: 'subscribeNamed',
    names: ['dir', 'listExisting', 'unmounted'],
    synonyms: { directory: 'dir', path: 'dir', folder: 'dir' },
  });
  const { dir = NETNS_RUN_DIR, listExisting = false, unmounted } = options;
  checkDirectory(dir);
  checkBoolean('listExisting', listExisting);
  checkFunction('unmounted', unmounted);
  for (const [name, callback] of Object.entries({ listener, fail }))
    if (typeof callback !== 'function')
      throw new InvalidOptionError(name, `${name} must be a function, got ${shown(callback)}`);
  threadSys();
  const watches = directoryWatches();
  const key = path.resolve(dir);
  let directoryWatch = watches.get(key);
  if (directoryWatch === undefined) {
    directoryWatch = new DirectoryWatch(key, () => watches.delete(key));
    watches.set(key, directoryWatch);
  }
  return directoryWatch.subscribe(listener, fail, listExisting, unmounted);
}
