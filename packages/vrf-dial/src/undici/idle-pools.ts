import type { Dispatcher } from 'undici';

/** How many origins' pools are kept. */
const KEPT = 32;

/**
 * Pools without a connection, kept for the next request to their origin. undici's Agent closes a pool when its last
 * connection ends and makes another for the next request, which costs more than the connection where each request has
 * one of its own. A pool without connections is only memory; the oldest go.
 */
export class IdlePools {
  readonly #pools = new Map<string, Dispatcher>();

  take(origin: string): Dispatcher | undefined {
    const pool = this.#pools.get(origin);
    this.#pools.delete(origin);
    return pool;
  }

  put(origin: string, pool: Dispatcher): void {
    const before = this.take(origin);
    if (before !== undefined) void before.close();
    this.#pools.set(origin, pool);
    const [oldest] = this.#pools.keys();
    if (this.#pools.size > KEPT && oldest !== undefined) void this.take(oldest)?.close();
  }

  /** Ends them all: what is still under way in one may finish, unless there is an error. */
  async end(error?: Error | null): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.allSettled(pools.map((pool) => (error === undefined ? pool.close() : pool.destroy(error))));
  }
}
