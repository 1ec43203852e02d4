import type { ClientRequest } from 'node:http';
import { Agent, type AgentOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { SocketOptions } from 'netns-core';
import { optionsForNode, type VrfAgentTarget } from './agent-options.js';
import { AgentSockets, type RequestOptions, requestOptions, type SocketCallback } from './agent-sockets.js';
import { type CreateHttp2Connection, http2ConnectionOptions } from './http2-session.js';

/** Options of {@link VrfHttpsAgent}: where, and Node's own for an agent, TLS options (`ca`, `cert`, …) among them. */
export interface VrfHttpsAgentOptions
  extends Omit<AgentOptions, keyof SocketOptions | keyof VrfAgentTarget>,
    VrfAgentTarget {}

/** Methods of Node's agents that its types leave out. */
interface Hidden {
  addRequest(request: ClientRequest, options: object): void;
  getName(options: object): string;
  createConnection(options: object): Socket;
  _getSession(key: string): Buffer | undefined;
  _cacheSession(key: string, session: Buffer): void;
  _evictSession(key: string): void;
}
const hidden = Agent.prototype as unknown as Hidden;

/** Options of a connection that say what becomes of its session. */
interface SessionOptions {
  /** Node's key of what the session is good for; not there where nothing is to be kept. */
  readonly _agentKey?: string | undefined;
  readonly session?: Buffer | undefined;
}

/**
 * As `VrfHttpAgent`, for https. Each agent has its own cache of TLS sessions, so no ticket of a server in one VRF is
 * offered to another's; nor is one of a namespace that was replaced offered in its successor.
 */
export class VrfHttpsAgent extends Agent implements Disposable {
  readonly #sockets: AgentSockets;

  /** @throws InvalidOptionError, InvalidNameError */
  constructor(options: VrfHttpsAgentOptions) {
    super(optionsForNode(options, 'VrfHttpsAgent') as AgentOptions);
    this.#sockets = new AgentSockets(this, options, 'VrfHttpsAgent');
  }

  /** @internal Node calls this for each request. */
  addRequest(request: ClientRequest, options: object | string, ...legacy: unknown[]): void {
    this.#sockets.verify();
    hidden.addRequest.call(this, request, requestOptions(options, legacy));
  }

  /** Node calls this for the name of the pool of connections that a request may use. */
  override getName(options: object = {}): string {
    return hidden.getName.call(this, options) + this.#sockets.poolSuffix(options as RequestOptions);
  }

  /**
   * Makes a socket that connects in the namespace and speaks TLS; the callback gets it when it is connected, before the
   * handshake, or the error.
   */
  override createConnection(options: object, callback?: (error: Error | null, stream: Duplex) => void): Socket {
    // Node would choose a session now, before it is known which namespace the connection will be in.
    const make = (given: object): Socket => hidden.createConnection.call(this, { ...given, _agentKey: undefined });
    return this.#sockets.createConnection(
      options as RequestOptions,
      make,
      (made, namespace) => this.#useSessions(made as TLSSocket, options, namespace?.key),
      callback as SocketCallback | undefined,
    );
  }

  /** Offers a session of the namespace that the socket is in, and keeps those that the server gives, as Node does. */
  #useSessions(socket: TLSSocket, options: SessionOptions & object, namespace: string | undefined): void {
    const { _agentKey: agentKey, session: given } = options;
    if (agentKey === undefined || checksIdentityItself(options)) return;
    const key = namespace === undefined ? agentKey : `${agentKey}:${namespace}`;
    const agent = this as unknown as Hidden;
    const session = given === undefined ? agent._getSession(key) : undefined;
    if (session !== undefined) (socket as TLSSocket & { setSession(session: Buffer): void }).setSession(session);
    socket.on('session', (made) => agent._cacheSession(key, made));
    socket.once('close', (failed) => {
      if (failed) agent._evictSession(key);
    });
  }

  /**
   * The `createConnection` of `http2.connect`, axios' `http2Options` and an agent of http2-wrapper: makes the connection of
   * an HTTP/2 session in the namespace. TLS options of the agent come before those of the session.
   */
  readonly createHttp2Connection: CreateHttp2Connection = (authority, options) =>
    this.#sockets.forHttp2(this.createConnection(http2ConnectionOptions(authority, options, this)));

  /** Destroys all connections; the same as `destroy()`. */
  close(): void {
    this.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

/** From 22 on Node keeps no session of a request with a `checkServerIdentity` of its own, and marks its options. */
function checksIdentityItself(options: object): boolean {
  return Object.getOwnPropertySymbols(options).some(
    (symbol) => symbol.description === 'per-request checkServerIdentity' && Boolean(Reflect.get(options, symbol)),
  );
}
