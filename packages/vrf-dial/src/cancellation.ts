/**
 * Says to everything that takes part in a dial or a resolution that it is no longer wanted, and why. What an
 * `AbortController` does, at a tenth of its price, which counts where it is paid for each connection and each query.
 */
export class Cancellation {
  // Mostly there is one at a time, for which a set is much to make and to throw away.
  #first: ((reason: unknown) => void) | undefined;
  #later: Set<(reason: unknown) => void> | undefined;
  #cancelled = false;
  #reason: unknown;

  get cancelled(): boolean {
    return this.#cancelled;
  }

  get reason(): unknown {
    return this.#reason;
  }

  /** Ends it; only the first reason counts. */
  cancel(reason: unknown): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#reason = reason;
    const first = this.#first;
    const later = this.#later;
    this.#first = undefined;
    this.#later = undefined;
    first?.(reason);
    for (const listener of [...(later ?? [])]) {
      // One that an earlier one has withdrawn is not called.
      if (later?.delete(listener)) listener(reason);
    }
  }

  throwIfCancelled(): void {
    if (this.#cancelled) throw this.#reason;
  }

  /**
   * Calls a function when it is cancelled. Where it has been already, the function is not called.
   *
   * @param listener passed once at a time
   * @returns a function that withdraws the call
   */
  onCancel(listener: (reason: unknown) => void): () => void {
    if (this.#first === undefined && !this.#later?.size) {
      this.#first = listener;
      return () => {
        if (this.#first === listener) this.#first = undefined;
      };
    }
    this.#later ??= new Set();
    const later = this.#later;
    later.add(listener);
    return () => {
      later.delete(listener);
    };
  }
}
