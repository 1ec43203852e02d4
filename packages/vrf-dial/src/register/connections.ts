import type { Agent } from 'node:http';
import { getDefaultAutoSelectFamily, type LookupFunction, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import {
  checkConnectionOptions,
  connectionFor,
  DeferredConnect,
  Dialer,
  type DialerSettings,
  secondConnectError,
} from '../dial/index.js';
import { forgetDestroyedSockets } from '../http-agents/index.js';
import { http } from '../node-http.js';
import { OpenConnections } from '../replacement/open-connections.js';
import { PLACED } from '../socket/placed.js';
import { type TcpHandle, tcpHandleOf } from '../socket/tcp-handle.js';
import type { ResolvedTarget } from '../target/target.js';
import { endAfterRequest } from '../undici/end-after-request.js';
import { readConnectArguments } from './connect-arguments.js';
import { NamespaceSessions } from './namespace-sessions.js';
import type { Refusal } from './refusal.js';

/** Options of `net.Socket.connect`. */
type Options = Readonly<Record<PropertyKey, unknown>>;

type Connect = (this: Socket, ...args: unknown[]) => Socket;

/** Methods of Node's that its types leave out. */
interface HiddenAgent {
  addRequest(this: Agent, ...args: unknown[]): void;
}

/**
 * Makes the connections of all of the thread's TCP sockets in the target. All of them go through
 * `net.Socket.prototype.connect`: those of `net`, `tls`, `http`, `https`, `http2`, of `fetch` and of undici.
 */
export class PlacedConnections {
  readonly #target: ResolvedTarget;
  readonly #refusal: Refusal;
  readonly #settings: DialerSettings;
  readonly #dialer: Dialer;
  readonly #connections: OpenConnections;
  readonly #sessions = new NamespaceSessions();
  /** Sockets that drop their connection when a request is done and its namespace is not the target's any more. */
  readonly #watched = new WeakSet<Socket>();
  /** Handles whose connections were made here. */
  readonly #placed = new WeakSet<TcpHandle>();

  constructor(target: ResolvedTarget, refusal: Refusal) {
    this.#target = target;
    this.#refusal = refusal;
    // As at home: the kernel says when a connection has taken too long, and there is no keep-alive by itself.
    this.#settings = checkConnectionOptions({ timeout: 0, keepAlive: false }, { noDelay: false });
    this.#dialer = new Dialer(target, this.#settings);
    this.#connections = new OpenConnections(target, { checksUse: true, reconnects: true, endAfterRequest });
  }

  install(): void {
    const own = Socket.prototype.connect as Connect;
    const make = (socket: Socket, args: unknown[]): Socket => this.#connect(socket, args, own);
    function connect(this: Socket, ...args: unknown[]): Socket {
      return make(this, args);
    }
    Socket.prototype.connect = connect as typeof Socket.prototype.connect;
    this.#sessions.install();
    this.#verifyBeforeRequests();
  }

  /** As `VrfHttpAgent` does it: no request begins on a connection in a namespace that was replaced. */
  #verifyBeforeRequests(): void {
    const agents = http.Agent.prototype as unknown as HiddenAgent;
    const own = agents.addRequest;
    const connections = this.#connections;
    agents.addRequest = function addRequest(...args: unknown[]): void {
      connections.verify();
      forgetDestroyedSockets(this);
      own.apply(this, args);
    };
  }

  #connect(socket: Socket, args: unknown[], connect: Connect): Socket {
    const { options, listener } = readConnectArguments(args);
    const { _parent: parent } = socket as { _parent?: Socket | null };
    // Node itself leaves the connecting to the socket below the TLS.
    if (options[PLACED] === true || options.path || parent?.connecting) return connect.apply(socket, args);
    const refused = this.#refuseSecond(socket, options);
    if (refused !== undefined) {
      process.nextTick(() => socket.destroy(refused));
      return socket;
    }
    const { lookup, blockList } = options;
    // Node itself looks only at the first address whether it is blocked.
    const autoSelectFamily = blockList == null && (options.autoSelectFamily ?? getDefaultAutoSelectFamily());
    const connection = connectionFor(this.#settings.connection, overridden(options, { autoSelectFamily }));
    const dialer =
      lookup == null ? this.#dialer : new Dialer(this.#target, { ...this.#settings, lookup: lookup as LookupFunction });
    let handle: TcpHandle | undefined;
    const deferred = new DeferredConnect({
      dial: (connector, host, cancellation) =>
        this.#connections.make(
          Number.POSITIVE_INFINITY,
          ({ cancellation: attempted, observer }) =>
            dialer.dial(host, Number(options.port), attempted, { ...connection, observer }, connector),
          cancellation,
        ),
      check: (namespace) => this.#connections.check(namespace),
      connected: (namespace) => {
        this.#connections.track(socket, { namespace, handle });
        if (socket instanceof TLSSocket) this.#sessions.use(socket, options, namespace?.key);
      },
    });
    deferred.guard(() => socket.destroy());
    connect.call(
      socket,
      overridden(options, {
        // What they say is done to the sockets that the dialer makes.
        localAddress: undefined,
        localPort: undefined,
        // With more than one address Node would make sockets of its own, at home.
        autoSelectFamily: false,
        lookup: deferred.lookup,
      }),
      listener,
    );
    handle = tcpHandleOf(socket);
    deferred.takeOver(socket, handle);
    if (handle !== undefined) this.#placed.add(handle);
    this.#endAfterRequest(socket);
    return socket;
  }

  /** A socket that is connected already, or that has a file descriptor from somewhere else. */
  #refuseSecond(socket: Socket, options: Options): Error | undefined {
    if (socket.destroyed) return undefined;
    const handle = tcpHandleOf(socket);
    if (handle !== undefined && this.#placed.has(handle))
      return secondConnectError(socket, String(options.host ?? 'localhost'), Number(options.port));
    if (handle === undefined || handle.fd === undefined || handle.fd < 0) return undefined;
    return this.#refusal.error(
      'connect of a socket that has a file descriptor already',
      'it was made elsewhere and may be',
      `Connect a socket without one, or one of createVrfSocket({ ${this.#refusal.options} })`,
    );
  }

  /** Before the agent's own listener, which would give the connection to a request that waits for one. */
  #endAfterRequest(socket: Socket): void {
    if (this.#watched.has(socket)) return;
    this.#watched.add(socket);
    socket.prependListener('free', () => {
      this.#connections.verify();
      if (this.#connections.isStale(socket)) socket.destroy();
    });
  }
}

/** Options with some of them otherwise; the caller's object, which may be of any class, is not changed. */
function overridden(options: Options, values: Options): Options {
  return Object.create(options, Object.getOwnPropertyDescriptors(values)) as Options;
}
