import {
  IPPROTO_MPTCP,
  IPPROTO_RAW,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
} from '../../uapi/sock-diag.js';
import type { Shutdown, SocketIdentity } from './identity.js';
import type { SocketMemory } from './memory.js';
import type { SocketState } from './states.js';
import type { TcpInfo } from './tcp-info.js';

/** The families whose sockets have IP addresses. */
export type InternetFamily = 'ipv4' | 'ipv6';

/** A protocol of such sockets. */
export type SocketProtocol = 'tcp' | 'udp' | 'udplite' | 'raw' | 'sctp' | 'mptcp';

/** `IPPROTO_…` of `<linux/in.h>` */
export const SOCKET_PROTOCOLS: Readonly<Record<SocketProtocol, number>> = {
  tcp: IPPROTO_TCP,
  udp: IPPROTO_UDP,
  udplite: IPPROTO_UDPLITE,
  raw: IPPROTO_RAW,
  sctp: IPPROTO_SCTP,
  mptcp: IPPROTO_MPTCP,
};

/** The kernel's modules that tell of sockets of a protocol, for errors. */
export const DIAG_MODULES: Readonly<Record<SocketProtocol, string>> = {
  tcp: 'tcp_diag',
  udp: 'udp_diag',
  udplite: 'udp_diag',
  raw: 'raw_diag',
  sctp: 'sctp_diag',
  mptcp: 'mptcp_diag',
};

/** One end of a socket. The address is `'0.0.0.0'` or `'::'` and the port 0 where there is none. */
export interface SocketEndpoint {
  readonly address: string;
  readonly port: number;
}

/** A socket of TCP, UDP or another protocol of the Internet. */
export interface InternetSocketInfo extends SocketIdentity {
  readonly family: InternetFamily;
  readonly protocol: SocketProtocol;
  /** A state without a name here is its number. */
  readonly state: SocketState | number;
  readonly local: SocketEndpoint;
  readonly remote: SocketEndpoint;
  /** The link that it is bound to; a VRF's socket has that of the VRF. */
  readonly ifindex?: number;
  readonly uid: number;
  /** Bytes that wait to be read; of a listening socket the connections that wait to be accepted. */
  readonly receiveQueue: number;
  /** Bytes that wait to be sent or acknowledged; of a listening socket the most connections that may wait. */
  readonly sendQueue: number;
  readonly timer?: {
    readonly kind: 'retransmit' | 'keepalive' | 'time-wait' | 'probe' | number;
    /** Milliseconds until it expires. */
    readonly expires: number;
    readonly retransmits: number;
  };
  /** Of an IPv6 socket: it has no IPv4 peers (`IPV6_V6ONLY`). */
  readonly ipv6Only?: boolean;

  // What `details` ask for.

  readonly memory?: SocketMemory;
  readonly tcp?: TcpInfo;
  /** The algorithm of congestion control, `'cubic'`. */
  readonly congestion?: string;
  readonly tos?: number;
  /** The traffic class of an IPv6 socket. */
  readonly tclass?: number;
  /** `SO_MARK`; the kernel tells it to those with CAP_NET_ADMIN. */
  readonly mark?: number;
  readonly shutdown?: Shutdown;
  /** Of its control group, version 2. */
  readonly cgroupId?: bigint;
  /** The protocol on top of TCP, `'tls'`; the kernel tells it to those with CAP_NET_ADMIN. */
  readonly ulp?: string;
}
