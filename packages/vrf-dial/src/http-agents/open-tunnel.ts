import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { NetnsError } from 'netns-core';
import { escaped } from 'netns-core/checks';
import { asciiName } from 'netns-core/etc';
import { F_DUPFD_CLOEXEC, sys } from 'netns-core/sys';
import type { Cancellation } from '../cancellation.js';
import { type ConnectedHandle, hostAndPort } from '../dial/index.js';
import { adoptTcpSocket } from '../socket/adopt-socket.js';
import { requestOver } from '../socket/request-over.js';
import { type Destination, tunnelError } from './proxy-error.js';
import type { CheckedProxy } from './proxy-options.js';

/**
 * Asks a proxy for a tunnel (RFC 9110 section 9.3.6).
 *
 * @param socket connected to the proxy. It is the tunnel afterwards, and the caller's to destroy if this throws
 * @returns what the host sent already
 * @throws ProxyError; the reason of the cancellation
 */
export function openTunnel(
  socket: Socket,
  proxy: CheckedProxy,
  destination: Destination,
  cancellation: Cancellation,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (cancellation.cancelled) return reject(cancellation.reason);
    const authority = hostAndPort(asciiName(destination.host), destination.port);
    const request = requestOver(socket, {
      method: 'CONNECT',
      path: authority,
      headers: { ...proxy.headers, host: authority, connection: 'keep-alive', 'proxy-connection': 'keep-alive' },
    });
    const failed = (reason: string, details: { statusCode?: number | undefined; cause?: unknown }): void => {
      withdraw();
      reject(tunnelError(reason, proxy, destination, details));
    };
    const withdraw = cancellation.onCancel((reason) => {
      reject(reason);
      request.destroy();
    });
    request.on('error', (cause) => failed(`it gave no answer to CONNECT: ${escaped(cause.message)}`, { cause }));
    request.on('connect', (response: IncomingMessage, _socket: unknown, head: Buffer) => {
      const { statusCode = 0 } = response;
      if (statusCode < 200 || statusCode > 299) {
        failed(`it refused the tunnel with ${statusCode} ${escaped(response.statusMessage ?? '')}`.trimEnd(), {
          statusCode,
        });
        return;
      }
      withdraw();
      resolve(head);
    });
    request.end();
  });
}

/**
 * As {@link openTunnel}, over a connection that is not a socket yet. It can be given to one afterwards: nothing that
 * belongs to the tunnel has been read from it but what this returns.
 */
export async function openTunnelOver(
  { handle }: ConnectedHandle,
  proxy: CheckedProxy,
  destination: Destination,
  cancellation: Cancellation,
): Promise<Buffer> {
  const fd = sys().fcntl(handle.fd ?? -1, F_DUPFD_CLOEXEC, 3);
  if (fd < 0) throw NetnsError.fromErrno(-fd, 'fcntl', 'cannot speak to a proxy');
  let socket: Socket;
  try {
    socket = adoptTcpSocket(fd, { noDelay: true });
  } catch (error) {
    sys().close(fd);
    throw error;
  }
  socket.on('error', () => {});
  try {
    return await openTunnel(socket, proxy, destination, cancellation);
  } finally {
    // Of the connection there is the other descriptor.
    socket.destroy();
  }
}
