import { Dispatcher } from 'undici';

type Listener = (...args: unknown[]) => void;

/**
 * All connections of an agent to one origin. It stands where undici's Agent has a Pool, and puts a new one in its
 * place when the namespace is replaced.
 */
export class OriginDispatcher extends Dispatcher {
  readonly origin: string;
  readonly #make: () => Dispatcher;
  readonly #verify: () => void;
  readonly #ended: () => void;
  readonly #listeners: [event: string | symbol, listener: Listener][] = [];
  #pool: Dispatcher;
  #old: Set<Dispatcher> | undefined;
  #closed = false;
  #destroyed = false;

  /**
   * @param origin `'http://192.0.2.1:8080'`
   * @param make makes a pool for the origin
   * @param verify looks whether the namespace is still the same, and calls {@link replace} if it is not
   * @param ended called when the dispatcher is of no use any more
   */
  constructor(origin: string, make: () => Dispatcher, verify: () => void, ended: () => void) {
    super();
    this.origin = origin;
    this.#make = make;
    this.#verify = verify;
    this.#ended = ended;
    this.#pool = this.#makePool();
  }

  get closed(): boolean {
    return this.#closed;
  }

  get destroyed(): boolean {
    return this.#destroyed;
  }

  /** The pool in use. */
  get current(): Dispatcher {
    return this.#pool;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.#verify();
    return this.#pool.dispatch(options, handler);
  }

  /** Requests from now on go to a new pool; those of the old one finish, or fail with `error`. */
  replace(onReplaced: 'drain' | 'abort', error: Error): void {
    if (this.#closed || this.#destroyed) return;
    const old = this.#pool;
    this.#pool = this.#makePool();
    this.#old ??= new Set();
    this.#old.add(old);
    const forget = (): void => {
      this.#old?.delete(old);
    };
    const done = onReplaced === 'abort' ? old.destroy(error) : old.close();
    done.then(forget, forget);
  }

  #makePool(): Dispatcher {
    const pool = this.#make();
    for (const [event, listener] of this.#listeners) pool.on(event as 'connect', listener);
    return pool;
  }

  /**
   * Listeners hear the pools themselves. undici's Agent listens to an origin's 'drain', which comes with each request.
   */
  override on(event: string | symbol, listener: (...args: never[]) => void): this {
    this.#listeners.push([event, listener as Listener]);
    this.#pool.on(event as 'connect', listener as Listener);
    for (const pool of this.#old ?? []) pool.on(event as 'connect', listener as Listener);
    return this;
  }

  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | undefined {
    this.#closed = true;
    return settled(
      this.#all((pool) => pool.close()),
      callback,
    );
  }

  override destroy(error?: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | undefined {
    const error = typeof first === 'function' ? null : (first ?? null);
    this.#destroyed = true;
    return settled(
      this.#all((pool) => pool.destroy(error)),
      typeof first === 'function' ? first : second,
    );
  }

  async #all(end: (pool: Dispatcher) => Promise<void>): Promise<void> {
    // Nobody waits for this when undici's Agent drops an origin, and one that has been destroyed refuses to close.
    await Promise.allSettled([this.#pool, ...(this.#old ?? [])].map(end));
    this.#ended();
  }
}

function settled(promise: Promise<void>, callback: (() => void) | undefined): Promise<void> | undefined {
  if (callback === undefined) return promise;
  promise.then(callback, callback);
  return undefined;
}
