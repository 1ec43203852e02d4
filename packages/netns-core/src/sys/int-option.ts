import { sys } from './current.js';
import type { Syscalls } from './syscalls.js';

// One buffer for the values of options: the kernel copies them before the call returns.
const word = new Int32Array(1);
const wordBytes = new Uint8Array(word.buffer);

/**
 * Sets a socket option whose value is an `int`; setsockopt(2).
 *
 * @param value 32 bits, with or without a sign
 * @returns 0, or an error number of the kernel, negative
 */
export function setIntOption(
  fd: number,
  level: number,
  name: number,
  value: number,
  calls: Pick<Syscalls, 'setsockopt'> = sys(),
): number {
  word[0] = value;
  return calls.setsockopt(fd, level, name, wordBytes);
}

/**
 * Reads a socket option whose value is an `int` that is never negative; getsockopt(2).
 *
 * @returns the value, or an error number of the kernel, negative
 */
export function getIntOption(fd: number, level: number, name: number): number {
  const result = sys().getsockopt(fd, level, name, wordBytes);
  return result < 0 ? result : (word[0] ?? 0);
}
