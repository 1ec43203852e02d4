import type { Socket } from 'node:net';
import { NetnsError, type NetnsErrorDetails } from 'netns-core';
import { errnoNumber } from 'netns-core/sys';

/**
 * A connection that was not made: refused, unreachable, timed out, … `code` is the kernel's, and `errno` negative, as in
 * Node's own errors of sockets.
 */
export class DialError extends NetnsError {
  override name = 'DialError';
  readonly host: string;
  readonly port: number;
  /** The address that was tried; not there when it never came to that. */
  readonly address?: string;

  constructor(
    message: string,
    details: NetnsErrorDetails & {
      host: string;
      port: number;
      address?: string | undefined;
    },
  ) {
    super(message, details);
    this.host = details.host;
    this.port = details.port;
    if (details.address !== undefined) this.address = details.address;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused, nothing listens there',
  ENETUNREACH: 'the namespace has no route to it',
  EHOSTUNREACH: 'the host is unreachable',
  ENETDOWN: 'the network is down',
  ETIMEDOUT: 'timed out',
  ECONNRESET: 'the connection was reset',
  EADDRNOTAVAIL: 'the namespace does not have the local address, or has no port left',
  EADDRINUSE: 'the local address and port are in use',
  EACCES: 'a rule forbids it (EACCES), or the local port takes CAP_NET_BIND_SERVICE',
  EPERM: 'a firewall rule forbids it',
  EINVAL:
    'the kernel refuses the address: a link-local one needs a zone (fe80::1%eth0), loopback cannot leave its device',
  ENODEV: 'the interface is gone',
};

/** `192.0.2.1:80`, `[2001:db8::1]:80`. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Makes the error of a failed `bind` or `connect` that Node has reported. */
export function connectError(
  error: NodeJS.ErrnoException,
  label: string,
  { host, address, port }: { host: string; address: string; port: number },
): DialError {
  const code = error.code ?? 'ERR_DIAL';
  const reason = REASONS[code] ?? error.message;
  const syscall = error.syscall ?? 'connect';
  const by = host === address ? '' : ` (${address})`;
  return new DialError(
    `cannot connect to ${hostAndPort(host, port)}${by} in ${label}: ${reason} (${syscall}: ${code})`,
    {
      code,
      errno: error.errno,
      syscall,
      host,
      port,
      address,
      cause: error,
    },
  );
}

/** The error of a dial that took too long. */
export function timeoutError(label: string, host: string, port: number, timeout: number): DialError {
  return new DialError(
    `cannot connect to ${hostAndPort(host, port)} in ${label}: no connection within ${timeout} ms (ETIMEDOUT)`,
    { code: 'ETIMEDOUT', errno: -errnoNumber('ETIMEDOUT'), syscall: 'connect', host, port },
  );
}

/** The error of a `connect` of a socket that is connected or connecting: as the kernel would refuse it. */
export function secondConnectError({ connecting }: Socket, host: string, port: number): DialError {
  const code = connecting ? 'EALREADY' : 'EISCONN';
  return new DialError(
    `cannot connect to ${hostAndPort(host, port)}: the socket is ${connecting ? 'connecting' : 'connected'} already (connect: ${code})`,
    { code, errno: -errnoNumber(code), syscall: 'connect', host, port },
  );
}
