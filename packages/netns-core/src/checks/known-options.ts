import { InvalidOptionError } from '../errors.js';
import { shown } from './escaped.js';

/** Which option names a callee reads, and how the error calls things. */
export interface KnownOptions {
  /** The function, class or object that takes the options: `'dial'`, `'dns'`, `'routeAdd'`. */
  readonly callee: string;
  /** Every name that the callee reads. */
  readonly names: readonly string[];
  /** Names of other programs for the same thing, each with ours: `{ netns: 'namespace' }`. */
  readonly synonyms?: Readonly<Record<string, string>> | undefined;
  /** What one of the names is called, `'option'` by default. */
  readonly noun?: string | undefined;
}

/**
 * Refuses option names that the callee does not read: a misspelt `interface` would otherwise send traffic where it
 * must not go. A name with the value `undefined` is refused too.
 *
 * @throws InvalidOptionError with the nearest known name
 */
export function checkKnownOptions(options: object, known: KnownOptions): void {
  for (const name of Object.keys(options)) if (!known.names.includes(name)) throw unknownOption(name, known);
}

/**
 * For callees that pass their options on to another library, which may know more names: refuses only names that look
 * like a misspelt one of ours or are another program's name for it.
 *
 * @param others names that only look like ours and belong to that library
 * @throws InvalidOptionError with the name that was meant
 */
export function checkMisspeltOptions(options: object, known: KnownOptions, others: ReadonlySet<string>): void {
  for (const name of Object.keys(options))
    if (!known.names.includes(name) && !others.has(name) && nearestOption(name, known) !== undefined)
      throw unknownOption(name, known);
}

function unknownOption(name: string, known: KnownOptions): InvalidOptionError {
  const { callee, names, noun = 'option' } = known;
  const meant = nearestOption(name, known);
  const hint = meant === undefined ? `it takes ${names.join(', ')}` : `did you mean ${meant}?`;
  return new InvalidOptionError(name, `${callee} has no ${noun} ${shown(name)}: ${hint}`);
}

/** The known name that was probably meant. */
function nearestOption(name: string, { names, synonyms = {} }: KnownOptions): string | undefined {
  const lower = name.toLowerCase();
  const synonym = Object.hasOwn(synonyms, lower) ? synonyms[lower] : undefined;
  if (synonym !== undefined) return synonym;
  let nearest: string | undefined;
  let best = Number.POSITIVE_INFINITY;
  for (const candidate of names) {
    const limit = candidate.length < 4 ? 0 : candidate.length < 6 ? 1 : 2;
    const changes = editDistance(lower, candidate.toLowerCase(), limit);
    if (changes <= limit && changes < best) {
      nearest = candidate;
      best = changes;
    }
  }
  return nearest;
}

/** How many letters must change, come or go for one word to become the other (Levenshtein); more than `limit` if that is exceeded. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(
        Math.min(
          (next[j - 1] ?? 0) + 1,
          (row[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? limit + 1;
}
