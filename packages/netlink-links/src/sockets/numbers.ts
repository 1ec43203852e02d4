import { NamedNumbers } from '../message/named-numbers.js';
import {
  IPPROTO_MPTCP,
  IPPROTO_RAW,
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
} from '../uapi/sock-diag.js';
import type { SocketProtocol, SocketState } from './socket-info.js';

/** `IPPROTO_…` of `<linux/in.h>` */
export const SOCKET_PROTOCOLS: Readonly<Record<SocketProtocol, number>> = {
  tcp: IPPROTO_TCP,
  udp: IPPROTO_UDP,
  udplite: IPPROTO_UDPLITE,
  raw: IPPROTO_RAW,
  sctp: IPPROTO_SCTP,
  mptcp: IPPROTO_MPTCP,
};

/** `TCP_ESTABLISHED` and what follows it in `<net/tcp_states.h>` */
export const socketStates = new NamedNumbers<SocketState>(
  'states',
  {
    established: 1,
    'syn-sent': 2,
    'syn-recv': 3,
    'fin-wait-1': 4,
    'fin-wait-2': 5,
    'time-wait': 6,
    close: 7,
    'close-wait': 8,
    'last-ack': 9,
    listen: 10,
    closing: 11,
  },
  31,
);

/** All states that have a name, and `TCP_NEW_SYN_RECV`: those that `ss` means by all. */
export const ALL_STATES = 0x1fff & ~1;

/** The kernel's modules that tell of sockets of a protocol, for errors. */
export const DIAG_MODULES: Readonly<Record<SocketProtocol, string>> = {
  tcp: 'tcp_diag',
  udp: 'udp_diag',
  udplite: 'udp_diag',
  raw: 'raw_diag',
  sctp: 'sctp_diag',
  mptcp: 'mptcp_diag',
};
