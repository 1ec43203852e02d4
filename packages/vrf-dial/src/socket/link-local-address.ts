import type { Socket as DatagramSocket } from 'node:dgram';
import type { Server, Socket } from 'node:net';
import { endianness } from 'node:os';
import { AF_INET6, SOL_SOCKET, sys } from 'netns-core/sys';
import { formatIPv6 } from '../address/ip-address.js';
import { interfaceOfZone } from '../address/zone.js';
import { type Handle, handleOf } from './handle-fd.js';

/** `<asm-generic/socket.h>`: what `getpeername(2)` says, as an option. */
const SO_PEERNAME = 28;

const LITTLE_ENDIAN = endianness() === 'LE';

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
const name = new Uint8Array(28);
const view = new DataView(name.buffer);

function isLinkLocal(): boolean {
  return view.getUint16(0, LITTLE_ENDIAN) === AF_INET6 && name[8] === 0xfe && ((name[9] ?? 0) & 0xc0) === 0x80;
}

/** The address in `name` with its zone, an interface of the socket's namespace. */
function named(fd: number): NamedAddress {
  const address = formatIPv6(name.subarray(8, 24));
  const port = view.getUint16(2);
  const index = view.getUint32(24, LITTLE_ENDIAN);
  let zone = String(index);
  try {
    zone = interfaceOfZone(fd, `${index}`, '').name;
  } catch {
    // The interface is gone; its number has to do.
  }
  return { address: `${address}%${zone}`, family: 'IPv6', port };
}

function fixed(value: NamedAddress): AddressFunction {
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
  if (calls.getsockopt(fd, SOL_SOCKET, SO_PEERNAME, name) > 0 && isLinkLocal()) handle.getpeername = fixed(named(fd));
  if (calls.getsockname(fd, name) > 0 && isLinkLocal()) handle.getsockname = fixed(named(fd));
}
