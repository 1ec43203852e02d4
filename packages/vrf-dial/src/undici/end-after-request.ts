import type { Socket } from 'node:net';

/** What undici 6, 7 and 8 keep of an HTTP/1 connection, by the descriptions of their symbols. */
const RESET = 'reset';
const PARSER = 'parser';
const RUNNING = 'running';

/**
 * Tells undici to take no further request for an HTTP/1 connection and to end it after the one that is running. By
 * itself a Client with requests in its queue goes on using its connection until the queue is empty. There is no public
 * way to say so; `Connection: close` of a server sets the same mark.
 *
 * @returns 'idle' if no request is running, and the caller can close the connection; `undefined` where the connection
 *   is not one of undici's HTTP/1 clients, or of a version that keeps its books otherwise: nothing was done
 */
export function endAfterRequest(socket: Socket): 'idle' | 'busy' | undefined {
  const reset = symbolOf(socket, RESET);
  const parser = symbolOf(socket, PARSER);
  if (reset === undefined || parser === undefined) return undefined;
  const client = (Reflect.get(socket, parser) as { client?: object } | null)?.client;
  const running = client === undefined ? undefined : runningOf(client);
  if (running === undefined) return undefined;
  if (running === 0) return 'idle';
  Reflect.set(socket, reset, true);
  return 'busy';
}

function runningOf(client: object): number | undefined {
  const symbol = symbolOf(Object.getPrototypeOf(client) as object, RUNNING);
  const running: unknown = symbol === undefined ? undefined : Reflect.get(client, symbol, client);
  return typeof running === 'number' ? running : undefined;
}

function symbolOf(owner: object, description: string): symbol | undefined {
  return Object.getOwnPropertySymbols(owner).find((symbol) => symbol.description === description);
}
