// Receiving a dump without looking at it.
import { AF_NETLINK, Errno, MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC, SOCK_CLOEXEC, SOCK_RAW, sys } from 'netns-core/sys';

const SOL_NETLINK = 270;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;
const NLMSG_DONE = 3;
/** No datagram of a dump but the last, with NLMSG_DONE alone, is as short. */
const SHORT = 64;

/**
 * Receives a dump: the same system calls in the same order, in the same language, and nothing else but finding the end.
 *
 * @param {Uint8Array} message the request, as our operation sends it
 * @param {number} [protocol] of the netlink socket, NETLINK_ROUTE by default
 * @returns milliseconds
 */
export function receiveOnly(message, protocol = 0) {
  const calls = sys();
  const fd = calls.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
  const on = new Uint8Array(new Int32Array([1]).buffer);
  calls.setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, on);
  calls.setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, on);
  const request = message.slice();
  const buffer = new Uint8Array(64 * 1024);
  const words = new Uint16Array(buffer.buffer);
  const nothing = new Uint8Array(0);
  const start = performance.now();
  if (calls.send(fd, request, 0) < 0) throw new Error('send');
  for (;;) {
    const size = calls.recv(fd, nothing, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
    if (size === -Errno.EAGAIN) break;
    const received = calls.recv(fd, buffer, MSG_DONTWAIT);
    if (received < 0) throw new Error(`recv: ${received}`);
    if (received < SHORT && words[2] === NLMSG_DONE) break;
  }
  const ms = performance.now() - start;
  calls.close(fd);
  return ms;
}
