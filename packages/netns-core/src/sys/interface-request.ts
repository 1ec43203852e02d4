import { IFNAMSIZ, SIOCGIFINDEX, SIOCGIFNAME } from './constants.js';
import { sys } from './current.js';
import { LITTLE_ENDIAN } from './endianness.js';
import { Errno } from './errno.js';

/** `sizeof(struct ifreq)` of <linux/if.h> on 64-bit machines: a name and a union of 24 bytes. On 32-bit ones it is 32. */
export const SIZEOF_IFREQ = 40;

/**
 * Makes a `struct ifreq`.
 *
 * @param name of an interface, shorter than `IFNAMSIZ` in bytes
 * @param flags `ifr_flags`
 */
export function encodeInterfaceRequest(name: string, flags = 0): Uint8Array {
  const request = Buffer.alloc(SIZEOF_IFREQ);
  request.write(name, 0, IFNAMSIZ - 1);
  new DataView(request.buffer, request.byteOffset).setUint16(IFNAMSIZ, flags, LITTLE_ENDIAN);
  return request;
}

/**
 * The index of an interface in the namespace that a socket was born in, where libuv (`if_nametoindex`) would look in
 * the thread's.
 *
 * @param fd a socket
 * @returns an error number of the kernel, negative, if there is none: `-ENODEV`
 */
export function interfaceIndex(fd: number, name: string): number {
  if (Buffer.byteLength(name) >= IFNAMSIZ) return -Errno.ENODEV;
  const request = encodeInterfaceRequest(name);
  const result = sys().ioctl(fd, SIOCGIFINDEX, request);
  return result < 0 ? result : viewOf(request).getInt32(IFNAMSIZ, LITTLE_ENDIAN);
}

/**
 * The name of an interface in the namespace that a socket was born in.
 *
 * @param fd a socket
 * @returns `undefined` if there is none with this index
 */
export function interfaceName(fd: number, index: number): string | undefined {
  const request = Buffer.alloc(SIZEOF_IFREQ);
  viewOf(request).setInt32(IFNAMSIZ, index, LITTLE_ENDIAN);
  if (sys().ioctl(fd, SIOCGIFNAME, request) < 0) return undefined;
  return request.toString('utf8', 0, request.indexOf(0));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
