import { AsyncResource } from 'node:async_hooks';
import { statSync } from 'node:fs';
import { type NamespaceRef, NetnsHandle, type SocketSource, type SourceWatch } from 'netns-core';
import { callUser } from '../diagnostics.js';
import { watchNamespace } from './namespace-watch.js';
import { sourceOf } from './source.js';
import type { ResolvedTarget } from './target.js';

/** How old a look at a reference may be, in milliseconds. */
const LOOK_AGE_MS = 20;
/** How often references in use are looked at, in milliseconds. */
const LOOK_INTERVAL_MS = 25;
/** What is added to that for each reference beyond the first 500, so that looking takes a twentieth of a processor at most. */
const LOOK_INTERVAL_PER_REFERENCE_MS = 0.05;
/** What a reference means that leads nowhere. */
const MISSING = 'missing';

/** The part of a target that is watched. */
type WatchedTarget = Pick<ResolvedTarget, 'namespace' | 'watched'> & Partial<Pick<ResolvedTarget, 'source'>>;

/** Whether a reference can come to mean another namespace. A handle cannot, and `''` is wherever the thread is. */
export function canBeReplaced(ref: NamespaceRef): boolean {
  return ref !== '' && !(ref instanceof NetnsHandle);
}

/**
 * What a reference to a namespace means, asked of the reference itself: a `stat` of the file that it leads to. No event
 * of the kernel tells of everything that can change it: a mount on the same file or over it, the target of a link, the
 * working directory, the namespace of a process. So it is looked at before each request, 20 ms apart at most, and every
 * 25 ms while it is in use, unless a broker reports changes; inotify only makes some changes known sooner.
 */
export class WatchedReference {
  readonly #ref: NamespaceRef;
  readonly #watched: ResolvedTarget['watched'];
  readonly #source: SocketSource | undefined;
  #pushed: SourceWatch | undefined;
  readonly #listeners = new Set<() => void>();
  #unwatch: (() => void) | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #id: string | undefined;
  #device: bigint | undefined;

  constructor({ namespace, watched, source }: WatchedTarget) {
    this.#ref = typeof namespace === 'string' || namespace instanceof NetnsHandle ? namespace : { ...namespace };
    this.#watched = watched;
    this.#source = source;
  }

  /** Whether a broker reports what changes, so that it need not be looked at. */
  get isPushed(): boolean {
    return this.#pushed?.live === true;
  }

  /** When it was looked at last (`performance.now()`). */
  get lookedAt(): number {
    return this.#lookedAt;
  }

  /**
   * What it means, as of 20 ms ago at most: `NS(dev:ino)` of the namespace, or of a file without one; `'missing'`; or
   * `undefined` if that could not be found out yet.
   */
  current(): string | undefined {
    if (performance.now() - this.#lookedAt >= LOOK_AGE_MS) this.look();
    return this.#id;
  }

  /** Looks now. If it means something else than before, the listeners are called before this returns. */
  look(): string | undefined {
    const before = this.#id;
    this.#lookedAt = performance.now();
    try {
      const identity = sourceOf({ source: this.#source }).identify(this.#ref);
      this.#id = identity?.id ?? MISSING;
      this.#device = identity?.dev;
    } catch {
      // Not to be found out (EACCES, ELOOP, …): what is there stays, and a new socket will say what is wrong.
    }
    if (this.#id !== before) for (const listener of [...this.#listeners]) callUser(listener);
    return this.#id;
  }

  /**
   * Calls a listener when it means something else than at the last look, until the returned function is called. Does
   * not keep the event loop alive.
   */
  use(listener: () => void): () => void {
    // An entry of its own, also for a listener that is passed twice.
    const entry = (): void => listener();
    // First, so that what it means so far is not reported.
    this.current();
    this.#listeners.add(entry);
    if (this.#listeners.size === 1) {
      inUse.add(this);
      startTimer();
      this.#watch();
    }
    return () => {
      if (!this.#listeners.delete(entry) || this.#listeners.size > 0) return;
      inUse.delete(this);
      if (inUse.size === 0) stopTimer();
      this.#unwatch?.();
      this.#unwatch = undefined;
      this.#pushed?.close();
      this.#pushed = undefined;
    };
  }

  /**
   * For a caller that found no namespace there and waits for one. The reference may have changed and changed back between
   * two looks, which listeners do not hear of: if the next look finds the namespace of the last one, the caller's is
   * called all the same.
   */
  foundMissing(listener: () => void): void {
    const before = this.#id;
    if (before === undefined || before === MISSING) return;
    const look = (): void => {
      if (this.look() === before && this.#device === namespaceDevice()) callUser(listener);
    };
    context.runInAsyncScope(() => setTimeout(look, LOOK_INTERVAL_MS).unref());
  }

  #watch(): void {
    if (this.#watched === undefined) return;
    try {
      this.#pushed = sourceOf({ source: this.#source }).watch?.(this.#ref, () => this.look());
      if (this.#pushed !== undefined) return;
      this.#unwatch = watchNamespace(this.#watched, () => this.look());
    } catch {
      // inotify's limits, or a reference that the broker does not know. The timer notices as well.
    }
  }
}

/** The device of files that namespaces are mounted on; `undefined` where /proc does not tell. */
function namespaceDevice(): bigint | undefined {
  try {
    return statSync('/proc/self/ns/net', { bigint: true }).dev;
  } catch {
    return undefined;
  }
}

const shared = new Map<string, WeakRef<WatchedReference>>();
const collected = new FinalizationRegistry<string>((key) => {
  if (shared.get(key)?.deref() === undefined) shared.delete(key);
});

const sources = new WeakMap<SocketSource, number>();
let lastSource = 0;

function numberOf(source: SocketSource): number {
  const known = sources.get(source);
  if (known !== undefined) return known;
  lastSource += 1;
  sources.set(source, lastSource);
  return lastSource;
}

/** The target's reference, one object for all who have the same: a thousand agents look once. */
export function watchedReference(target: ResolvedTarget): WatchedReference {
  const { namespace } = target;
  const key = `${numberOf(sourceOf(target))} ${JSON.stringify(namespace)}`;
  const existing = shared.get(key)?.deref();
  if (existing !== undefined) return existing;
  const made = new WatchedReference(target);
  shared.set(key, new WeakRef(made));
  collected.register(made, key);
  return made;
}

// One timer for all references of the thread. In the context of this module: not in that of the request that happened
// to start it, which it would keep in memory, and show to the code of others.
const inUse = new Set<WatchedReference>();
let timer: NodeJS.Timeout | undefined;
const context = new AsyncResource('vrf-dial:watched-references');

function startTimer(delay = LOOK_INTERVAL_MS): void {
  timer ??= context.runInAsyncScope(() => setTimeout(lookAtAll, delay).unref());
}

function stopTimer(): void {
  clearTimeout(timer);
  timer = undefined;
}

function lookAtAll(): void {
  timer = undefined;
  for (const reference of [...inUse]) if (!reference.isPushed) reference.current();
  if (inUse.size > 0) startTimer(Math.max(LOOK_INTERVAL_MS, inUse.size * LOOK_INTERVAL_PER_REFERENCE_MS));
}
