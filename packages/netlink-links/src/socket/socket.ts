import { NetnsError } from 'netns-core';
import {
  AF_NETLINK,
  Errno,
  encodeNetlinkAddress,
  MSG_DONTWAIT,
  ownFd,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_SOCKET,
  setIntOption,
  sys,
} from 'netns-core/sys';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { MessageWriter } from '../message/message-writer.js';
import {
  NETLINK_CAP_ACK,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NETLINK_ROUTE,
  NLM_F_ACK,
  NLMSG_NOOP,
  SOL_NETLINK,
} from '../uapi/netlink.js';

/** Room for the answers to many pipelined requests; the kernel grants what it may. */
const RECEIVE_BUFFER = 1 << 20;

/** A netlink socket: its file descriptor and the port id under which the kernel answers it. */
export interface NetlinkSocket {
  readonly fd: number;
  /** To be called once. */
  close(): void;
  readonly portId: number;
  /** Whether {@link allowLargeParts} was called. */
  largeParts: boolean;
  /** Whether its receive buffer was made larger. */
  grown: boolean;
}

/** Makes a blocking, close-on-exec netlink socket of a protocol, neither bound nor connected, which is the caller's. */
export type MakeSocket = (protocol: number) => number;

const KERNEL = encodeNetlinkAddress();

/** The `struct sockaddr_nl` of the kernel. */
export function kernelAddress(): Uint8Array {
  return KERNEL;
}

/**
 * Opens a netlink socket in the namespace that the calling thread is in; it stays there for life. It is connected
 * to the kernel, so that no other process can send to it.
 *
 * @param protocol by its number, rtnetlink by default
 * @param make makes another socket in its place, which may be one of another namespace
 * @throws NetnsError
 */
export function openNetlinkSocket(protocol = NETLINK_ROUTE, make: MakeSocket = makeNetlinkSocket): NetlinkSocket {
  const calls = sys();
  const fd = make(protocol);
  const own = encodeNetlinkAddress();
  // Connecting binds, too: the kernel chooses a free port id.
  const connected = calls.connect(fd, KERNEL);
  const named = connected < 0 ? connected : calls.getsockname(fd, own);
  if (named < 0) {
    calls.close(fd);
    throw NetnsError.fromErrno(-named, connected < 0 ? 'connect' : 'getsockname', 'cannot set up a netlink socket');
  }
  // Kernels before 4.12 (extended acknowledgements) and 4.20 (strict checking) do without.
  for (const option of [NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK])
    setIntOption(fd, SOL_NETLINK, option, 1, calls);
  const owned = ownFd(fd);
  return { ...owned, portId: new DataView(own.buffer).getUint32(4, LITTLE_ENDIAN), largeParts: false, grown: false };
}

/** Makes a socket in the namespace that the calling thread is in. */
export function makeNetlinkSocket(protocol: number): number {
  const fd = sys().socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  if (fd < 0) throw NetnsError.fromErrno(-fd, 'socket', 'cannot open a netlink socket');
  return fd;
}

/** The kernel makes the parts of a dump as large as the largest buffer it was given on this socket, up to this. */
export const LARGEST_PART = 32 * 1024;
// Number 0, which no request has: should its answer come late, it is dropped as stray.
const DO_NOTHING = new MessageWriter(NLMSG_NOOP, NLM_F_ACK).finish();
// Received into and never read.
let scratch: Uint8Array | undefined;

/**
 * Has the kernel make dumps in large parts from the first one on, and must be called before the first. It learns how
 * much the reader takes from what it has received before; until then it makes parts of one page, and ends a dump in
 * silence, as if it were complete, at the first object that does not fit into one: a route by way of 300 gateways, say
 * (`netlink_dump` in net/netlink/af_netlink.c). So it is given something to answer: a message that does nothing.
 */
export function allowLargeParts(socket: NetlinkSocket): void {
  if (socket.largeParts) return;
  socket.largeParts = true;
  scratch ??= new Uint8Array(LARGEST_PART);
  if (sys().send(socket.fd, DO_NOTHING, 0) > 0) sys().recv(socket.fd, scratch, MSG_DONTWAIT);
}

/** Requests in one write from which on the usual receive buffer may not hold the answers. */
const MANY_REQUESTS = 16;

/** Makes room for the answers to a write, once. */
export function growForAnswers(socket: NetlinkSocket, requests: number): void {
  if (requests <= MANY_REQUESTS || socket.grown) return;
  growReceiveBuffer(socket.fd);
  socket.grown = true;
}

/** Makes room for the answers to many requests, or for many notifications. Best effort: it takes rights to exceed the system's limit. */
export function growReceiveBuffer(fd: number, size = RECEIVE_BUFFER): void {
  if (setIntOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, size) === -Errno.EPERM)
    setIntOption(fd, SOL_SOCKET, SO_RCVBUF, size);
}
