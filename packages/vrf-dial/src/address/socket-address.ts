import { encodeInternetAddress, parseIPv4, parseIPv6 } from 'netns-core/sys';
import type { Address } from './address.js';
import { interfaceOfZone } from './zone.js';

/**
 * An address as the kernel takes it (`struct sockaddr_in`, `struct sockaddr_in6`).
 *
 * @param fd a socket of the namespace in which the address' zone is an interface
 * @throws NetnsError `ENODEV` for a zone that does not exist there
 */
export function encodeSocketAddress(
  fd: number,
  { family, address, zone }: Address,
  port: number,
  label: string,
): Uint8Array {
  if (family === 4) return encodeInternetAddress(parseIPv4(address), port);
  return encodeInternetAddress(
    parseIPv6(address),
    port,
    zone === undefined ? 0 : interfaceOfZone(fd, zone, label).index,
  );
}
