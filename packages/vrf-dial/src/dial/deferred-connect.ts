import type { LookupAddress } from 'node:dns';
import { isIP, type Socket } from 'node:net';
import { NetnsError, UnsupportedPlatformError } from 'netns-core';
import { Errno, errnoNumber, F_DUPFD_CLOEXEC, sys } from 'netns-core/sys';
import { Cancellation } from '../cancellation.js';
import { callUser } from '../diagnostics.js';
import { nameLinkLocalAddresses } from '../socket/link-local-address.js';
import { noteSocketNamespace, type SocketNamespace } from '../socket/socket-namespace.js';
import type { ConnectRequest, ConnectRequestClass, TcpHandle, TcpHandleClass } from '../socket/tcp-handle.js';
import type { AddressConnector } from './connect-address.js';
import { type ConnectedHandle, connectHandle } from './connect-handle.js';
import type { ConnectionSettings, ConnectionSource, Endpoint } from './connection-socket.js';

/** What a {@link DeferredConnect} needs of its owner. */
export interface DeferredConnectOwner {
  /** Dials, with the connector given, which makes the connections. */
  dial(connector: AddressConnector<ConnectedHandle>, host: string, cancellation: Cancellation): Promise<unknown>;
  /**
   * Called with the connection that is kept, while the socket has no connection yet.
   *
   * @throws what ends the attempt
   */
  check?(namespace: SocketNamespace | undefined): void;
  /** Called when the socket has its connection, before it says so. */
  connected?(namespace: SocketNamespace | undefined): void;
}

/** The `lookup` of `net.connect`, as Node calls it where it wants one address. */
type SingleLookup = (
  hostname: string,
  options: { readonly all?: boolean | undefined },
  callback: (error: Error | null, address: string | LookupAddress[], family: number) => void,
) => void;

/**
 * Makes the connection of a socket that Node's own `connect` has been called on. Node makes a handle without a file
 * descriptor and calls its `connect` or `connect6` in a later turn; these are ours, so it is we who make the socket, in
 * the namespace, and Node never makes one. Everything else stays Node's: the socket exists at once, its events, timers
 * and properties are what they are for any other socket.
 *
 * The connections are made by handles of their own, as many as there are addresses to try. The one that is kept gives
 * its file descriptor to the socket's handle, which stays the same object throughout: TLS may be laid over it before.
 */
export class DeferredConnect {
  readonly #owner: DeferredConnectOwner;
  readonly #cancellation = new Cancellation();
  #socket: Socket | undefined;
  #handle: TcpHandle | undefined;
  #host: string | undefined;
  /** What Node waits for: first for an address, if it has a name, then for the connection. */
  #answerLookup: ((error: Error | null, address: string, family: number) => void) | undefined;
  #request: ConnectRequest | undefined;
  #attempts = 0;
  #acceptedAddress: string | undefined;
  #tookOver = false;

  constructor(owner: DeferredConnectOwner) {
    this.#owner = owner;
  }

  /**
   * To be called before a socket is connected. V8 can end a script (a `vm` timeout, Ctrl-C in the REPL) between Node's
   * `connect` and {@link takeOver}: Node would connect such a socket from home, in a tick that comes after the one of
   * this function.
   *
   * @param destroy destroys the socket
   */
  guard(destroy: () => void): void {
    process.nextTick(() => {
      if (!this.#tookOver) destroy();
    });
  }

  /** For the `lookup` option of the socket's `connect`. It answers Node when the first address is tried. */
  readonly lookup: SingleLookup = (hostname, _options, callback) => {
    this.#answerLookup = callback;
    this.#host = hostname;
    // After the request's 'socket' event, which comes in a later tick: a listener that is added there hears 'lookup'.
    setImmediate(() => this.#begin(hostname));
  };

  /**
   * Takes the place of a handle's `connect`. To be called in the same turn as the socket's `connect`.
   *
   * @param socket the socket that emits the events
   * @param handle the TCP handle below it
   * @throws UnsupportedPlatformError where the handle is not what Node 20 to 26 have; the socket is destroyed then
   */
  takeOver(socket: Socket, handle: TcpHandle | undefined): void {
    if (
      handle === undefined ||
      handle.fd !== -1 ||
      typeof handle.open !== 'function' ||
      typeof handle.connect !== 'function' ||
      typeof handle.connect6 !== 'function'
    ) {
      socket.destroy();
      throw new UnsupportedPlatformError(
        `this runtime (Node.js ${process.version}) connects sockets in a way that is not known here: they would leave from the caller's own namespace`,
      );
    }
    this.#socket = socket;
    this.#handle = handle;
    const connect = (request: ConnectRequest, address: string): number => this.#connect(request, address);
    handle.connect = connect;
    handle.connect6 = connect;
    // A handle that is bound before it is opened makes a socket, at home.
    handle.bind = () => -Errno.EINVAL;
    handle.bind6 = () => -Errno.EINVAL;
    handle.close = (callback) => {
      this.#giveBack(handle);
      handle.close(callback);
      this.#cancellation.cancel(new NetnsError('the socket was destroyed', { code: 'ERR_SOCKET_CLOSED' }));
    };
    // Last: V8 can end this function, too.
    this.#tookOver = true;
  }

  /** Node calls this when it has an address: the one it was given, or that of {@link lookup}. */
  #connect(request: ConnectRequest, address: string): number {
    // A second `connect` while this one is under way.
    if (this.#request !== undefined) return -errnoNumber('EALREADY');
    this.#request = request;
    if (this.#host === undefined) this.#begin(address);
    return 0;
  }

  #begin(host: string): void {
    if (!this.#tookOver || this.#cancellation.cancelled || this.#socket?.destroyed) return;
    // Not as part of the promise: what a listener throws is an uncaught exception, not a rejection.
    this.#owner.dial(this.#connector, host, this.#cancellation).then(
      () => queueMicrotask(() => this.#complete()),
      (error: Error) => queueMicrotask(() => this.#fail(error)),
    );
  }

  readonly #connector: AddressConnector<ConnectedHandle> = {
    connect: async (source, endpoint, settings, cancellation) => {
      this.#announce(endpoint);
      cancellation.throwIfCancelled();
      try {
        return await this.#attempt(source, endpoint, settings, cancellation);
      } catch (error) {
        const { to, port } = endpoint;
        if (!cancellation.cancelled)
          callUser(() => this.#socket?.emit('connectionAttemptFailed', to.address, port, to.family, error));
        throw error;
      }
    },
    discard: ({ handle }) => handle.close(),
    accept: (connection) => {
      this.#acceptedAddress = connection.endpoint.to.address;
      return this.#accept(connection);
    },
    acceptedAddress: () => this.#acceptedAddress,
  };

  #attempt(
    source: ConnectionSource,
    endpoint: Endpoint,
    settings: ConnectionSettings,
    cancellation: Cancellation,
  ): Promise<ConnectedHandle> {
    const [handle, request] = [this.#handle, this.#request];
    // The socket was destroyed, or a listener has thrown.
    if (handle === undefined || request === undefined)
      throw new NetnsError('the socket does not wait for a connection', { code: 'ERR_SOCKET_CLOSED' });
    const classes = {
      Handle: handle.constructor as TcpHandleClass,
      Request: request.constructor as ConnectRequestClass,
    };
    return connectHandle(classes, source, endpoint, settings, cancellation);
  }

  /** Tells the socket's listeners of an address that is about to be tried; of the first one Node tells them. */
  #announce({ to: { address, family }, port }: Endpoint): void {
    const socket = this.#socket;
    this.#attempts += 1;
    const answer = this.#answerLookup;
    this.#answerLookup = undefined;
    if (answer !== undefined) callUser(() => answer(null, address, family));
    else if (this.#attempts > 1) {
      if (this.#host !== undefined && isIP(this.#host) === 0)
        callUser(() => socket?.emit('lookup', null, address, family, this.#host));
      callUser(() => socket?.emit('connectionAttempt', address, port, family));
    }
  }

  /** Gives the connection to the socket's handle. Node is told of it when the dial has ended. */
  #accept({ handle: made, namespace, endpoint: { to } }: ConnectedHandle): Socket {
    const [socket, handle] = [this.#socket, this.#handle];
    try {
      if (socket === undefined || handle === undefined || socket.destroyed)
        throw this.#cancellation.reason ?? new NetnsError('the socket was destroyed', { code: 'ERR_SOCKET_CLOSED' });
      this.#owner.check?.(namespace);
      const fd = sys().fcntl(made.fd ?? -1, F_DUPFD_CLOEXEC, 3);
      if (fd < 0) throw NetnsError.fromErrno(-fd, 'fcntl', 'cannot hand over a connection');
      const opened = handle.open(fd);
      if (opened < 0) {
        sys().close(fd);
        throw NetnsError.fromErrno(-opened, 'open', 'cannot hand over a connection');
      }
      this.#giveBack(handle);
      if (namespace !== undefined) noteSocketNamespace(socket, namespace);
      if (to.zone !== undefined) nameLinkLocalAddresses(socket);
      this.#owner.connected?.(namespace);
      return socket;
    } finally {
      // The connection is the copy's now, or ends.
      made.close();
    }
  }

  #complete(): void {
    const [socket, handle, request] = [this.#socket, this.#handle, this.#request];
    if (socket === undefined || handle === undefined || request === undefined) return;
    if (socket.destroyed || !socket.connecting) return;
    request.oncomplete(0, handle, request, true, true);
  }

  #fail(error: Error): void {
    const answer = this.#answerLookup;
    this.#answerLookup = undefined;
    if (this.#socket?.destroyed) return;
    if (answer !== undefined) answer(error, '', 0);
    else this.#socket?.destroy(error);
  }

  /** The handle's own functions are those of its class again. */
  #giveBack(handle: TcpHandle): void {
    for (const name of ['connect', 'connect6', 'bind', 'bind6', 'close']) Reflect.deleteProperty(handle, name);
  }
}
