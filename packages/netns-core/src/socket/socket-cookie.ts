import { NetnsError } from '../errors.js';
import { Errno, LITTLE_ENDIAN, SO_NETNS_COOKIE, SOL_SOCKET } from '../sys/index.js';
import { threadSys } from '../thread/thread.js';

/**
 * The number that tells a socket's network namespace from every other one for as long as the machine runs, also from
 * one that got the inode of a namespace that is gone (`SO_NETNS_COOKIE`, Linux 5.14).
 *
 * @param fd a socket of any kind
 * @returns `undefined` on older kernels
 * @throws NetnsError (`EBADF`, `ENOTSOCK`)
 */
export function socketNamespaceCookie(fd: number): bigint | undefined {
  const value = new DataView(new ArrayBuffer(8));
  const result = threadSys().getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, new Uint8Array(value.buffer));
  if (result === -Errno.ENOPROTOOPT || result === -Errno.EOPNOTSUPP) return undefined;
  if (result < 0)
    throw NetnsError.fromErrno(-result, 'getsockopt', `cannot ask file descriptor ${fd} for its namespace`);
  return value.getBigUint64(0, LITTLE_ENDIAN);
}
