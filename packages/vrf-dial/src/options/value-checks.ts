import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkFunction, checkInteger, checkMilliseconds, checkPort, shown } from 'netns-core/checks';
import type { VrfLogger } from '../diagnostics.js';

type Check<T> = (option: string, value: unknown) => T;

/** An integer in a range. */
export const integer =
  (min: number, max: number): Check<number> =>
  (option, value) =>
    given(option, checkInteger(option, value, min, max));

/** Milliseconds, 0 and Infinity included. */
export const milliseconds: Check<number> = (option, value) => given(option, checkMilliseconds(option, value));

/** true or false. */
export const boolean: Check<boolean> = (option, value) => given(option, checkBoolean(option, value));

/** A port that the kernel may choose (0). */
export const port: Check<number> = (option, value) => checkPort(option, value, { zero: true });

/** A function. */
export const callback: Check<(...args: never[]) => unknown> = (option, value) => {
  checkFunction(option, value);
  return value as (...args: never[]) => unknown;
};

/** An amount of something, 0 and Infinity included. */
export const amount =
  (of: string): Check<number> =>
  (option, value) => {
    if (typeof value !== 'number' || !(value >= 0))
      throw new InvalidOptionError(option, `${option} must be a number of ${of}, 0 or more, got ${shown(value)}`);
    return value;
  };

/** One of several values. */
export const oneOf =
  <const T extends string | number>(...values: readonly T[]): Check<T> =>
  (option, value) => {
    if (!values.some((known) => known === value))
      throw new InvalidOptionError(option, `${option} must be ${listed(values)}, got ${shown(value)}`);
    return value as T;
  };

/** An AbortSignal. */
export const abortSignal: Check<AbortSignal> = (option, value) => {
  if (!(value instanceof AbortSignal))
    throw new InvalidOptionError(option, `${option} must be an AbortSignal, got ${shown(value)}`);
  return value;
};

/** Something with methods, such as `console`. */
export const logger: Check<VrfLogger> = (option, value) => {
  if (typeof value !== 'object' || value === null)
    throw new InvalidOptionError(option, `${option} must be an object like console, got ${shown(value)}`);
  return value as VrfLogger;
};

/** A value that another check, which knows more, looks at. */
export const checkedElsewhere: Check<unknown> = (_option, value) => value;

function given<T>(option: string, value: T | undefined): T {
  if (value === undefined) throw new InvalidOptionError(option, `${option} is missing`);
  return value;
}

function listed(values: readonly (string | number)[]): string {
  const words = values.map((value) => (typeof value === 'string' ? `'${value}'` : String(value)));
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
