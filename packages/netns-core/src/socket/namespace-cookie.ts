import { NetnsError } from '../errors.js';
import { type Maker, makeInNamespace } from '../hop/hop.js';
import { describeNamespace, type NamespaceRef } from '../namespace/reference.js';
import {
  AF_INET,
  Errno,
  LITTLE_ENDIAN,
  SO_NETNS_COOKIE,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOL_SOCKET,
  sys,
} from '../sys/index.js';
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

/**
 * The same number for a namespace.
 *
 * @returns `undefined` on kernels before 5.14
 * @throws as {@link runInNamespace}
 */
export function namespaceCookie(ref: NamespaceRef): bigint | undefined {
  const fd = makeInNamespace(ref, probeMaker, undefined);
  try {
    return socketNamespaceCookie(fd);
  } finally {
    sys().close(fd);
  }
}

const probeMaker: Maker<undefined> = {
  make: (calls) => calls.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
  finish: () => {},
  error: (errno, ref) => NetnsError.fromErrno(errno, 'socket', `cannot make a socket in ${describeNamespace(ref)}`),
};
