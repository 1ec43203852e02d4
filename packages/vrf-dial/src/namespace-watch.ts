import { statSync } from 'node:fs';
import { type NamedSubscription, NETNS_RUN_DIR, subscribeNamed } from 'netns-core';

/** A directory of named namespaces and who wants to hear of which name in it. */
interface Watched {
  readonly subscription: NamedSubscription;
  readonly listeners: Map<string, Set<() => void>>;
  idle: NodeJS.Timeout | undefined;
}

// One subscription per directory, however many agents: a thousand of them must not make netns-core tell a thousand
// listeners of each name. Per copy of this module; netns-core shares the inotify watch itself.
const directories = new Map<string, Watched>();

/** How long a directory stays watched that nobody is interested in any more: connections come and go. */
const LINGER = 2000;

/**
 * Calls the listener whenever a named namespace is removed, added or replaced, until the returned function is called.
 * Does not keep the event loop alive.
 *
 * @throws NetnsError where inotify's limits are reached
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
  return () => {
    const rest = watched.listeners.get(name);
    if (!rest?.delete(listener)) return;
    if (rest.size === 0) watched.listeners.delete(name);
    if (watched.listeners.size > 0 || watched.idle !== undefined) return;
    watched.idle = setTimeout(() => {
      watched.subscription.close();
      if (directories.get(dir) === watched) directories.delete(dir);
    }, LINGER).unref();
  };
}

function watchDirectory(dir: string): Watched {
  const listeners = new Map<string, Set<() => void>>();
  const subscription = subscribeNamed(
    ({ name }) => {
      for (const listener of [...(listeners.get(name) ?? [])]) listener();
    },
    () => {
      // It can no longer be watched. Whoever asks next starts anew; agents look for themselves before each request.
      directories.delete(dir);
    },
    { dir },
  );
  subscription.unref();
  const watched: Watched = { subscription, listeners, idle: undefined };
  directories.set(dir, watched);
  return watched;
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
