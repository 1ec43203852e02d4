import { type Server, Socket, type SocketConstructorOpts } from 'node:net';
import { NetnsError } from 'netns-core';
import { MAX_TIMER_MS, sys } from 'netns-core/sys';

/** What `net.Server` keeps its listening socket in; null while it has none. The same in Node 0.6 to 26. */
interface ServerInternals {
  _handle: ServerHandle | null;
  _unref?: boolean;
}

/** What Node calls of it. */
interface ServerHandle {
  close(callback?: () => void): void;
  ref(): void;
  unref(): void;
}

/**
 * Stands in a server's place for a listening socket while there is none, so that to Node the server is still in use:
 * the end of its last connection must not emit 'close', a second `listen` is refused, `close` and `unref` work and
 * are noticed.
 */
class StandIn implements ServerHandle {
  // Something has to keep the process running that waits for a namespace.
  readonly #keepAlive = setInterval(() => {}, MAX_TIMER_MS);
  readonly #onClose: () => void;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  close(callback?: () => void): void {
    this.end();
    this.#onClose();
    if (callback !== undefined) process.nextTick(callback);
  }

  end(): void {
    clearInterval(this.#keepAlive);
  }

  ref(): void {
    this.#keepAlive.ref();
  }

  unref(): void {
    this.#keepAlive.unref();
  }

  /** For a `listen` whose look-up of a host was under way when the server became ours. */
  listen(): number {
    return 0;
  }

  hasRef(): boolean {
    return this.#keepAlive.hasRef();
  }
}

/**
 * A user's server and the listening socket under it, which comes and goes without the server being closed.
 *
 * The socket is given to `server.listen` itself, not to a server of ours that hands connections over: so the server's
 * own timeouts, limits and socket options hold, and its `close` drains. It is given as a handle, not as a number: in a
 * cluster worker Node would ask the primary about a number, where it means something else.
 */
export class ServerSeat {
  readonly server: Server;
  readonly #internals: ServerInternals;
  readonly #onClosedWhileWaiting: () => void;
  #handle: ServerHandle | null = null;
  #standIn: StandIn | undefined;

  /** @param onClosedWhileWaiting called when the server is closed while it has no socket */
  constructor(server: Server, onClosedWhileWaiting: () => void) {
    this.server = server;
    this.#internals = server as Server & ServerInternals;
    this.#onClosedWhileWaiting = onClosedWhileWaiting;
  }

  /** Whether the socket that was given last is still in use. False once the server has been closed. */
  get isServing(): boolean {
    return this.#handle !== null && this.#internals._handle === this.#handle;
  }

  /** Whether the server is ours: it has our socket, or waits for one. */
  get isOccupied(): boolean {
    return this.isServing || (this.#standIn !== undefined && this.#internals._handle === this.#standIn);
  }

  /** Closes the socket, if there is one, and lets the server wait for the next. */
  wait(): void {
    if (this.#standIn !== undefined) return;
    if (this.isServing) this.#handle?.close();
    this.#handle = null;
    const standIn = new StandIn(() => {
      this.#leave();
      this.#onClosedWhileWaiting();
    });
    this.#standIn = standIn;
    if (this.#internals._unref) standIn.unref();
    this.#internals._handle = standIn;
    // It has a handle, but is not listening, and says so.
    Object.defineProperty(this.server, 'listening', { configurable: true, get: () => false });
  }

  /** Lets the server be as if it had never waited. */
  withdraw(): void {
    const standIn = this.#leave();
    if (standIn !== undefined && this.#internals._handle === standIn) this.#internals._handle = null;
  }

  /**
   * Makes the server listen on a socket.
   *
   * @param fd a listening socket, which belongs to the server from here on, also if this throws
   */
  serve(fd: number, backlog: number): void {
    let carrier: Socket & Partial<ServerInternals>;
    try {
      const options: SocketConstructorOpts & { pauseOnCreate: boolean } = { fd, pauseOnCreate: true };
      carrier = new Socket(options);
    } catch (error) {
      sys().close(fd);
      throw error;
    }
    this.withdraw();
    try {
      // `server.listen(socket)`, documented: "anything with an underlying _handle member".
      this.server.listen(carrier, backlog);
    } catch (error) {
      carrier.destroy();
      throw error;
    }
    const handle = this.#internals._handle;
    if (handle === null || handle !== carrier._handle) {
      carrier.destroy();
      throw new NetnsError(
        `this version of Node (${process.version}) does not let a server listen on a socket made elsewhere`,
        { code: 'ERR_UNSUPPORTED_NODE' },
      );
    }
    // The server's now; the carrier was only the way to it.
    carrier._handle = null;
    this.#handle = handle;
  }

  #leave(): StandIn | undefined {
    const standIn = this.#standIn;
    if (standIn === undefined) return undefined;
    this.#standIn = undefined;
    standIn.end();
    Reflect.deleteProperty(this.server, 'listening');
    return standIn;
  }
}
