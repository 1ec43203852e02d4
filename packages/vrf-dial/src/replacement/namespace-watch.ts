import { statSync } from 'node:fs';
import { type NamedSubscription, NETNS_RUN_DIR, subscribeNamed } from 'netns-core';

/** A directory of named namespaces and who wants to hear of which name in it. */
interface Watched {
  subscription: NamedSubscription | undefined;
  readonly listeners: Map<string, Set<() => void>>;
  idle: NodeJS.Timeout | undefined;
}

// One subscription per directory, however many agents: a thousand of them must not make netns-core tell a thousand
// listeners of each name. Per copy of this module; netns-core shares the inotify watch itself.
const directories = new Map<string, Watched>();

/** How long a directory stays watched that nobody is interested in any more: connections come and go. */
const LINGER = 2000;
/** How often listeners are called, to look for themselves, while inotify is not to be had, in milliseconds. */
const WITHOUT_INOTIFY = 500;

/**
 * Calls the listener whenever a named namespace is removed, added or replaced, until the returned function is called,
 * and once soon after this. Does not keep the event loop alive.
 *
 * Where the watch ends later (the limits of inotify), the listener is called every 500 ms until there is a new one.
 *
 * @throws NetnsError where those limits are reached at once
 */
export function watchNamespace(
  { name, dir = NETNS_RUN_DIR }: { readonly name: string; readonly dir: string | undefined },
  listener: () => void,
): () => void {
  const watched = directories.get(dir) ?? watchDirectory(dir);
  clearTimeout(watched.idle);
  watched.idle = undefined;
  let listeners = watched.listeners.get(name);
  if (listeners === undefined) {
    listeners = new Set();
    watched.listeners.set(name, listeners);
  }
  listeners.add(listener);
  // A namespace that was made just before this, and is removed just after, is one that the watch has never seen: it
  // tells of neither. Once what inotify had queued until now has been read, the watch knows as much as the listener.
  const all = listeners;
  setImmediate(() =>
    setImmediate(() => {
      if (all.has(listener)) listener();
    }),
  );
  return () => {
    const rest = watched.listeners.get(name);
    if (!rest?.delete(listener)) return;
    if (rest.size === 0) watched.listeners.delete(name);
    if (watched.listeners.size > 0 || watched.idle !== undefined) return;
    watched.idle = setTimeout(() => {
      watched.subscription?.close();
      if (directories.get(dir) === watched) directories.delete(dir);
    }, LINGER).unref();
  };
}

function watchDirectory(dir: string): Watched {
  const watched: Watched = { subscription: undefined, listeners: new Map(), idle: undefined };
  subscribe(dir, watched);
  directories.set(dir, watched);
  return watched;
}

function subscribe(dir: string, watched: Watched): void {
  const { listeners } = watched;
  watched.subscription = subscribeNamed(
    ({ name }) => call(listeners.get(name)),
    () => {
      watched.subscription = undefined;
      lookWithoutInotify(dir, watched);
    },
    { dir },
  );
  watched.subscription.unref();
}

/** The watch has ended, for want of another one from the kernel mostly: until there is one, everybody looks. */
function lookWithoutInotify(dir: string, watched: Watched): void {
  const timer = setInterval(() => {
    if (directories.get(dir) !== watched) {
      clearInterval(timer);
      return;
    }
    try {
      subscribe(dir, watched);
      clearInterval(timer);
    } catch {
      // Not yet.
    }
    // Also after the last look: what happened before the new watch stood, nobody has told.
    for (const listeners of [...watched.listeners.values()]) call(listeners);
  }, WITHOUT_INOTIFY).unref();
}

function call(listeners: ReadonlySet<() => void> | undefined): void {
  for (const listener of [...(listeners ?? [])]) listener();
}

/** How old a look may be, in milliseconds. */
const LOOK_AGE = 20;
/** The kernel's clock for files has ticks of up to 10 ms: a second change in the same tick leaves no trace. */
const TICK = 10;

/**
 * A directory of named namespaces, looked at whenever somebody asks, but at most every 20 ms. inotify tells the same,
 * but only when the event loop gets to it; this may be asked before each request.
 */
export class ObservedDirectory {
  readonly #dir: string;
  #at = Number.NEGATIVE_INFINITY;
  #changed: bigint | undefined;
  #version = 0;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** A number that has grown if names have come or gone. */
  version(): number {
    const now = performance.now();
    if (now - this.#at < LOOK_AGE) return this.#version;
    this.#at = now;
    const changed = statSync(this.#dir, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
    const recent = changed !== undefined && Math.abs(Date.now() - Number(changed / 1_000_000n)) < 2 * TICK;
    if (changed !== this.#changed || recent) {
      this.#changed = changed;
      this.#version += 1;
    }
    return this.#version;
  }
}

// One per directory: what a thousand agents ask is looked up once.
const observed = new Map<string, ObservedDirectory>();

/** The directory as everybody in this process observes it. */
export function observeDirectory(dir: string = NETNS_RUN_DIR): ObservedDirectory {
  let directory = observed.get(dir);
  if (directory === undefined) {
    directory = new ObservedDirectory(dir);
    observed.set(dir, directory);
  }
  return directory;
}
