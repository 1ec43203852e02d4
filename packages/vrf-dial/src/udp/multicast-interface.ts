import type { Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { InvalidOptionError, NetnsError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { IPPROTO_IPV6, LITTLE_ENDIAN, parseIPv6, setIntOption, sys } from 'netns-core/sys';
import { interfaceOfZone } from '../address/zone.js';
import { fdOf } from '../socket/handle-fd.js';

/** `<linux/in6.h>` */
const IPV6_MULTICAST_IF = 17;
const IPV6_JOIN_GROUP = 20;
const IPV6_LEAVE_GROUP = 21;

/** An interface as `dgram` wants it for IPv6: `'::%eth0'`. */
const ZONE = /%(.+)$/s;

/**
 * Makes the multicast methods of an IPv6 socket look for interfaces (`'::%eth0'`) in the socket's namespace. libuv
 * looks for them where the thread is, at home.
 *
 * @param label the namespace, for messages
 */
export function lookForInterfacesInside(socket: Socket, label: string): void {
  const zoneOf = (address: string | undefined): string | undefined =>
    typeof address === 'string' ? ZONE.exec(address)?.[1] : undefined;
  const membership = (option: number, method: 'addMembership' | 'dropMembership') => {
    const original = socket[method].bind(socket);
    socket[method] = (group: string, multicastInterface?: string): void => {
      const zone = zoneOf(multicastInterface);
      if (zone === undefined) {
        original(group, multicastInterface);
        return;
      }
      if (!isIPv6(group)) throw new InvalidOptionError('group', `${method} takes an IPv6 address, not ${shown(group)}`);
      const fd = openFd(socket, method);
      // struct ipv6_mreq: the group and the interface's index.
      const request = new Uint8Array(20);
      request.set(parseIPv6(group));
      new DataView(request.buffer).setInt32(16, interfaceOfZone(fd, zone, label).index, LITTLE_ENDIAN);
      check(sys().setsockopt(fd, IPPROTO_IPV6, option, request), `${method}(${group}) on ${zone} in ${label}`);
    };
  };
  membership(IPV6_JOIN_GROUP, 'addMembership');
  membership(IPV6_LEAVE_GROUP, 'dropMembership');
  const { setMulticastInterface } = socket;
  socket.setMulticastInterface = (multicastInterface: string): void => {
    const zone = zoneOf(multicastInterface);
    if (zone === undefined) {
      setMulticastInterface.call(socket, multicastInterface);
      return;
    }
    const fd = openFd(socket, 'setMulticastInterface');
    const { index } = interfaceOfZone(fd, zone, label);
    check(setIntOption(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, index), `setMulticastInterface(${zone}) in ${label}`);
  };
  for (const method of ['addSourceSpecificMembership', 'dropSourceSpecificMembership'] as const) {
    const original = socket[method].bind(socket);
    socket[method] = (source: string, group: string, multicastInterface?: string): void => {
      const zone = zoneOf(multicastInterface);
      if (zone !== undefined)
        throw new InvalidOptionError(
          'multicastInterface',
          `${method} cannot name an interface of ${label} (%${zone}): Node would look for it at home. Bind the socket to it with interface: ${shown(zone)}`,
        );
      original(source, group, multicastInterface);
    };
  }
}

function openFd(socket: Socket, method: string): number {
  const fd = fdOf(socket);
  if (fd < 0) throw new NetnsError(`${method}: the socket is closed`, { code: 'EBADF' });
  return fd;
}

/** @param result of setsockopt(2) */
function check(result: number, what: string): void {
  if (result < 0) throw NetnsError.fromErrno(-result, 'setsockopt', `cannot ${what}`);
}
