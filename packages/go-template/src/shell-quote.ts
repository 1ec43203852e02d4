import { formatValue } from './format.js';

/**
 * Quotes a value as one word of a POSIX shell, so that nothing in it means anything to the shell. A list becomes its
 * items, each quoted, separated by spaces.
 *
 * @throws Error for a value that is missing, and for one with a NUL character, which no shell word can hold
 */
export function shellQuote(value: unknown): string {
  if (value === undefined || value === null) throw new Error('shellQuote: a value is missing');
  if (Array.isArray(value)) return Array.from(value, shellQuote).join(' ');
  const text = formatValue(value);
  if (text.includes('\0')) throw new Error('a shell word cannot hold a NUL character');
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
