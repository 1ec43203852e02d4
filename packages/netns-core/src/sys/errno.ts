import { constants } from 'node:os';

/**
 * Error numbers by name, as `<asm-generic/errno.h>` has them on Linux. Node's own table leaves out those that
 * netlink uses, so they stand here; the rest comes from `os.constants.errno` (which is right on every platform).
 */
const LINUX_ONLY: Readonly<Record<string, number>> = {
  ENOTBLK: 15,
  EUCLEAN: 117,
  ENONET: 64,
  ENOPKG: 65,
  EBADFD: 77,
  EUSERS: 87,
  ESOCKTNOSUPPORT: 94,
  EPFNOSUPPORT: 96,
  ESHUTDOWN: 108,
  ETOOMANYREFS: 109,
  EHOSTDOWN: 112,
  EREMOTEIO: 121,
  ENOMEDIUM: 123,
  EOWNERDEAD: 130,
  ERFKILL: 132,
};

const numberByName = new Map<string, number>(Object.entries(LINUX_ONLY));
for (const [name, number] of Object.entries(constants.errno)) numberByName.set(name, number);

const nameByNumber = new Map<number, string>();
for (const [name, number] of numberByName) {
  // Two names share a number here; the one that `errno(1)` prints first wins.
  if (name === 'EWOULDBLOCK' || name === 'ENOTSUP') continue;
  nameByNumber.set(number, name);
}

/** The name of an error number, `'ENOENT'` for 2; `'E999'` for one that has no name. */
export function errnoName(errno: number): string {
  return nameByNumber.get(errno) ?? `E${errno}`;
}

/** The number behind the name of an error, 2 for `'ENOENT'`; 0 where the name is not known. */
export function errnoNumber(name: string): number {
  return numberByName.get(name) ?? 0;
}

const number = (name: string): number => errnoNumber(name);

/** The error numbers that our code tells apart. */
export const Errno = {
  EPERM: number('EPERM'),
  ENOENT: number('ENOENT'),
  ESRCH: number('ESRCH'),
  EINTR: number('EINTR'),
  ENXIO: number('ENXIO'),
  EBADF: number('EBADF'),
  EAGAIN: number('EAGAIN'),
  ENOMEM: number('ENOMEM'),
  EACCES: number('EACCES'),
  EBUSY: number('EBUSY'),
  ELOOP: number('ELOOP'),
  EEXIST: number('EEXIST'),
  ENODEV: number('ENODEV'),
  ENOTDIR: number('ENOTDIR'),
  EINVAL: number('EINVAL'),
  ENFILE: number('ENFILE'),
  EMFILE: number('EMFILE'),
  ENOTTY: number('ENOTTY'),
  ENOSYS: number('ENOSYS'),
  ENOPROTOOPT: number('ENOPROTOOPT'),
  EOPNOTSUPP: number('EOPNOTSUPP'),
  EADDRINUSE: number('EADDRINUSE'),
  EADDRNOTAVAIL: number('EADDRNOTAVAIL'),
  ENETUNREACH: number('ENETUNREACH'),
  ENOBUFS: number('ENOBUFS'),
} as const;
