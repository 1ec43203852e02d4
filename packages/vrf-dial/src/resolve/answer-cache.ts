import type { ResolvedAddress } from './context.js';

/** What is known of one name and address family. */
export interface CachedAnswer {
  /** Empty where it is known that there are none. */
  readonly addresses: readonly ResolvedAddress[];
  /** The name does not exist at all, for any type. */
  readonly nonexistent: boolean;
  /** When it was given, in milliseconds of `performance.now()`. */
  readonly stored: number;
  /** Until when it holds by what the server said. */
  readonly expires: number;
}

/** How many answers the targets without a bound of their own keep together: some 3 MB. */
const MAX_SHARED_ENTRIES = 10_000;

/** Answers by question, and by all that the answer may depend on. The oldest ones make room. */
export class AnswerCache {
  readonly #maxEntries: number;
  // A map keeps the order of insertion: an answer that was asked for again becomes the youngest.
  readonly #answers = new Map<string, CachedAnswer>();
  #generation = generation;

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  /** The answer for a key, if there is one that still holds. */
  find(key: string, now: number): CachedAnswer | undefined {
    this.#forgetOldGeneration();
    const answer = this.#answers.get(key);
    if (answer === undefined) return undefined;
    if (answer.expires > now) return answer;
    this.#answers.delete(key);
    return undefined;
  }

  /** @param asked {@link cacheGeneration} when the question was asked: what has been forgotten since is not learned again */
  keep(key: string, answer: CachedAnswer, asked: number): void {
    this.#forgetOldGeneration();
    if (asked !== generation || this.#maxEntries === 0) return;
    this.#answers.delete(key);
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size < this.#maxEntries) break;
      this.#answers.delete(oldest);
    }
    this.#answers.set(key, answer);
  }

  #forgetOldGeneration(): void {
    if (this.#generation === generation) return;
    this.#generation = generation;
    this.#answers.clear();
  }
}

// Shared by the caches of all targets, which are not listed anywhere.
let generation = 0;

/** Grows when everything is forgotten. */
export function cacheGeneration(): number {
  return generation;
}

/** Forgets every answer, and those that are being asked for. */
export function clearDnsCache(): void {
  generation += 1;
}

// One per process, so that a thousand agents in one namespace share what they learned.
const shared = new AnswerCache(MAX_SHARED_ENTRIES);

/** How many bounded caches are found again by the next resolver of the same target. */
const MAX_BOUNDED_CACHES = 256;
const bounded = new Map<string, AnswerCache>();

/**
 * The cache of a target: the shared one, or where the target has a bound, one that only targets just like it share.
 *
 * @param target a text that other targets do not have
 */
export function answerCache(maxEntries: number | undefined, target: string): AnswerCache {
  if (maxEntries === undefined) return shared;
  const key = `${maxEntries} ${target}`;
  const cache = bounded.get(key) ?? new AnswerCache(maxEntries);
  bounded.delete(key);
  bounded.set(key, cache);
  const [oldest] = bounded.keys();
  if (bounded.size > MAX_BOUNDED_CACHES && oldest !== undefined) bounded.delete(oldest);
  return cache;
}
