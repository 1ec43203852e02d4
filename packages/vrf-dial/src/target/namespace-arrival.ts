import { NamespaceNotFoundError, NotANamespaceError } from 'netns-core';
import { MAX_TIMER_MS } from 'netns-core/sys';
import type { Cancellation } from '../cancellation.js';
import { sourceOf } from './source.js';
import type { ResolvedTarget } from './target.js';
import { canBeReplaced, watchedReference } from './watched-reference.js';

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
  const reference = canBeReplaced(target.namespace) ? watchedReference(target) : undefined;
  const unwatch = reference?.use(() => notify());
  try {
    for (;;) {
      if (isThere(target)) return true;
      const left = until - performance.now();
      if (left <= 0) return false;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(done, Math.min(left, MAX_TIMER_MS));
        function done(): void {
          clearTimeout(timer);
          notify = () => undefined;
          withdraw();
          resolve();
        }
        notify = done;
        const withdraw = cancellation.onCancel((reason) => {
          clearTimeout(timer);
          reject(reason);
        });
        reference?.foundMissing(() => notify());
      });
    }
  } finally {
    unwatch?.();
  }
}

function isThere(target: ResolvedTarget): boolean {
  try {
    sourceOf(target).mustExist(target.namespace);
    return true;
  } catch (error) {
    if (isNamespaceMissing(error)) return false;
    throw error;
  }
}
