import type { Socket } from 'node:dgram';
import { type Handle, handleOf } from './handle-fd.js';

/** libuv's UDP handle as Node has it: undocumented, and the same in Node 20 to 26. Calls return 0 or a negative error number. */
export interface UdpHandle extends Handle {
  /** The file descriptor is the handle's only with 0. */
  open(fd: number): number;
  recvStart(): number;
  close(): void;
  /** @param size a negative error number in place of a datagram's size */
  onmessage: (size: number, handle: UdpHandle, data: Buffer | undefined) => void;
  /** The sender's address could not be told. */
  onerror: (size: number, handle: UdpHandle, error: NodeJS.ErrnoException) => void;
}

// Of this thread: each has a class of its own.
let udpHandleClass: (new () => UdpHandle) | undefined;

/** Notes the class of the handle of a bound socket, so that {@link newUdpHandle} has it. */
export function noteUdpHandle(socket: Socket): void {
  if (udpHandleClass !== undefined) return;
  const handle = handleOf<UdpHandle>(socket);
  const found = handle?.constructor;
  if (found?.name === 'UDP' && typeof handle?.open === 'function' && typeof handle.recvStart === 'function')
    udpHandleClass = found as new () => UdpHandle;
}

/** A handle without a socket of Node's around it; `undefined` until one has been noted, or where Node is another. */
export function newUdpHandle(): UdpHandle | undefined {
  return udpHandleClass === undefined ? undefined : new udpHandleClass();
}
