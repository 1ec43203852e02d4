import type { Cancellation } from '../cancellation.js';
import { isNamespaceMissing, namespaceArrives } from '../target/namespace-arrival.js';
import type { ResolvedTarget } from '../target/target.js';

/**
 * Does something in a target's namespace, and if the namespace is not there, again once it is, for as long as the
 * target allows.
 *
 * @throws what the last attempt threw, or the reason of the cancellation
 */
export async function whenThere<T>(
  target: ResolvedTarget,
  cancellation: Cancellation,
  attempt: () => Promise<T>,
): Promise<T> {
  const until = target.waitForNamespace > 0 ? performance.now() + target.waitForNamespace : 0;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (until === 0 || cancellation.cancelled || !isNamespaceMissing(error)) throw error;
      if (!(await namespaceArrives(target, until, cancellation))) throw error;
    }
  }
}
