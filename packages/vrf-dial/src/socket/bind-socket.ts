import { hopSource, type NamespaceRef, NetnsError, openSocket } from 'netns-core';
import { Errno, readInternetAddress, sys } from 'netns-core/sys';
import type { Address } from '../address/address.js';
import { encodeSocketAddress } from '../address/socket-address.js';
import { sourceOf } from '../target/source.js';
import type { ResolvedTarget } from '../target/target.js';
import { BindError } from './bind-error.js';

/** What is to be bound where. */
export interface BindRequest {
  /** Its source makes the socket, and sets its options. */
  readonly target: ResolvedTarget;
  /** The target's, or a handle of the namespace that it means. */
  readonly namespace: NamespaceRef;
  readonly type: 'stream' | 'dgram';
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
  const calls = sys();
  let fd = openSocket(optionsOf(request));
  try {
    const address = encodeSocketAddress(fd, request.address, request.port, request.target.label);
    const result = calls.bind(fd, address);
    if (result === -Errno.EACCES && sourceOf(request.target) !== hopSource) {
      // The port takes a privilege, which the source has.
      calls.close(fd);
      fd = -1;
      fd = openBoundBySource(request, readInternetAddress(address)?.scopeId);
    } else if (result < 0) throw bindError(result, 'bind', request);
    if (request.backlog !== undefined) {
      const listening = calls.listen(fd, request.backlog);
      if (listening < 0) throw bindError(listening, 'listen', request);
    }
    return fd;
  } catch (error) {
    if (fd >= 0) calls.close(fd);
    throw error;
  }
}

function optionsOf({ target, namespace, type, address }: BindRequest): Parameters<typeof openSocket>[0] {
  const { socketOptions, source } = target;
  return { ...socketOptions, namespace, source, family: address.family === 6 ? 'ipv6' : 'ipv4', type };
}

function openBoundBySource(request: BindRequest, scopeId: number | undefined): number {
  const { address, port, target } = request;
  try {
    return sourceOf(target).open(optionsOf(request), { address: address.address, port, scopeId });
  } catch (error) {
    if (error instanceof NetnsError && error.syscall === 'bind' && error.errno !== undefined)
      throw bindError(-error.errno, 'bind', request);
    throw error;
  }
}

function bindError(result: number, syscall: string, { target, address, port }: BindRequest): BindError {
  const zone = address.zone === undefined ? '' : `%${address.zone}`;
  return new BindError(-result, syscall, { label: target.label, address: `${address.address}${zone}`, port });
}
