import { AF_INET, AF_INET6, AF_NETLINK, AF_UNIX } from './constants.js';
import { LITTLE_ENDIAN } from './endianness.js';

/** `struct sockaddr_in` of <netinet/in.h>: family, port in network byte order, address, padding. */
const SOCKADDR_IN_SIZE = 16;
const IN_ADDRESS = 4;
/** `struct sockaddr_in6`: family, port in network byte order, flow information, address, scope. */
export const SOCKADDR_IN6_SIZE = 28;
const IN6_ADDRESS = 8;
const IN6_SCOPE = 24;
/** `struct sockaddr_nl` of <linux/netlink.h>: family, padding, port id, groups. */
const SOCKADDR_NL_SIZE = 12;
const NL_GROUPS = 8;

const PORT = 2;

/** What the address of an IPv4 or IPv6 socket holds. */
export interface InternetAddress {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly port: number;
  /** The index of a link-local IPv6 address' interface; 0 for none. */
  readonly scopeId: number;
}

/**
 * Makes a `struct sockaddr_in` or `struct sockaddr_in6`, as `connect` and `bind` take it.
 *
 * @param address 4 or 16 bytes
 * @param scopeId the index of a link-local IPv6 address' interface
 */
export function encodeInternetAddress(address: Uint8Array, port: number, scopeId = 0): Uint8Array {
  const ipv6 = address.length === 16;
  const bytes = new Uint8Array(ipv6 ? SOCKADDR_IN6_SIZE : SOCKADDR_IN_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, ipv6 ? AF_INET6 : AF_INET, LITTLE_ENDIAN);
  view.setUint16(PORT, port);
  bytes.set(address, ipv6 ? IN6_ADDRESS : IN_ADDRESS);
  if (ipv6) view.setUint32(IN6_SCOPE, scopeId, LITTLE_ENDIAN);
  return bytes;
}

/** Reads a `struct sockaddr_in` or `struct sockaddr_in6`, whose `address` remains part of it; `undefined` for another. */
export function readInternetAddress(bytes: Uint8Array): InternetAddress | undefined {
  const family = addressFamily(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (family === AF_INET && bytes.length >= SOCKADDR_IN_SIZE)
    return { address: bytes.subarray(IN_ADDRESS, IN_ADDRESS + 4), port: view.getUint16(PORT), scopeId: 0 };
  if (family !== AF_INET6 || bytes.length < SOCKADDR_IN6_SIZE) return undefined;
  const scopeId = view.getUint32(IN6_SCOPE, LITTLE_ENDIAN);
  return { address: bytes.subarray(IN6_ADDRESS, IN6_ADDRESS + 16), port: view.getUint16(PORT), scopeId };
}

/** Whether a socket's address is a link-local IPv6 one (fe80::/10). */
export function isLinkLocalAddress(bytes: Uint8Array): boolean {
  return (
    addressFamily(bytes) === AF_INET6 && bytes[IN6_ADDRESS] === 0xfe && ((bytes[IN6_ADDRESS + 1] ?? 0) & 0xc0) === 0x80
  );
}

/**
 * Makes a `struct sockaddr_nl` with port id 0: to connect to it is to hear the kernel alone, to bind to it lets the
 * kernel choose.
 *
 * @param groups a mask of multicast groups, for `bind`
 */
export function encodeNetlinkAddress(groups = 0): Uint8Array {
  const bytes = new Uint8Array(SOCKADDR_NL_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_NETLINK, LITTLE_ENDIAN);
  view.setUint32(NL_GROUPS, groups, LITTLE_ENDIAN);
  return bytes;
}

/** `sun_path` of `struct sockaddr_un`, its NUL included. */
export const UNIX_PATH_MAX = 108;

/** Makes a `struct sockaddr_un` of a path that is shorter than {@link UNIX_PATH_MAX} in bytes. */
export function encodeUnixAddress(path: string): Uint8Array {
  const text = Buffer.from(path);
  const bytes = new Uint8Array(2 + text.length + 1);
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, LITTLE_ENDIAN);
  bytes.set(text, 2);
  return bytes;
}

function addressFamily(bytes: Uint8Array): number {
  const first = bytes[0] ?? 0;
  const second = bytes[1] ?? 0;
  return LITTLE_ENDIAN ? first | (second << 8) : (first << 8) | second;
}
