import type { Socket } from 'node:net';
import tls, { type TLSSocket } from 'node:tls';
import { namespaceOfSocket } from '../socket/socket-namespace.js';

/** Options of a TLS connection whose session is not offered before its namespace is known. */
const HELD_SESSION = Symbol('session');

type TlsOptions = Record<PropertyKey, unknown>;

/**
 * TLS sessions, and the namespaces that they come from. Clients keep sessions by the name of the server, which is
 * another server when the namespace has been replaced: it must not be offered a ticket of the old one.
 */
export class NamespaceSessions {
  readonly #from = new WeakMap<object, string>();
  /** The namespace of the first connection, and whether there was another one since. */
  #first: string | undefined;
  #replaced = false;

  /** Puts a function before `tls.connect` that holds the session back. */
  install(): void {
    const own = tls.connect as (...args: unknown[]) => TLSSocket;
    const connect = (...args: unknown[]): TLSSocket => {
      const at = args.findIndex((argument) => typeof argument === 'object' && argument !== null);
      const { session, ...options } = (args[at] ?? {}) as TlsOptions;
      if (session === undefined || session === null || options.path) return own(...args);
      const { socket } = options;
      if (socket !== undefined) {
        if (this.#isOffered(session, namespaceOfSocket(socket as Socket)?.key)) return own(...args);
        return own(...args.with(at, options));
      }
      return own(...args.with(at, { ...options, [HELD_SESSION]: session }));
    };
    tls.connect = connect as typeof tls.connect;
  }

  /**
   * Offers the session that was held back, if it comes from the namespace of the connection, and notes those that the
   * server gives.
   *
   * @param options of its `connect`
   */
  use(socket: TLSSocket, options: Readonly<TlsOptions>, namespace: string | undefined): void {
    this.#first ??= namespace;
    if (namespace !== this.#first) this.#replaced = true;
    const session = options[HELD_SESSION];
    if (session !== undefined && this.#isOffered(session, namespace))
      (socket as TLSSocket & { setSession(session: unknown): void }).setSession(session);
    if (namespace === undefined) return;
    // Before the listener of the client that keeps it.
    socket.prependListener('session', (made) => this.#from.set(made, namespace));
  }

  /** One that the program has from elsewhere is offered as long as there is only one namespace that it can be from. */
  #isOffered(session: unknown, namespace: string | undefined): boolean {
    const from = typeof session === 'object' && session !== null ? this.#from.get(session) : undefined;
    return from === undefined ? !this.#replaced : from === namespace;
  }
}
