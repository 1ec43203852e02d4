/** Gives portions of objects, and what has to be done at the end. */
export interface Portions<E> {
  /** The next portion; `undefined` after the last. */
  next(): Promise<readonly E[] | undefined>;
  close(): Promise<void>;
}

/**
 * Hands out objects one by one that come in portions. An async generator would do, but takes several turns of the
 * microtask queue for each object: over a million objects that is what costs most.
 */
export class PortionIterator<E> implements AsyncGenerator<E, void, void> {
  readonly #open: () => Promise<Portions<E>>;
  #portions: Promise<Portions<E>> | undefined;
  #portion: readonly E[] = [];
  #taken = 0;
  #ended = false;
  /** The last step that had to wait: steps asked for before it is over follow it. */
  #waiting: Promise<unknown> | undefined;

  /** @param open is called at the first step */
  constructor(open: () => Promise<Portions<E>>) {
    this.#open = open;
  }

  next(): Promise<IteratorResult<E, void>> {
    if (this.#waiting === undefined && this.#taken < this.#portion.length) {
      const value = this.#portion[this.#taken] as E;
      this.#taken += 1;
      return Promise.resolve({ done: false, value });
    }
    const before = this.#waiting;
    const step = (async (): Promise<IteratorResult<E, void>> => {
      await before?.catch(() => undefined);
      return this.#step();
    })();
    this.#waiting = step;
    const over = (): void => {
      if (this.#waiting === step) this.#waiting = undefined;
    };
    step.then(over, over);
    return step;
  }

  async #step(): Promise<IteratorResult<E, void>> {
    while (this.#taken >= this.#portion.length) {
      if (this.#ended) return { done: true, value: undefined };
      try {
        this.#portions ??= this.#open();
        const portion = await (await this.#portions).next();
        this.#taken = 0;
        this.#portion = portion ?? [];
        if (portion === undefined) await this.#end();
      } catch (error) {
        await this.#end();
        throw error;
      }
    }
    const value = this.#portion[this.#taken] as E;
    this.#taken += 1;
    return { done: false, value };
  }

  async #end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#portion = [];
    this.#taken = 0;
    const portions = await this.#portions?.catch(() => undefined);
    await portions?.close();
  }

  async return(): Promise<IteratorResult<E, void>> {
    await this.#waiting?.catch(() => undefined);
    await this.#end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<E, void>> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
