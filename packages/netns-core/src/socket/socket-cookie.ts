import { NetnsError } from '../errors.js';
import { Errno, LITTLE_ENDIAN, SO_NETNS_COOKIE, SOL_SOCKET } from '../sys/index.js';
import { threadSys } from '../thread/thread.js';

// One buffer for all: the kernel has filled it when the call returns.
const cookie = new DataView(new ArrayBuffer(8));
const cookieBytes = new Uint8Array(cookie.buffer);

/**
 * The number that tells a socket's network namespace from every other one for as long as the machine runs, also from
 * one that got the inode of a namespace that is gone (`SO_NETNS_COOKIE`, Linux 5.14).
 *
 * @param fd a socket of any kind
 * @returns `undefined` on older kernels
 * @throws NetnsError (`EBADF`, `ENOTSOCK`)
 */
export function socketNamespaceCookie(fd: number): bigint | undefined {
  const result = threadSys().getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookieBytes);
  if (result === -Errno.ENOPROTOOPT || result === -Errno.EOPNOTSUPP) return undefined;
  if (result < 0)
    throw NetnsError.fromErrno(-result, 'getsockopt', `cannot ask file descriptor ${fd} for its namespace`);
  return cookie.getBigUint64(0, LITTLE_ENDIAN);
}
