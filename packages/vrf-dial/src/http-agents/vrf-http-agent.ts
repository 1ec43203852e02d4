import type { AgentOptions, ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SocketOptions } from 'netns-core';
import { http } from '../node-http.js';
import { optionsForNode, type VrfAgentTarget } from './agent-options.js';
import { AgentSockets, type RequestOptions, requestOptions, type SocketCallback } from './agent-sockets.js';
import { type CreateHttp2Connection, http2ConnectionOptions } from './http2-session.js';

/** Options of {@link VrfHttpAgent}: where, and Node's own for an agent. */
export interface VrfHttpAgentOptions
  extends Omit<AgentOptions, keyof SocketOptions | keyof VrfAgentTarget>,
    VrfAgentTarget {}

/** Methods of Node's agents that its types leave out. */
interface Hidden {
  addRequest(request: ClientRequest, options: object): void;
  getName(options: object): string;
  createConnection(options: object): Socket;
}
const hidden = http.Agent.prototype as unknown as Hidden;

/**
 * An agent of `node:http` whose connections are made in a VRF, a namespace or over an interface: the `agent` of
 * `http.request`, axios, got, ws, node-fetch. Keep-alive, `maxSockets`, `timeout` and the rest are Node's, and a request
 * has its socket while the connection is made, as with Node's own agent. Host names are resolved in the namespace.
 *
 * When the namespace is removed or replaced, idle connections are dropped and no request begins in the old one later
 * than 50 ms after that.
 */
export class VrfHttpAgent extends http.Agent implements Disposable {
  readonly #sockets: AgentSockets;

  /** @throws InvalidOptionError, InvalidNameError */
  constructor(options: VrfHttpAgentOptions) {
    super(optionsForNode(options, 'VrfHttpAgent') as AgentOptions);
    this.#sockets = new AgentSockets(this, options, 'VrfHttpAgent');
  }

  /** @internal Node calls this for each request. */
  addRequest(request: ClientRequest, options: object | string, ...legacy: unknown[]): void {
    this.#sockets.verify();
    hidden.addRequest.call(this, request, this.#sockets.route(request, requestOptions(options, legacy)));
  }

  /** Node calls this for the name of the pool of connections that a request may use. */
  override getName(options: object = {}): string {
    return hidden.getName.call(this, options) + this.#sockets.poolSuffix(options as RequestOptions);
  }

  /** Makes a socket that connects in the namespace; the callback gets it when it is connected, or the error. */
  override createConnection(options: object, callback?: (error: Error | null, stream: Duplex) => void): Socket {
    const make = (given: object): Socket => hidden.createConnection.call(this, given);
    return this.#sockets.createConnection(
      options as RequestOptions,
      make,
      () => {},
      callback as SocketCallback | undefined,
    );
  }

  /**
   * The `createConnection` of `http2.connect` for a server that speaks HTTP/2 without TLS: makes the connection of the
   * session in the namespace.
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
