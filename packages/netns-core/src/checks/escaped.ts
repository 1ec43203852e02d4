/**
 * What must not reach a terminal or a log as it is: control characters (C0, DEL, C1), invisible characters such as
 * marks that change the direction of text, line and paragraph separators, and halves of surrogate pairs.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text from outside (a name, a path, a reply) as it may stand in an error message or a log line: on one line, without
 * escape sequences, and at most `maxLength` characters long.
 */
export function escaped(text: string, maxLength = 100): string {
  const short = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return short.replace(
    UNSAFE,
    (character) => SHORT_ESCAPES[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** A value of any type as an error message shows it: short, on one line, text in single quotes. Never throws. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${escaped(value)}'`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value);
    return `an object with ${keys.length === 0 ? 'no keys' : escaped(keys.join(', '))}`;
  }
  return typeof value === 'bigint' ? `${value}n` : String(value);
}
