import type { Socket, TcpSocketConnectOpts } from 'node:net';
import { sys } from 'netns-core/sys';
import type { Cancellation } from '../cancellation.js';
import { adoptTcpSocket } from '../socket/adopt-socket.js';
import { nameLinkLocalAddresses } from '../socket/link-local-address.js';
import { PLACED } from '../socket/placed.js';
import { noteSocketNamespace } from '../socket/socket-namespace.js';
import {
  type ConnectionSettings,
  type ConnectionSocket,
  type ConnectionSource,
  type Endpoint,
  withConnectionSocket,
} from './connection-socket.js';
import { connectError } from './dial-error.js';

/** Makes connections to single addresses, and is told which of them is kept. */
export interface AddressConnector<Connection> {
  /**
   * Makes one connection to one address.
   *
   * @throws DialError naming the address, or what `openSocket` throws, or the reason of the cancellation; no file
   *   descriptor is left then
   */
  connect(
    source: ConnectionSource,
    endpoint: Endpoint,
    settings: ConnectionSettings,
    cancellation: Cancellation,
  ): Promise<Connection>;
  /** Closes a connection that is not wanted. */
  discard(connection: Connection): void;
  /** Does what the connection that is kept needs before it is the caller's. @throws what ends the dial */
  prepare?(connection: Connection, cancellation: Cancellation): Promise<void>;
  /** Turns the connection that is kept into the caller's socket. @throws what ends the dial; it is closed then */
  accept(connection: Connection): Socket;
  /** The address that was connected to, where the accepted socket does not say so yet. */
  acceptedAddress?(): string | undefined;
}

/** Connects sockets of their own: born in the target's namespace and given to Node, which has nothing to look up. */
export const SOCKET_CONNECTOR: AddressConnector<Socket> = {
  connect: connectAddress,
  discard: (socket) => socket.destroy(),
  accept: (socket) => socket,
};

function connectAddress(
  source: ConnectionSource,
  endpoint: Endpoint,
  settings: ConnectionSettings,
  cancellation: Cancellation,
): Promise<Socket> {
  return withConnectionSocket(source, endpoint, settings, cancellation, (opened) =>
    connectSocket(opened, source, endpoint, settings, cancellation),
  );
}

function connectSocket(
  opened: ConnectionSocket,
  { target }: ConnectionSource,
  endpoint: Endpoint,
  settings: ConnectionSettings,
  cancellation: Cancellation,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { to, host, port } = endpoint;
    const socket = adoptSocket(opened, settings);
    const settle = (): void => {
      withdraw();
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
    const withdraw = cancellation.onCancel((reason) => {
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
        [PLACED]: true,
        ...(settings.localAddress === undefined ? undefined : { localAddress: settings.localAddress.address }),
        ...(settings.localPort === undefined ? undefined : { localPort: settings.localPort }),
      } as TcpSocketConnectOpts);
    } catch (error) {
      settle();
      socket.destroy();
      reject(error);
    }
  });
}

function adoptSocket({ fd, namespace }: ConnectionSocket, settings: ConnectionSettings): Socket {
  try {
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
