import { InvalidOptionError } from './errors.js';

/** A value as an error message shows it: short, quoted if it is text. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value.length > 100 ? `'${value.slice(0, 100)}…'` : `'${value}'`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null)
    return `an object with ${Object.keys(value).join(', ') || 'no keys'}`;
  return String(value);
}

/**
 * An option that is a whole number in a range, or is not given.
 *
 * @throws InvalidOptionError naming the option, the range and the value
 */
export function checkInteger(option: string, value: unknown, min: number, max: number): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
    throw new InvalidOptionError(option, `${option} must be a whole number from ${min} to ${max}, not ${shown(value)}`);
  return value;
}

/** An option in milliseconds, 0 and Infinity included, or not given. */
export function checkMilliseconds(option: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !(value >= 0))
    throw new InvalidOptionError(option, `${option} must be a number of milliseconds, 0 or more, not ${shown(value)}`);
  return value;
}

/** An option that is true or false, or is not given. */
export function checkBoolean(option: string, value: unknown): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw new InvalidOptionError(option, `${option} must be true or false, not ${shown(value)}`);
}

/** An option that is a function, or is not given. */
export function checkFunction(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function')
    throw new InvalidOptionError(option, `${option} must be a function, not ${shown(value)}`);
}

/** A port: 1 to 65535, and 0 where the kernel may choose one. */
export function checkPort(option: string, value: unknown, { zero = false } = {}): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < (zero ? 0 : 1) || value > 65535)
    throw new InvalidOptionError(
      option,
      `${option} must be a whole number from ${zero ? 0 : 1} to 65535, not ${shown(value)}`,
    );
  return value;
}

/** How many letters must change for one word to become the other; counts no further than 3. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
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
  return row[b.length] ?? 3;
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const lower = name.toLowerCase();
  return known.find((candidate) => {
    const limit = candidate.length < 6 ? 1 : 2;
    return distance(lower, candidate.toLowerCase()) <= limit;
  });
}

/**
 * Refuses options that nobody reads: a misspelt `interface` would otherwise send traffic where it must not go.
 *
 * @param known every option that the callee reads
 * @param callee what the options were given to, for the message
 */
export function checkNoUnknownOptions(options: object, known: readonly string[], callee: string): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    throw new InvalidOptionError(
      name,
      `${callee} has no option ${shown(name)}${meant === undefined ? '' : `: did you mean ${meant}?`}`,
    );
  }
}

/**
 * For callees that hand their options on to somebody who may know more of them (undici, TLS): refuses only what
 * looks like a misspelt option of ours.
 */
export function checkNoMisspeltOptions(options: object, ours: readonly string[], callee: string): void {
  for (const name of Object.keys(options)) {
    if (ours.includes(name) || FOREIGN.has(name)) continue;
    const meant = nearest(name, ours);
    if (meant !== undefined)
      throw new InvalidOptionError(name, `${callee} has no option ${shown(name)}: did you mean ${meant}?`);
  }
}

/** Options of undici, `node:tls` and `node:http` that only look like ours. */
const FOREIGN: ReadonlySet<string> = new Set(['tls', 'hints', 'path']);
