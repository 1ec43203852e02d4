import { createSocket, type SocketOptions } from 'node:dgram';
import type { Socket } from 'node:net';
import { NetnsError } from 'netns-core';
import type { NameServer } from 'netns-core/etc';
import { Errno, errnoName, F_DUPFD_CLOEXEC, openReadable, sys } from 'netns-core/sys';
import { PLACED } from '../socket/placed.js';
import { newUdpHandle, noteUdpHandle } from '../socket/udp-handle.js';

/** Receives what arrives on a connected datagram socket. */
export interface DatagramReceiver {
  /** Sends to the server, if it can be done at once: what does not go through is lost, as datagrams are. */
  send(bytes: Uint8Array): void;
  /** Closes the socket. */
  close(): void;
}

/**
 * Receives datagrams on a connected socket, which belongs to the receiver from here on, also if this throws.
 *
 * @param fd a non-blocking datagram socket, connected to the server
 */
export function receiveDatagrams(
  fd: number,
  server: NameServer,
  onMessage: (bytes: Uint8Array) => void,
  onError: (error: NodeJS.ErrnoException) => void,
): DatagramReceiver {
  if (server.zone !== undefined) return receiveByReading(fd, onMessage, onError);
  return receiveByHandle(fd, onMessage, onError) ?? receiveBySocket(fd, server, onMessage, onError);
}

/**
 * Without a socket of Node's, which finds out by four system calls what a file descriptor is, and costs as much again:
 * a fifth of what a query to a near server takes. The first query of a thread learns how.
 *
 * @returns `undefined` where that cannot be done; the descriptor is as it was then
 */
function receiveByHandle(
  fd: number,
  onMessage: (bytes: Uint8Array) => void,
  onError: (error: NodeJS.ErrnoException) => void,
): DatagramReceiver | undefined {
  const handle = newUdpHandle();
  if (handle === undefined) return undefined;
  if (handle.open(fd) !== 0) {
    handle.close();
    return undefined;
  }
  const failed = (result: number): void => {
    const code = errnoName(-result);
    onError(Object.assign(new Error(`recvmsg ${code}`), { code, errno: result, syscall: 'recvmsg' }));
  };
  handle.onmessage = (size, _handle, data) => {
    if (size < 0 || data === undefined) failed(size);
    else onMessage(data);
  };
  handle.onerror = (_size, _handle, error) => onError(error);
  const started = handle.recvStart();
  if (started < 0) process.nextTick(failed, started);
  return {
    send: (bytes) => {
      sys().send(fd, bytes, 0);
    },
    close: () => handle.close(),
  };
}

function receiveBySocket(
  fd: number,
  server: NameServer,
  onMessage: (bytes: Uint8Array) => void,
  onError: (error: NodeJS.ErrnoException) => void,
): DatagramReceiver {
  const socket = createSocket({ type: server.family === 'ipv6' ? 'udp6' : 'udp4', [PLACED]: true } as SocketOptions);
  try {
    // The fd is bound by its connect; this only tells libuv to poll it. `exclusive`: in a cluster worker the primary
    // would be asked for the port otherwise.
    socket.bind({ fd, exclusive: true });
  } catch (error) {
    sys().close(fd);
    socket.close();
    throw error;
  }
  noteUdpHandle(socket);
  socket.on('message', onMessage);
  socket.on('error', onError);
  return {
    send: (bytes) => {
      sys().send(fd, bytes, 0);
    },
    close: () => socket.close(),
  };
}

/**
 * For a sender with a link-local address: Node would look up the name of its interface by its number, at home, and
 * raise `ENXIO` in place of the message where there is none. So the datagrams are read without their sender, who can
 * only be the server.
 */
function receiveByReading(
  fd: number,
  onMessage: (bytes: Uint8Array) => void,
  onError: (error: NodeJS.ErrnoException) => void,
): DatagramReceiver {
  // The stream reads a copy, under a number of its own; this one sends.
  const copy = sys().fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) {
    sys().close(fd);
    throw NetnsError.fromErrno(-copy, 'fcntl', 'cannot duplicate a socket');
  }
  let stream: Socket;
  try {
    stream = openReadable(copy);
  } catch (error) {
    sys().close(fd);
    throw error;
  }
  stream.on('data', onMessage);
  stream.on('error', onError);
  // An empty datagram looks like the end.
  stream.on('end', () => onError(Object.assign(new Error('an empty message'), { errno: -Errno.EINVAL })));
  // It was made paused, and a listener alone does not change that.
  stream.resume();
  return {
    send: (bytes) => {
      sys().send(fd, bytes, 0);
    },
    close: () => {
      stream.destroy();
      sys().close(fd);
    },
  };
}
