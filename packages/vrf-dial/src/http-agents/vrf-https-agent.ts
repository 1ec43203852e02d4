import type { ClientRequest } from 'node:http';
import { Agent, type AgentOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { SocketOptions } from 'netns-core';
import { Cancellation } from '../cancellation.js';
import { namespaceOfSocket } from '../socket/socket-namespace.js';
import { optionsForNode, type VrfAgentTarget } from './agent-options.js';
import { type AgentInternals, AgentSockets, type RequestOptions, type SocketCallback } from './agent-sockets.js';

/** Options of {@link VrfHttpsAgent}: where, and Node's own for an agent, TLS options (`ca`, `cert`, …) among them. */
export interface VrfHttpsAgentOptions
  extends Omit<AgentOptions, keyof SocketOptions | keyof VrfAgentTarget>,
    VrfAgentTarget {}

/** Methods of Node's agents that its types leave out. */
interface Hidden {
  addRequest(request: ClientRequest, options: object, ...legacy: unknown[]): void;
  createSocket(request: ClientRequest, options: object, callback: SocketCallback): void;
  createConnection(options: object): Socket;
}
const hidden = Agent.prototype as unknown as Hidden;

/**
 * As `VrfHttpAgent`, for https. Each agent has its own cache of TLS sessions, so no ticket of a server in one VRF is
 * offered to another's; nor is one of a namespace that was replaced offered in its successor.
 */
export class VrfHttpsAgent extends Agent implements Disposable {
  readonly #sockets: AgentSockets;
  // On its way from `createSocket` through Node's own to `createConnection`, all in one turn.
  #made: Socket | undefined;
  #used: Socket | undefined;

  /** @throws InvalidOptionError, InvalidNameError */
  constructor(options: VrfHttpsAgentOptions) {
    super(optionsForNode(options, 'VrfHttpsAgent') as AgentOptions);
    this.#sockets = new AgentSockets(this, options, 'VrfHttpsAgent');
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

  /** Connects in the namespace and starts TLS; the callback gets the TLS socket. */
  override createConnection(options: object, callback?: (error: Error | null, stream: never) => void): never {
    const made = this.#made;
    this.#made = undefined;
    if (made !== undefined) {
      this.#used = this.#secure(options, made);
      return this.#used as never;
    }
    const answer = callback as SocketCallback | undefined;
    this.#sockets
      .connect(options as RequestOptions, new Cancellation(), (socket) => this.#secure(options, socket))
      .then(
        (socket) => (answer === undefined ? socket.destroy() : answer(null, socket)),
        (error: Error) => answer?.(error),
      );
    return undefined as never;
  }

  /** Node's own way to TLS, with its session cache, over a connection that is there. */
  #secure(options: object, socket: Socket): Socket {
    // The key of Node's cache of sessions, which names only the host: the namespace is part of it.
    const { _agentKey: key } = options as { _agentKey?: string };
    const namespace = namespaceOfSocket(socket);
    const sessions = key === undefined || namespace === undefined ? key : `${key}:${namespace.key}`;
    return hidden.createConnection.call(this, { ...options, socket, _agentKey: sessions });
  }

  /** Destroys all connections; the same as `destroy()`. */
  close(): void {
    this.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}
