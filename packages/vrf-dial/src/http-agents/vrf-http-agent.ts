import { Agent, type AgentOptions, type ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { SocketOptions } from 'netns-core';
import { Cancellation } from '../cancellation.js';
import { optionsForNode, type VrfAgentTarget } from './agent-options.js';
import { type AgentInternals, AgentSockets, type RequestOptions, type SocketCallback } from './agent-sockets.js';

/** Options of {@link VrfHttpAgent}: where, and Node's own for an agent. */
export interface VrfHttpAgentOptions
  extends Omit<AgentOptions, keyof SocketOptions | keyof VrfAgentTarget>,
    VrfAgentTarget {}

/** Methods of Node's agents that its types leave out. */
interface Hidden {
  addRequest(request: ClientRequest, options: object, ...legacy: unknown[]): void;
  createSocket(request: ClientRequest, options: object, callback: SocketCallback): void;
}
const hidden = Agent.prototype as unknown as Hidden;

/**
 * An agent of `node:http` whose connections are made in a VRF, a namespace or over an interface: the `agent` of
 * `http.request`, axios, got, ws, node-fetch. Keep-alive, `maxSockets`, `timeout` and the rest are Node's. Host names
 * are resolved in the namespace.
 *
 * When the namespace is removed or replaced, idle connections are dropped and no request begins in the old one.
 */
export class VrfHttpAgent extends Agent implements Disposable {
  readonly #sockets: AgentSockets;
  // On its way from `createSocket` through Node's own to `createConnection`, all in one turn.
  #made: Socket | undefined;
  #used: Socket | undefined;

  /** @throws InvalidOptionError, InvalidNameError */
  constructor(options: VrfHttpAgentOptions) {
    super(optionsForNode(options, 'VrfHttpAgent') as AgentOptions);
    this.#sockets = new AgentSockets(this, options, 'VrfHttpAgent');
  }

  /** @internal Node's door for requests */
  addRequest(request: ClientRequest, options: object, ...legacy: unknown[]): void {
    this.#sockets.verify();
    hidden.addRequest.call(this, request, options, ...legacy);
  }

  /** @internal Node's door for connections of requests */
  createSocket(request: ClientRequest, options: object, callback: SocketCallback): void {
    const agentOptions = (this as unknown as AgentInternals).options;
    this.#sockets.connectFor(
      request,
      { ...options, ...agentOptions },
      (socket) => {
        this.#made = socket;
        hidden.createSocket.call(this, request, options, callback);
        const used = this.#used ?? socket;
        this.#used = undefined;
        return used;
      },
      callback,
    );
  }

  /** Connects in the namespace; the callback gets the socket. */
  override createConnection(options: object, callback?: (error: Error | null, stream: never) => void): never {
    const made = this.#made;
    this.#made = undefined;
    if (made !== undefined) {
      this.#used = made;
      return this.#used as never;
    }
    const answer = callback as SocketCallback | undefined;
    this.#sockets
      .connect(options as RequestOptions, new Cancellation(), (socket) => socket)
      .then(
        (socket) => (answer === undefined ? socket.destroy() : answer(null, socket)),
        (error: Error) => answer?.(error),
      );
    return undefined as never;
  }

  /** Destroys all connections; the same as `destroy()`. */
  close(): void {
    this.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}
