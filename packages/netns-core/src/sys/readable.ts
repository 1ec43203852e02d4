import { Socket } from 'node:net';
import { NetnsError } from '../errors.js';
import { AF_UNIX, O_CLOEXEC, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM } from './constants.js';
import { sys } from './current.js';

/**
 * Lets libuv poll and read a file descriptor that Node has no handle for: a netlink socket, a TAP device.
 *
 * Node takes a file descriptor only if it can tell what it is, and it cannot for these. So it is given one end of a
 * socket pair, paused, and before it reads for the first time `dup3` puts the real descriptor in that end's place.
 * From then on libuv's epoll watches the real one and `read(2)` reads it, 64 KiB at a time: no thread, no polling.
 *
 * What follows from `read(2)`: there is no sender address (`connect` a netlink socket to port id 0, so that only the
 * kernel can send), no `MSG_TRUNC`, and an error such as `ENOBUFS` ends the stream as its 'error' event. One `read`
 * is one 'data' event. Nothing must be written to the stream.
 *
 * @param fd a non-blocking file descriptor; it belongs to the stream from here on, also if this throws
 * @returns a paused stream; `destroy()` closes the file descriptor
 * @throws NetnsError when the process has no file descriptor left
 */
export function openReadable(fd: number): Socket {
  const calls = sys();
  const pair = new Int32Array(2);
  const made = calls.socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair);
  if (made < 0) {
    calls.close(fd);
    throw NetnsError.fromErrno(-made, 'socketpair', 'cannot make the stream for a file descriptor');
  }
  const [standIn = -1, other = -1] = pair;
  let stream: Socket;
  try {
    stream = new Socket({ fd: standIn, readable: true, writable: false, pauseOnCreate: true } as ConstructorParameters<
      typeof Socket
    >[0]);
  } catch (error) {
    calls.close(standIn);
    calls.close(other);
    calls.close(fd);
    throw error;
  }
  const replaced = calls.dup3(fd, standIn, O_CLOEXEC);
  calls.close(other);
  calls.close(fd);
  if (replaced < 0) {
    stream.destroy();
    throw NetnsError.fromErrno(-replaced, 'dup3', 'cannot put a file descriptor in its stream');
  }
  return stream;
}
