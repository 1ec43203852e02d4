import { NetnsError } from 'netns-core';
import type { NameServer } from 'netns-core/etc';
import { encodeInternetAddress, errnoName, interfaceIndex, parseIPv4, parseIPv6 } from 'netns-core/sys';

// Worked out once for each server. What connect(2) is given it only reads.
const encoded = new WeakMap<NameServer, Uint8Array>();

/**
 * The server's address as `connect(2)` takes it. A zone is looked up among the interfaces of the namespace that the
 * socket was born in, not of the caller's.
 *
 * @throws NetnsError (`ENODEV`) where the interface does not exist
 */
export function socketAddress(server: NameServer, fd: number): Uint8Array {
  const { family, address, port, zone } = server;
  // Another interface may have the zone's number tomorrow.
  if (zone !== undefined) return encodeInternetAddress(parseIPv6(address), port, zoneIndex(zone, server, fd));
  let bytes = encoded.get(server);
  if (bytes === undefined) {
    bytes = encodeInternetAddress(family === 'ipv6' ? parseIPv6(address) : parseIPv4(address), port);
    encoded.set(server, bytes);
  }
  return bytes;
}

function zoneIndex(zone: string, server: NameServer, fd: number): number {
  if (/^\d+$/.test(zone)) return Number(zone);
  const index = interfaceIndex(fd, zone);
  if (index < 0)
    throw new NetnsError(`name server ${server.text}: there is no interface ${zone} in the namespace`, {
      code: errnoName(-index),
      errno: -index,
      syscall: 'ioctl',
    });
  return index;
}
