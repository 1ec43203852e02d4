import { type NamespaceRef, openSocket, type SocketOptions } from 'netns-core';
import { sys } from 'netns-core/sys';
import type { Address } from '../address/address.js';
import { encodeSocketAddress } from '../address/socket-address.js';
import { BindError } from './bind-error.js';

/** What is to be bound where. */
export interface BindRequest {
  readonly namespace: NamespaceRef;
  /** How messages call the namespace. */
  readonly label: string;
  readonly type: 'stream' | 'dgram';
  readonly socketOptions: Readonly<SocketOptions>;
  readonly address: Address;
  readonly port: number;
  /** For `listen(2)`; without it, the socket is bound and no more. */
  readonly backlog?: number;
}

/**
 * Makes a socket in a namespace and binds it there; with a backlog it listens, too. All of it at once, so that no other
 * caller ever sees a socket that is half ready.
 *
 * @returns a non-blocking, close-on-exec file descriptor that the caller owns
 * @throws BindError, NamespaceNotFoundError, NetnsError; no file descriptor is left then
 */
export function openBoundSocket(request: BindRequest): number {
  const { namespace, type, socketOptions, address, backlog } = request;
  const fd = openSocket({ ...socketOptions, namespace, family: address.family === 6 ? 'ipv6' : 'ipv4', type });
  try {
    bindSocket(fd, request);
    if (backlog !== undefined) {
      const result = sys().listen(fd, backlog);
      if (result < 0) throw bindError(result, 'listen', request);
    }
    return fd;
  } catch (error) {
    sys().close(fd);
    throw error;
  }
}

function bindSocket(fd: number, request: BindRequest): void {
  const result = sys().bind(fd, encodeSocketAddress(fd, request.address, request.port, request.label));
  if (result < 0) throw bindError(result, 'bind', request);
}

function bindError(result: number, syscall: string, { label, address, port }: BindRequest): BindError {
  const zone = address.zone === undefined ? '' : `%${address.zone}`;
  return new BindError(-result, syscall, { label, address: `${address.address}${zone}`, port });
}
