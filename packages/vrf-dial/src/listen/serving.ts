import type { AddressInfo, Server } from 'node:net';
import { fdOf } from '../socket/handle-fd.js';
import { AcceptedSockets } from './accepted-sockets.js';
import { ServerSeat } from './server-seat.js';

/** A server that a listener has taken over, and what it takes to let go of it. */
export class Serving {
  readonly server: Server;
  readonly seat: ServerSeat;
  readonly accepted: AcceptedSockets;
  /** Settles once the server is closed and its last connection has ended. */
  readonly drained: Promise<void>;
  #onClose: () => void = () => undefined;

  /**
   * The server waits for its first socket from here on.
   *
   * @param ipv6 whether peers may have link-local addresses
   * @param closed called when the server is closed, with or without a socket
   */
  constructor(server: Server, ipv6: boolean, closed: (serving: Serving) => void) {
    this.server = server;
    this.seat = new ServerSeat(server, () => closed(this));
    this.drained = new Promise<void>((resolve) => {
      this.#onClose = () => {
        // Of a `server.close()` in the turn before it was taken over.
        if (this.seat.isOccupied) return;
        this.forget();
        resolve();
        closed(this);
      };
    });
    server.on('close', this.#onClose);
    this.accepted = new AcceptedSockets(server, ipv6);
    this.seat.wait();
  }

  /** Where it listens. */
  get address(): AddressInfo | null {
    const address = this.server.address();
    return typeof address === 'object' ? address : null;
  }

  /** Of its listening socket; -1 where it has none. */
  get fd(): number {
    return fdOf(this.server);
  }

  /** Takes the listener's own listeners off the server. */
  forget(): void {
    this.server.removeListener('close', this.#onClose);
    this.accepted.stop();
  }
}
