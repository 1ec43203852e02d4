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
  return reserveOf(target).open(family, type);
}

/**
 * The same for a TCP socket, which a broker makes together with others that are wanted at this moment.
 *
 * @returns a promise only where a broker makes the sockets
 */
export function openTargetSocketSoon(
  target: ResolvedTarget,
  family: OpenSocketOptions['family'],
): number | Promise<number> {
  return reserveOf(target).openSoon(family, 'stream');
}

function reserveOf(target: ResolvedTarget): SocketReserve {
  const existing = reserves.get(target);
  if (existing !== undefined) return existing;
  const { socketOptions, namespace, source } = target;
  const made = new SocketReserve({ ...socketOptions, namespace, source });
  reserves.set(target, made);
  return made;
}
