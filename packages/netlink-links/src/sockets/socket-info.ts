import type { TcpInfo } from './tcp-info.js';

/** A family of sockets that are listed. */
export type SocketFamily = 'ipv4' | 'ipv6';

/** A protocol of sockets that are listed. */
export type SocketProtocol = 'tcp' | 'udp' | 'udplite' | 'raw' | 'sctp' | 'mptcp';

/** The state of a socket, of TCP's; others are `established` or `close`. */
export type SocketState =
  | 'established'
  | 'syn-sent'
  | 'syn-recv'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'time-wait'
  | 'close'
  | 'close-wait'
  | 'last-ack'
  | 'listen'
  | 'closing';

/** One end of a socket. The address is `'0.0.0.0'` or `'::'` and the port 0 where there is none. */
export interface SocketEndpoint {
  readonly address: string;
  readonly port: number;
}

/** What a socket's buffers hold and may hold, in bytes, as `struct sock` has it. */
export interface SocketMemory {
  readonly rmemAlloc: number;
  readonly receiveBuffer: number;
  readonly wmemAlloc: number;
  readonly sendBuffer: number;
  readonly forwardAlloc: number;
  readonly wmemQueued: number;
  readonly optionMemory: number;
  readonly backlog: number;
  /** Packets that were dropped. */
  readonly drops: number;
}

/** A socket of the namespace, as `socketList` gives it. */
export interface SocketInfo {
  readonly family: SocketFamily;
  readonly protocol: SocketProtocol;
  /** A state without a name here is its number. */
  readonly state: SocketState | number;
  readonly local: SocketEndpoint;
  readonly remote: SocketEndpoint;
  /** The link that it is bound to; a VRF's socket has that of the VRF. */
  readonly ifindex?: number;
  /** `SO_COOKIE`: no other socket has it, nor will have it, until the system starts again. */
  readonly cookie: bigint;
  /** Of its file; 0 where it belongs to no process any more. */
  readonly inode: number;
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
  /** Which directions were shut down: 1 is receiving, 2 sending, 3 both. */
  readonly shutdown?: number;
  /** Of its control group, version 2. */
  readonly cgroupId?: bigint;
  /** The protocol on top of TCP, `'tls'`; the kernel tells it to those with CAP_NET_ADMIN. */
  readonly ulp?: string;
}

/** What of a socket is told when asked for. */
export type SocketDetail = 'memory' | 'tcp' | 'congestion' | 'tos' | 'mark' | 'shutdown' | 'cgroup' | 'ulp';
