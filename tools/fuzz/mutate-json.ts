import type { Random } from './random.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Values that documents should not hold at any place, and some that they should. */
const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  4096,
  2 ** 31,
  2 ** 53,
  1e308,
  '',
  ' ',
  'a',
  '../..',
  'eth0',
  '\u0000',
  'x'.repeat(300),
  '192.0.2.1',
  '192.0.2.1/24',
  '192.0.2.0/33',
  '2001:db8::1/64',
  '::ffff:192.0.2.1/120',
  'fe80::1%eth0',
  '0',
  '4',
  '6',
  '0.1.0',
  '0.2.0',
  '0.3.1',
  '0.4.0',
  '1.0.0',
  '1.1.0',
  '9.9.9',
  '__proto__',
  'constructor',
  [],
  {},
  [[]],
  [null],
  { a: { b: { c: [] } } },
];

/** Changes a value, a key or an element of a JSON document; `undefined` where the input is not JSON. */
export function mutateJson(input: Uint8Array, keys: readonly string[], random: Random): Uint8Array | undefined {
  let document: unknown;
  try {
    document = JSON.parse(decoder.decode(input));
  } catch {
    return undefined;
  }
  const root = { document };
  for (let change = 1 + random.below(3); change > 0; change -= 1) mutateAt(root, keys, random);
  return encoder.encode(JSON.stringify(root.document) ?? 'null');
}

function mutateAt(root: { document: unknown }, keys: readonly string[], random: Random): void {
  let holder: Record<string, unknown> = root;
  let key = 'document';
  for (;;) {
    const value = holder[key];
    if (typeof value !== 'object' || value === null || random.once(5)) break;
    const names = Object.keys(value);
    if (names.length === 0) break;
    holder = value as Record<string, unknown>;
    key = random.pick(names);
  }
  const value = holder[key];
  switch (random.below(6)) {
    case 0:
      define(holder, key, structuredClone(random.pick(VALUES)));
      return;
    case 1:
      if (holder !== root) delete holder[key];
      return;
    case 2:
      if (Array.isArray(value)) value.push(structuredClone(value[0] ?? random.pick(VALUES)));
      else if (typeof value === 'object' && value !== null)
        define(value, random.once(8) ? '__proto__' : random.pick(keys), structuredClone(random.pick(VALUES)));
      return;
    case 3:
      if (holder !== root && !Array.isArray(holder)) define(holder, random.pick(keys), value);
      return;
    case 4:
      if (typeof value === 'string') {
        const at = random.below(value.length + 1);
        define(
          holder,
          key,
          value.slice(0, at) + String.fromCharCode(random.below(300)) + value.slice(at + random.below(3)),
        );
      } else if (typeof value === 'number') define(holder, key, value + random.pick([1, -1, 0.5, 1e9]));
      return;
    default:
      define(holder, key, random.once(2) ? [value] : { [random.pick(keys)]: value });
  }
}

/** An own property, also where the key is `__proto__`. */
function define(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, writable: true, configurable: true });
}
