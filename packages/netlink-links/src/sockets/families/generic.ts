import type { SocketFamilyKind } from './family.js';

/** A socket of a family that has no name here: what the kernel tells, as bytes. */
export interface GenericSocketInfo {
  readonly family: 'generic';
  /** `AF_…` of `<linux/socket.h>` */
  readonly kernelFamily: number;
  /** The message, without its header of netlink. Not every family begins it with its number. */
  readonly data: Uint8Array;
}

/** As many words as the longest request of a family has: `struct inet_diag_req_v2`. */
const WORDS = 13;

/** A family by its number: all of its sockets are asked for. */
export function genericSockets(number: number): SocketFamilyKind<GenericSocketInfo> {
  return {
    number,
    protocol: 0,
    module: '',
    criteria: [],
    details: [],
    words: ({ states }) => [states, ...new Array<number>(WORDS - 1).fill(0)],
    read: ({ u8 }, start, end) => ({
      family: 'generic',
      kernelFamily: number,
      data: u8.slice(start, end),
    }),
  };
}
