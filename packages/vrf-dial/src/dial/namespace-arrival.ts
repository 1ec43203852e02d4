import { NamespaceNotFoundError, NotANamespaceError, resolveNamespace } from 'netns-core';
import { watchNamespace } from '../replacement/namespace-watch.js';
import type { ResolvedTarget } from '../target.js';
import type { Cancellation } from './cancellation.js';

/** For namespaces that cannot be watched (a path, a process), and where inotify's limits are reached. */
const POLL = 20;
/** The longest time that a timer can run. */
const MAX_TIMER = 2 ** 31 - 1;

/** Whether an error says that the namespace is not there, or is being made. */
export function isNamespaceMissing(error: unknown): boolean {
  return error instanceof NamespaceNotFoundError || error instanceof NotANamespaceError;
}

/**
 * Waits until a target's namespace can be entered.
 *
 * @param until when to give up, on the clock of `performance.now()`
 * @returns false when the time is over
 * @throws the reason of the cancellation, or what else is wrong with the namespace
 */
export async function namespaceArrives(
  target: ResolvedTarget,
  until: number,
  cancellation: Cancellation,
): Promise<boolean> {
  let notify: () => void = () => undefined;
  let unwatch: (() => void) | undefined;
  if (target.watched !== undefined) {
    try {
      unwatch = watchNamespace(target.watched, () => notify());
    } catch {
      // inotify's limits: look again and again instead.
    }
  }
  try {
    for (;;) {
      if (isThere(target)) return true;
      const left = until - performance.now();
      if (left <= 0) return false;
      await new Promise<void>((resolve, reject) => {
        // Also with a watch a rare look does no harm: the name may lie in the second directory.
        const timer = setTimeout(done, Math.min(left, unwatch === undefined ? POLL : 500, MAX_TIMER));
        function done(): void {
          clearTimeout(timer);
          notify = () => undefined;
          cancellation.onCancel();
          resolve();
        }
        notify = done;
        cancellation.onCancel((reason) => {
          clearTimeout(timer);
          reject(reason);
        });
      });
    }
  } finally {
    unwatch?.();
  }
}

function isThere(target: ResolvedTarget): boolean {
  try {
    resolveNamespace(target.namespace).close();
    return true;
  } catch (error) {
    if (isNamespaceMissing(error)) return false;
    throw error;
  }
}
