import { Dispatcher } from 'undici';

type Listener = (...args: unknown[]) => void;

/** What an {@link OriginDispatcher} needs of its agent. */
export interface OriginOwner {
  /** Gives a pool for an origin, a new one or one that was given back. */
  pool(): Dispatcher;
  /** Takes a pool that is not in use any more; false if it is to be closed. */
  giveBack(pool: Dispatcher): boolean;
  /** The dispatcher is of no use any more. */
  ended(dispatcher: OriginDispatcher): void;
}

/**
 * All connections of an agent to one origin. It stands where undici's Agent has a Pool, and puts a new one in its
 * place when the namespace is replaced.
 */
export class OriginDispatcher extends Dispatcher {
  /** `'http://192.0.2.1:8080'` */
  readonly origin: string;
  readonly #owner: OriginOwner;
  readonly #listeners: [event: string | symbol, listener: Listener][] = [];
  /** `undefined` after a replacement, until the next request. */
  #pool: Dispatcher | undefined;
  #old: Set<Dispatcher> | undefined;
  #closed = false;
  #destroyed = false;

  constructor(origin: string, owner: OriginOwner) {
    super();
    this.origin = origin;
    this.#owner = owner;
    this.#pool = owner.pool();
  }

  get closed(): boolean {
    return this.#closed;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  /** The pool in use, if there is one. */
  get current(): Dispatcher | undefined {
    return this.#pool;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    // What the user's factory throws is for undici's Agent, which fails the request with it.
    return (this.#pool ?? this.#renew()).dispatch(options, handler);
  }

  #renew(): Dispatcher {
    const pool = this.#owner.pool();
    for (const [event, listener] of this.#listeners) pool.on(event as 'connect', listener);
    this.#pool = pool;
    return pool;
  }

  /**
   * Requests from now on go to a new pool; those of the old one finish, or fail with `error`. The new one is made for the
   * next request: the user's factory has no part in leaving the old one.
   */
  replace(onReplaced: 'drain' | 'abort', error: Error): void {
    const old = this.#pool;
    if (old === undefined || this.#closed || this.#destroyed) return;
    this.#pool = undefined;
    this.#old ??= new Set();
    this.#old.add(old);
    const forget = (): void => {
      this.#old?.delete(old);
    };
    const done = onReplaced === 'abort' ? old.destroy(error) : old.close();
    done.then(forget, forget);
  }

  /**
   * Listeners hear the pools themselves. undici's Agent listens to an origin's 'drain', which comes with each request.
   */
  override on(event: string | symbol, listener: (...args: never[]) => void): this {
    this.#listeners.push([event, listener as Listener]);
    this.#pool?.on(event as 'connect', listener as Listener);
    for (const pool of this.#old ?? []) pool.on(event as 'connect', listener as Listener);
    return this;
  }

  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | undefined {
    const pool = this.#pool;
    const first = !this.#closed && !this.#destroyed;
    this.#closed = true;
    if (first && pool !== undefined && this.#owner.giveBack(pool)) {
      for (const [event, listener] of this.#listeners) pool.off(event as 'connect', listener);
      return settled(this.#end([]), callback);
    }
    const pools = [...(pool === undefined ? [] : [pool]), ...(this.#old ?? [])];
    return settled(this.#end(pools.map((one) => one.close())), callback);
  }

  override destroy(error?: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | undefined {
    const error = typeof first === 'function' ? null : (first ?? null);
    this.#destroyed = true;
    const pools = [...(this.#pool === undefined ? [] : [this.#pool]), ...(this.#old ?? [])];
    return settled(this.#end(pools.map((pool) => pool.destroy(error))), typeof first === 'function' ? first : second);
  }

  async #end(ending: Promise<void>[]): Promise<void> {
    this.#owner.ended(this);
    // Nobody waits for this when undici's Agent drops an origin, and one that has been destroyed refuses to close.
    await Promise.allSettled(ending);
  }
}

function settled(promise: Promise<void>, callback: (() => void) | undefined): Promise<void> | undefined {
  if (callback === undefined) return promise;
  promise.then(callback, callback);
  return undefined;
}
