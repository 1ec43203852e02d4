import type { BrokerClient } from './client.js';
import type { CheckedLimits } from './limits.js';

/** The connections to a broker, each user's own in the order in which they were used last. */
export class Connections {
  readonly #limits: CheckedLimits;
  readonly #ofUsers = new Map<number, Set<BrokerClient>>();
  #count = 0;

  constructor(limits: CheckedLimits) {
    this.#limits = limits;
  }

  /**
   * Takes a connection in. Where there are as many as there may be, a user who has at least two more than this one loses
   * the one that was not used for the longest time: a few users cannot keep all others away.
   *
   * @returns why there is no room
   */
  add(uid: number, client: BrokerClient): string | undefined {
    const { clients, clientsPerUser } = this.#limits;
    const own = this.#ofUsers.get(uid) ?? new Set();
    if (own.size >= clientsPerUser) return `the user ${uid} may have ${clientsPerUser} connections at most`;
    if (this.#count >= clients) {
      const [greatest, most] = this.#greatest();
      const [victim] = most;
      if (victim === undefined || most.size < own.size + 2) return `the broker serves ${clients} connections at most`;
      this.remove(greatest, victim);
      victim.end(`the broker serves ${clients} connections at most, and another user needs one`);
    }
    own.add(client);
    this.#ofUsers.set(uid, own);
    this.#count += 1;
    return undefined;
  }

  /** Notes that a connection is used. */
  use(uid: number, client: BrokerClient): void {
    const own = this.#ofUsers.get(uid);
    if (own?.delete(client)) own.add(client);
  }

  /** Does nothing where it was removed before. */
  remove(uid: number, client: BrokerClient): void {
    const own = this.#ofUsers.get(uid);
    if (!own?.delete(client)) return;
    this.#count -= 1;
    if (own.size === 0) this.#ofUsers.delete(uid);
  }

  #greatest(): [number, ReadonlySet<BrokerClient>] {
    let greatest: [number, ReadonlySet<BrokerClient>] = [-1, new Set()];
    for (const entry of this.#ofUsers) if (entry[1].size > greatest[1].size) greatest = entry;
    return greatest;
  }
}
