import { InvalidOptionError } from '../errors.js';
import { shown } from './escaped.js';

/**
 * An option that must be an integer in a range, or may be absent.
 *
 * @throws InvalidOptionError naming the option, the range and the value
 */
export function checkInteger(option: string, value: unknown, min: number, max: number): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
    throw new InvalidOptionError(option, `${option} must be an integer from ${min} to ${max}, got ${shown(value)}`);
  return value;
}

/** An option in milliseconds, 0 and Infinity included, or absent. @throws InvalidOptionError */
export function checkMilliseconds(option: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !(value >= 0))
    throw new InvalidOptionError(option, `${option} must be a number of milliseconds, 0 or more, got ${shown(value)}`);
  return value;
}

/** An option that must be true or false, or may be absent. @throws InvalidOptionError */
export function checkBoolean(option: string, value: unknown): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw new InvalidOptionError(option, `${option} must be true or false, got ${shown(value)}`);
}

/** An option that must be a function, or may be absent. @throws InvalidOptionError */
export function checkFunction(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function')
    throw new InvalidOptionError(option, `${option} must be a function, got ${shown(value)}`);
}

/** An option that must be an AbortSignal, or may be absent. @throws InvalidOptionError */
export function checkSignal(option: string, value: unknown): void {
  if (value !== undefined && !(value instanceof AbortSignal))
    throw new InvalidOptionError(option, `${option} must be an AbortSignal, got ${shown(value)}`);
}

/** A port: 1 to 65535, and 0 where the kernel may choose one. @throws InvalidOptionError */
export function checkPort(option: string, value: unknown, { zero = false } = {}): number {
  const min = zero ? 0 : 1;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > 65535)
    throw new InvalidOptionError(option, `${option} must be an integer from ${min} to 65535, got ${shown(value)}`);
  return value;
}

/**
 * The options of a call, which must be an object.
 *
 * @param callee the function or class that takes them, for the message
 * @throws InvalidOptionError
 */
export function checkOptionsObject(options: unknown, callee: string): asserts options is object {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new InvalidOptionError('options', `the options of ${callee} must be an object, got ${shown(options)}`);
}
