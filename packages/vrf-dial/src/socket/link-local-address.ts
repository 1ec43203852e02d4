import type { Socket as DatagramSocket } from 'node:dgram';
import type { Server, Socket } from 'node:net';
import {
  formatIPv6,
  interfaceName,
  isLinkLocalAddress,
  readInternetAddress,
  SOCKADDR_IN6_SIZE,
  SOL_SOCKET,
  sys,
} from 'netns-core/sys';
import { type Handle, handleOf } from './handle-fd.js';

/** `<asm-generic/socket.h>`: what `getpeername(2)` says, as an option. */
const SO_PEERNAME = 28;

/** What `getsockname` and `getpeername` of Node's handles fill in. */
interface NamedAddress {
  address: string;
  family: string;
  port: number;
}

/** A function below a socket or server that fills in an address and returns 0. */
type AddressFunction = (out: NamedAddress) => number;

interface AddressHandle extends Handle {
  getsockname?: AddressFunction;
  getpeername?: AddressFunction;
}

// Read before the next call is made.
const name = new Uint8Array(SOCKADDR_IN6_SIZE);

/**
 * Gives the address in `name` with its zone, an interface of the socket's namespace.
 *
 * @returns `undefined` where it is not a link-local one
 */
function linkLocalAddress(fd: number): AddressFunction | undefined {
  const found = isLinkLocalAddress(name) ? readInternetAddress(name) : undefined;
  if (found === undefined) return undefined;
  // Where the interface is gone, its number has to do.
  const zone = interfaceName(fd, found.scopeId) ?? found.scopeId;
  const value: NamedAddress = { address: `${formatIPv6(found.address)}%${zone}`, family: 'IPv6', port: found.port };
  return (out) => {
    Object.assign(out, value);
    return 0;
  };
}

/**
 * Names the interface of link-local addresses rightly. Node appends the zone to them by asking at home which interface
 * has that number: a wrong name, or if home has none with the number, `remoteAddress` throws ENXIO. A peer on the link
 * could end a server with that. Sockets with other addresses are left alone.
 *
 * @param owner a connected socket, a server that listens, or a bound UDP socket
 */
export function nameLinkLocalAddresses(owner: Socket | Server | DatagramSocket): void {
  const handle = handleOf<AddressHandle>(owner);
  const fd = handle?.fd ?? -1;
  if (handle === undefined || fd < 0) return;
  const calls = sys();
  const peer = calls.getsockopt(fd, SOL_SOCKET, SO_PEERNAME, name) > 0 ? linkLocalAddress(fd) : undefined;
  if (peer !== undefined) handle.getpeername = peer;
  const own = calls.getsockname(fd, name) > 0 ? linkLocalAddress(fd) : undefined;
  if (own !== undefined) handle.getsockname = own;
}
