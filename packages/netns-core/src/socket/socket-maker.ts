import { checkKnownOptions, checkOptionsObject, describeRefusal, type KnownOptions, shown } from '../checks/index.js';
import { InvalidOptionError, NetnsError } from '../errors.js';
import type { Maker } from '../hop/hop.js';
import { describeNamespace, type NamespaceRef } from '../namespace/reference.js';
import {
  AF_INET,
  AF_INET6,
  Errno,
  errnoNumber,
  IP_FREEBIND,
  IP_TOS,
  IP_TRANSPARENT,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_FREEBIND,
  IPV6_TCLASS,
  IPV6_TRANSPARENT,
  IPV6_V6ONLY,
  SO_BINDTODEVICE,
  SO_MARK,
  SO_PRIORITY,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOCK_STREAM,
  SOL_SOCKET,
  type Syscalls,
  setIntOption,
} from '../sys/index.js';
import {
  checkSocketOptions,
  SOCKET_OPTION_NAMES,
  SOCKET_OPTION_SYNONYMS,
  type SocketOptions,
} from './socket-options.js';
import { checkSocketSource, type SocketSource } from './source-types.js';

/** What `openSocket` makes. */
export interface OpenSocketOptions extends SocketOptions {
  /** Where the socket is born; without it, where the caller is. */
  namespace?: NamespaceRef | undefined;
  /** What makes it. @default the source of the process, see `useSocketSource` */
  source?: SocketSource | undefined;
  family: 'ipv4' | 'ipv6';
  /** `'ping'` sends and receives ICMP echo: a datagram socket where `net.ipv4.ping_group_range` allows it, else a raw one. */
  type: 'stream' | 'dgram' | 'ping';
}

/** How a socket is made by a hop. */
export const socketMaker: Maker<OpenSocketOptions> = {
  make: makeSocket,
  finish: (calls, fd, options) => {
    setSocketOptions(calls, fd, options);
    bindToInterface(calls, fd, options);
  },
  error: (errno, namespace, { family, type }) => {
    const what = `cannot make an ${family} ${type} socket in ${describeNamespace(namespace)}`;
    if (type !== 'ping' || errno !== Errno.EPERM) return NetnsError.fromErrno(errno, 'socket', what);
    const refusal = describeRefusal(['CAP_NET_RAW'], { instead: 'unshare -Urn' });
    return new NetnsError(
      `${what}: ${refusal}; or allow the process's group in net.ipv4.ping_group_range of that namespace`,
      { code: 'EPERM', errno, syscall: 'socket' },
    );
  },
};

const KNOWN: KnownOptions = {
  callee: 'openSocket',
  names: ['namespace', 'source', 'family', 'type', ...SOCKET_OPTION_NAMES],
  synonyms: SOCKET_OPTION_SYNONYMS,
};

/** @throws InvalidOptionError */
export function checkOpenSocketOptions(options: OpenSocketOptions): void {
  checkOptionsObject(options, 'openSocket');
  checkKnownOptions(options, KNOWN);
  checkSocketOptions(options);
  if (options.source !== undefined) checkSocketSource('source', options.source);
  const { family, type } = options;
  if (family !== 'ipv4' && family !== 'ipv6')
    throw new InvalidOptionError('family', `family must be 'ipv4' or 'ipv6', got ${shown(family)}`);
  if (type !== 'stream' && type !== 'dgram' && type !== 'ping')
    throw new InvalidOptionError(
      'type',
      `type must be 'stream' or 'dgram', or 'ping' for ICMP echo, got ${shown(type)}`,
    );
}

/** A bare socket of the namespace that the thread is in, or a negative error number. */
export function makeSocket(calls: Syscalls, { family, type }: Pick<OpenSocketOptions, 'family' | 'type'>): number {
  const domain = family === 'ipv6' ? AF_INET6 : AF_INET;
  const flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
  if (type !== 'ping') return calls.socket(domain, (type === 'stream' ? SOCK_STREAM : SOCK_DGRAM) | flags, 0);
  const protocol = family === 'ipv6' ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
  const datagram = calls.socket(domain, SOCK_DGRAM | flags, protocol);
  // The group of the process is not in the range, or the kernel is older than such sockets.
  return datagram === -Errno.EACCES || datagram === -errnoNumber('EPROTONOSUPPORT')
    ? calls.socket(domain, SOCK_RAW | flags, protocol)
    : datagram;
}

/** Sets a socket's options, except for the interface. */
function setSocketOptions(calls: Syscalls, fd: number, options: OpenSocketOptions): void {
  const set = (level: number, name: number, value: number, option: string): void => {
    const result = setIntOption(fd, level, name, value, calls);
    if (result < 0)
      throw NetnsError.fromErrno(-result, 'setsockopt', `cannot set the socket option ${option} to ${value}`);
  };
  const ipv6 = options.family === 'ipv6';
  if (options.tos !== undefined) {
    // An IPv6 socket can carry IPv4, too, but one for ICMPv6 cannot, and refuses the option.
    if (!ipv6 || options.type !== 'ping') set(IPPROTO_IP, IP_TOS, options.tos, 'tos');
    if (ipv6) set(IPPROTO_IPV6, IPV6_TCLASS, options.tos, 'tos');
  }
  if (options.mark !== undefined) set(SOL_SOCKET, SO_MARK, options.mark, 'mark');
  if (options.priority !== undefined) set(SOL_SOCKET, SO_PRIORITY, options.priority, 'priority');
  if (options.reuseAddress !== undefined) set(SOL_SOCKET, SO_REUSEADDR, Number(options.reuseAddress), 'reuseAddress');
  if (options.reusePort !== undefined) set(SOL_SOCKET, SO_REUSEPORT, Number(options.reusePort), 'reusePort');
  if (ipv6 && options.ipv6Only !== undefined) set(IPPROTO_IPV6, IPV6_V6ONLY, Number(options.ipv6Only), 'ipv6Only');
  if (options.freebind !== undefined)
    set(ipv6 ? IPPROTO_IPV6 : IPPROTO_IP, ipv6 ? IPV6_FREEBIND : IP_FREEBIND, Number(options.freebind), 'freebind');
  if (options.transparent !== undefined)
    set(
      ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
      ipv6 ? IPV6_TRANSPARENT : IP_TRANSPARENT,
      Number(options.transparent),
      'transparent',
    );
}

/**
 * Binds a socket to the interface of its options, if they have one. The interface is looked for in the socket's own
 * namespace, wherever the caller is.
 */
function bindToInterface(calls: Syscalls, fd: number, { interface: name, namespace = '' }: OpenSocketOptions): void {
  if (name === undefined) return;
  const result = calls.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${name}\0`));
  if (result >= 0) return;
  const where = describeNamespace(namespace);
  if (result === -Errno.ENODEV)
    throw new NetnsError(`there is no interface "${name}" in ${where}`, {
      code: 'ENODEV',
      errno: Errno.ENODEV,
      syscall: 'setsockopt',
    });
  if (result === -Errno.EPERM)
    throw new NetnsError(
      `cannot bind a socket to the interface "${name}" in ${where}: kernels before 5.7 want CAP_NET_RAW for SO_BINDTODEVICE; grant it (setcap cap_net_raw+ep), or run as root`,
      { code: 'EPERM', errno: Errno.EPERM, syscall: 'setsockopt' },
    );
  throw NetnsError.fromErrno(-result, 'setsockopt', `cannot bind a socket to the interface "${name}" in ${where}`);
}
