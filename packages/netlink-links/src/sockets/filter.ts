import type { LinkReference } from '../operation/link-reference.js';
import type { InternetFamily, SocketDetail, SocketProtocol, SocketState } from './families/index.js';
import type { SocketFamily } from './socket-info.js';

/** One end of the sockets that are wanted. */
export interface SocketEndpointFilter {
  /** An address, or a network: `'192.0.2.0/24'`. An IPv4 one is that of IPv6 sockets with an IPv4 peer as well. */
  address?: string | undefined;
  /** A port, or the first and the last of a range. */
  port?: number | readonly [number, number] | undefined;
}

/** Which sockets with IP addresses are wanted: those of TCP and UDP unless told otherwise. */
export interface InternetSocketFilter extends SocketFilter {
  family?: InternetFamily | readonly InternetFamily[] | undefined;
}

/** Which sockets are wanted; what is left out does not matter. */
export interface SocketFilter {
  /** One or several; IPv4 and IPv6 by default. One without a name here is its number, `AF_…`. */
  family?: SocketFamily | number | readonly (SocketFamily | number)[] | undefined;
  /** One or several, of IPv4 and IPv6; TCP and UDP by default. */
  protocol?: SocketProtocol | readonly SocketProtocol[] | undefined;
  /**
   * Of IPv4, IPv6, Unix and vsock; all by default. TCP sockets that are only bound, without listening or being connected,
   * have the number 13 (Linux 6.8).
   */
  states?: readonly (SocketState | number)[] | undefined;
  /** Of IPv4 and IPv6. */
  local?: SocketEndpointFilter | undefined;
  /** Of IPv4 and IPv6. */
  remote?: SocketEndpointFilter | undefined;
  /** The link that they are bound to, a VRF for example; of IPv4, IPv6, packet and XDP. */
  link?: LinkReference | undefined;
  /** `SO_MARK`, or some of its bits; of IPv4 and IPv6. It needs CAP_NET_ADMIN. */
  mark?: number | { value: number; mask: number } | undefined;
  inode?: number | undefined;
  cookie?: bigint | undefined;
  /** Not of netlink and vsock. */
  uid?: number | undefined;
  /** What is to be told beside what is told of all, of the families that have it; nothing by default. */
  details?: readonly SocketDetail[] | undefined;
}
