import { type FSWatcher, readdirSync, statfsSync, statSync, watch } from 'node:fs';
import path from 'node:path';
import { NetnsError } from '../errors.js';
import { threadSys } from '../hop/thread.js';
import type { NetnsHandle } from '../namespace/handle.js';
import { NETNS_RUN_DIR, resolveNamespace } from '../namespace/reference.js';
import { namespaceCookie } from '../socket/socket.js';
import { NSFS_MAGIC, PROC_SUPER_MAGIC } from '../sys/index.js';

/** What happened to a name. */
export interface NamedEvent {
  /** `'added'` once the namespace is mounted and can be entered; one replaced under its name is removed, then added. */
  readonly type: 'added' | 'removed';
  readonly name: string;
  /** With `handles: true`, for 'added': open, and the reader's to close. It keeps the namespace alive. */
  readonly handle?: NetnsHandle;
}

/** Options of {@link watchNamed}. */
export interface WatchNamedOptions {
  /** `/run/netns` if nothing is said. It need not exist yet. */
  dir?: string | undefined;
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined;
  /** Begins with 'added' for every namespace that is there already. */
  listExisting?: boolean | undefined;
  /** Gives a handle with each 'added'. */
  handles?: boolean | undefined;
}

/** A subscription to the names of one directory. */
export interface NamedSubscription {
  /** Whether it keeps the event loop alive, as timers can. */
  ref(): void;
  unref(): void;
  close(): void;
}

/** What is known of one file in the directory. */
interface NameState {
  /** What tells this namespace from its successor under the same name; `undefined` while nothing is mounted. */
  identity: string | undefined;
  /** When the file was first seen without a mount, on the clock of `performance.now()`. */
  since: number;
}

interface Subscriber {
  readonly listener: (event: NamedEvent) => void;
  readonly fail: (error: NetnsError) => void;
  referenced: boolean;
}

/** How often a file is looked at that has nothing mounted on it yet, in ms: every 2 ms for the first second, then ever more slowly. */
function nextLook(age: number): number {
  return age < 1000 ? 2 : Math.min(age / 20, 5000);
}

/**
 * Watches one directory for all its subscribers in this thread: one inotify watch, whatever their number. While the
 * directory is missing, the nearest directory above it is watched instead.
 *
 * inotify tells of the creation of a name's file, but of no mount on it: so after a creation the file is looked at
 * until a namespace can be entered there. While no file is without its mount, nothing polls.
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
  #lookQueued = false;

  constructor(dir: string, release: () => void) {
    this.#dir = dir;
    this.#release = release;
    this.#arm();
    this.#look(true);
  }

  subscribe(
    listener: (event: NamedEvent) => void,
    fail: (error: NetnsError) => void,
    listExisting: boolean,
  ): NamedSubscription {
    const subscriber: Subscriber = { listener, fail, referenced: true };
    this.#subscribers.add(subscriber);
    this.#applyReferences();
    if (listExisting) {
      // What happened since the last event is found by looking, so that nobody is told of what is gone.
      this.#look();
      for (const [name, state] of this.#names) if (state.identity !== undefined) listener({ type: 'added', name });
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
    this.#watcher?.close();
    this.#watcher = undefined;
    clearTimeout(this.#timer);
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
      this.#watcher.on('error', () => this.#queueLook(undefined));
      this.#watched = { path: place, id };
      this.#applyReferences();
      // Something may have been made or replaced before the watch stood.
    }
  }

  /** All events of one turn are one look. */
  #queueLook(name: string | undefined): void {
    if (name !== undefined && this.#watched?.path === this.#dir) this.#touched.add(name);
    if (this.#lookQueued) return;
    this.#lookQueued = true;
    queueMicrotask(() => {
      this.#lookQueued = false;
      if (this.#watcher === undefined) return;
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
    const now = performance.now();
    const present = new Set(fileNames(this.#dir));
    const touched = new Set(this.#touched);
    this.#touched.clear();
    const tell = (event: NamedEvent): void => {
      if (!quiet) for (const subscriber of [...this.#subscribers]) subscriber.listener(event);
    };
    for (const [name, state] of this.#names) {
      if (present.has(name)) continue;
      this.#names.delete(name);
      if (state.identity !== undefined) tell({ type: 'removed', name });
    }
    let wait = Number.POSITIVE_INFINITY;
    for (const name of present) {
      let state = this.#names.get(name);
      if (state === undefined) {
        state = { identity: undefined, since: now };
        this.#names.set(name, state);
      }
      const before = state.identity;
      // A name of which nothing was said is as it was: mounts come and go with their files.
      if (before !== undefined && !touched.has(name)) continue;
      const identity = identify(path.join(this.#dir, name), before !== undefined);
      if (before !== undefined && before !== identity) {
        tell({ type: 'removed', name });
        state.since = now;
      }
      state.identity = identity;
      if (identity === undefined) {
        if (touched.has(name) && before !== undefined) state.since = now;
        wait = Math.min(wait, nextLook(now - state.since));
      } else if (before !== identity) tell({ type: 'added', name });
    }
    if (wait < Number.POSITIVE_INFINITY && this.#watcher !== undefined) {
      this.#timer = setTimeout(() => this.#look(), wait);
      this.#applyReferences();
    }
  }
}

function directoryId(place: string): string | undefined {
  try {
    const status = statSync(place, { bigint: true });
    return status.isDirectory() ? `${status.dev}:${status.ino}` : undefined;
  } catch {
    return undefined;
  }
}

function fileNames(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

let unknowns = 0;

/**
 * What tells the namespace mounted at a path from every other one; `undefined` if none is, or none that can be
 * entered. Inodes are used again once a namespace is gone, cookies never are.
 *
 * @param touched whether something was said of a namespace that was there before: without a cookie to compare, it
 *   then counts as another one
 */
function identify(file: string, touched: boolean): string | undefined {
  try {
    const { type } = statfsSync(file);
    if (type !== NSFS_MAGIC && type !== PROC_SUPER_MAGIC) return undefined;
    resolveNamespace({ path: file }).close();
    const { dev, ino } = statSync(file, { bigint: true });
    let cookie: bigint | undefined;
    try {
      cookie = namespaceCookie({ path: file });
    } catch (error) {
      // Whoever may not enter it can still be told of it.
      if ((error as NetnsError).code !== 'EPERM') return undefined;
    }
    if (cookie === undefined && touched) unknowns += 1;
    return `${dev}:${ino}:${cookie ?? `?${touched ? unknowns : 0}`}`;
  } catch {
    return undefined;
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
  { dir = NETNS_RUN_DIR, listExisting = false }: { dir?: string | undefined; listExisting?: boolean | undefined } = {},
): NamedSubscription {
  threadSys();
  const watches = directoryWatches();
  const key = path.resolve(dir);
  let directoryWatch = watches.get(key);
  if (directoryWatch === undefined) {
    directoryWatch = new DirectoryWatch(key, () => watches.delete(key));
    watches.set(key, directoryWatch);
  }
  return directoryWatch.subscribe(listener, fail, listExisting);
}

/**
 * Tells of named namespaces that come and go. Watching begins with the call, not with the first step of the
 * iteration; it ends by `signal`, or when the loop is left.
 *
 * @throws NetnsError (`ENOSPC`, `EMFILE`: the limits of inotify), also out of the iteration
 */
export function watchNamed(options: WatchNamedOptions = {}): AsyncIterableIterator<NamedEvent> & AsyncDisposable {
  const { dir = NETNS_RUN_DIR, signal, listExisting, handles = false } = options;
  const queue: NamedEvent[] = [];
  const waiting: { resolve(result: IteratorResult<NamedEvent>): void; reject(error: unknown): void }[] = [];
  let ended = false;
  let failure: NetnsError | undefined;

  const withHandle = (event: NamedEvent): NamedEvent | undefined => {
    if (!handles || event.type !== 'added') return event;
    try {
      return { ...event, handle: resolveNamespace({ name: event.name, dir }) };
    } catch {
      // Gone again: its removal follows, and a reader that never heard of it can do without both.
      return undefined;
    }
  };
  const push = (event: NamedEvent): void => {
    const reader = waiting[0];
    if (reader === undefined) {
      queue.push(event);
      return;
    }
    const value = withHandle(event);
    if (value === undefined) return;
    waiting.shift();
    reader.resolve({ value, done: false });
  };
  const end = (error?: NetnsError): void => {
    if (ended) return;
    ended = true;
    failure = error;
    signal?.removeEventListener('abort', onAbort);
    subscription?.close();
    for (const { resolve, reject } of waiting.splice(0)) {
      if (error) reject(error);
      else resolve({ value: undefined, done: true });
    }
  };
  const onAbort = (): void => {
    queue.length = 0;
    end();
  };

  let subscription: NamedSubscription | undefined;
  if (signal?.aborted) ended = true;
  else {
    subscription = subscribeNamed(push, end, { dir, listExisting });
    signal?.addEventListener('abort', onAbort, { once: true });
  }

  const iterator = {
    async next(): Promise<IteratorResult<NamedEvent>> {
      for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
        const value = withHandle(event);
        if (value !== undefined) return { value, done: false };
      }
      if (failure !== undefined) {
        const error = failure;
        failure = undefined;
        throw error;
      }
      if (ended) return { value: undefined, done: true };
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    async return(): Promise<IteratorResult<NamedEvent>> {
      onAbort();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return iterator;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      onAbort();
    },
  };
  return iterator as AsyncIterableIterator<NamedEvent> & AsyncDisposable;
}
