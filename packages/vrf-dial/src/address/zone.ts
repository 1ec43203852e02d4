import { NetnsError } from 'netns-core';
import { Errno, errnoNumber, interfaceIndex, interfaceName } from 'netns-core/sys';

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
  const missing = (errno: number, detail: string): NetnsError =>
    new NetnsError(`the zone '%${zone}' does not exist in ${label}: ${detail}`, {
      code: 'ENODEV',
      errno,
      syscall: 'ioctl',
    });
  const named = interfaceIndex(fd, zone);
  if (named >= 0) return { name: zone, index: named };
  if (named !== -Errno.ENODEV)
    throw NetnsError.fromErrno(-named, 'ioctl', `cannot look up the zone '%${zone}' in ${label}`);
  const noSuch = errnoNumber('ENODEV');
  if (!/^[1-9]\d{0,9}$/.test(zone)) throw missing(noSuch, 'it has no such interface');
  const index = Number(zone);
  const name = interfaceName(fd, index);
  if (name === undefined) throw missing(noSuch, 'it has no interface with that index');
  return { name, index };
}
