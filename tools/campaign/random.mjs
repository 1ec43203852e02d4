/** A generator of random numbers that gives the same sequence for the same seed and label (FNV-1a, then mulberry32). */
export class Random {
  #state = 0x811c9dc5;

  constructor(seed, label = '') {
    for (const byte of Buffer.from(`${seed}:${label}`)) this.#state = Math.imul(this.#state ^ byte, 0x01000193);
  }

  /** From 0 up to and without 1. */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** An integer from `min` up to and without `max`. */
  integer(min, max) {
    return min + Math.floor(this.next() * (max - min));
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(list) {
    return list[this.integer(0, list.length)];
  }

  /** One of `list`, each as often as its `weight` (default 1) says. */
  weighted(list) {
    let left = this.next() * list.reduce((sum, { weight = 1 }) => sum + weight, 0);
    for (const entry of list) {
      left -= entry.weight ?? 1;
      if (left < 0) return entry;
    }
    return list.at(-1);
  }
}
