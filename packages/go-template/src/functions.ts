import { describeValue, entriesOf, formatValue, sprintf } from './format.js';
import { shellQuote } from './shell-quote.js';

/** A function that templates can call. */
export type TemplateFunction = (...values: readonly unknown[]) => unknown;

/** Go's notion of truth: false, 0, nothing, and empty text, lists and maps are false. */
export function isTrue(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'object') {
    if (Array.isArray(value)) return value.length > 0;
    if (value instanceof Map || value instanceof Set) return value.size > 0;
    // An instance of a class is Go's struct, which is always true.
    return Object.getPrototypeOf(value) === Object.prototype ? Object.keys(value).length > 0 : true;
  }
  return typeof value === 'number' ? value !== 0 : Boolean(value);
}

function atLeast(count: number, name: string, values: readonly unknown[]): void {
  if (values.length < count) throw new Error(`${name} needs ${count} value(s), got ${values.length}`);
}

/** What is printed must be there: `rm -rf /srv/{{.Missing | shellQuote}}` is an error, as `{{.Missing}}` is. */
function present(name: string, values: readonly unknown[]): void {
  values.forEach((value, position) => {
    if (value === undefined || value === null)
      throw new Error(`${name}: ${values.length > 1 ? `value ${position + 1}` : 'the value'} is missing`);
  });
}

const isNumeric = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';

/** Go tells integers from fractions and does not compare them. */
const kindOf = (value: unknown): string =>
  typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value)) ? 'integer' : typeof value;

function equal(a: unknown, b: unknown): boolean {
  const [left, right] = [a ?? undefined, b ?? undefined];
  if (left === undefined || right === undefined) return left === right;
  if (typeof left === 'object' || typeof right === 'object') throw new Error('eq cannot compare lists or maps');
  if (kindOf(left) !== kindOf(right)) throw new Error(`eq cannot compare ${kindOf(left)} with ${kindOf(right)}`);
  return isNumeric(left) && isNumeric(right) ? comparable(left) === comparable(right) : left === right;
}

const comparable = (value: number | bigint): number | bigint => (kindOf(value) === 'integer' ? BigInt(value) : value);

function ordered(name: string, values: readonly unknown[]): number {
  const [a, b] = values;
  if (values.length !== 2) throw new Error(`${name} compares two values, got ${values.length}`);
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (isNumeric(a) && isNumeric(b) && kindOf(a) === kindOf(b)) return a < b ? -1 : a > b ? 1 : 0;
  throw new Error(`${name} cannot compare ${kindOf(a)} with ${kindOf(b)}`);
}

function index(...values: readonly unknown[]): unknown {
  atLeast(1, 'index', values);
  const [start, ...keys] = values;
  return keys.reduce((value, key) => {
    if (value instanceof Map) return value.get(key);
    if (Array.isArray(value)) {
      if (typeof key !== 'number' || !Number.isInteger(key) || key < 0 || key >= value.length)
        throw new Error(`index ${describeValue(key)} is out of range: the list has ${value.length} item(s)`);
      return value[key];
    }
    if (typeof value === 'object' && value !== null && typeof key === 'string')
      return Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
    throw new Error(`cannot index ${describeValue(value)} by ${describeValue(key)}`);
  }, start);
}

function length(...values: readonly unknown[]): number {
  const [value] = values;
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  const entries = entriesOf(value);
  if (entries === undefined || values.length !== 1) throw new Error(`len needs one text, list or map`);
  return entries.length;
}

function slice(...values: readonly unknown[]): unknown {
  const [value, ...bounds] = values;
  if (typeof value !== 'string' && !Array.isArray(value)) throw new Error('slice needs a text or a list');
  // Go counts text in bytes.
  const whole = typeof value === 'string' ? Buffer.from(value) : value;
  const [from = 0, to = whole.length] = bounds;
  if (typeof from !== 'number' || typeof to !== 'number' || from < 0 || to > whole.length || from > to)
    throw new Error(`slice ${describeValue(from)}:${describeValue(to)} is out of range (${whole.length})`);
  return Buffer.isBuffer(whole) ? whole.subarray(from, to).toString() : whole.slice(from, to);
}

/** `fmt.Sprint`: a space between two values of which neither is text. */
function print(...values: readonly unknown[]): string {
  return values.reduce<string>((text, value, position) => {
    const space = position > 0 && typeof value !== 'string' && typeof values[position - 1] !== 'string';
    return `${text}${space ? ' ' : ''}${formatValue(value)}`;
  }, '');
}

function onlyEvaluated(): never {
  throw new Error('and and or need a value');
}

/** The functions of Go's `text/template` that make sense in a script, and three of our own. `and` and `or` stand here for their names: the interpreter evaluates them. */
export const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  and: onlyEvaluated,
  or: onlyEvaluated,
  call: (target, ...values) => {
    if (typeof target !== 'function') throw new Error('call needs a function');
    return target(...values);
  },
  not: (...values) => {
    if (values.length !== 1) throw new Error(`not takes one value, got ${values.length}`);
    return !isTrue(values[0]);
  },
  len: length,
  index,
  slice,
  print: (...values) => {
    present('print', values);
    return print(...values);
  },
  println: (...values) => {
    present('println', values);
    return `${values.map(formatValue).join(' ')}\n`;
  },
  printf: (format, ...values) => {
    if (typeof format !== 'string') throw new Error('printf needs a format');
    return sprintf(format, values);
  },
  eq: (...values) => {
    atLeast(2, 'eq', values);
    const [first, ...others] = values;
    return others.some((other) => equal(first, other));
  },
  ne: (...values) => {
    if (values.length !== 2) throw new Error(`ne compares two values, got ${values.length}`);
    return !equal(values[0], values[1]);
  },
  lt: (...values) => ordered('lt', values) < 0,
  le: (...values) => ordered('le', values) <= 0,
  gt: (...values) => ordered('gt', values) > 0,
  ge: (...values) => ordered('ge', values) >= 0,
  shellQuote: (...values) => {
    if (values.length !== 1) throw new Error(`shellQuote takes one value, got ${values.length}`);
    present('shellQuote', values);
    return shellQuote(values[0]);
  },
  json: (...values) => {
    if (values.length !== 1) throw new Error(`json takes one value, got ${values.length}`);
    present('json', values);
    return JSON.stringify(values[0]);
  },
  join: (...values) => {
    const [separator, list] = values;
    if (typeof separator !== 'string' || !Array.isArray(list) || values.length !== 2)
      throw new Error('join takes a separator and a list');
    present('join', list);
    return list.map(formatValue).join(separator);
  },
};
