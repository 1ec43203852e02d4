import type { Socket } from 'node:net';
import { NetnsError } from 'netns-core';
import { errors } from 'undici';
import { channels, count, type ReplacedMessage, type VrfLogger } from '../diagnostics.js';
import type { Cancellation } from '../dial/index.js';
import { namespaceKey } from '../resolve/index.js';
import { type Handle, handleOf } from '../socket/handle-fd.js';
import type { ResolvedTarget } from '../target.js';
import { type ObservedDirectory, observeDirectory, watchNamespace } from './namespace-watch.js';

/** The namespace of a connection was removed, or another namespace has its name. */
export class NamespaceReplacedError extends NetnsError {
  override name = 'NamespaceReplacedError';
  constructor(label: string) {
    super(`${label} was removed or replaced while the connection was in use: the connection is closed, try again`, {
      code: 'ERR_NAMESPACE_REPLACED',
    });
  }
}

/** How old the last look at a namespace without a watched name may be, in milliseconds. */
const LOOK_AGE = 20;

/** A connection, and what tells its namespace from every other one. */
interface Tracked {
  readonly socket: Socket;
  readonly key: string | undefined;
  /** libuv's handle of the TCP socket, also below TLS. */
  readonly handle: TcpHandle | undefined;
  stale: boolean;
}

/** What is known of Node's handle of a socket. */
interface TcpHandle extends Handle {
  hasRef?(): boolean;
}

/** HTTP clients `unref` a connection that waits for its next request and `ref` it when it has one. */
const isIdle = ({ handle }: Tracked): boolean => handle?.hasRef?.() === false;

/** A connection that is being made. */
export interface Pending {
  readonly cancellation: Cancellation;
  /** What tells the namespace that its first socket was made in; not there before that. */
  key: string | undefined;
  /** When that was looked up (`performance.now()`). */
  looked: number;
}

/**
 * The connections of one connector, and the namespaces that they are in. Notices when the target's namespace is
 * removed or replaced: by a watch as long as there are connections, and by looking before each request
 * ({@link verify}), for a busy event loop hears of it late. It does not hold the namespace open; the connections do,
 * which is why they go.
 */
export class OpenConnections {
  readonly #target: ResolvedTarget;
  readonly #logger: VrfLogger | undefined;
  readonly #replaced: (error: NamespaceReplacedError) => void;
  readonly #open = new Set<Tracked>();
  readonly #pending = new Set<Pending>();
  readonly #directory: ObservedDirectory | undefined;
  #unwatch: (() => void) | undefined;
  #version = 0;
  #looked = 0;
  /** The namespace's key as it was when {@link ObservedDirectory} had this version. */
  #key: string | undefined;
  #keyLooked = 0;

  /**
   * @param replaced called when the namespace was removed or replaced, before connections are dropped
   */
  constructor(
    target: ResolvedTarget,
    logger: VrfLogger | undefined,
    replaced: (error: NamespaceReplacedError) => void,
  ) {
    this.#target = target;
    this.#logger = logger;
    this.#replaced = replaced;
    this.#directory = target.watched === undefined ? undefined : observeDirectory(target.watched.dir);
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Call before a connection is made.
   *
   * @param cancellation ended with a {@link NamespaceReplacedError} if the namespace is replaced meanwhile
   */
  begin(cancellation: Cancellation): Pending {
    if (this.#target.replaceable) {
      this.verify();
      this.#watch();
    }
    const pending: Pending = { cancellation, key: undefined, looked: 0 };
    this.#pending.add(pending);
    return pending;
  }

  /**
   * Call before each socket of it is made. If the namespace is replaced right after, or was within the last 20 ms, the
   * connection counts as one in the old namespace and is dropped too early rather than too late.
   *
   * @returns when the namespace was looked at (`performance.now()`): the socket must not be of one that was there
   *   before
   */
  opening(pending: Pending): number {
    if (pending.key === undefined && this.#target.replaceable) {
      if (this.#directory === undefined || this.#key === undefined) this.#lookUpKey();
      pending.key = this.#key;
      pending.looked = this.#keyLooked;
    }
    return pending.looked;
  }

  /** Call when it was made, or was not. */
  end(pending: Pending): void {
    this.#pending.delete(pending);
    this.#rest();
  }

  /**
   * Takes on a connection that was made.
   *
   * @param below the TCP socket, if `socket` speaks TLS over it
   */
  add(socket: Socket, { key }: Pending, below: Socket = socket): void {
    const tracked: Tracked = { socket, key, handle: handleOf(below), stale: false };
    this.#open.add(tracked);
    socket.once('close', () => {
      this.#open.delete(tracked);
      this.#rest();
    });
  }

  /** Looks whether the namespace is still the one that the connections are in, unless that was done just now. */
  verify(): void {
    if (!this.#target.replaceable || (this.#open.size === 0 && this.#pending.size === 0)) return;
    if (this.#directory !== undefined) {
      const version = this.#directory.version();
      if (version === this.#version) return;
      this.#version = version;
    } else {
      const now = performance.now();
      if (now - this.#looked < LOOK_AGE) return;
      this.#looked = now;
    }
    this.#compare();
  }

  /** Ends the connections that are being made. */
  cancelPending(error: Error): void {
    for (const { cancellation } of [...this.#pending]) cancellation.cancel(error);
  }

  #compare(): void {
    this.#lookUpKey();
    const key = this.#key;
    const stale = [...this.#open].filter((tracked) => !tracked.stale && tracked.key !== key);
    const late = [...this.#pending].filter((pending) => pending.key !== undefined && pending.key !== key);
    if (stale.length === 0 && late.length === 0) return;
    const { label, onReplaced } = this.#target;
    count.replaced += 1;
    if (channels.replaced.hasSubscribers)
      channels.replaced.publish({ target: label, onReplaced, connections: stale.length } satisfies ReplacedMessage);
    this.#logger?.info?.(`${label} was removed or replaced: ${stale.length} connections are dropped`, {
      onReplaced,
      connections: stale.length,
    });
    const error = new NamespaceReplacedError(label);
    for (const tracked of stale) tracked.stale = true;
    this.#replaced(error);
    for (const { cancellation } of late) cancellation.cancel(error);
    count.dropped += stale.length;
    for (const tracked of stale)
      if (onReplaced === 'abort') tracked.socket.destroy(error);
      else if (isIdle(tracked)) drop(tracked.socket, label);
      else dropWhenIdle(tracked.socket, label);
  }

  #lookUpKey(): void {
    this.#keyLooked = performance.now();
    this.#key = namespaceKey(this.#target.namespace);
  }

  #watch(): void {
    const { watched } = this.#target;
    if (watched === undefined || this.#unwatch !== undefined) return;
    this.#version = this.#directory?.version() ?? 0;
    this.#key = undefined;
    try {
      this.#unwatch = watchNamespace(watched, () => this.#compare());
    } catch (error) {
      // inotify's limits. Looking before each request goes on; only idle connections stay until then.
      this.#logger?.warn?.(`${this.#target.label} cannot be watched: ${(error as Error).message}`, error);
    }
  }

  /** Nothing is left that could be in the wrong namespace. */
  #rest(): void {
    if (this.#open.size > 0 || this.#pending.size > 0) return;
    this.#unwatch?.();
    this.#unwatch = undefined;
  }
}

/**
 * Ends a connection that has no request. undici takes an error with this code for no failure of any request; without
 * an error it stumbles over its own HTTP/2 session.
 */
function drop(socket: Socket, label: string): void {
  if (socket.listenerCount('error') === 0) socket.destroy();
  else socket.destroy(new errors.InformationalError(`${label} was removed or replaced`));
}

function dropWhenIdle(socket: Socket, label: string): void {
  socket.unref = () => {
    drop(socket, label);
    return socket;
  };
}
