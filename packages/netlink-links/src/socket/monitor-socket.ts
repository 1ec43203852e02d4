import { NetnsError } from 'netns-core';
import {
  controlMessages,
  Errno,
  F_SETFL,
  MSG_DONTWAIT,
  MSG_TRUNC,
  messageBuffers,
  O_NONBLOCK,
  type OwnedFd,
  openReadable,
  ownFd,
  setIntOption,
  sys,
  watchReadable,
} from 'netns-core/sys';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { MessageBytes } from '../message/message-bytes.js';
import { NETLINK_ADD_MEMBERSHIP, NETLINK_LISTEN_ALL_NSID, NLMSG_HDRLEN, SOL_NETLINK } from '../uapi/netlink.js';
import { growReceiveBuffer, kernelAddress } from './socket.js';

/** What a monitor tells: one message after the other, or that it has ended. */
export interface MonitorEvents {
  /**
   * @param nsid identifier of the namespace that it is about, of a monitor of all namespaces; `undefined` where it is that
   *   of the socket
   */
  message(bytes: MessageBytes, start: number, end: number, type: number, flags: number, nsid: number | undefined): void;
  /** Messages were lost (ENOBUFS, or one that is damaged), or reading failed. Nothing follows. */
  lost(error: Error): void;
}

/** A source of the kernel's notifications. */
export interface Monitor {
  /** Stops reading: what comes waits in the socket, until that is full. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** What a monitor is made of. */
export interface MonitorOptions {
  readonly groups: readonly number[];
  /** Groups that an older kernel may lack: it has nothing to say of them. */
  readonly newerGroups?: readonly number[] | undefined;
  /** Of the socket in bytes, as far as the system allows it. */
  readonly bufferSize: number;
  /** Whether it hears of all namespaces that have an identifier in that of the socket. */
  readonly allNamespaces?: boolean | undefined;
}

/**
 * Makes a netlink socket a member of multicast groups, and reads it through libuv: without a thread, and without asking
 * when nothing happens. It is connected to the kernel, so no other process can send to it.
 *
 * @param fd a socket that is neither bound nor connected; it belongs to the monitor from here on, also if this throws
 */
export function openMonitorSocket(fd: number, options: MonitorOptions, events: MonitorEvents): Monitor {
  const { groups, newerGroups = [], bufferSize, allNamespaces = false } = options;
  const calls = sys();
  const check = (result: number, syscall: string, what: string): void => {
    if (result >= 0) return;
    calls.close(fd);
    throw NetnsError.fromErrno(-result, syscall, `cannot subscribe to ${what}`);
  };
  growReceiveBuffer(fd, bufferSize);
  check(calls.fcntl(fd, F_SETFL, O_NONBLOCK), 'fcntl', 'the notifications of the kernel');
  check(calls.connect(fd, kernelAddress()), 'connect', 'the notifications of the kernel');
  if (allNamespaces)
    check(
      setIntOption(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1),
      'setsockopt',
      'the notifications of all namespaces: it takes CAP_NET_BROADCAST in the namespace that hears them',
    );
  for (const group of groups) {
    const joined = setIntOption(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
    check(joined, 'setsockopt', `the notifications of the kernel: group ${group}`);
  }
  for (const group of newerGroups) setIntOption(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
  let ended = false;
  const lost = (error: Error): void => {
    if (ended) return;
    ended = true;
    source.close();
    events.lost(error);
  };
  const receive = (data: Uint8Array, nsid?: number): void => {
    // Node's memory starts anywhere; messages are read at multiples of four.
    const bytes = MessageBytes.from(data);
    for (let at = 0; at < data.length && !ended; ) {
      const size = data.length - at < NLMSG_HDRLEN ? 0 : (bytes.u32[at >> 2] ?? 0);
      if (size < NLMSG_HDRLEN || size > data.length - at) {
        lost(cutOff());
        return;
      }
      const type = bytes.u16[(at >> 1) + 2] ?? 0;
      events.message(bytes, at + NLMSG_HDRLEN, at + size, type, bytes.u16[(at >> 1) + 3] ?? 0, nsid);
      at += (size + 3) & ~3;
    }
  };
  const source = allNamespaces ? receiveDatagrams(ownFd(fd), receive, lost) : readStream(fd, receive, lost);
  return {
    pause: source.pause,
    resume: source.resume,
    close() {
      ended = true;
      source.close();
    },
  };
}

type Receive = (data: Uint8Array, nsid?: number) => void;

function cutOff(): NetnsError {
  return new NetnsError('a notification was cut off', { code: 'ERR_NETLINK_MALFORMED' });
}

/** Reads a socket as a stream: the fastest way, which does not tell from which namespace something comes. */
function readStream(fd: number, receive: Receive, lost: (error: Error) => void): Monitor {
  const stream = openReadable(fd);
  stream.on('data', (data: Buffer) => receive(data));
  stream.on('error', lost);
  stream.on('end', () => lost(new NetnsError('the netlink socket was closed', { code: 'ERR_CLOSED' })));
  stream.resume();
  return {
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    close: () => void stream.destroy(),
  };
}

/** The largest notification: libuv reads no more at once either. */
const MAX_DATAGRAM = 64 * 1024;
/** How many datagrams are received before something else gets its turn. */
const MAX_AT_ONCE = 64;

/** Receives the datagrams of a socket with what the kernel says about them: the namespace that they come from. */
function receiveDatagrams(owned: OwnedFd, receive: Receive, lost: (error: Error) => void): Monitor {
  const { fd } = owned;
  const buffers = messageBuffers(MAX_DATAGRAM);
  let reading = true;
  const watch = watchReadable(owned, () => {
    for (let count = 0; count < MAX_AT_ONCE && reading; count += 1) {
      const length = sys().recvmsg(fd, buffers, MSG_DONTWAIT);
      if (length === -Errno.EAGAIN) return;
      if (length < 0) {
        lost(NetnsError.fromErrno(-length, 'recvmsg', 'cannot receive the notifications of the kernel'));
        return;
      }
      if ((buffers.flags & MSG_TRUNC) !== 0) {
        lost(cutOff());
        return;
      }
      const origin = controlMessages(buffers).find(
        ({ level, type, data }) => level === SOL_NETLINK && type === NETLINK_LISTEN_ALL_NSID && data.byteLength >= 4,
      );
      receive(buffers.data.subarray(0, length), origin?.data.getInt32(0, LITTLE_ENDIAN));
    }
  });
  watch.ready.catch(lost);
  return {
    pause() {
      reading = false;
      watch.pause();
    },
    resume() {
      reading = true;
      watch.resume();
    },
    close() {
      reading = false;
      watch.close();
    },
  };
}
