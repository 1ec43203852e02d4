import type { Server, Socket } from 'node:net';
import { type LongTimeout, setLongTimeout } from 'netns-core/sys';
import { nameLinkLocalAddresses } from '../socket/link-local-address.js';

/** Connections that go together, and the timers that wait to destroy those that are still open. */
interface Batch {
  readonly sockets: Set<Socket>;
  readonly timers: LongTimeout[];
}

/**
 * The connections that a server has accepted in the namespace it serves now. They hold their namespace alive, so when
 * it is gone they must go, too, some time later.
 */
export class AcceptedSockets {
  readonly #server: Server;
  readonly #ipv6: boolean;
  #current: Batch = { sockets: new Set(), timers: [] };
  /** Connections of former namespaces. */
  readonly #leaving = new Set<Batch>();

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
    const batch = this.#current;
    batch.sockets.add(socket);
    socket.once('close', () => {
      batch.sockets.delete(socket);
      if (batch.sockets.size === 0) this.#forget(batch);
    });
  };

  /** Destroys, after a time, those of the connections so far that are still open then, if that is not to be sooner. */
  expire(graceMs: number): void {
    if (this.#current.sockets.size > 0) {
      this.#leaving.add(this.#current);
      this.#current = { sockets: new Set(), timers: [] };
    }
    for (const batch of [...this.#leaving]) {
      const destroy = (): void => {
        for (const socket of [...batch.sockets]) socket.destroy();
      };
      if (graceMs === 0) destroy();
      // They keep the process running themselves, for as long as they are open.
      else batch.timers.push(setLongTimeout(destroy, graceMs, { unref: true }));
    }
  }

  #forget(batch: Batch): void {
    if (!this.#leaving.delete(batch)) return;
    for (const timer of batch.timers) timer.clear();
  }

  /** Takes no notice of further connections. Those there are remain subject to `expire`. */
  stop(): void {
    this.#server.removeListener('connection', this.#add);
  }
}
