import type { ResolvedAddress } from './context.js';

/** What is known of one name and address family. */
export interface CachedAnswer {
  /** Empty where it is known that there are none. */
  readonly addresses: readonly ResolvedAddress[];
  /** The name does not exist at all, for any type. */
  readonly nonexistent: boolean;
  /** Until when it holds, in milliseconds of `performance.now()`. */
  readonly expires: number;
}

/** How many answers are kept in the whole process, whatever the number of namespaces: some 3 MB. */
const DEFAULT_MAX_ENTRIES = 10_000;

// One per process, so that a thousand agents in one namespace share what they learned, and so that there is one bound.
const answers = new Map<string, CachedAnswer>();

/** The answer for a key, if there is one that still holds. */
export function cachedAnswer(key: string, now: number): CachedAnswer | undefined {
  const answer = answers.get(key);
  if (answer === undefined) return undefined;
  if (answer.expires > now) return answer;
  answers.delete(key);
  return undefined;
}

/** Keeps an answer; the oldest ones make room. */
export function cacheAnswer(key: string, answer: CachedAnswer, maxEntries = DEFAULT_MAX_ENTRIES): void {
  // A map keeps the order of insertion: an answer that was asked for again becomes the youngest.
  answers.delete(key);
  for (const oldest of answers.keys()) {
    if (answers.size < maxEntries) break;
    answers.delete(oldest);
  }
  if (maxEntries > 0) answers.set(key, answer);
}

// As long-lived as the answers, and for the same reason.
let generation = 0;

/** Grows when everything is forgotten, for those who keep something of an answer. */
export function cacheGeneration(): number {
  return generation;
}

/** Forgets every answer. */
export function clearDnsCache(): void {
  generation += 1;
  answers.clear();
}
