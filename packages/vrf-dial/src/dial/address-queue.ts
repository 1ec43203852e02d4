/** An address to try. */
export interface CandidateAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * The addresses that have not been tried, given out in turns of their families (RFC 8305 section 4), whatever comes later
 * in the place that its family has. Within a family the order is the one they came in.
 */
export class AddressQueue<Address extends CandidateAddress> {
  readonly #waiting: Record<4 | 6, Address[]> = { 4: [], 6: [] };
  readonly #seen = new Set<string>();
  #next: 4 | 6;

  constructor(firstFamily: 4 | 6) {
    this.#next = firstFamily;
  }

  add(addresses: readonly Address[]): void {
    for (const entry of addresses) {
      if (this.#seen.has(entry.address)) continue;
      this.#seen.add(entry.address);
      this.#waiting[entry.family].push(entry);
    }
  }

  get length(): number {
    return this.#waiting[4].length + this.#waiting[6].length;
  }

  take(): Address | undefined {
    const other = this.#next === 6 ? 4 : 6;
    const entry = this.#waiting[this.#next].shift() ?? this.#waiting[other].shift();
    if (entry !== undefined) this.#next = entry.family === 6 ? 4 : 6;
    return entry;
  }
}
