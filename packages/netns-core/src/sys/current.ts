import { UnsupportedPlatformError } from '../errors.js';
import { loadLibc } from './libc.js';
import type { Syscalls } from './syscalls.js';

// Loaded at the first call, not at import: the packages can be imported on any platform, and koffi costs 10 ms.
let loaded: Syscalls | undefined;
// What calls really go to: libc, or what a test has put before it. One table per module instance.
let current: Syscalls | undefined;

/**
 * The system calls in use: libc's, unless a test has replaced some.
 *
 * @throws UnsupportedPlatformError on any platform but Linux
 */
export function sys(): Syscalls {
  if (current !== undefined) return current;
  if (process.platform !== 'linux') throw new UnsupportedPlatformError();
  loaded ??= loadLibc();
  current = loaded;
  return current;
}

/**
 * Puts functions of one's own before some of libc's, to inject faults or to count calls. For tests alone.
 *
 * @param make gets the table in use and answers with the functions to replace
 * @returns a function that takes the replacement back
 */
export function replaceSyscalls(make: (real: Syscalls) => Partial<Syscalls>): () => void {
  const before = sys();
  const after = { ...before, ...make(before) };
  current = after;
  return () => {
    if (current !== after) throw new Error('replaceSyscalls: replacements must be taken back in the opposite order');
    current = before;
  };
}
