import { writeSync } from 'node:fs';
import { NamespaceRestoreError, NetnsError } from '../errors.js';
import { CLONE_NEWNET, Errno, errnoName, type Syscalls } from '../sys/index.js';
import { poisonThread } from './thread.js';
import { refuseUnborn } from './unborn.js';

/** What to do when the thread cannot return to the namespace it came from. */
export interface HopOptions {
  /**
   * `'abort'` (default): one line on stderr and the end of the process, since everybody's later sockets would be made
   * in the wrong namespace. `'throw'`: a {@link NamespaceRestoreError}, and the thread refuses all further work.
   */
  onRestoreFailure?: 'abort' | 'throw' | undefined;
}

/** @throws NetnsError `ERR_INVALID_ARGUMENT` */
export function checkHopOptions({ onRestoreFailure }: HopOptions): void {
  if (onRestoreFailure !== undefined && onRestoreFailure !== 'abort' && onRestoreFailure !== 'throw')
    throw new NetnsError(`the option onRestoreFailure must be 'abort' or 'throw', not ${String(onRestoreFailure)}`, {
      code: 'ERR_INVALID_ARGUMENT',
    });
}

/**
 * Calls the function, then takes the thread to `home` and closes `home`.
 *
 * @internal for moves that change the thread's namespace by other means than a hop
 */
export function returning<T, R>(
  calls: Syscalls,
  home: number,
  describe: (ref: R) => string,
  ref: R,
  fn: () => T,
  onRestoreFailure: HopOptions['onRestoreFailure'],
): T {
  let result: T;
  try {
    result = fn();
    refuseUnborn(result);
  } catch (error) {
    goHome(calls, home, describe, ref, { error }, onRestoreFailure);
    throw error;
  }
  goHome(calls, home, describe, ref, { result }, onRestoreFailure);
  return result;
}

/**
 * Takes the thread to `home` and closes `home`. If that fails the process is stopped, or with `'throw'` the thread is
 * poisoned.
 *
 * @internal
 */
export function goHome<R>(
  calls: Syscalls,
  home: number,
  describe: (ref: R) => string,
  ref: R,
  outcome: { result: unknown } | { error: unknown },
  onRestoreFailure: HopOptions['onRestoreFailure'],
): void {
  const back = calls.setns(home, CLONE_NEWNET);
  calls.close(home);
  if (back >= 0) return;
  const message = `cannot return from ${describe(ref)} to the namespace the thread came from (setns: ${errnoName(-back)})`;
  if (onRestoreFailure !== 'throw') {
    const lead = -back === Errno.EPERM ? ': the function gave up CAP_SYS_ADMIN inside' : '';
    try {
      writeSync(
        2,
        `netns-core: ${message}${lead}. Stopping the process, so that nothing is sent from the wrong namespace.\n`,
      );
    } catch {
      // No stderr: the signal has to say it.
    }
    calls.abort();
  }
  poisonThread(message);
  throw new NamespaceRestoreError(
    `${message}. The thread is in a foreign namespace for good: end the process (or the worker)`,
    {
      code: 'ERR_NAMESPACE_RESTORE',
      errno: -back,
      syscall: 'setns',
      cause: 'error' in outcome ? outcome.error : undefined,
    },
    outcome,
  );
}
