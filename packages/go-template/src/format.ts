import { formatFloat } from './float.js';
import { isSurrogate } from './surrogate.js';

/**
 * Go's `%v` of a JavaScript value: `[a b]` for lists, `map[k:v]` with sorted keys for objects, the text itself
 * otherwise. `null` inside of a list or map is `<nil>`.
 *
 * @throws Error for `undefined`, which is a value that is missing
 */
export function formatValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined) throw new Error('a value is missing');
  if (value === null) return '<nil>';
  if (typeof value === 'number') return formatNumber(value);
  if (Array.isArray(value)) return `[${Array.from(value, formatValue).join(' ')}]`;
  const entries = entriesOf(value);
  if (entries === undefined || isPrintable(value)) return String(value);
  return `map[${entries.map(([key, item]) => `${formatValue(key)}:${formatValue(item)}`).join(' ')}]`;
}

/** A whole number is Go's int, any other its float64. */
function formatNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return (value < 0 ? '-' : '') + formatFloat(Math.abs(value), 'g').replace('+Inf', value < 0 ? 'Inf' : '+Inf');
}

/** A value as an error message shows it; never throws. */
export function describeValue(value: unknown): string {
  try {
    const text = value === undefined ? 'nothing' : formatValue(value);
    return text.length > 100 ? `${text.slice(0, 100)}…` : text;
  } catch {
    return 'a value with parts that are missing';
  }
}

/** Whether an object says by itself how it is written, as Go's `Stringer` does: a URL, a handle, an error. */
function isPrintable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Map) &&
    'toString' in value &&
    value.toString !== Object.prototype.toString
  );
}

/** Keys and values of a Map or an object, sorted by key as Go sorts them; `undefined` for anything else. */
export function entriesOf(value: unknown): [unknown, unknown][] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  return entries.sort(([a], [b]) => {
    if (typeof a === 'number' && typeof b === 'number') return a - b;
    return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
  });
}

const VERB = /%(?<flags>[-+ 0#]*)(?<width>\d+)?(?:\.(?<precision>\d*))?(?<verb>.?)/gsu;

/** Wider than any text needs; Go stops there, too. */
const MAX_WIDTH = 1_000_000;

/** A verb of a format, taken apart. */
interface Verb {
  readonly verb: string;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
}

/**
 * Go's `fmt.Sprintf` for the verbs `v s q d b o x X c t f F e E g G` and `%%`. A wrong use is an error, not a mark in
 * the text, and so is what Go formats in a way that is not imitated here.
 */
export function sprintf(format: string, values: readonly unknown[]): string {
  let used = 0;
  const text = format.replace(VERB, (...match: unknown[]) => {
    const groups = match.at(-1) as Record<'flags' | 'width' | 'precision' | 'verb', string | undefined>;
    const { flags = '', verb = '' } = groups;
    const width = Number(groups.width ?? 0);
    const precision = groups.precision === undefined ? undefined : Number(groups.precision);
    if (verb === '%') {
      if (match[0] !== '%%') throw new Error(`printf: ${String(match[0])} has flags`);
      return '%';
    }
    if (width > MAX_WIDTH || (precision ?? 0) > MAX_WIDTH) throw new Error(`printf: ${String(match[0])} is too wide`);
    if (used >= values.length) throw new Error(`printf: no value for %${verb}`);
    const value = values[used];
    used += 1;
    return formatVerb({ verb, flags, width, precision }, value);
  });
  if (used < values.length) throw new Error(`printf: ${values.length - used} more value(s) than the format uses`);
  return text;
}

function formatVerb(verb: Verb, value: unknown): string {
  if (value === undefined || value === null) throw new Error(`printf: the value for %${verb.verb} is missing`);
  if (typeof value === 'object' && (Array.isArray(value) || !isPrintable(value))) return formatComposite(verb, value);
  if (typeof value === 'number' || typeof value === 'bigint') return formatNumeric(verb, value);
  if (typeof value === 'boolean') {
    if (verb.verb !== 't' && verb.verb !== 'v') throw cannot(verb, value);
    return pad(String(value), refuse(verb, '+ #0'));
  }
  return formatText(verb, formatValue(value));
}

function cannot({ verb }: Verb, value: unknown): Error {
  const known = 'vsqdboxXctfFeEgG'.includes(verb) && verb !== '';
  return new Error(
    known ? `printf: %${verb} cannot format ${typeof value} ${describeValue(value)}` : `printf: unknown verb %${verb}`,
  );
}

/** Refuses flags that Go understands for this value and we do not. */
function refuse(verb: Verb, flags: string): Verb {
  const found = [...flags].find((flag) => verb.flags.includes(flag));
  if (found !== undefined) throw new Error(`printf: the flag "${found}" of %${verb.verb} is not supported here`);
  return verb;
}

/** Go formats the elements of lists and maps one by one, with width and flags. */
function formatComposite(verb: Verb, value: object): string {
  const isPlain = verb.flags === '' && verb.width === 0 && verb.precision === undefined;
  const isTexts = Array.isArray(value) && value.every((item) => typeof item === 'string');
  if (!isPlain || (verb.verb !== 'v' && !(verb.verb === 's' && isTexts))) throw cannot(verb, value);
  return formatValue(value);
}

function formatText(verb: Verb, text: string): string {
  const { precision } = verb;
  const cut = precision === undefined ? text : [...text].slice(0, precision).join('');
  switch (verb.verb) {
    case 'v':
    case 's':
      return pad(cut, refuse(verb, '+ #0'));
    case 'q':
      refuse(verb, '+ 0');
      return pad(verb.flags.includes('#') && !/[`\p{Cc}\ufeff]/u.test(cut) ? `\`${cut}\`` : quoteGo(cut), verb);
    case 'x':
    case 'X': {
      refuse(verb, '+0');
      if (precision !== undefined) throw new Error(`printf: a precision of %${verb.verb} is not supported for text`);
      const prefix = verb.flags.includes('#') ? '0x' : '';
      const bytes = [...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, '0'));
      const hex = verb.flags.includes(' ')
        ? bytes.map((byte) => prefix + byte).join(' ')
        : (bytes.length > 0 ? prefix : '') + bytes.join('');
      return pad(verb.verb === 'X' ? hex.toUpperCase() : hex, verb);
    }
    default:
      throw cannot(verb, text);
  }
}

const INTEGER_BASES: Readonly<Record<string, number>> = { d: 10, v: 10, b: 2, o: 8, x: 16, X: 16 };
const PREFIXES: Readonly<Record<string, string>> = { b: '0b', o: '0', x: '0x', X: '0X' };

/** Printed for a number that is not a Unicode character, as Go does. */
const REPLACEMENT_CHARACTER = 0xfffd;

function formatNumeric(verb: Verb, value: number | bigint): string {
  const isNegative = value < 0;
  const size = value < 0 ? -value : value;
  const isInteger = typeof value === 'bigint' || Number.isInteger(value);
  const sign = isNegative ? '-' : verb.flags.includes('+') ? '+' : verb.flags.includes(' ') ? ' ' : '';
  if (isInteger && INTEGER_BASES[verb.verb] !== undefined) return formatInteger(verb, size, sign);
  switch (verb.verb) {
    case 'c':
    case 'q': {
      if (!isInteger || isNegative || value > 0x10ffff || verb.precision !== undefined) break;
      refuse(verb, '+ #0');
      const code = Number(value);
      const character = String.fromCodePoint(isSurrogate(code) ? REPLACEMENT_CHARACTER : code);
      return pad(verb.verb === 'c' ? character : quoteRune(character), verb);
    }
    case 'v':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G': {
      if (typeof size === 'bigint') break;
      if (!Number.isFinite(size)) refuse(verb, '0');
      refuse(verb, verb.verb === 'v' ? '#+' : '#');
      const kind = verb.verb === 'v' ? 'g' : verb.verb.toLowerCase();
      const precision = verb.precision ?? (kind === 'g' ? undefined : 6);
      const text = formatFloat(size, kind as 'e' | 'f' | 'g', precision).replace('+Inf', sign === '' ? '+Inf' : 'Inf');
      return pad(verb.verb === 'E' || verb.verb === 'G' ? text.toUpperCase() : text, verb, sign);
    }
  }
  throw cannot(verb, value);
}

function formatInteger(verb: Verb, size: number | bigint, sign: string): string {
  const { precision, flags } = verb;
  if (verb.verb === 'v' || verb.verb === 'd') refuse(verb, '#');
  if (verb.verb === 'v') refuse(verb, '+');
  if (precision !== undefined) refuse(verb, '0#');
  const text = size.toString(INTEGER_BASES[verb.verb]);
  const digits = precision === 0 && text === '0' ? '' : text.padStart(precision ?? 0, '0');
  const prefix = flags.includes('#') ? (PREFIXES[verb.verb] ?? '') : '';
  if (prefix !== '') refuse(verb, '0');
  return pad(verb.verb === 'X' ? digits.toUpperCase() : digits, verb, sign + prefix);
}

/** Pads to the width: with zeros between sign and digits, or with spaces. */
function pad(body: string, { width, flags }: Verb, sign = ''): string {
  const missing = width - [...(sign + body)].length;
  if (missing <= 0) return sign + body;
  if (flags.includes('-')) return sign + body + ' '.repeat(missing);
  return flags.includes('0') ? sign + '0'.repeat(missing) + body : ' '.repeat(missing) + sign + body;
}

/** Go's `strconv.QuoteRune`. */
function quoteRune(character: string): string {
  if (character === "'") return `'\\''`;
  if (character === '"') return `'"'`;
  return `'${quoteGo(character).slice(1, -1)}'`;
}

const GO_ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** Go's `strconv.Quote`: what is not printable is escaped. */
function quoteGo(text: string): string {
  const escapeCharacter = (character: string): string => {
    const known = GO_ESCAPES[character];
    if (known !== undefined) return known;
    const point = character.codePointAt(0) ?? 0;
    const hex = point.toString(16);
    if (point < 0x80) return `\\x${hex.padStart(2, '0')}`;
    return point > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
  };
  // Of the spaces, Go counts U+0020 alone as printable.
  return `"${text.replace(/[\p{C}\p{Z}\\"]/gu, (character) => (character === ' ' ? ' ' : escapeCharacter(character)))}"`;
}
