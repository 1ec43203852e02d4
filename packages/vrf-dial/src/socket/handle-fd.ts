import { Socket as DatagramSocket } from 'node:dgram';
import type { Server, Socket } from 'node:net';

/** What Node keeps below a socket or server: undocumented, and the same in every version since the first. */
export interface Handle {
  readonly fd?: number;
}

/**
 * The file descriptor below a socket or server.
 *
 * @returns -1 where there is none: not bound or connected yet, closed, or not of Node's making
 */
export function fdOf(owner: Socket | Server | DatagramSocket): number {
  const fd = handleOf(owner)?.fd;
  return typeof fd === 'number' ? fd : -1;
}

/** The object below a socket or server that calls libuv; `undefined` where there is none. */
export function handleOf<H extends Handle>(owner: Socket | Server | DatagramSocket): H | undefined {
  if (owner instanceof DatagramSocket) return datagramHandle(owner) as H | undefined;
  return (owner as { _handle?: H | null })._handle ?? undefined;
}

/** `dgram` keeps its handle behind a symbol; the property `_handle` is deprecated and warns. */
function datagramHandle(socket: DatagramSocket): Handle | undefined {
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    if (symbol.description !== 'state symbol') continue;
    const state = Reflect.get(socket, symbol) as { handle?: Handle | null } | undefined;
    return state?.handle ?? undefined;
  }
  return undefined;
}
