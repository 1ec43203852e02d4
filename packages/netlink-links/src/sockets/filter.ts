import type { LinkReference } from '../operation/link-reference.js';
import type { SocketDetail, SocketFamily, SocketProtocol, SocketState } from './socket-info.js';

/** One end of the sockets that are wanted. */
export interface SocketEndpointFilter {
  /** An address, or a network: `'192.0.2.0/24'`. An IPv4 one is that of IPv6 sockets with an IPv4 peer as well. */
  address?: string | undefined;
  /** A port, or the first and the last of a range. */
  port?: number | readonly [number, number] | undefined;
}

/** Which sockets are wanted; what is left out does not matter. */
export interface SocketFilter {
  /** One or several; IPv4 and IPv6 by default. */
  family?: SocketFamily | readonly SocketFamily[] | undefined;
  /** One or several; TCP and UDP by default. */
  protocol?: SocketProtocol | readonly SocketProtocol[] | undefined;
  /** All by default. Those that are only bound, without listening or being connected, have the number 13 (Linux 6.8). */
  states?: readonly (SocketState | number)[] | undefined;
  local?: SocketEndpointFilter | undefined;
  remote?: SocketEndpointFilter | undefined;
  /** The link that they are bound to, a VRF for example. */
  link?: LinkReference | undefined;
  /** `SO_MARK`, or some of its bits. It needs CAP_NET_ADMIN. */
  mark?: number | { value: number; mask: number } | undefined;
  inode?: number | undefined;
  cookie?: bigint | undefined;
  uid?: number | undefined;
  /** What is to be told beside what is told of all; nothing by default. */
  details?: readonly SocketDetail[] | undefined;
}
