/** An object that hangs below another at a link. */
export interface Place {
  readonly ifindex: number;
  /** What names it among those of the link. */
  readonly name: string;
  /** What it is below. */
  readonly parent: string;
}

/**
 * Which objects are known to be below which at a link, so that a topic can tell whether something that happens to one has
 * effects on others. Until everything was listed, there may be anything anywhere.
 */
export class KnownPlaces {
  #isListed = false;
  readonly #links = new Map<number, Map<string, Place>>();

  /** Begins anew with everything there is. */
  listed(places: Iterable<Place>): void {
    this.#isListed = true;
    this.#links.clear();
    for (const place of places) this.add(place);
  }

  add(place: Place): void {
    const link = this.#links.get(place.ifindex);
    if (link === undefined) this.#links.set(place.ifindex, new Map([[place.name, place]]));
    else link.set(place.name, place);
  }

  remove({ ifindex, name }: Place): void {
    const link = this.#links.get(ifindex);
    link?.delete(name);
    if (link?.size === 0) this.#links.delete(ifindex);
  }

  /** Forgets those of a link that is gone, and tells whether there may have been some. */
  removeLink(ifindex: number): boolean {
    return this.#links.delete(ifindex) || !this.#isListed;
  }

  /** Whether there may be one at a link that something is true of. */
  mayHave(ifindex: number, is?: (place: Place) => boolean): boolean {
    return !this.#isListed || this.has(ifindex, is);
  }

  /** Whether there is one, as far as is known. */
  has(ifindex: number, is: (place: Place) => boolean = () => true): boolean {
    for (const place of this.#links.get(ifindex)?.values() ?? []) if (is(place)) return true;
    return false;
  }

  /** Whether one of this name is there, as far as is known. */
  hasNamed(ifindex: number, name: string): boolean {
    return this.#links.get(ifindex)?.has(name) === true;
  }

  /** Whether one of this name may be there. */
  mayHaveNamed(ifindex: number, name: string): boolean {
    return !this.#isListed || this.hasNamed(ifindex, name);
  }

  /** Whether there may be any at all. */
  get mayBeAny(): boolean {
    return !this.#isListed || this.#links.size > 0;
  }
}
