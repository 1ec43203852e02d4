/**
 * Requests take turns: in each turn of the event loop one request of each user is served. So a user who sends as much as
 * the limits allow, on as many connections, holds the others up by no more than one request.
 */
export class Turns {
  /** What each user waits for, in the order in which it came. */
  readonly #waiting = new Map<number, (() => void)[]>();
  /** The users of whom one was served in this turn. */
  readonly #served = new Set<number>();
  #isOver = true;

  /** Serves a request of a user: now, or in a turn to come. */
  take(uid: number, serve: () => void): void {
    const waiting = this.#waiting.get(uid);
    if (waiting !== undefined) waiting.push(serve);
    else if (this.#served.has(uid)) this.#waiting.set(uid, [serve]);
    else {
      this.#served.add(uid);
      this.#endLater();
      serve();
    }
  }

  #endLater(): void {
    if (!this.#isOver) return;
    this.#isOver = false;
    setImmediate(() => {
      this.#isOver = true;
      this.#served.clear();
      for (const [uid, waiting] of [...this.#waiting]) {
        const serve = waiting.shift();
        if (waiting.length === 0) this.#waiting.delete(uid);
        this.#served.add(uid);
        this.#endLater();
        serve?.();
      }
    });
  }
}
