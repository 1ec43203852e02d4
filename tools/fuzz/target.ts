import type { Random } from './random.ts';

/** A parser (or a family of them) under attack. */
export interface Target {
  readonly name: string;
  /** Inputs to start from, beside those of `corpus/<name>`. */
  seeds(): Uint8Array[];
  /** Text that means something to the parser: is inserted and exchanged. */
  readonly dictionary: readonly string[];
  /** A change that keeps the structure: a value in a document, an attribute's length. */
  mutate?(input: Uint8Array, random: Random): Uint8Array | undefined;
  /**
   * Parses the input, and checks what must be true of the result.
   *
   * @returns the shape of what was understood; an input with a new shape is kept to be mutated further
   * @throws whatever breaks a property, {@link Violation} or the parser's own exception
   */
  run(input: Uint8Array): string;
  /** How many cases one input stands for; 1 if it is not said. */
  readonly cases?: number;
  /** Waits for what goes on after `run`; throws as it does, the error with the `input`. */
  settle?(): Promise<void>;
}

/** A property does not hold. */
export class Violation extends Error {
  override name = 'Violation';
}

/** Throws unless the two are the same text. */
export function mustAgree(what: string, first: unknown, second: unknown): void {
  const [a, b] = [asText(first), asText(second)];
  if (a !== b) throw new Violation(`${what}: ${a.slice(0, 400)} is not ${b.slice(0, 400)}`);
}

/** A value as text, with what JSON has no word for. */
export function asText(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) => {
      if (typeof inner === 'bigint') return `${inner}n`;
      if (inner instanceof Map) return { map: [...inner] };
      if (inner instanceof Set) return { set: [...inner] };
      return inner;
    }) ?? String(value)
  );
}

/** The structure of a value without its contents: keys and types, lists by their first elements. */
export function shapeOf(value: unknown, depth = 3): string {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : ((typeof value)[0] ?? '');
  if (value instanceof Uint8Array) return 'bytes';
  if (depth === 0) return '…';
  if (value instanceof Map) return `map${shapeOf([...value.values()], depth)}`;
  if (value instanceof Set) return `set${[...value].sort().join()}`;
  if (Array.isArray(value))
    return `[${[...new Set(value.slice(0, 6).map((item) => shapeOf(item, depth - 1)))].join()}]`;
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key.slice(0, 20)}:${shapeOf(inner, depth - 1)}`)
    .join()}}`;
}
