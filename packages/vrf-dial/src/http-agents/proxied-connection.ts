import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { NetnsError } from 'netns-core';
import { readAddress } from '../address/address.js';
import { Cancellation } from '../cancellation.js';
import { setDeadline } from '../deadline.js';
import { type AddressConnector, type ConnectedHandle, timeoutError } from '../dial/index.js';
import type { SocketNamespace } from '../socket/socket-namespace.js';
import type { TcpHandle } from '../socket/tcp-handle.js';
import { openTunnel, openTunnelOver } from './open-tunnel.js';
import { type Destination, throughProxy, tunnelError } from './proxy-error.js';
import type { CheckedProxy } from './proxy-options.js';
import { RelayedSocket } from './relayed-socket.js';

/** How a request gets to its host: `forward` is a request in absolute form to the proxy. */
export type Way = 'direct' | 'forward' | 'tunnel';

/** Makes the socket of a request by the function of Node's own that the agent's class has for it. */
export type MakeSocket = (options: object) => Socket;

/** What Node's function is given besides. */
export type WantedOptions = Readonly<Record<string, unknown>>;

/** A connection that is wanted. */
export interface WantedConnection {
  readonly make: MakeSocket;
  readonly options: WantedOptions;
  /** What the request is for. */
  readonly destination: Destination;
  /** Where the connection leads, if not there. */
  readonly to?: Destination;
  /** What is done with the connection before the socket gets it. */
  readonly prepare?: AddressConnector<ConnectedHandle>['prepare'];
  /** Turns what the connection fails with into the error of the socket. */
  readonly failure?: (error: Error) => Error;
  /** @throws what ends the connection */
  readonly connected: (socket: Socket, namespace: SocketNamespace | undefined, handle: TcpHandle | undefined) => void;
}

type Connect = (wanted: WantedConnection) => Socket;

/** Connects through a proxy that is reached by TCP alone: the socket's connection is the one to the proxy. */
export function connectThrough(wanted: WantedConnection, proxy: CheckedProxy, way: Way, connect: Connect): Socket {
  const { destination, connected } = wanted;
  let head: Buffer | undefined;
  return connect({
    ...wanted,
    to: proxy,
    failure: (error) => throughProxy(error, proxy, destination),
    prepare:
      way === 'forward'
        ? undefined
        : async (made, cancellation) => {
            head = await openTunnelOver(made, proxy, destination, cancellation);
          },
    connected: (socket, namespace, handle) => {
      if (head !== undefined && head.length > 0) {
        if ('encrypted' in socket) throw tunnelError('it sent data before the TLS handshake', proxy, destination);
        socket.unshift(head);
      }
      connected(socket, namespace, handle);
    },
  });
}

/** What {@link connectOverTls} must know of the agent. */
export interface OverTlsOptions {
  readonly connect: Connect;
  /** The target's name in messages. */
  readonly label: string;
  /** Milliseconds for the connection, the handshake with the proxy and the tunnel together; 0 for no limit. */
  readonly timeout: number;
  readonly waitForNamespace: number;
  /** Whether the request speaks TLS itself. */
  readonly secure: boolean;
}

/** Connects through a proxy that is reached by TLS: the connection to the proxy carries the socket's bytes. */
export function connectOverTls(
  { make, options, destination, connected }: WantedConnection,
  proxy: CheckedProxy,
  way: Way,
  { connect, label, timeout, waitForNamespace, secure }: OverTlsOptions,
): Socket {
  const relayed = new RelayedSocket();
  const socket = secure ? layOver(relayed, make, { ...options, ...destination }) : relayed;
  if (typeof options.timeout === 'number' && options.timeout > 0) socket.setTimeout(options.timeout);
  const failure = (error: Error): Error => throughProxy(error, proxy, destination);
  const deadline = setDeadline(timeout === 0 ? 0 : timeout + waitForNamespace, () =>
    relayed.destroy(failure(timeoutError(label, proxy.host, proxy.port, timeout))),
  );
  const cancellation = new Cancellation();
  relayed.once('connect', () => deadline.clear());
  relayed.once('close', () => {
    deadline.clear();
    cancellation.cancel(new NetnsError('the socket was destroyed', { code: 'ERR_SOCKET_CLOSED' }));
  });
  try {
    const servername = readAddress(proxy.host) === undefined ? { servername: proxy.host } : undefined;
    const { localAddress, localPort, family } = options;
    const carrier = connect({
      make: (given) => tlsConnect({ ...servername, ...proxy.tls, ...given }),
      options: { localAddress, localPort, family },
      destination: proxy,
      connected: (_carrier, namespace, handle) => connected(socket, namespace, handle),
    });
    relayed.carriedBy(carrier);
    carrier.on('error', (error) => relayed.destroy(relayed.connecting ? failure(error) : error));
    carrier.once('close', () => {
      if (relayed.connecting) relayed.destroy(failure(new Error('the connection was closed')));
    });
    carrier.once('secureConnect', () => {
      const tunnel =
        way === 'forward' ? Promise.resolve(Buffer.alloc(0)) : openTunnel(carrier, proxy, destination, cancellation);
      tunnel.then(
        (head) => queueMicrotask(() => relayed.open(head)),
        (error: Error) => relayed.destroy(error),
      );
    });
  } catch (error) {
    socket.on('error', () => {});
    relayed.destroy();
    socket.destroy();
    throw error;
  }
  return socket;
}

/** Lays the request's TLS over a socket that Node does not connect. */
function layOver(relayed: RelayedSocket, make: MakeSocket, options: object): Socket {
  const socket = make({ ...options, path: null, socket: relayed });
  socket.once('close', () => relayed.destroy());
  // Node's TLS does not reach through to what holds the event loop.
  socket.ref = () => {
    relayed.ref();
    return socket;
  };
  socket.unref = () => {
    relayed.unref();
    return socket;
  };
  return socket;
}
