import { type OpenSocketOptions, openSocket, SocketReserve } from 'netns-core';
import type { ResolvedTarget } from '../target/target.js';

// Made with the first socket: most agents of thousands never connect.
const reserves = new WeakMap<ResolvedTarget, SocketReserve>();

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
  const { socketOptions, namespace, source } = target;
  if (type === 'ping') return openSocket({ ...socketOptions, namespace, source, family, type });
  let reserve = reserves.get(target);
  if (reserve === undefined) {
    reserve = new SocketReserve({ ...socketOptions, namespace, source });
    reserves.set(target, reserve);
  }
  return reserve.open(family, type);
}
