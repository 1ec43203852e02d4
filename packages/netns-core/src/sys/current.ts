import { isMainThread } from 'node:worker_threads';
import { UnsupportedPlatformError } from '../errors.js';
import { loadLibc } from './libc.js';
import { checkRuntime } from './runtime.js';
import type { Syscalls } from './syscalls.js';

// Loaded at the first call, not at import: the packages can be imported on any platform, and koffi costs 10 ms.
let loaded: Syscalls | undefined;
// What calls really go to: libc, or what a test has put before it. One table per module instance.
let current: Syscalls | undefined;

/**
 * The system calls in use: libc's, unless a test has replaced some.
 *
 * @throws UnsupportedPlatformError on any platform but Linux, and in any runtime but Node.js
 */
export function sys(): Syscalls {
  if (current !== undefined) return current;
  if (process.platform !== 'linux') throw new UnsupportedPlatformError();
  checkRuntime();
  loaded ??= loadLibc();
  current = loaded;
  return current;
}

// koffi ends the process if its thread is terminated while it loads. So worker threads, which are terminated at any
// time, load it with their modules, and not in the middle of their work.
if (!isMainThread && process.platform === 'linux') {
  try {
    sys();
  } catch {
    // The first call says why.
  }
}

/**
 * Puts functions of one's own before some of libc's, to inject faults or to count calls. For tests alone.
 *
 * @param make gets the table in use and returns the functions to replace
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
