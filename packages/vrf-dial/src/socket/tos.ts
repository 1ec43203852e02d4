import { Socket as DatagramSocket } from 'node:dgram';
import { Socket } from 'node:net';
import { InvalidOptionError, NetnsError } from 'netns-core';
import { checkInteger, shown } from 'netns-core/checks';
import {
  AF_INET,
  AF_INET6,
  Errno,
  getIntOption,
  IP_TOS,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_TCLASS,
  SO_DOMAIN,
  SOL_SOCKET,
  setIntOption,
} from 'netns-core/sys';
import { fdOf } from './handle-fd.js';

/**
 * Sets the TOS byte (IPv4) and traffic class (IPv6) of what a socket sends from now on: the DSCP is the upper six
 * bits. Both are set on an IPv6 socket, which may carry IPv4 as well; an IPv4 socket has only the first. TCP ignores
 * the two ECN bits. See ip(7), ipv6(7), RFC 2474.
 *
 * @param socket a TCP or TLS socket that is connected or connecting, or a bound UDP socket
 * @param tos 0 to 255
 * @throws InvalidOptionError for anything else; NetnsError `EBADF` for a socket without a file descriptor, or the
 *   kernel's error
 */
export function setTos(socket: Socket | DatagramSocket, tos: number): void {
  if (checkInteger('tos', tos, 0, 255) === undefined)
    throw new InvalidOptionError('tos', 'tos must be a whole number from 0 to 255, not undefined');
  if (!(socket instanceof Socket) && !(socket instanceof DatagramSocket))
    throw new InvalidOptionError('socket', `setTos takes a socket of node:net or node:dgram, not ${shown(socket)}`);
  const fd = fdOf(socket);
  if (fd < 0)
    throw new NetnsError(
      'cannot set the TOS of a socket that is not open: connect or bind it first, and do it before it is closed',
      { code: 'EBADF', errno: Errno.EBADF },
    );
  setTosOfFd(fd, tos);
}

function setTosOfFd(fd: number, tos: number): void {
  const domain = getIntOption(fd, SOL_SOCKET, SO_DOMAIN);
  if (domain < 0)
    throw NetnsError.fromErrno(-domain, 'getsockopt', `cannot examine the socket of file descriptor ${fd}`);
  if (domain !== AF_INET && domain !== AF_INET6)
    throw new InvalidOptionError('socket', 'only IPv4 and IPv6 sockets have a TOS; this one is neither');
  set(fd, IPPROTO_IP, IP_TOS, tos);
  if (domain === AF_INET6) set(fd, IPPROTO_IPV6, IPV6_TCLASS, tos);
}

function set(fd: number, level: number, name: number, value: number): void {
  const result = setIntOption(fd, level, name, value);
  if (result < 0) throw NetnsError.fromErrno(-result, 'setsockopt', `cannot set the TOS to ${value}`);
}
