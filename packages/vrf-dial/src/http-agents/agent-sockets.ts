import type { Agent } from 'node:http';
import { Socket } from 'node:net';
import { InvalidOptionError } from 'netns-core';
import { checkPort } from 'netns-core/checks';
import { checkHost } from '../address/destination.js';
import {
  type ConnectionSettings,
  checkConnectionOptions,
  connectionFor,
  DeferredConnect,
  Dialer,
} from '../dial/index.js';
import { OpenConnections } from '../replacement/open-connections.js';
import { handleOf } from '../socket/handle-fd.js';
import type { SocketNamespace } from '../socket/socket-namespace.js';
import type { TcpHandle } from '../socket/tcp-handle.js';
import { type ResolvedTarget, resolveTarget } from '../target/target.js';
import type { VrfAgentTarget } from './agent-options.js';

/** A request's options as Node hands them to its agents. */
export interface RequestOptions extends Readonly<Record<string, unknown>> {
  readonly host?: string | null;
  readonly port?: number | string | null;
}

/** Gets a socket once it is connected, or learns why it is not. */
export type SocketCallback = (error: Error | null, socket?: Socket) => void;

/** Makes the socket of a request by the function of Node's own that the agent's class has for it. */
export type MakeSocket = (options: object) => Socket;

/** What would lead past the namespace. */
const REFUSED: Readonly<Record<string, string>> = {
  socketPath: 'a UNIX socket is in no VRF',
  socket: 'the agent makes its sockets itself, in the VRF',
  lookup: 'names are resolved in the VRF, or by the lookup given to the agent',
};

/**
 * Makes the connections of an agent of `node:http` or `node:https`: sockets of Node's own making, whose connections are
 * made in the namespace.
 */
export class AgentSockets {
  readonly target: ResolvedTarget;
  readonly #callee: string;
  readonly #agent: Agent;
  readonly #connections: OpenConnections;
  readonly #connection: ConnectionSettings;
  readonly #dialer: Dialer;
  readonly #timeout: number;

  constructor(agent: Agent, options: VrfAgentTarget, callee: string) {
    this.#agent = agent;
    this.#callee = callee;
    this.target = resolveTarget(options, callee);
    const { connectTimeout } = options;
    const { family, localAddress, localPort, lookup, noDelay } = options;
    const { autoSelectFamily, autoSelectFamilyAttemptTimeout } = options;
    const settings = checkConnectionOptions(
      {
        ...{ family, localAddress, localPort, lookup, noDelay, timeout: connectTimeout },
        ...{ autoSelectFamily, autoSelectFamilyAttemptTimeout },
      },
      { noDelay: true },
    );
    this.#connection = settings.connection;
    this.#timeout = settings.timeout;
    this.#dialer = new Dialer(this.target, settings);
    this.#connections = new OpenConnections(this.target, { logger: options.logger });
    // Before Node's own listener, which would give the connection to a request that waits for one. A connection that is
    // not writable is closed there, and another one made.
    agent.prependListener('free', (socket) => {
      this.#connections.verify();
      if (this.#connections.isStale(socket as Socket)) (socket as Socket).destroy();
    });
  }

  /** Call before a request is given a connection: one whose namespace is gone must not be used. */
  verify(): void {
    this.#connections.verify();
    const freeSockets = this.#agent.freeSockets as Record<string, Socket[] | undefined>;
    for (const [name, sockets] of Object.entries(freeSockets)) {
      // Node looks only at the first whether it is still good.
      if (!sockets?.some(({ destroyed }) => destroyed)) continue;
      const good = sockets.filter(({ destroyed }) => !destroyed);
      if (good.length > 0) freeSockets[name] = good;
      else delete freeSockets[name];
    }
  }

  /**
   * Makes a socket that is being connected. Options that cannot be right are the socket's 'error', for a request that
   * waited for its turn has no caller any more.
   *
   * @param make Node's own function
   * @param connected called with the socket when it has its connection, before it says so
   */
  createConnection(
    options: RequestOptions,
    make: MakeSocket,
    connected: (socket: Socket, namespace: SocketNamespace | undefined) => void,
    callback: SocketCallback | undefined,
  ): Socket {
    let socket: Socket;
    try {
      socket = this.#connect(options, make, connected);
    } catch (error) {
      // What the request writes meanwhile waits, as on any socket that is connecting.
      socket = Object.assign(new Socket(), { connecting: true });
      setImmediate(() => socket.destroy(error as Error));
    }
    if (callback !== undefined) {
      const failed = (error: Error): void => callback(error);
      socket.once('error', failed);
      socket.once('connect', () => {
        socket.removeListener('error', failed);
        callback(null, socket);
      });
    }
    return socket;
  }

  #connect(
    options: RequestOptions,
    make: MakeSocket,
    connected: (socket: Socket, namespace: SocketNamespace | undefined) => void,
  ): Socket {
    this.#refuse(options);
    const host = checkHost('host', options.host ?? 'localhost');
    const port = checkPort('port', Number(options.port), { zero: true });
    const connection = connectionFor(this.#connection, options);
    const until =
      this.#timeout === 0 ? Number.POSITIVE_INFINITY : performance.now() + this.#timeout + this.target.waitForNamespace;
    let handle: TcpHandle | undefined;
    const deferred = new DeferredConnect({
      dial: (connector, found, cancellation) =>
        this.#connections.make(
          until,
          ({ cancellation: attempted, observer }) =>
            this.#dialer.dial(found, port, attempted, { ...connection, observer }, connector),
          cancellation,
        ),
      check: (namespace) => this.#connections.check(namespace),
      connected: (namespace) => {
        this.#connections.track(socket, { namespace, handle });
        connected(socket, namespace);
      },
    });
    // A script that is ended within `make` leaves no other way to the socket.
    const lost = new AbortController();
    deferred.guard(() => lost.abort());
    const socket = make({
      ...options,
      host,
      port,
      // What they say is done to the sockets that we make, or by the dialer.
      path: null,
      family: connection.family,
      localAddress: undefined,
      localPort: undefined,
      keepAlive: undefined,
      keepAliveInitialDelay: undefined,
      noDelay: connection.noDelay,
      // With more than one address Node would make sockets of its own, at home.
      autoSelectFamily: false,
      lookup: deferred.lookup,
      signal: lost.signal,
    });
    handle = tcpHandleOf(socket);
    deferred.takeOver(socket, handle);
    return socket;
  }

  #refuse(options: RequestOptions): void {
    for (const [option, reason] of Object.entries(REFUSED))
      if (options[option] !== undefined && options[option] !== null)
        throw new InvalidOptionError(option, `a request through ${this.#callee} takes no ${option}: ${reason}`);
  }
}

/** The TCP handle of a socket, or below its TLS. */
function tcpHandleOf(socket: Socket): TcpHandle | undefined {
  const handle = handleOf<TcpHandle & { readonly _parent?: TcpHandle }>(socket);
  return handle?._parent ?? handle;
}
