/** Go's `%v` of a JavaScript value: `[a b]` for lists, `map[k:v]` with sorted keys for objects, the text itself otherwise. */
export function formatValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(formatValue).join(' ')}]`;
  const entries = entriesOf(value);
  if (entries === undefined || isPrintable(value)) return String(value);
  return `map[${entries.map(([key, item]) => `${formatValue(key)}:${formatValue(item)}`).join(' ')}]`;
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

/** Go's `fmt.Sprintf` for the verbs `v s q d b o x X c t f F e E g G` and `%%`; a wrong use is an error, not a mark in the text. */
export function sprintf(format: string, values: readonly unknown[]): string {
  let used = 0;
  const text = format.replace(VERB, (...match: unknown[]) => {
    const groups = match.at(-1) as Record<'flags' | 'width' | 'precision' | 'verb', string | undefined>;
    const { flags = '', width, verb = '' } = groups;
    if (verb === '%') return '%';
    if (used >= values.length) throw new Error(`printf: no value for %${verb}`);
    const value = values[used];
    used += 1;
    const precision = groups.precision === undefined ? undefined : Number(groups.precision);
    const body = formatVerb(verb, value, flags, precision);
    return pad(body, Number(width ?? 0), flags, typeof value === 'number' && verb !== 'c' && verb !== 'q');
  });
  if (used < values.length) throw new Error(`printf: ${values.length - used} more value(s) than the format uses`);
  return text;
}

function pad(body: string, width: number, flags: string, numeric: boolean): string {
  const missing = width - [...body].length;
  if (missing <= 0) return body;
  if (flags.includes('-')) return body + ' '.repeat(missing);
  if (!flags.includes('0')) return ' '.repeat(missing) + body;
  const [, sign = '', digits = ''] = numeric ? (/^([-+ ]?)(.*)$/s.exec(body) ?? []) : ['', '', body];
  return sign + '0'.repeat(missing) + digits;
}

const INTEGER_BASES: Readonly<Record<string, number>> = { d: 10, b: 2, o: 8, x: 16, X: 16 };

function formatVerb(verb: string, value: unknown, flags: string, precision: number | undefined): string {
  const signed = (text: string, negative: boolean): string => {
    if (negative) return `-${text}`;
    if (flags.includes('+')) return `+${text}`;
    return flags.includes(' ') ? ` ${text}` : text;
  };
  const cut = (text: string): string => (precision === undefined ? text : [...text].slice(0, precision).join(''));
  switch (verb) {
    case 'v':
    case 's':
      return typeof value === 'number' && verb === 'v'
        ? signed(formatValue(Math.abs(value)), value < 0)
        : cut(formatValue(value));
    case 'q':
      return quoteGo(cut(formatValue(value)));
    case 't':
      if (typeof value === 'boolean') return String(value);
      break;
    case 'c':
      if (typeof value === 'number') return String.fromCodePoint(value);
      break;
    case 'd':
    case 'b':
    case 'o':
    case 'x':
    case 'X': {
      if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) {
        const text = (value < 0 ? -value : value).toString(INTEGER_BASES[verb]);
        const prefix = flags.includes('#') && verb !== 'd' ? { b: '0b', o: '0', x: '0x', X: '0X' }[verb] : '';
        return signed(prefix + (verb === 'X' ? text.toUpperCase() : text), value < 0);
      }
      if (typeof value === 'string' && (verb === 'x' || verb === 'X')) {
        const text = Buffer.from(value).toString('hex');
        return verb === 'X' ? text.toUpperCase() : text;
      }
      break;
    }
    case 'f':
    case 'F':
      if (typeof value === 'number') return signed(Math.abs(value).toFixed(precision ?? 6), value < 0);
      break;
    case 'e':
    case 'E':
      if (typeof value === 'number') {
        const text = Math.abs(value)
          .toExponential(precision ?? 6)
          // Go writes two digits of exponent at least.
          .replace(/e([+-])(\d)$/, 'e$10$2');
        return signed(verb === 'E' ? text.toUpperCase() : text, value < 0);
      }
      break;
    case 'g':
    case 'G':
      if (typeof value === 'number')
        return signed(
          precision === undefined ? String(Math.abs(value)) : shortest(Math.abs(value), precision),
          value < 0,
        );
      break;
    default:
      throw new Error(`printf: unknown verb %${verb}`);
  }
  throw new Error(`printf: %${verb} cannot format ${typeof value} ${formatValue(value)}`);
}

/** `%.<precision>g`, without the trailing zeros that `toPrecision` leaves. */
function shortest(value: number, precision: number): string {
  const [mantissa = '', exponent] = value.toPrecision(Math.max(precision, 1)).split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return exponent === undefined ? short : `${short}e${exponent.replace(/^([+-])(\d)$/, '$10$2')}`;
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

/** Go's `strconv.Quote`. */
function quoteGo(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to be escaped
  return `"${text.replace(/[\x00-\x1f\x7f\\"]/g, (character) => GO_ESCAPES[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
}
