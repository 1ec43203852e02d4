import { NetnsError } from '../errors.js';
import {
  errnoNumber,
  LITTLE_ENDIAN,
  type OwnedFd,
  ownFd,
  POLLIN,
  SO_PEERCRED,
  SO_PEERGROUPS,
  SO_PEERPIDFD,
  SOL_SOCKET,
  sys,
} from '../sys/index.js';

/** The process at the other end of a UNIX socket, as the kernel knew it when it connected. */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
  /** Its group, and its supplementary ones. */
  readonly groups: readonly number[];
}

const FEW_GROUPS = 64;
/** `NGROUPS_MAX` of <linux/limits.h> */
const MAX_GROUPS = 65536;

/** @throws NetnsError */
export function peerOf(fd: number): Peer {
  const calls = sys();
  const credentials = new DataView(new ArrayBuffer(12));
  const result = calls.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, new Uint8Array(credentials.buffer));
  if (result < 0) throw NetnsError.fromErrno(-result, 'getsockopt', 'cannot find out who a client is');
  const gid = credentials.getUint32(8, LITTLE_ENDIAN);
  return {
    pid: credentials.getInt32(0, LITTLE_ENDIAN),
    uid: credentials.getUint32(4, LITTLE_ENDIAN),
    groups: [gid, ...supplementaryGroups(fd)],
  };
}

/** The process that made a connection. */
export class PeerProcess {
  readonly #pidfd: OwnedFd | undefined;

  /** @throws NetnsError where there are no descriptors left, or where it has ended already */
  constructor(fd: number) {
    const descriptor = new DataView(new ArrayBuffer(4));
    const result = sys().getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, new Uint8Array(descriptor.buffer));
    if (result >= 0) this.#pidfd = ownFd(descriptor.getInt32(0, LITTLE_ENDIAN));
    else if (result !== -errnoNumber('ENOPROTOOPT'))
      throw NetnsError.fromErrno(-result, 'getsockopt', 'cannot find out which process a client is');
  }

  /** Whether it has ended: whoever has the connection now is another one. Kernels before 6.5 do not tell. */
  get hasEnded(): boolean {
    return this.#pidfd !== undefined && sys().poll(this.#pidfd.fd, POLLIN, 0) > 0;
  }

  /** To be called once. */
  close(): void {
    this.#pidfd?.close();
  }
}

/** Kernels before 4.13 do not tell: a caller has its one group there, which allows less. */
function supplementaryGroups(fd: number): number[] {
  for (const max of [FEW_GROUPS, MAX_GROUPS]) {
    const groups = new DataView(new ArrayBuffer(4 * max));
    const size = sys().getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, new Uint8Array(groups.buffer));
    if (size === -errnoNumber('ERANGE')) continue;
    return Array.from({ length: Math.max(0, size) / 4 }, (_, index) => groups.getUint32(4 * index, LITTLE_ENDIAN));
  }
  return [];
}
