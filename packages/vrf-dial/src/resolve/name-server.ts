import { isIPv4, isIPv6 } from 'node:net';
import { endianness } from 'node:os';
import { NetnsError } from 'netns-core';
import { AF_INET, AF_INET6, Errno, errnoName, IFNAMSIZ, SIOCGIFINDEX, sys } from 'netns-core/sys';
import { parseIPv4, parseIPv6 } from './ip-address.js';

/** A name server's address. */
export interface NameServer {
  readonly family: 'ipv4' | 'ipv6';
  /** Without brackets, port and zone. */
  readonly address: string;
  readonly port: number;
  /** The interface, by name or number, of a link-local IPv6 address; it is one of the target namespace. */
  readonly zone: string | undefined;
  /** As it was written. */
  readonly text: string;
}

const DNS_PORT = 53;
/** An address with brackets, zone and port is shorter. */
const MAX_TEXT_LENGTH = 80;

/**
 * Reads the address of a name server: `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`, `fe80::1%eth0`,
 * `[2001:db8::53]:5353`.
 *
 * @returns `undefined` for anything else
 */
export function parseNameServer(text: string): NameServer | undefined {
  // Node's check of addresses takes time by the square of the length.
  if (text.length > MAX_TEXT_LENGTH) return undefined;
  const match = /^\[([^\]]*)\](?::(\d{1,5}))?$/.exec(text) ?? /^([\d.]+):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? text;
  const port = match?.[2] === undefined ? DNS_PORT : Number(match[2]);
  if (port < 1 || port > 65_535) return undefined;
  if (isIPv4(host))
    return match !== null && text.startsWith('[')
      ? undefined
      : { family: 'ipv4', address: host, port, zone: undefined, text };
  if (!isIPv6(host)) return undefined;
  const percent = host.indexOf('%');
  const zone = percent < 0 ? undefined : host.slice(percent + 1);
  const address = percent < 0 ? host : host.slice(0, percent);
  return zone === '' ? undefined : { family: 'ipv6', address, port, zone, text };
}

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
