import type { WithUnknown } from '../../message/unknown-attribute.js';

/** What sockets of all families have; `unknown` is what newer kernels tell beside. */
export interface SocketIdentity extends WithUnknown {
  /** `SO_COOKIE`: no other socket has it, nor will have it, until the system starts again. */
  readonly cookie: bigint;
  /** Of its file; 0 where it belongs to no process any more. */
  readonly inode: number;
}

/** Which directions were shut down: 0 is none, 1 receiving, 2 sending, 3 both. */
export type Shutdown = number;

/** A type of socket, `SOCK_…`; one without a name here is its number. */
export type SocketType = 'stream' | 'dgram' | 'raw' | 'seqpacket' | 'packet' | number;

/** `enum sock_type` of `<linux/net.h>` */
const TYPES: readonly SocketType[] = [0, 'stream', 'dgram', 'raw', 4, 'seqpacket', 6, 7, 8, 9, 'packet'];

/** The name of a type. */
export function socketType(number: number): SocketType {
  return TYPES[number] ?? number;
}
