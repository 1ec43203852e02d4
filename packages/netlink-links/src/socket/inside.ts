import type { OpenSocket } from './protocol-sockets.js';
import { openNetlinkSocket } from './socket.js';

/** Runs a function while the thread is in a socket's namespace. */
export type Inside = <T>(run: () => T) => T;

/** Opens sockets while the thread is in their namespace. */
export function openingInside(inside: Inside): OpenSocket {
  return (protocol) => inside(() => openNetlinkSocket(protocol));
}
