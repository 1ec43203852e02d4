import { EventEmitter } from 'node:events';
import { type AddressInfo, Server } from 'node:net';
import {
  NamespaceNotFoundError,
  type NamespaceRef,
  NetnsError,
  type NetnsHandle,
  NotANamespaceError,
  resolveNamespace,
} from 'netns-core';
import { checkMilliseconds, onAbort } from 'netns-core/checks';
import { sys } from 'netns-core/sys';
import { interfaceOfZone } from '../address/zone.js';
import { channels, count, log } from '../diagnostics.js';
import { type LongTimeout, MAX_TIMER_MS, setLongTimeout } from '../long-timeout.js';
import { type AddressWatch, watchAddresses } from '../socket/address-changes.js';
import { openBoundSocket } from '../socket/bind-socket.js';
import { fdOf } from '../socket/handle-fd.js';
import { nameLinkLocalAddresses } from '../socket/link-local-address.js';
import { isNamespaceMissing } from '../target/namespace-arrival.js';
import { canBeReplaced, type WatchedReference, watchedReference } from '../target/watched-reference.js';
import { AcceptedSockets } from './accepted-sockets.js';
import { checkServer, isCallersNamespace, type ListenSettings } from './listen-options.js';
import { ServerSeat } from './server-seat.js';

function isDescriptor(namespace: NamespaceRef): boolean {
  return typeof namespace === 'object' && 'fd' in namespace;
}

/** What a {@link VrfListener} emits. */
export interface VrfListenerEvents {
  /** It is bound: the first time, and again after each return of its namespace. */
  listening: [];
  /** Its namespace is gone, or its interface; it waits for the next. */
  down: [];
  /** A bind failed for another reason than a namespace or address that is not there. It goes on waiting for a change. */
  error: [error: Error];
  /** It is closed, and its server drained. */
  close: [];
}

/** A server in its namespace, and what it takes to let go of it. */
interface Serving {
  readonly server: Server;
  readonly seat: ServerSeat;
  readonly accepted: AcceptedSockets;
  /** Settles once the server is closed and its last connection has ended. */
  readonly drained: Promise<void>;
  /** Takes our listeners off the server. */
  forget(): void;
}

// Errors of a process or system that is short of something: time helps, no event tells.
const SHORTAGE: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);
const NOT_YET: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'ENODEV']);
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 30_000;
/** How long a name may be without its namespace, as while it is being made, until the log says so. */
const UNMOUNTED_MS = 2000;

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

/**
 * A server that listens in a VRF or namespace whenever that is there. `listenInVrf` and `listenInVrfWith` make it.
 *
 * It waits while the namespace, or the address in it, is not there, binds when it is, lets go when the namespace is
 * removed and binds again when it returns. Throughout the server stays open, so 'close' is emitted only when it is
 * closed: by `close()` here, or by its own.
 */
export class VrfListener extends EventEmitter<VrfListenerEvents> implements AsyncDisposable {
  /** Where it was asked to listen. */
  readonly requested: { readonly host: string | undefined; readonly port: number };

  readonly #settings: ListenSettings;
  /** The server that serves for life; without it, a new one is made each time. */
  readonly #ownServer: Server | undefined;
  readonly #createServer: () => Server | Promise<Server>;

  /** Whether it has been told to stop. */
  #ended = false;
  #closing: Promise<void> | undefined;
  #serving: Serving | undefined;
  /** Servers made for earlier times that have not drained. */
  readonly #former = new Set<Serving>();
  #listening = false;
  #making = false;
  /** The namespace it is bound in or waits in for an address. Its inode is not reused while a socket is there. */
  #identity: string | undefined;
  /** What says which namespace is meant; `undefined` for one that is there for good. */
  #reference: WatchedReference | undefined;
  #fixedNamespace: NetnsHandle | undefined;
  #isHome = false;
  #unwatch: (() => void) | undefined;
  #withdrawAbort: (() => void) | undefined;
  #addresses: AddressWatch | undefined;
  #interfaceIndex: number | undefined;
  #port: number;
  #retry: NodeJS.Timeout | undefined;
  #retryDelay = FIRST_RETRY_MS;
  #shortage: string | undefined;
  #patience: LongTimeout | undefined;
  #unmounted: NodeJS.Timeout | undefined;
  /** What was logged last about waiting: events that change nothing are not logged. */
  #waitingFor: string | undefined;
  #keepAlive: NodeJS.Timeout | undefined;

  /** @internal `listenInVrf` and `listenInVrfWith` make listeners. */
  constructor(settings: ListenSettings, server: Server | (() => Server | Promise<Server>)) {
    super();
    this.#settings = settings;
    this.requested = settings.requested;
    this.#port = settings.requested.port;
    this.#ownServer = typeof server === 'function' ? undefined : server;
    this.#createServer = typeof server === 'function' ? server : () => server;
  }

  /** `'waiting'` for the namespace or the address, `'listening'`, or `'closed'`. */
  get state(): 'waiting' | 'listening' | 'closed' {
    if (this.#ended) return 'closed';
    if (!this.#listening) return 'waiting';
    // Somebody may have closed the server itself; its connections are being drained then.
    return this.#serving?.seat.isServing ? 'listening' : 'closed';
  }

  /** Where it listens; null while it waits and once it is closed. */
  address(): AddressInfo | null {
    if (this.state !== 'listening') return null;
    const address = this.#serving?.server.address();
    return typeof address === 'object' ? (address ?? null) : null;
  }

  /** The server that is in use; with `listenInVrfWith` there is none before the namespace is there. */
  get server(): Server | undefined {
    return this.#serving?.server;
  }

  /**
   * Stops listening, or waiting, and closes the server as its own `close` does: connections that are in use may
   * finish. Calling it twice is harmless.
   *
   * @param options `graceMs`: milliseconds after which connections are destroyed that are still there; never, if
   *   nothing is said
   * @returns when the last connection has ended
   */
  close(options: { graceMs?: number } = {}): Promise<void> {
    const graceMs = checkMilliseconds('graceMs', options.graceMs) ?? Number.POSITIVE_INFINITY;
    this.#closing ??= this.#end();
    if (graceMs < Number.POSITIVE_INFINITY) for (const { accepted } of this.#servings()) accepted.expire(graceMs);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * @internal Binds, or begins to wait.
   *
   * @throws what makes waiting pointless
   */
  async arm(): Promise<void> {
    const { target, patience, signal } = this.#settings;
    signal?.throwIfAborted();
    try {
      // A namespace without a name is not waited for the first time.
      if (target.watched === undefined) this.#isHome = isCallersNamespace(target.namespace);
      if (canBeReplaced(target.namespace) && !isDescriptor(target.namespace)) {
        this.#reference = watchedReference(target);
        this.#unwatch = this.#reference.use(() => this.#look());
      } else this.#fixedNamespace = resolveNamespace(target.namespace);
      if (this.#ownServer !== undefined) this.#take(this.#ownServer);
      else this.#hold();
      if (signal !== undefined) this.#withdrawAbort = onAbort(signal, () => void this.close());
      await this.#firstLook();
      if (signal?.aborted) {
        await this.close();
        throw signal.reason;
      }
      if (this.#ended) return;
      if (!this.#listening && this.#identity === undefined && patience !== undefined) this.#losePatience(patience);
    } catch (error) {
      this.#abandon();
      throw error;
    }
  }

  async #firstLook(): Promise<void> {
    const found = this.#find();
    try {
      if (found !== undefined) await this.#bind(found);
      else if (this.#settings.patience === 0)
        // Says where it was looked for.
        resolveNamespace(this.#settings.target.namespace).close();
    } finally {
      found?.close();
    }
    if (this.#listening) return;
    if (found === undefined && !this.#ended) this.#logWaiting(`${this.#settings.target.label} is not there (yet)`);
    this.#tell('waiting');
  }

  #losePatience(patience: number): void {
    this.#patience = setLongTimeout(() => {
      const { label } = this.#settings.target;
      const error = new NamespaceNotFoundError(
        `cannot listen in ${label}: it did not appear within ${patience} ms (waitForNamespace)`,
        { code: 'ENOENT' },
      );
      void this.close();
      this.emit('error', error);
    }, patience);
  }

  /** The namespace as it is now; `undefined` if it is not there. The caller closes it. */
  #find(): NetnsHandle | undefined {
    if (this.#fixedNamespace !== undefined) return this.#fixedNamespace.dup();
    try {
      return resolveNamespace(this.#settings.target.namespace);
    } catch (error) {
      if (!isNamespaceMissing(error)) throw error;
      if (error instanceof NotANamespaceError) this.#reportUnmounted();
      return undefined;
    }
  }

  /**
   * The name's file is there without a namespace: its maker is about to mount it, or has mounted it where this process
   * does not see it.
   */
  #reportUnmounted(): void {
    this.#unmounted ??= setTimeout(() => {
      this.#unmounted = undefined;
      if (this.#ended || this.#listening) return;
      try {
        resolveNamespace(this.#settings.target.namespace).close();
      } catch (error) {
        if (error instanceof NotANamespaceError)
          log(
            this.#settings.logger,
            'warn',
            `still waiting for ${this.#settings.target.label}: ${error.message}`,
            error,
          );
      }
    }, UNMOUNTED_MS).unref();
  }

  /** Something may have changed: brings what is bound in line with what is there. */
  #look(): void {
    let found: NetnsHandle | undefined;
    let isSame = false;
    try {
      // The namespace that it is bound in is held by its socket, so this tells it from every other one.
      const means = this.#reference === undefined ? this.#identity : this.#reference.look();
      isSame = this.#identity !== undefined && means === this.#identity;
      const watchesInterface = this.#interfaceName() === undefined || this.#addresses !== undefined;
      if (isSame && this.#listening && !this.#ended && watchesInterface && this.#interfaceIsThere()) return;
      found = this.#find();
      if (this.#ended) {
        if (found?.uniqueId() !== this.#identity) this.#expire();
        return;
      }
      if (this.#listening && found !== undefined && found.uniqueId() === this.#identity && this.#interfaceIsThere()) {
        if (this.#interfaceName() !== undefined && this.#addresses === undefined) this.#watchAddresses(found);
        return;
      }
      this.#letGo(found?.uniqueId());
      if (found === undefined) {
        this.#endWithProcess();
        return;
      }
      this.#bind(found).catch((error: unknown) => this.#fail(error));
    } catch (error) {
      // Without a file descriptor left it cannot look further, but what it is bound in is still what is meant.
      if (!isSame || !SHORTAGE.has(codeOf(error))) this.#letGo(undefined);
      this.#fail(error);
    } finally {
      found?.close();
    }
  }

  /** The number of a process that is gone may become another's: its namespace is not waited for. */
  #endWithProcess(): void {
    const { namespace, label } = this.#settings.target;
    if (typeof namespace !== 'object' || !('pid' in namespace)) return;
    log(this.#settings.logger, 'warn', `${label} is gone with the process: the listener is closed`);
    void this.close();
  }

  /** @param next the namespace that is there instead */
  #letGo(next: string | undefined): void {
    const known = this.#identity;
    if (next !== known) {
      this.#addresses?.close();
      this.#addresses = undefined;
      this.#identity = undefined;
      this.#retryDelay = FIRST_RETRY_MS;
      this.#shortage = undefined;
    }
    if (!this.#listening) return;
    this.#listening = false;
    const serving = this.#serving;
    if (!serving?.seat.isServing) {
      this.#closedByUser();
      if (next !== known) this.#expire();
      return;
    }
    if (this.#ownServer !== undefined) serving.seat.wait();
    else {
      this.#serving = undefined;
      this.#hold();
      this.#former.add(serving);
      void serving.drained.then(() => this.#former.delete(serving));
      serving.server.close();
    }
    serving.accepted.expire(this.#settings.graceMs);
    this.#waitingFor = undefined;
    const { target, logger } = this.#settings;
    const what =
      next === known
        ? `the interface ${this.#interfaceName()} of ${target.label} was removed`
        : `${target.label} was ${next === undefined ? 'removed' : 'replaced'}`;
    log(logger, 'info', `stopped listening: ${what}`);
    this.#tell('waiting');
    this.#emitLater('down');
  }

  /**
   * Binds in the namespace, or begins to wait there for the address. All of it happens before this returns, unless a
   * server has to be made first.
   */
  async #bind(namespace: NetnsHandle): Promise<void> {
    this.#patience?.clear();
    if (this.#serving !== undefined) return this.#bindServer(namespace, this.#serving);
    if (this.#making) return;
    this.#identity = namespace.uniqueId();
    this.#making = true;
    let server: Server;
    try {
      server = await this.#createServer();
    } finally {
      this.#making = false;
    }
    if (this.#ended) {
      if (server instanceof Server && server.listening) server.close();
      return;
    }
    this.#take(server);
    // The caller has closed its handle, and the namespace may be another by now.
    const now = this.#find();
    if (now === undefined || this.#serving === undefined) return;
    try {
      this.#bindServer(now, this.#serving);
    } finally {
      now.close();
    }
  }

  #bindServer(namespace: NetnsHandle, serving: Serving): void {
    clearTimeout(this.#retry);
    if (!serving.seat.isOccupied) return;
    const identity = namespace.uniqueId();
    if (identity !== this.#identity) this.#letGo(identity);
    this.#identity = identity;
    const fd = this.#open(namespace);
    if (fd === undefined) return;
    serving.seat.serve(fd, this.#settings.backlog);
    this.#listening = true;
    this.#shortage = undefined;
    this.#retryDelay = FIRST_RETRY_MS;
    this.#waitingFor = undefined;
    nameLinkLocalAddresses(serving.server);
    const address = serving.server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
    count.bound += 1;
    log(this.#settings.logger, 'info', `listening in ${this.#settings.target.label}`, address);
    this.#tell('listening');
    this.#emitLater('listening');
  }

  /** @returns a listening socket; `undefined` if the address is not there yet, and is waited for */
  #open(namespace: NetnsHandle): number | undefined {
    const { target, addresses, backlog } = this.#settings;
    const [first, second] = addresses;
    const request = {
      namespace,
      label: target.label,
      type: 'stream',
      socketOptions: target.socketOptions,
      port: this.#port,
      backlog,
    } as const;
    const attempt = (): number => {
      try {
        return this.#checked(openBoundSocket({ ...request, address: first }), namespace);
      } catch (error) {
        const noIpv6 = codeOf(error) === 'EAFNOSUPPORT' || codeOf(error) === 'EADDRNOTAVAIL';
        if (second === undefined || !noIpv6) throw error;
        return this.#checked(openBoundSocket({ ...request, address: second }), namespace);
      }
    };
    try {
      return attempt();
    } catch (error) {
      if (this.#isHome || !NOT_YET.has(codeOf(error))) throw this.#named(error);
      if (this.#addresses === undefined) {
        this.#watchAddresses(namespace);
        // It may have come before we watched for it.
        return this.#open(namespace);
      }
      this.#logWaiting((error as Error).message);
      return undefined;
    }
  }

  /** An error of the handle that the namespace was entered by does not say which one it is. */
  #named(error: unknown): unknown {
    const { label } = this.#settings.target;
    if (!(error instanceof NetnsError) || error.message.includes(label)) return error;
    const { code, errno, syscall } = error;
    return new NetnsError(`cannot listen in ${label}: ${error.message}`, { code, errno, syscall, cause: error });
  }

  #logWaiting(what: string): void {
    if (what === this.#waitingFor) return;
    this.#waitingFor = what;
    log(this.#settings.logger, 'info', `waiting: ${what}`);
  }

  /** Remembers the interface that a socket is bound to, so as to notice when another gets its name. */
  #checked(fd: number, namespace: NetnsHandle): number {
    const name = this.#interfaceName();
    if (name === undefined) {
      this.#addresses?.close();
      this.#addresses = undefined;
      return fd;
    }
    try {
      this.#interfaceIndex = interfaceOfZone(fd, name, this.#settings.target.label).index;
      if (this.#addresses === undefined) this.#watchAddresses(namespace);
      return fd;
    } catch (error) {
      sys().close(fd);
      throw error;
    }
  }

  #watchAddresses(namespace: NetnsHandle): void {
    this.#addresses = watchAddresses(
      namespace,
      () => this.#look(),
      () => {
        this.#addresses = undefined;
        this.#look();
      },
    );
  }

  #interfaceName(): string | undefined {
    return this.#settings.target.socketOptions.interface ?? this.#settings.addresses[0].zone;
  }

  #interfaceIsThere(): boolean {
    const name = this.#interfaceName();
    const serving = this.#serving;
    if (name === undefined || serving === undefined) return true;
    const fd = fdOf(serving.server);
    if (fd < 0) return false;
    try {
      return interfaceOfZone(fd, name, this.#settings.target.label).index === this.#interfaceIndex;
    } catch {
      return false;
    }
  }

  /** Makes a server ours, waiting. */
  #take(server: Server): void {
    try {
      checkServer(server);
    } catch (error) {
      // Made for us and listening already: at home, that is.
      if (this.#ownServer === undefined && server instanceof Server) server.close();
      throw error;
    }
    const seat = new ServerSeat(server, () => this.#closedByUser());
    let onClose = (): void => {};
    const drained = new Promise<void>((resolve) => {
      onClose = () => {
        // Of a `server.close()` in the turn before it became ours.
        if (seat.isOccupied) return;
        serving.forget();
        resolve();
        if (this.#serving === serving) this.#closedByUser();
      };
      server.on('close', onClose);
    });
    const ipv6 = this.#settings.addresses[0].family === 6;
    const accepted = new AcceptedSockets(server, ipv6);
    const forget = (): void => {
      server.removeListener('close', onClose);
      accepted.stop();
    };
    const serving: Serving = { server, seat, accepted, drained, forget };
    seat.wait();
    this.#serving = serving;
    clearInterval(this.#keepAlive);
  }

  /** Keeps the process running while there is no server that could. */
  #hold(): void {
    clearInterval(this.#keepAlive);
    this.#keepAlive = setInterval(() => {}, MAX_TIMER_MS);
  }

  /** Not before the code that awaits `listenInVrf` has had a chance to listen for it. */
  #emitLater(event: 'listening' | 'down'): void {
    setImmediate(() => {
      if (!this.#ended) this.emit(event);
    });
  }

  #closedByUser(): void {
    if (!this.#ended) void this.close();
  }

  /** A bind has failed for a reason that waiting does not mend, or not soon. */
  #fail(error: unknown): void {
    if (this.#ended) return;
    const code = codeOf(error);
    if (SHORTAGE.has(code)) {
      this.#retry = setTimeout(() => this.#look(), this.#retryDelay);
      this.#retryDelay = Math.min(2 * this.#retryDelay, LAST_RETRY_MS);
      if (this.#shortage === code) return;
      this.#shortage = code;
    }
    log(this.#settings.logger, 'warn', (error as Error).message, error);
    this.#tell(this.#listening ? 'listening' : 'waiting', error);
    setImmediate(() => this.emit('error', error as Error));
  }

  #servings(): Serving[] {
    return this.#serving === undefined ? [...this.#former] : [this.#serving, ...this.#former];
  }

  #expire(): void {
    for (const { accepted } of this.#servings()) accepted.expire(this.#settings.graceMs);
  }

  async #end(): Promise<void> {
    this.#ended = true;
    this.#listening = false;
    this.#stopWaiting();
    const servings = this.#servings();
    for (const { server, seat } of servings) if (seat.isOccupied) server.close();
    this.#tell('closed');
    // The namespace is watched on: were it removed, connections that are still there must not keep it alive.
    await Promise.all(servings.map(({ drained }) => drained));
    this.#stopWatching();
    this.emit('close');
  }

  /** Lets go of everything after a failed start. The server is as it was. */
  #abandon(): void {
    this.#ended = true;
    this.#stopWaiting();
    this.#stopWatching();
    for (const { seat, forget } of this.#servings()) {
      seat.withdraw();
      forget();
    }
    this.#closing ??= Promise.resolve();
  }

  #stopWaiting(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#unmounted);
    this.#patience?.clear();
    clearInterval(this.#keepAlive);
    this.#withdrawAbort?.();
    this.#addresses?.close();
    this.#addresses = undefined;
  }

  #stopWatching(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#fixedNamespace?.close();
    this.#fixedNamespace = undefined;
  }

  #tell(state: 'waiting' | 'listening' | 'closed', error?: unknown): void {
    if (!channels.listen.hasSubscribers) return;
    channels.listen.publish({
      target: this.#settings.target.label,
      state,
      requested: this.requested,
      address: this.address(),
      ...(error === undefined ? undefined : { error }),
    });
  }
}
