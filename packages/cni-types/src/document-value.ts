import { CniError, errorCodes } from './cni-error.js';

/** A JSON document as it is given to the parsers: text, bytes of text, or a value that is parsed already. */
export type JsonInput = string | Uint8Array | object;

/** What is read: for messages, and for the code that a mistake in it has. */
interface DocumentKind {
  /** `network configuration`, `result`, … */
  readonly what: string;
  readonly code: number;
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** JSON where there is any: a value that was passed as an object may hold what JSON has no form for. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    return typeof value === 'bigint' ? `${value}n` : typeof value;
  }
}

/** A value as an error message shows it: JSON, on one line and cut short. */
export function shown(value: unknown, maxLength = 80): string {
  const text = jsonOf(value).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return text.length > maxLength ? `${text.slice(0, maxLength - 3)}…` : text;
}

/**
 * A value inside a JSON document that knows its place, so that every complaint about it can name the place. Reading
 * never changes the document: unknown keys stay where they are.
 */
export class DocumentValue {
  private constructor(
    readonly value: unknown,
    readonly place: string,
    private readonly kind: DocumentKind,
  ) {}

  /**
   * Starts reading a document.
   *
   * @throws CniError (6) if the text is not JSON
   */
  static parse(input: JsonInput, kind: DocumentKind): DocumentValue {
    if (typeof input !== 'string' && !(input instanceof Uint8Array)) return new DocumentValue(input, '', kind);
    const text = typeof input === 'string' ? input : new TextDecoder().decode(input);
    try {
      return new DocumentValue(JSON.parse(text), '', kind);
    } catch (cause) {
      throw new CniError({
        code: errorCodes.decodingFailure,
        msg: `${kind.what}: ${text.trim() === '' ? 'is empty' : `is not JSON: ${(cause as Error).message}`}`,
        cause,
      });
    }
  }

  /** Whether there is something (`null` counts as absent, as in the reference implementation). */
  get present(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  /** Refuses the value: `<place>: <problem>`. */
  fail(problem: string, code = this.kind.code): never {
    throw new CniError({ code, msg: `${this.place || this.kind.what}: ${problem}`, place: this.place });
  }

  /** What is under a key of this object, or in this list at an index. */
  at(key: string | number): DocumentValue {
    const value = Object.getOwnPropertyDescriptor(this.value ?? {}, key)?.value;
    const place =
      typeof key === 'number'
        ? `${this.place}[${key}]`
        : !IDENTIFIER.test(key)
          ? `${this.place}[${JSON.stringify(key)}]`
          : this.place === ''
            ? key
            : `${this.place}.${key}`;
    return new DocumentValue(value, place, this.kind);
  }

  private require(type: string): void {
    if (!this.present) this.fail(`is missing (${type})`);
  }

  object(): this & { readonly value: Record<string, unknown> } {
    this.require('an object');
    if (typeof this.value !== 'object' || Array.isArray(this.value))
      this.fail(`is ${shown(this.value)}, not an object`);
    return this as this & { readonly value: Record<string, unknown> };
  }

  /** The values of an object's keys. */
  entries(): [string, DocumentValue][] {
    return Object.keys(this.object().value).map((key) => [key, this.at(key)]);
  }

  /** The elements of a list. */
  list(): DocumentValue[] {
    this.require('a list');
    if (!Array.isArray(this.value)) return this.fail(`is ${shown(this.value)}, not a list`);
    return this.value.map((_, index) => this.at(index));
  }

  string(): string {
    this.require('a string');
    if (typeof this.value !== 'string') return this.fail(`is ${shown(this.value)}, not a string`);
    return this.value;
  }

  boolean(): boolean {
    this.require('true or false');
    if (typeof this.value !== 'boolean') return this.fail(`is ${shown(this.value)}, neither true nor false`);
    return this.value;
  }

  integer(minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER): number {
    this.require('a number');
    if (!Number.isInteger(this.value)) return this.fail(`is ${shown(this.value)}, not a whole number`);
    const number = this.value as number;
    if (number < minimum || number > maximum)
      this.fail(
        maximum === Number.MAX_SAFE_INTEGER && number < minimum
          ? `is ${number}, but must be at least ${minimum}`
          : `is ${number}, but must be from ${minimum} to ${maximum}`,
      );
    return number;
  }

  /** Calls `check` if there is something here. */
  optional(check: (value: DocumentValue) => unknown): void {
    if (this.present) check(this);
  }
}
