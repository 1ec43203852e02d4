import type { Server, Socket } from 'node:net';
import { nameLinkLocalAddresses } from '../socket/link-local-address.js';

/**
 * The connections that a server has accepted in the namespace it serves now. They hold their namespace alive, so when
 * it is gone they must go, too, some time later.
 */
export class AcceptedSockets {
  readonly #server: Server;
  readonly #ipv6: boolean;
  #sockets = new Set<Socket>();

  /** @param ipv6 whether peers may have link-local addresses */
  constructor(server: Server, ipv6: boolean) {
    this.#server = server;
    this.#ipv6 = ipv6;
    // Before the user's own listeners, which may look at the address.
    server.prependListener('connection', this.#add);
  }

  readonly #add = (socket: Socket & { server?: unknown }): void => {
    // What the user hands in with server.emit('connection', …) comes from elsewhere.
    if (socket.server !== this.#server) return;
    if (this.#ipv6) nameLinkLocalAddresses(socket);
    const sockets = this.#sockets;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };

  /** Destroys, after a time, those of the connections so far that are still open then. */
  expire(graceMs: number): void {
    const sockets = this.#sockets;
    this.#sockets = new Set();
    if (sockets.size === 0 || graceMs === Number.POSITIVE_INFINITY) return;
    const destroy = (): void => {
      for (const socket of [...sockets]) socket.destroy();
    };
    if (graceMs === 0) destroy();
    // They keep the process running themselves, for as long as they are open.
    else setTimeout(destroy, graceMs).unref();
  }

  /** Takes no notice of further connections. Those there are remain subject to `expire`. */
  stop(): void {
    this.#server.removeListener('connection', this.#add);
  }
}
