import type { Socket } from 'node:net';
import { NetnsError } from 'netns-core';
import { AF_NETLINK, openReadable, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW, setIntOption, sys } from 'netns-core/sys';
import { MessageBytes } from '../message/message-bytes.js';
import { NETLINK_ADD_MEMBERSHIP, NETLINK_ROUTE, NLMSG_HDRLEN, SOL_NETLINK } from '../uapi/netlink.js';
import { growReceiveBuffer, kernelAddress } from './socket.js';

/** What a monitor tells: one message after the other, or that it has ended. */
export interface MonitorEvents {
  message(bytes: MessageBytes, start: number, end: number, type: number, flags: number): void;
  /** Messages were lost (ENOBUFS, or one that is damaged), or reading failed. Nothing follows. */
  lost(error: Error): void;
}

/** Opens a monitor in the namespace that the calling thread is in. */
export type OpenMonitor = (
  groups: readonly number[],
  newerGroups: readonly number[],
  bufferSize: number,
  events: MonitorEvents,
  protocol?: number,
) => Monitor;

/** A source of the kernel's notifications. */
export interface Monitor {
  /** Stops reading: what comes waits in the socket, until that is full. */
  pause(): void;
  resume(): void;
  close(): void;
}

/**
 * Opens a netlink socket that is a member of multicast groups, and reads it through libuv: without a thread, and
 * without asking when nothing happens. It is connected to the kernel, so no other process can send to it.
 *
 * @param newerGroups groups that an older kernel may lack: it has nothing to say of them
 * @param bufferSize of the socket in bytes, as far as the system allows it
 */
export const openMonitorSocket: OpenMonitor = (groups, newerGroups, bufferSize, events, protocol = NETLINK_ROUTE) => {
  const calls = sys();
  const fd = calls.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (fd < 0) throw NetnsError.fromErrno(-fd, 'socket', 'cannot open a netlink socket');
  growReceiveBuffer(fd, bufferSize);
  let result = calls.connect(fd, kernelAddress());
  for (const group of groups) if (result >= 0) result = setIntOption(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
  if (result < 0) {
    calls.close(fd);
    throw NetnsError.fromErrno(-result, 'setsockopt', 'cannot subscribe to the notifications of the kernel');
  }
  for (const group of newerGroups) setIntOption(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
  const stream: Socket = openReadable(fd);
  let ended = false;
  const lost = (error: Error): void => {
    if (ended) return;
    ended = true;
    stream.destroy();
    events.lost(error);
  };
  stream.on('data', (data: Buffer) => {
    // Node's memory starts anywhere; messages are read at multiples of four.
    const bytes = MessageBytes.from(data);
    for (let at = 0; at < data.length && !ended; ) {
      const size = data.length - at < NLMSG_HDRLEN ? 0 : (bytes.u32[at >> 2] ?? 0);
      if (size < NLMSG_HDRLEN || size > data.length - at) {
        lost(new NetnsError('a notification was cut off', { code: 'ERR_NETLINK_MALFORMED' }));
        return;
      }
      events.message(bytes, at + NLMSG_HDRLEN, at + size, bytes.u16[(at >> 1) + 2] ?? 0, bytes.u16[(at >> 1) + 3] ?? 0);
      at += (size + 3) & ~3;
    }
  });
  stream.on('error', lost);
  stream.on('end', () => lost(new NetnsError('the netlink socket was closed', { code: 'ERR_CLOSED' })));
  stream.resume();
  return {
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    close() {
      ended = true;
      stream.destroy();
    },
  };
};
