import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { Socket } from 'node:net';
import { isMoving } from '../thread/moves.js';

interface WithHandle {
  readonly _handle?: { readonly fd?: number } | null;
}

interface WithRequest extends Socket {
  readonly _httpMessage?: unknown;
}

/** Whether a socket, a server or a request's socket has a file descriptor, which settles its namespace. */
export function hasFd(holder: object): boolean {
  return ((holder as WithHandle)._handle?.fd ?? -1) >= 0;
}

/** Sockets of Node that were told to connect within a hop of this thread. */
const begun: Socket[] = [];
let observing = false;

/**
 * Notes which sockets are told to connect within hops. Node makes them one tick later, outside the namespace, whatever
 * has become of the request or session that they belong to by then; `destroy()` of the socket itself stops that.
 */
export function observeConnectingSockets(): void {
  if (observing) return;
  // On Node 20 the channel is silent about sockets of `tls.connect`: those are looked for in what a function returns.
  subscribe('net.client.socket', (message) => {
    const { socket } = message as { socket: Socket };
    if (isMoving()) begun.push(socket);
  });
  observing = true;
}

/** Stops the connections that were begun within the hop and have yet to make their socket. */
export function stopConnecting(): void {
  for (const socket of begun.splice(0)) if (socket.connecting && !hasFd(socket)) stop(socket);
}

/** Leaves them alone: the hop has returned nothing that is to be refused. */
export function forgetConnecting(): void {
  if (begun.length > 0) begun.length = 0;
}

/** Destroys a socket before it connects. Its error is told already. */
function stop(socket: Socket): void {
  socket.on('error', () => {});
  socket.destroy();
}

/**
 * Stops the TLS sockets of an http request on Node 20. The request learns of its socket one tick later, so they are
 * looked for in its agent: those that have not been given to a request yet, which are of this very turn.
 */
export function stopRequest(request: ClientRequest): void {
  const { agent } = request as unknown as { agent?: { sockets?: Record<string, Socket[] | undefined> } | null };
  const sockets = agent?.sockets;
  for (const list of Object.values(sockets ?? {}))
    for (const socket of [...(list ?? [])])
      if (socket.connecting && 'encrypted' in socket && !hasFd(socket) && !(socket as WithRequest)._httpMessage)
        stop(socket);
}

/** Stops the socket of an http2 session, which keeps it behind a symbol. */
export function stopSession(session: object): void {
  for (const symbol of Object.getOwnPropertySymbols(session)) {
    const value: unknown = (session as Record<symbol, unknown>)[symbol];
    if (value instanceof Socket && !hasFd(value)) stop(value);
  }
}
