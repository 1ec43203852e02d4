import type { ClientRequest, ClientRequestArgs } from 'node:http';
import type { Socket } from 'node:net';
import { http } from '../node-http.js';

// Taken when this module is loaded: programs put functions of their own in the place of `http.request`, to send all
// requests through a proxy for one, which may take another connection than the one that they are given.
const Request = http.ClientRequest;
/** In the place of the global agent, which may be another one by then, or none. It makes no connection. */
const standIn = new http.Agent();

/**
 * Makes an HTTP request over a connection. Nothing is sent over another one, whatever has been put in the place of Node's
 * functions.
 *
 * @param socket the caller's, also where this throws
 */
export function requestOver(socket: Socket, options: ClientRequestArgs): ClientRequest {
  const request = new Request({ ...options, _defaultAgent: standIn, createConnection: () => socket });
  request.prependListener('socket', (given) => {
    // Before anything is written.
    if (given !== socket)
      request.destroy(new Error('the request was given another connection: node:http is not as Node made it'));
  });
  return request;
}
