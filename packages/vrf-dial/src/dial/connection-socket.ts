import { NetnsError } from 'netns-core';
import { SO_BINDTODEVICE, SOL_SOCKET, sys } from 'netns-core/sys';
import type { Address } from '../address/address.js';
import { interfaceOfZone } from '../address/zone.js';
import type { Cancellation } from '../cancellation.js';
import { openTargetSocketSoon } from '../socket/open-target-socket.js';
import { identifySocket, type SocketNamespace } from '../socket/socket-namespace.js';
import type { ResolvedTarget } from '../target/target.js';
import { DialError } from './dial-error.js';

/** What a connection is to be like, options checked. */
export interface ConnectionSettings {
  readonly localAddress: Address | undefined;
  readonly localPort: number | undefined;
  readonly noDelay: boolean;
  readonly highWaterMark: number | undefined;
  /** Which addresses to use of a host that has both kinds; 0 for both. */
  readonly family: 0 | 4 | 6;
  /** Whether further addresses of the host are tried; if not, the preferred one is the only one. */
  readonly autoSelectFamily: boolean;
  /** Milliseconds until the next address is tried beside those that have not answered yet. */
  readonly attemptDelay: number | undefined;
  /** Told of the stages of the connection, for targets that can come to mean another namespace. */
  readonly observer?: ConnectionObserver | undefined;
}

/** Compares the namespaces that a dial uses. */
export interface ConnectionObserver {
  /** A name is going to be resolved, and its addresses connected to. */
  entering(): void;
  /** The namespace is not there, and is waited for. */
  waiting(): void;
  /** A socket was made. @throws what ends the dial, if it is in another namespace than the one that was entered */
  opened(namespace: SocketNamespace): void;
}

/** Where connections begin. */
export interface ConnectionSource {
  readonly target: ResolvedTarget;
  /** Sets what a socket that was just made needs beyond the target's options. */
  prepare(fd: number): void;
}

/** One address of the host that a connection is wanted to. */
export interface Endpoint {
  readonly to: Address;
  readonly port: number;
  /** The host as the caller named it, for messages. */
  readonly host: string;
}

/** A socket in the target's namespace, ready to be connected. */
export interface ConnectionSocket {
  /** The caller's. */
  readonly fd: number;
  /** `undefined` where no observer wants to know. */
  readonly namespace: SocketNamespace | undefined;
}

/**
 * Makes the socket of a connection in the target's namespace, with all its options set, and goes on with it. By a hop
 * that is done at once.
 *
 * @param connect goes on with the socket, which is its own from then on
 * @throws DialError for a local address of another family; what `openSocket` throws; what the observer throws; the
 *   reason of the cancellation. No file descriptor is left then
 */
export function withConnectionSocket<Connection>(
  source: ConnectionSource,
  endpoint: Endpoint,
  settings: ConnectionSettings,
  cancellation: Cancellation,
  connect: (opened: ConnectionSocket) => Promise<Connection>,
): Promise<Connection> {
  try {
    cancellation.throwIfCancelled();
    const { to, port } = endpoint;
    const { localAddress } = settings;
    if (localAddress !== undefined && localAddress.family !== to.family)
      throw new DialError(
        `cannot connect to ${to.address} from ${localAddress.address}: one is an IPv4 address, the other is not`,
        { code: 'EAFNOSUPPORT', syscall: 'bind', host: to.address, port, address: to.address },
      );
    const fd = openTargetSocketSoon(source.target, familyOf(endpoint));
    if (typeof fd === 'number') return connect(connectionSocket(fd, source, endpoint, settings));
    return fd.then((made) => {
      if (cancellation.cancelled) {
        sys().close(made);
        throw cancellation.reason;
      }
      return connect(connectionSocket(made, source, endpoint, settings));
    });
  } catch (error) {
    return Promise.reject(error);
  }
}

const familyOf = ({ to }: Endpoint): 'ipv4' | 'ipv6' => (to.family === 6 ? 'ipv6' : 'ipv4');

function connectionSocket(
  fd: number,
  source: ConnectionSource,
  endpoint: Endpoint,
  { localAddress, observer }: ConnectionSettings,
): ConnectionSocket {
  const { target } = source;
  const opened = observer === undefined ? { fd, namespace: undefined } : identifySocket(fd, target, familyOf(endpoint));
  try {
    source.prepare(opened.fd);
    if (opened.namespace !== undefined) observer?.opened(opened.namespace);
    const zone = endpoint.to.zone ?? localAddress?.zone;
    if (zone !== undefined) bindToZone(opened.fd, zone, target);
    return opened;
  } catch (error) {
    sys().close(opened.fd);
    throw error;
  }
}

/** A socket that is bound to the interface of a zone needs no scope id in its addresses. */
function bindToZone(fd: number, zone: string, target: ResolvedTarget): void {
  const { name } = interfaceOfZone(fd, zone, target.label);
  const device = target.socketOptions.interface;
  if (device === name) return;
  const result = sys().setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${name}\0`));
  if (result < 0)
    throw NetnsError.fromErrno(-result, 'setsockopt', `cannot bind a socket to the zone '%${zone}' in ${target.label}`);
}
