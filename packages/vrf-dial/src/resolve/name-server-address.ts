import { endianness } from 'node:os';
import { NetnsError } from 'netns-core';
import { AF_INET, AF_INET6, Errno, errnoName, IFNAMSIZ, SIOCGIFINDEX, sys } from 'netns-core/sys';
import { parseIPv4, parseIPv6 } from '../address/ip-address.js';
import type { NameServer } from '../target/name-server.js';

const LITTLE_ENDIAN = endianness() === 'LE';

// Worked out once for each server. What connect(2) is given it only reads.
const encoded = new WeakMap<NameServer, Uint8Array>();

/**
 * The server's address as `connect(2)` takes it. A zone is looked up among the interfaces of the namespace that the
 * socket was born in, not of the caller's.
 *
 * @throws NetnsError (`ENODEV`) where there is no such interface
 */
export function socketAddress(server: NameServer, fd: number): Uint8Array {
  let bytes = encoded.get(server);
  if (bytes === undefined) {
    const ipv6 = server.family === 'ipv6';
    bytes = new Uint8Array(ipv6 ? 28 : 16);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, ipv6 ? AF_INET6 : AF_INET, LITTLE_ENDIAN);
    view.setUint16(2, server.port);
    bytes.set(ipv6 ? parseIPv6(server.address) : parseIPv4(server.address), ipv6 ? 8 : 4);
    encoded.set(server, bytes);
  }
  if (server.zone === undefined) return bytes;
  // Another interface may have its number tomorrow.
  const zoned = bytes.slice();
  new DataView(zoned.buffer).setUint32(24, interfaceIndex(server.zone, server, fd), LITTLE_ENDIAN);
  return zoned;
}

function interfaceIndex(zone: string, server: NameServer, fd: number): number {
  if (/^\d+$/.test(zone)) return Number(zone);
  // struct ifreq of <linux/if.h>: the name, then a union of which the index is the first member.
  const request = new Uint8Array(40);
  const name = Buffer.from(zone);
  request.set(name.subarray(0, IFNAMSIZ));
  const result = name.length < IFNAMSIZ ? sys().ioctl(fd, SIOCGIFINDEX, request) : -Errno.ENODEV;
  if (result < 0)
    throw new NetnsError(`name server ${server.text}: there is no interface ${zone} in the namespace`, {
      code: errnoName(-result),
      errno: -result,
      syscall: 'ioctl',
    });
  return new DataView(request.buffer).getInt32(IFNAMSIZ, LITTLE_ENDIAN);
}
