import { type OpenSocketOptions, openSocket } from 'netns-core';
import type { ResolvedTarget } from '../target/target.js';

/**
 * Makes a socket in the target's namespace, with its options set and bound to its interface.
 *
 * @returns a file descriptor, which the caller owns
 */
export function openTargetSocket(
  target: ResolvedTarget,
  family: OpenSocketOptions['family'],
  type: OpenSocketOptions['type'],
): number {
  return openSocket({ ...target.socketOptions, namespace: target.namespace, family, type });
}
