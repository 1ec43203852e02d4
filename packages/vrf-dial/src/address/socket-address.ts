import { endianness } from 'node:os';
import { AF_INET, AF_INET6 } from 'netns-core/sys';
import type { Address } from './address.js';
import { parseIPv4, parseIPv6 } from './ip-address.js';
import { interfaceOfZone } from './zone.js';

const LITTLE_ENDIAN = endianness() === 'LE';

/**
 * An address as the kernel takes it (`struct sockaddr_in`, `struct sockaddr_in6`).
 *
 * @param fd a socket of the namespace in which the address' zone is an interface
 * @throws NetnsError `ENODEV` for a zone that does not exist there
 */
export function encodeSocketAddress(fd: number, address: Address, port: number, label: string): Uint8Array {
  const ipv6 = address.family === 6;
  const bytes = new Uint8Array(ipv6 ? 28 : 16);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, ipv6 ? AF_INET6 : AF_INET, LITTLE_ENDIAN);
  view.setUint16(2, port);
  bytes.set(ipv6 ? parseIPv6(address.address) : parseIPv4(address.address), ipv6 ? 8 : 4);
  if (address.zone !== undefined) view.setUint32(24, interfaceOfZone(fd, address.zone, label).index, LITTLE_ENDIAN);
  return bytes;
}
