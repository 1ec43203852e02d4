import { endianness } from 'node:os';
import { type NamespaceRef, openSocket, type SocketOptions } from 'netns-core';
import { AF_INET, AF_INET6, sys } from 'netns-core/sys';
import type { Address } from '../dial/destination.js';
import { interfaceOfZone } from '../dial/zone.js';
import { parseIPv4, parseIPv6 } from '../resolve/ip-address.js';
import { BindError } from './bind-error.js';

const LITTLE_ENDIAN = endianness() === 'LE';

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
 * Makes a socket in a namespace and binds it there; with a backlog it listens, too. All of it at once, so that nobody
 * ever sees a socket that is half ready.
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

/**
 * An address as the kernel takes it (`struct sockaddr_in`, `struct sockaddr_in6`).
 *
 * @param fd a socket of the namespace in which the address' zone is an interface
 * @throws NetnsError `ENODEV` for a zone that does not exist there
 */
export function encodeSocketAddress(fd: number, address: Address, port: number, label: string): Uint8Array {
  const ipv6 = address.family === 6;
  const bytes = new Uint8Array(ipv6 ? 28 : 16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, ipv6 ? AF_INET6 : AF_INET, LITTLE_ENDIAN);
  view.setUint16(2, port);
  bytes.set(ipv6 ? parseIPv6(address.address) : parseIPv4(address.address), ipv6 ? 8 : 4);
  if (address.zone !== undefined) view.setUint32(24, interfaceOfZone(fd, address.zone, label).index, LITTLE_ENDIAN);
  return bytes;
}
