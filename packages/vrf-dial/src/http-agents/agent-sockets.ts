import type { Agent, ClientRequest } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Socket } from 'node:net';
import { InvalidOptionError } from 'netns-core';
import { checkPort, shown } from 'netns-core/checks';
import { readAddress } from '../address/address.js';
import { checkHost } from '../address/destination.js';
import type { Cancellation } from '../cancellation.js';
import {
  type AddressConnector,
  type ConnectedHandle,
  type ConnectionSettings,
  checkConnectionOptions,
  connectionFor,
  DeferredConnect,
  Dialer,
} from '../dial/index.js';
import { OpenConnections } from '../replacement/open-connections.js';
import { PLACED } from '../socket/placed.js';
import type { SocketNamespace } from '../socket/socket-namespace.js';
import { type TcpHandle, tcpHandleOf } from '../socket/tcp-handle.js';
import { type ResolvedTarget, resolveTarget } from '../target/target.js';
import { toAbsoluteForm, wantsConnection } from './absolute-form.js';
import type { VrfAgentTarget } from './agent-options.js';
import { forgetDestroyedSockets } from './free-sockets.js';
import {
  connectOverTls,
  connectThrough,
  type MakeSocket,
  type WantedConnection,
  type WantedOptions,
  type Way,
} from './proxied-connection.js';
import type { Destination } from './proxy-error.js';
import { type CheckedProxy, checkProxy } from './proxy-options.js';

/** Where a request's options say by which way it goes, for Node hands the options on. */
const WAY = Symbol('way');

/** A request's options as Node hands them to its agents. */
export interface RequestOptions extends WantedOptions {
  readonly host?: string | null;
  readonly port?: number | string | null;
  readonly [WAY]?: Way;
}

/** Gets a socket once it is connected, or learns why it is not. */
export type SocketCallback = (error: Error | null, socket?: Socket) => void;

/** What is done with the socket of a request when it has its connection, before it says so. */
export type Connected = (socket: Socket, namespace: SocketNamespace | undefined) => void;

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
  readonly #proxy: CheckedProxy | undefined;
  /** Connections of HTTP/2 sessions. */
  readonly #http2 = new WeakSet<Socket>();

  constructor(agent: Agent, options: VrfAgentTarget, callee: string) {
    this.#agent = agent;
    this.#callee = callee;
    this.target = resolveTarget(options, callee);
    this.#proxy = checkProxy(options);
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
    this.#connections = new OpenConnections(this.target, {
      logger: options.logger,
      // A session has its streams without the agent, and cannot be told to take no more.
      endAfterRequest: (socket) => (this.#http2.has(socket) ? 'cut' : undefined),
    });
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
    forgetDestroyedSockets(this.#agent);
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
    connected: Connected,
    callback: SocketCallback | undefined,
  ): Socket {
    let socket: Socket;
    try {
      socket = this.#open(options, make, connected);
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

  /**
   * Chooses the way of an http request, and turns one that a proxy forwards into what the proxy wants.
   *
   * @returns the options that the request is to be made with
   * @throws InvalidOptionError for a path that is a URL
   */
  route(request: ClientRequest, options: RequestOptions): RequestOptions {
    const proxy = this.#proxy;
    if (proxy === undefined) return options;
    let destination: Destination;
    try {
      // As Node will: the agent's options come before the request's.
      destination = destinationOf({ ...options, ...agentOptions(this.#agent) });
      checkForProxy(destination);
    } catch {
      // The same is found, and reported, when the connection is made.
      return options;
    }
    const { host, port } = destination;
    if (proxy.isDirect(host, port)) return { ...options, [WAY]: 'direct' };
    if (wantsConnection(request)) return { ...options, [WAY]: 'tunnel' };
    toAbsoluteForm(request, destination, proxy.headers);
    return { ...options, [WAY]: 'forward' };
  }

  /** Notes that a connection is for an HTTP/2 session: it is closed at once when the namespace is replaced. */
  forHttp2(socket: Socket): Socket {
    this.#http2.add(socket);
    return socket;
  }

  /** What Node's name of a pool needs besides, so that no connection is used for a request that goes another way. */
  poolSuffix(options: RequestOptions): string {
    return this.#proxy === undefined ? '' : `:${this.#wayOf(options)}`;
  }

  #wayOf(options: RequestOptions): Way {
    const proxy = this.#proxy;
    if (proxy === undefined) return 'direct';
    // A connection by itself, for a request that nothing is known of, must be one to the host.
    return (
      options[WAY] ?? (proxy.isDirect(String(options.host ?? 'localhost'), Number(options.port)) ? 'direct' : 'tunnel')
    );
  }

  #open(options: RequestOptions, make: MakeSocket, connected: Connected): Socket {
    this.#refuse(options);
    const destination = destinationOf(options);
    const way = this.#wayOf(options);
    const wanted: WantedConnection = {
      make,
      options,
      destination,
      connected: (socket, namespace, handle) => {
        this.#connections.track(socket, { namespace, handle });
        connected(socket, namespace);
      },
    };
    const proxy = this.#proxy;
    if (proxy === undefined || way === 'direct') return this.#connect(wanted);
    checkForProxy(destination);
    const connect = (inner: WantedConnection): Socket => this.#connect(inner);
    if (!proxy.secure) return connectThrough(wanted, proxy, way, connect);
    const { label, waitForNamespace } = this.target;
    return connectOverTls(wanted, proxy, way, {
      connect,
      label,
      timeout: this.#timeout,
      waitForNamespace,
      secure: this.#agent instanceof HttpsAgent,
    });
  }

  #connect({ make, options, destination, to = destination, prepare, failure, connected }: WantedConnection): Socket {
    const { host, port } = destination;
    const connection = connectionFor(this.#connection, options);
    const until =
      this.#timeout === 0 ? Number.POSITIVE_INFINITY : performance.now() + this.#timeout + this.target.waitForNamespace;
    let handle: TcpHandle | undefined;
    const dial = (connector: AddressConnector<ConnectedHandle>, cancellation: Cancellation): Promise<Socket> =>
      this.#connections.make(
        until,
        ({ cancellation: attempted, observer }) =>
          this.#dialer.dial(to.host, to.port, attempted, { ...connection, observer }, connector),
        cancellation,
      );
    const deferred = new DeferredConnect({
      dial: (connector, _host, cancellation) => {
        const dialled = dial(prepare === undefined ? connector : { ...connector, prepare }, cancellation);
        return failure === undefined ? dialled : dialled.catch((error: Error) => Promise.reject(failure(error)));
      },
      check: (namespace) => this.#connections.check(namespace),
      connected: (namespace) => connected(socket, namespace, handle),
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
      [PLACED]: true,
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

/** The options of a request, for which `addRequest` once had a host, a port and a local address. */
export function requestOptions(options: object | string, [port, localAddress]: readonly unknown[]): RequestOptions {
  return (typeof options === 'string' ? { host: options, port, localAddress } : options) as RequestOptions;
}

/** What an agent was made with, which Node's types leave out. */
const agentOptions = (agent: Agent): RequestOptions => (agent as unknown as { options: RequestOptions }).options;

/** @throws InvalidOptionError */
function destinationOf(options: RequestOptions): Destination {
  const host = checkHost('host', options.host ?? 'localhost');
  return { host, port: checkPort('port', Number(options.port), { zero: true }) };
}

/** @throws InvalidOptionError for what has a meaning only here */
function checkForProxy({ host }: Destination): void {
  if (readAddress(host)?.zone !== undefined)
    throw new InvalidOptionError(
      'host',
      `host ${shown(host)} has a zone, which means nothing to a proxy: list it in noProxy`,
    );
}
