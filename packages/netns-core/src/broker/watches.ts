import { BROKER_PROTOCOL, type BrokerReply } from '../socket/broker-protocol.js';
import { lookAt, watchReply } from './serve-request.js';

/** How often names that clients watch are looked at, in milliseconds. */
const LOOK_INTERVAL_MS = 25;
/** How much longer than a look the time until the next one is at least: thousands of names take a fifth of the broker. */
const PAUSE_FACTOR = 4;

type Listener = (reply: BrokerReply) => void;

interface WatchedName {
  /** What it meant when it was looked at last; `undefined` where it led to nothing. */
  id: string | undefined;
  readonly listeners: Set<Listener>;
}

/**
 * The names that clients watch. All of them are looked at by one timer, as no event of the kernel tells of everything
 * that can change what a name means; while no name is watched there is no timer.
 */
export class NamespaceWatches {
  readonly #names = new Map<string, WatchedName>();
  #timer: NodeJS.Timeout | undefined;

  /** Calls a listener with the reply for its client, once for each change, until the returned function is called. */
  add(namespace: string, listener: Listener): () => void {
    const watched = this.#names.get(namespace) ?? { id: lookAt(namespace)?.id, listeners: new Set() };
    this.#names.set(namespace, watched);
    watched.listeners.add(listener);
    this.#timer ??= this.#lookIn(LOOK_INTERVAL_MS);
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size === 0 && this.#names.get(namespace) === watched) this.#names.delete(namespace);
      if (this.#names.size > 0) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  /**
   * Notes what a client was told of a name. Without it, a namespace that comes and goes between two looks would stay there
   * for a client that asked in between.
   */
  note(namespace: string, { dev, ino }: Pick<BrokerReply, 'dev' | 'ino'>): void {
    const watched = this.#names.get(namespace);
    const id = dev === undefined ? undefined : `NS(${dev}:${ino})`;
    if (watched === undefined || watched.id === id) return;
    watched.id = id;
    const reply: BrokerReply = { version: BROKER_PROTOCOL, namespace, ...(dev === undefined ? {} : { dev, ino }) };
    for (const listener of [...watched.listeners]) listener(reply);
  }

  #lookIn(delay: number): NodeJS.Timeout {
    return setTimeout(() => {
      const start = performance.now();
      this.#look();
      // A listener may have ended the last watch.
      if (this.#names.size > 0)
        this.#timer = this.#lookIn(Math.max(LOOK_INTERVAL_MS, PAUSE_FACTOR * (performance.now() - start)));
    }, delay).unref();
  }

  #look(): void {
    for (const [namespace, watched] of [...this.#names]) {
      const identity = lookAt(namespace);
      if (identity?.id !== watched.id) this.note(namespace, watchReply(namespace, identity));
    }
  }
}
