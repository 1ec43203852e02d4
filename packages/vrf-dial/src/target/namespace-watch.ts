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

/** How long a directory is still watched after its last listener has gone: connections come and go. */
const LINGER_MS = 2000;
/** How often listeners are called, to look for themselves, while the kernel grants no inotify watch. */
const WITHOUT_INOTIFY_MS = 500;

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
    }, LINGER_MS).unref();
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

/** The watch has ended, mostly because the kernel grants no more of them: until it does, a timer looks. */
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
    // Also after the last look: what happened before the new watch existed was not reported.
    for (const listeners of [...watched.listeners.values()]) call(listeners);
  }, WITHOUT_INOTIFY_MS).unref();
}

function call(listeners: ReadonlySet<() => void> | undefined): void {
  for (const listener of [...(listeners ?? [])]) listener();
}
