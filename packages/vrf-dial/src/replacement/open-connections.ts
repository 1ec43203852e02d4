import type { Socket } from 'node:net';
import { NetnsError } from 'netns-core';
import { Cancellation } from '../cancellation.js';
import { callUser, channels, count, log, type ReplacedMessage, type VrfLogger } from '../diagnostics.js';
import type { ConnectionObserver } from '../dial/index.js';
import { namespaceOfSocket, noteSocketNamespace, type SocketNamespace } from '../socket/socket-namespace.js';
import type { TcpHandle } from '../socket/tcp-handle.js';
import type { ResolvedTarget } from '../target/target.js';
import { canBeReplaced, type WatchedReference, watchedReference } from '../target/watched-reference.js';

/** The namespace of a connection was removed, or another namespace has its name. */
export class NamespaceReplacedError extends NetnsError {
  override name = 'NamespaceReplacedError';
  constructor(label: string) {
    super(`${label} was removed or replaced while the connection was in use: the connection is closed, try again`, {
      code: 'ERR_NAMESPACE_REPLACED',
    });
  }
}

/** How often a connection is begun again because the namespace was replaced meanwhile. */
const MAX_ATTEMPTS = 20;

/** A connection, and the namespace that it is in. */
interface Tracked {
  readonly socket: Socket;
  readonly namespace: SocketNamespace | undefined;
  /** libuv's handle of the TCP socket, also below TLS. */
  readonly handle: TcpHandle | undefined;
  /** Its namespace is not the one of the target any more. */
  stale: boolean;
}

/** A connection between two requests of `node:http` has no listener: an error would end the process. */
function end(socket: Socket, error: Error): void {
  if (socket.listenerCount('error') === 0) socket.destroy();
  else socket.destroy(error);
}

/** The code by which each version of undici knows its `InformationalError`. undici itself takes 130 ms to load. */
const UNDICI_INFORMATION = 'UND_ERR_INFO';

/** Methods that {@link OpenConnections} puts before those of a socket's class. */
const HOOKED = ['ref', 'unref', 'read'] as const;

/** HTTP clients `unref` a connection that waits for its next request and `ref` it when it has one. */
const isIdle = ({ handle }: Tracked): boolean => handle?.hasRef?.() === false;

/** A connection that is being made. */
export interface Pending {
  readonly cancellation: Cancellation;
  /** What the dialer tells of it; `undefined` for targets that cannot be replaced. */
  readonly observer: ConnectionObserver | undefined;
}

/** A connection that is being made in a target that can be replaced. */
class ObservedPending implements Pending, ConnectionObserver {
  readonly cancellation: Cancellation;
  readonly #reference: WatchedReference;
  readonly #label: string;
  /** What the reference meant when the name was resolved, or what the first socket belongs to: so must each other one. */
  id: string | undefined;

  constructor(cancellation: Cancellation, reference: WatchedReference, label: string) {
    this.cancellation = cancellation;
    this.#reference = reference;
    this.#label = label;
  }

  get observer(): ConnectionObserver {
    return this;
  }

  entering(): void {
    this.id = this.#reference.look();
  }

  waiting(): void {
    this.id = undefined;
  }

  opened({ id }: SocketNamespace): void {
    this.id ??= id ?? this.#reference.look();
    if (this.id === undefined || this.id === id) return;
    const error = new NamespaceReplacedError(this.#label);
    this.cancellation.cancel(error);
    throw error;
  }
}

/** How {@link OpenConnections} treats its connections. */
export interface OpenConnectionsOptions {
  readonly logger?: VrfLogger | undefined;
  /** Called when the namespace was removed or replaced, before connections are dropped. */
  readonly replaced?: ((error: NamespaceReplacedError) => void) | undefined;
  /**
   * For clients that hold their connections themselves: looks before a request begins on an idle connection (clients
   * `ref` it then) and when data arrives on one in use, and drops it where that is too late for the namespace.
   */
  readonly checksUse?: boolean | undefined;
  /** Whether a socket that was closed may be connected again: it is as before then. */
  readonly reconnects?: boolean | undefined;
  /** After how many milliseconds an idle connection takes no further request; only with `checksUse`. */
  readonly maxAgeMs?: number | undefined;
  /**
   * Tells the client to end a connection after its request rather than reuse it.
   *
   * @returns 'idle' if there is no request: the connection can be closed; 'busy' if the client will end it;
   *   'cut' if it cannot be told, and the connection must end at once; `undefined` where the client cannot be told
   */
  readonly endAfterRequest?: ((socket: Socket) => 'idle' | 'busy' | 'cut' | undefined) | undefined;
}

/**
 * The connections of one connector, and the namespaces that they are in, which each socket tells itself. Notices when
 * the target's namespace is removed or replaced: at the latest 50 ms later, and before each request ({@link verify}). It
 * does not hold the namespace open; the connections do, which is why they go.
 */
export class OpenConnections {
  readonly #target: ResolvedTarget;
  readonly #options: OpenConnectionsOptions;
  readonly #open = new Set<Tracked>();
  readonly #stale = new WeakSet<Socket>();
  readonly #pending = new Set<Pending>();
  /** `undefined` for targets that cannot be replaced. */
  readonly #reference: WatchedReference | undefined;
  #release: (() => void) | undefined;

  constructor(target: ResolvedTarget, options: OpenConnectionsOptions) {
    this.#target = target;
    this.#options = options;
    this.#reference = canBeReplaced(target.namespace) ? watchedReference(target) : undefined;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Makes a connection, again if the namespace is replaced meanwhile: no request has begun on it.
   *
   * @param until when to stop trying, on the clock of `performance.now()`
   * @param connect makes it and gives it to {@link add}; its cancellation ends with a {@link NamespaceReplacedError} if
   *   the namespace is replaced
   * @param outer ends all attempts
   */
  async make<T>(until: number, connect: (pending: Pending) => Promise<T>, outer?: Cancellation): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      outer?.throwIfCancelled();
      const cancellation = new Cancellation();
      const withdraw = outer?.onCancel((reason) => cancellation.cancel(reason));
      const pending = this.#begin(cancellation);
      try {
        return await connect(pending);
      } catch (error) {
        const again = error instanceof NamespaceReplacedError && attempt < MAX_ATTEMPTS && performance.now() < until;
        if (!again) throw error;
      } finally {
        withdraw?.();
        this.#pending.delete(pending);
        this.#rest();
      }
    }
  }

  #begin(cancellation: Cancellation): Pending {
    const reference = this.#reference;
    if (reference !== undefined) this.#release ??= reference.use(() => this.#compare());
    const pending: Pending =
      reference === undefined
        ? { cancellation, observer: undefined }
        : new ObservedPending(cancellation, reference, this.#target.label);
    this.#pending.add(pending);
    return pending;
  }

  /**
   * Checks that a connection is in the namespace that the target means now.
   *
   * @throws NamespaceReplacedError if it is not
   */
  check(namespace: SocketNamespace | undefined): void {
    const reference = this.#reference;
    if (reference === undefined || reference.current() === namespace?.id) return;
    const now = reference.look();
    if (now === undefined || now === namespace?.id) return;
    throw new NamespaceReplacedError(this.#target.label);
  }

  /** Takes on a connection that was made, with what is known of the TCP socket, if `socket` speaks TLS over it. */
  track(socket: Socket, below: { namespace: SocketNamespace | undefined; handle: TcpHandle | undefined }): void {
    const { namespace, handle } = below;
    // That of a TCP socket was noted when it was made.
    if (namespace !== undefined && namespaceOfSocket(socket) !== namespace) noteSocketNamespace(socket, namespace);
    const tracked: Tracked = { socket, namespace, handle, stale: false };
    this.#open.add(tracked);
    // It may have been another connection before.
    this.#stale.delete(socket);
    if (this.#options.checksUse) this.#checkUse(tracked);
    socket.once('close', () => {
      this.#open.delete(tracked);
      if (this.#options.reconnects) for (const name of HOOKED) Reflect.deleteProperty(socket, name);
      this.#rest();
    });
  }

  /** Looks whether the namespace is still the one that the connections are in, unless that was done just now. */
  verify(): void {
    if (this.#release !== undefined) this.#reference?.current();
  }

  /** Whether a connection is in a namespace that was replaced, and waits for the end of its request. */
  isStale(socket: Socket): boolean {
    return this.#stale.has(socket);
  }

  /** Ends the connections that are being made. */
  cancelPending(error: Error): void {
    for (const { cancellation } of [...this.#pending]) cancellation.cancel(error);
  }

  /** Drops what is in another namespace than the one that the target means now. Whoever is told of it is told last. */
  #compare(): void {
    const id = this.#reference?.current();
    if (id === undefined) return;
    const { label, onReplaced } = this.#target;
    const stale = [...this.#open].filter((tracked) => !tracked.stale && tracked.namespace?.id !== id);
    const late = [...this.#pending].filter(
      (pending) => pending instanceof ObservedPending && pending.id !== undefined && pending.id !== id,
    );
    if (stale.length === 0 && late.length === 0) return;
    const error = new NamespaceReplacedError(label);
    for (const tracked of stale) {
      tracked.stale = true;
      this.#stale.add(tracked.socket);
    }
    callUser(() => this.#options.replaced?.(error));
    for (const { cancellation } of late) callUser(() => cancellation.cancel(error));
    for (const tracked of stale)
      callUser(() => {
        if (onReplaced === 'abort') end(tracked.socket, error);
        else this.#dropWhenIdle(tracked);
      });
    count.replaced += 1;
    count.dropped += stale.length;
    if (channels.replaced.hasSubscribers)
      channels.replaced.publish({ target: label, onReplaced, connections: stale.length } satisfies ReplacedMessage);
    const { logger } = this.#options;
    log(logger, 'info', `${label} was removed or replaced: ${stale.length} connections are dropped`, {
      onReplaced,
      connections: stale.length,
    });
  }

  #dropWhenIdle(tracked: Tracked): void {
    const { socket } = tracked;
    // Nobody listens to a connection that its client has not been given yet.
    const isNew = this.#options.checksUse && socket.listenerCount('error') === 0;
    const told = isNew || isIdle(tracked) ? 'idle' : this.#options.endAfterRequest?.(socket);
    if (told === 'cut') end(socket, new NamespaceReplacedError(this.#target.label));
    else if (told === 'idle') this.#drop(socket);
    if (told === 'cut' || told === 'idle') return;
    socket.unref = () => {
      this.#drop(socket);
      return socket;
    };
    // A client that has laid TLS of its own over the connection, as in a tunnel, lets go of that.
    const { handle } = tracked;
    if (handle !== undefined) handle.unref = () => this.#drop(socket);
  }

  /**
   * Ends a connection that has no request. undici takes an error with this code for no failure of any request; without
   * an error it stumbles over its own HTTP/2 session.
   */
  #drop(socket: Socket): void {
    end(
      socket,
      Object.assign(new Error(`${this.#target.label} was removed or replaced`), { code: UNDICI_INFORMATION }),
    );
  }

  /**
   * Looks when the client takes the connection for a request, and when it reads from it: undici does that before each
   * request, and when an answer arrives and other requests may be waiting.
   */
  #checkUse(tracked: Tracked): void {
    const { socket } = tracked;
    const { maxAgeMs } = this.#options;
    const expires = maxAgeMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + maxAgeMs;
    const { ref, read } = socket;
    socket.ref = () => {
      if (isIdle(tracked)) {
        this.verify();
        if (performance.now() > expires) this.#drop(socket);
      }
      return ref.call(socket);
    };
    if (this.#reference === undefined) return;
    socket.read = (size?: number) => {
      this.verify();
      return socket.destroyed ? null : read.call(socket, size);
    };
  }

  /** Nothing is left that could be in the wrong namespace. */
  #rest(): void {
    if (this.#open.size > 0 || this.#pending.size > 0) return;
    this.#release?.();
    this.#release = undefined;
  }
}
