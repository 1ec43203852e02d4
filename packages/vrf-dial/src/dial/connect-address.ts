import type { Socket } from 'node:net';
import { NetnsError } from 'netns-core';
import { SO_BINDTODEVICE, SOL_SOCKET, sys } from 'netns-core/sys';
import type { Address } from '../address/address.js';
import { interfaceOfZone } from '../address/zone.js';
import type { Cancellation } from '../cancellation.js';
import { adoptTcpSocket } from '../socket/adopt-socket.js';
import { nameLinkLocalAddresses } from '../socket/link-local-address.js';
import { openTargetSocket } from '../socket/open-target-socket.js';
import { noteSocketNamespace, openIdentifiedSocket, type SocketNamespace } from '../socket/socket-namespace.js';
import type { ResolvedTarget } from '../target/target.js';
import { connectError, DialError } from './dial-error.js';

/** What a connection is to be like, options checked. */
export interface ConnectionSettings {
  readonly localAddress: Address | undefined;
  readonly localPort: number | undefined;
  readonly noDelay: boolean;
  readonly highWaterMark: number | undefined;
  /** Told of the stages of the connection, for targets that can come to mean another namespace. */
  readonly observer?: ConnectionObserver | undefined;
}

/** Compares the namespaces that a dial uses. */
export interface ConnectionObserver {
  /** Name resolution and connecting begin. */
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

/**
 * Makes one connection to one address. The socket is born in the target's namespace; Node connects it, and is given
 * nothing to look up.
 *
 * @returns a connected socket
 * @throws DialError naming the address, or what `openSocket` throws, or the reason of the cancellation; no file
 *   descriptor is left then
 */
export function connectAddress(
  source: ConnectionSource,
  { to, host, port }: Endpoint,
  settings: ConnectionSettings,
  cancellation: Cancellation,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (cancellation.cancelled) return reject(cancellation.reason);
    const { target } = source;
    const socket = openSocket(source, to, port, settings);
    const settle = (): void => {
      cancellation.onCancel();
      socket.removeListener('connect', onConnect);
      socket.removeListener('error', onError);
    };
    const onConnect = (): void => {
      settle();
      if (to.zone !== undefined) nameLinkLocalAddresses(socket);
      resolve(socket);
    };
    const onError = (error: Error): void => {
      settle();
      // A socket that failed to bind still holds its file descriptor here and there: let go of it in any case.
      socket.destroy();
      reject(connectError(error, target.label, { host, address: to.address, port }));
    };
    cancellation.onCancel((reason) => {
      settle();
      socket.on('error', () => {});
      socket.destroy();
      reject(reason);
    });
    socket.on('connect', onConnect);
    socket.on('error', onError);
    try {
      socket.connect({
        host: to.address,
        port,
        family: to.family,
        // With more than one address Node would open sockets of its own, at home.
        autoSelectFamily: false,
        ...(settings.localAddress === undefined ? undefined : { localAddress: settings.localAddress.address }),
        ...(settings.localPort === undefined ? undefined : { localPort: settings.localPort }),
      });
    } catch (error) {
      settle();
      socket.destroy();
      reject(error);
    }
  });
}

function openSocket(source: ConnectionSource, to: Address, port: number, settings: ConnectionSettings): Socket {
  const { target } = source;
  const { localAddress, observer } = settings;
  if (localAddress !== undefined && localAddress.family !== to.family)
    throw new DialError(
      `cannot connect to ${to.address} from ${localAddress.address}: one is an IPv4 address, the other is not`,
      { code: 'EAFNOSUPPORT', syscall: 'bind', host: to.address, port, address: to.address },
    );
  const family = to.family === 6 ? 'ipv6' : 'ipv4';
  const { fd, namespace } =
    observer === undefined
      ? { fd: openTargetSocket(target, family, 'stream'), namespace: undefined }
      : openIdentifiedSocket(target, family);
  try {
    source.prepare(fd);
    if (namespace !== undefined) observer?.opened(namespace);
    const zone = to.zone ?? localAddress?.zone;
    if (zone !== undefined) bindToZone(fd, zone, target);
    const socket = adoptTcpSocket(fd, {
      // Nothing can be read before it is connected; Node starts reading then.
      manualStart: true,
      noDelay: settings.noDelay,
      ...(settings.highWaterMark === undefined ? undefined : { highWaterMark: settings.highWaterMark }),
    });
    if (namespace !== undefined) noteSocketNamespace(socket, namespace);
    return socket;
  } catch (error) {
    sys().close(fd);
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
