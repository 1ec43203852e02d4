import { endianness } from 'node:os';
import { NetnsError } from 'netns-core';
import { Errno, errnoNumber, IFNAMSIZ, SIOCGIFINDEX, SIOCGIFNAME, sys } from 'netns-core/sys';

const LITTLE_ENDIAN = endianness() === 'LE';
/** `sizeof(struct ifreq)` of `<net/if.h>`: the name and a union of 24 bytes (16 on 32-bit machines). */
const SIZEOF_IFREQ = 40;

/**
 * The interface that a zone means in the namespace of a socket: an ioctl on a socket looks in the socket's own
 * namespace, where libuv (`if_nametoindex`) would look at home.
 *
 * @param fd a socket
 * @param zone an interface's name or index
 * @param label the namespace, for the message
 * @returns the interface's name and index
 * @throws NetnsError `ENODEV` naming the zone
 */
export function interfaceOfZone(fd: number, zone: string, label: string): { name: string; index: number } {
  const calls = sys();
  const request = Buffer.alloc(SIZEOF_IFREQ);
  const view = new DataView(request.buffer, request.byteOffset, SIZEOF_IFREQ);
  const missing = (errno: number, detail: string): NetnsError =>
    new NetnsError(`the zone '%${zone}' does not exist in ${label}: ${detail}`, {
      code: 'ENODEV',
      errno,
      syscall: 'ioctl',
    });
  if (Buffer.byteLength(zone) < IFNAMSIZ) {
    request.write(zone);
    const result = calls.ioctl(fd, SIOCGIFINDEX, request);
    if (result >= 0) return { name: zone, index: view.getInt32(IFNAMSIZ, LITTLE_ENDIAN) };
    if (result !== -Errno.ENODEV)
      throw NetnsError.fromErrno(-result, 'ioctl', `cannot look up the zone '%${zone}' in ${label}`);
  }
  const noSuch = errnoNumber('ENODEV');
  if (!/^[1-9]\d{0,9}$/.test(zone)) throw missing(noSuch, 'it has no such interface');
  const index = Number(zone);
  request.fill(0);
  view.setInt32(IFNAMSIZ, index, LITTLE_ENDIAN);
  if (calls.ioctl(fd, SIOCGIFNAME, request) < 0) throw missing(noSuch, 'it has no interface with that index');
  return { name: request.toString('utf8', 0, request.indexOf(0)), index };
}
