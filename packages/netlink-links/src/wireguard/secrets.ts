import { InvalidOptionError } from 'netns-core';

/** What could be a key, or the better part of one: in base64, for addresses or hexadecimal. */
const KEY_LIKE = /[A-Za-z0-9+/_-]{24,}={0,2}/g;

const HIDDEN = '(hidden)';

/** What an error becomes that may repeat what was given: one that refuses arguments, without what looks like a key. */
export function hideKeys(error: unknown): unknown {
  if (!(error instanceof InvalidOptionError)) return error;
  const message = error.message.replace(KEY_LIKE, HIDDEN);
  const option = error.option.replace(KEY_LIKE, HIDDEN);
  return message === error.message && option === error.option ? error : new InvalidOptionError(option, message);
}

/**
 * Runs checks whose errors may repeat what was given: a key that was given in the wrong place must not be repeated.
 *
 * @throws InvalidOptionError
 */
export function withoutKeys<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw hideKeys(error);
  }
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** Hides properties where the object is printed by `console.log` and `util.inspect`; their values stay what they are. */
export function hideWhenPrinted<T extends object>(object: T, properties: readonly (keyof T)[]): T {
  Object.defineProperty(object, INSPECT, {
    value(this: T, _depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
      const copy: Record<PropertyKey, unknown> = Object.fromEntries(Object.entries(this));
      for (const property of properties) if (copy[property] !== undefined) copy[property] = HIDDEN;
      return inspect(copy, options);
    },
  });
  return object;
}
