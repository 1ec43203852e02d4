import { Socket, type SocketConstructorOpts } from 'node:net';
import { UnsupportedPlatformError } from 'netns-core';
import { handleOf } from './handle-fd.js';
import { TCP_SOCKET, type TcpHandle, type TcpHandleClass } from './tcp-handle.js';

// Of this thread: each has a class of its own.
let tcpHandleClass: TcpHandleClass | undefined;

/** Options of a socket, with those that `@types/node` does not have. */
export type AdoptOptions = Omit<SocketConstructorOpts, 'fd' | 'handle'> & {
  /** Whether reading waits for `connect`. */
  manualStart?: boolean;
  noDelay?: boolean;
  highWaterMark?: number;
};

/**
 * Makes Node's socket of a TCP socket's file descriptor, as `new Socket({ fd })` does. Node finds out what an `fd` is by
 * four system calls, a twentieth of what a connection costs; from the second one on it is told, by a handle of the class
 * that the first one came to have.
 *
 * @param fd the socket's from now on, but not if this throws
 * @throws what `new Socket({ fd })` throws
 */
export function adoptTcpSocket(fd: number, options: AdoptOptions): Socket {
  if (tcpHandleClass !== undefined) {
    const handle = new tcpHandleClass(TCP_SOCKET);
    if (handle.open(fd) === 0) return checkedSocket(new Socket({ ...options, handle } as SocketConstructorOpts), fd);
    handle.close();
  }
  const socket = checkedSocket(new Socket({ ...options, fd }), fd);
  tcpHandleClass ??= classOf(handleOf<TcpHandle>(socket));
  return socket;
}

/**
 * Checks that the socket really has the descriptor: one that has not would connect with a socket of its own, from home.
 *
 * @throws UnsupportedPlatformError; the socket is destroyed then
 */
function checkedSocket(socket: Socket, fd: number): Socket {
  if (handleOf(socket)?.fd === fd) return socket;
  socket.destroy();
  throw new UnsupportedPlatformError(
    `this runtime (Node.js ${process.version}) does not take over the file descriptor of a socket: what it connects would leave from the caller's own namespace`,
  );
}

/** Undocumented, hence the doubt: without it everything works as well, only slower. */
function classOf(handle: TcpHandle | undefined): TcpHandleClass | undefined {
  const found = handle?.constructor;
  return found?.name === 'TCP' && typeof handle?.open === 'function' ? (found as TcpHandleClass) : undefined;
}
