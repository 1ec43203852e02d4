import { Server } from 'node:net';
import { MAX_TIMER_MS } from 'netns-core/sys';
import { callUser } from '../diagnostics.js';
import { checkServer } from './listen-options.js';
import { Serving } from './serving.js';

/** Makes a server that does not listen yet. */
export type CreateServer = () => Server | Promise<Server>;

/**
 * The servers of a listener: one of the user's for its whole life, or a new one each time that the namespace returns,
 * beside those of earlier times whose connections have not ended.
 */
export class ListenerServers {
  /** The server that serves for life; without it, a new one is made each time. */
  readonly #own: Server | undefined;
  readonly #create: CreateServer;
  readonly #ipv6: boolean;
  readonly #closedByUser: () => void;
  #current: Serving | undefined;
  readonly #former = new Set<Serving>();
  /** Keeps the process running while there is no server that could. */
  #keepAlive: NodeJS.Timeout | undefined;

  /**
   * @param ipv6 whether peers may have link-local addresses
   * @param closedByUser called when the current server is closed
   */
  constructor(server: Server | CreateServer, ipv6: boolean, closedByUser: () => void) {
    this.#own = typeof server === 'function' ? undefined : server;
    this.#create = typeof server === 'function' ? server : () => server;
    this.#ipv6 = ipv6;
    this.#closedByUser = closedByUser;
  }

  /** The server that is in use, or waits to be; `undefined` before one has been made. */
  get current(): Serving | undefined {
    return this.#current;
  }

  /** Settles once the last connection of all of them has ended. */
  get drained(): Promise<unknown> {
    return Promise.all(this.#all().map(({ drained }) => drained));
  }

  /**
   * Takes over the user's server, or keeps the process running until there is one.
   *
   * @throws InvalidOptionError where that server listens already
   */
  start(): void {
    if (this.#own === undefined) this.#hold();
    else this.#take(this.#own);
  }

  /**
   * Has a server made and takes it over.
   *
   * @param wanted asked when it has been made
   * @returns `undefined` where it is no longer wanted
   * @throws what the user's function throws; InvalidOptionError for a server that listens already
   */
  async make(wanted: () => boolean): Promise<Serving | undefined> {
    const server = await this.#create();
    if (wanted()) return this.#take(server);
    closeAtHome(server);
    return undefined;
  }

  /** Takes the socket from the current server, which waits for the next, or is closed where a new one will be made. */
  release(): void {
    const serving = this.#current;
    if (serving === undefined) return;
    if (this.#own !== undefined) {
      serving.seat.wait();
      return;
    }
    this.#current = undefined;
    this.#hold();
    this.#former.add(serving);
    void serving.drained.then(() => this.#former.delete(serving));
    callUser(() => serving.server.close());
  }

  /** Destroys, after a time, the connections accepted so far. */
  expire(graceMs: number): void {
    for (const { accepted } of this.#all()) accepted.expire(graceMs);
  }

  /** Closes them all, as their own `close` does. */
  close(): void {
    clearInterval(this.#keepAlive);
    for (const { server, seat } of this.#all()) if (seat.isOccupied) callUser(() => server.close());
  }

  /** Lets them be as they were before. */
  withdraw(): void {
    clearInterval(this.#keepAlive);
    for (const serving of this.#all()) {
      serving.seat.withdraw();
      serving.forget();
    }
  }

  #take(server: Server): Serving {
    try {
      checkServer(server);
    } catch (error) {
      if (this.#own === undefined) closeAtHome(server);
      throw error;
    }
    const serving = new Serving(server, this.#ipv6, (closed) => {
      if (closed === this.#current) this.#closedByUser();
    });
    this.#current = serving;
    clearInterval(this.#keepAlive);
    return serving;
  }

  #hold(): void {
    clearInterval(this.#keepAlive);
    this.#keepAlive = setInterval(() => undefined, MAX_TIMER_MS);
  }

  #all(): Serving[] {
    return this.#current === undefined ? [...this.#former] : [this.#current, ...this.#former];
  }
}

/** Closes a server that the user's function has let listen: at home, that is. */
function closeAtHome(server: unknown): void {
  if (server instanceof Server && server.listening) server.close();
}
