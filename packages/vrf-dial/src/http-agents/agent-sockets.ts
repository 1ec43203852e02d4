import type { Agent, ClientRequest } from 'node:http';
import { Socket } from 'node:net';
import { InvalidOptionError } from 'netns-core';
import { checkPort, shown } from 'netns-core/checks';
import { checkLocalAddress } from '../address/address.js';
import { checkHost } from '../address/destination.js';
import { Cancellation } from '../cancellation.js';
import { type ConnectionSettings, checkConnectionOptions, Dialer } from '../dial/index.js';
import { OpenConnections, type Pending } from '../replacement/open-connections.js';
import { type ResolvedTarget, resolveTarget } from '../target/target.js';
import type { VrfAgentTarget } from './agent-options.js';

/** What Node's agents keep, beyond what its types say; the same in Node 20 to 26. */
export interface AgentInternals {
  readonly options: Readonly<Record<string, unknown>>;
  readonly sockets: Record<string, Socket[] | undefined>;
  readonly freeSockets: Record<string, Socket[] | undefined>;
  readonly requests: Record<string, ClientRequest[] | undefined>;
  totalSocketCount: number;
  getName(options: object): string;
  removeSocket(socket: Socket, options: object): void;
}

/** A request's options as Node hands them to its agents. */
export interface RequestOptions {
  readonly host?: string | null;
  readonly port?: number | string | null;
  readonly localAddress?: string | null;
  readonly localPort?: number;
  readonly family?: number;
  readonly lookup?: unknown;
  readonly socketPath?: string | null;
  readonly timeout?: number;
}

/** Gets a socket, or learns why there is none. */
export type SocketCallback = (error: Error | null, socket?: Socket) => void;

/**
 * Makes the connections of an agent of `node:http` or `node:https`.
 *
 * Node's agents expect a socket at once and connect it later; ours exists only when it is connected. Until then a
 * placeholder takes its place in the agent's books, so that `maxSockets` and `destroy()` work.
 */
export class AgentSockets {
  readonly target: ResolvedTarget;
  readonly #callee: string;
  readonly #agent: AgentInternals;
  readonly #connections: OpenConnections;
  readonly #connection: ConnectionSettings;
  readonly #dialers: ReadonlyMap<0 | 4 | 6, Dialer>;
  readonly #timeout: number;

  constructor(agent: Agent, options: VrfAgentTarget, callee: string) {
    this.#agent = agent as Agent & AgentInternals;
    this.#callee = callee;
    this.target = resolveTarget(options, callee);
    const { family, localAddress, localPort, lookup, noDelay, connectTimeout } = options;
    const settings = checkConnectionOptions(
      { family, localAddress, localPort, lookup, noDelay, timeout: connectTimeout },
      { noDelay: true },
    );
    this.#connection = settings.connection;
    this.#timeout = settings.timeout;
    this.#dialers = new Map(
      ([0, 4, 6] as const).map((wanted) => [wanted, new Dialer(this.target, { ...settings, family: wanted })]),
    );
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
    const { freeSockets } = this.#agent;
    for (const [name, sockets] of Object.entries(freeSockets)) {
      // Node looks only at the first whether it is still good.
      if (!sockets?.some(({ destroyed }) => destroyed)) continue;
      const good = sockets.filter(({ destroyed }) => !destroyed);
      if (good.length > 0) freeSockets[name] = good;
      else delete freeSockets[name];
    }
  }

  /**
   * Makes a connection for a request, booked in the agent while it is under way.
   *
   * @param options merged with the agent's, as Node's `createSocket` merges them
   * @param finish hands the connection to Node, and answers with what Node will use: it, or the TLS socket over it
   */
  connectFor(
    request: ClientRequest,
    options: RequestOptions,
    finish: (socket: Socket) => Socket,
    failed: (error: Error) => void,
  ): void {
    const agent = this.#agent;
    const name = agent.getName(options);
    const cancellation = new Cancellation();
    const placeholder = new Socket();
    agent.sockets[name] = [...(agent.sockets[name] ?? []), placeholder];
    agent.totalSocketCount += 1;
    // Of `agent.destroy()`, which destroys all sockets it finds.
    placeholder.once('close', () => cancellation.cancel(hangUp()));
    const { timeout } = options;
    const timer = timeout ? setTimeout(() => request.emit('timeout'), timeout) : undefined;
    // A request without a socket says nothing when it is destroyed.
    const { destroy } = request;
    request.destroy = function (this: ClientRequest, error?: Error) {
      Reflect.deleteProperty(request, 'destroy');
      destroy.call(this, error);
      cancellation.cancel(error ?? hangUp());
      return this;
    };
    let settled = false;
    const settle = (): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      if (Object.hasOwn(request, 'destroy')) Reflect.deleteProperty(request, 'destroy');
      agent.totalSocketCount -= 1;
      const rest = (agent.sockets[name] ?? []).filter((socket) => socket !== placeholder);
      if (rest.length > 0) agent.sockets[name] = rest;
      else delete agent.sockets[name];
      placeholder.removeAllListeners('close');
      placeholder.destroy();
    };
    this.connect(options, cancellation, (socket) => {
      settle();
      return finish(socket);
    }).catch((error: Error) => {
      settle();
      // Of those that wait for a connection this one waits no more; Node leaves it in the queue until it gets one.
      const waiting = agent.requests[name]?.filter((one) => one !== request);
      if (waiting !== undefined && waiting.length > 0) agent.requests[name] = waiting;
      else delete agent.requests[name];
      failed(error);
      // Others may wait for the place that has become free.
      agent.removeSocket(placeholder, options);
    });
  }

  /**
   * Connects, again if the namespace is replaced meanwhile.
   *
   * @param finish puts TLS on the connection, or does not; called before the promise settles
   * @throws what `dial` throws, or the reason of the cancellation
   */
  async connect(
    options: RequestOptions,
    cancellation: Cancellation,
    finish: (socket: Socket) => Socket,
  ): Promise<Socket> {
    const { host, port, connection, dialer } = this.#check(options);
    const until =
      this.#timeout === 0 ? Number.POSITIVE_INFINITY : performance.now() + this.#timeout + this.target.waitForNamespace;
    const attempt = async ({ cancellation: attempted, observer }: Pending): Promise<Socket> => {
      const socket = await dialer.dial(host, port, attempted, { ...connection, observer });
      if (attempted.cancelled) {
        socket.destroy();
        throw attempted.reason;
      }
      // Before Node has it: from then on a request is on it.
      this.#connections.check(socket);
      return this.#adopt(socket, options, finish);
    };
    return this.#connections.make(until, attempt, cancellation);
  }

  #adopt(socket: Socket, { timeout }: RequestOptions, finish: (socket: Socket) => Socket): Socket {
    if (timeout) socket.setTimeout(timeout);
    let finished: Socket;
    try {
      finished = finish(socket);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    this.#connections.track(finished, socket);
    return finished;
  }

  #check(options: RequestOptions): { host: string; port: number; connection: ConnectionSettings; dialer: Dialer } {
    if (options.socketPath != null)
      throw new InvalidOptionError(
        'socketPath',
        `a request through ${this.#callee} takes no socketPath: a UNIX socket is in no VRF`,
      );
    if (options.lookup !== undefined && options.lookup !== null)
      throw new InvalidOptionError(
        'lookup',
        `a request through ${this.#callee} takes no lookup, which would resolve elsewhere: names are resolved in ${this.target.label}, or by the lookup given to the agent`,
      );
    const family = options.family ?? 0;
    const dialer = this.#dialers.get(family as 0 | 4 | 6);
    if (dialer === undefined) throw new InvalidOptionError('family', `family must be 0, 4 or 6, not ${shown(family)}`);
    return {
      host: checkHost('host', options.host ?? 'localhost'),
      port: checkPort('port', Number(options.port)),
      connection: {
        ...this.#connection,
        localAddress: checkLocalAddress('localAddress', options.localAddress) ?? this.#connection.localAddress,
        localPort:
          options.localPort === undefined
            ? this.#connection.localPort
            : checkPort('localPort', options.localPort, { zero: true }),
      },
      dialer,
    };
  }
}

/** What Node says of a request whose connection is gone. */
function hangUp(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}
