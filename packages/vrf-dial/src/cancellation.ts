/**
 * Says that a dial is no longer wanted, and why. What an `AbortController` does, without the price of one for each
 * connection of an agent.
 */
export class Cancellation {
  #listener: ((reason: unknown) => void) | undefined;
  #cancelled = false;
  #reason: unknown;

  get cancelled(): boolean {
    return this.#cancelled;
  }

  get reason(): unknown {
    return this.#reason;
  }

  /** Ends the dial; only the first reason counts. */
  cancel(reason: unknown): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#reason = reason;
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.(reason);
  }

  throwIfCancelled(): void {
    if (this.#cancelled) throw this.#reason;
  }

  /**
   * What to do when the dial is ended. A dial does one thing at a time, so there is one listener: the stage it is in.
   * Passing nothing means that the stage is over.
   */
  onCancel(listener?: (reason: unknown) => void): void {
    this.#listener = listener;
  }
}
