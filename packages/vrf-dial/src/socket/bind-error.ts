import { NetnsError } from 'netns-core';
import { errnoName } from 'netns-core/sys';
import { isClusterWorker } from '../cluster-worker.js';

/**
 * A socket that could not be bound: address in use, not there, not allowed, … `code` is the kernel's, and `errno`
 * negative, as in Node's own errors of sockets.
 */
export class BindError extends NetnsError {
  override name = 'BindError';
  readonly address: string;
  readonly port: number;

  /** @param errno the positive error number */
  constructor(errno: number, syscall: string, { label, address, port }: BindPlace) {
    const code = errnoName(errno);
    const reason = REASONS[code] ?? 'the kernel refuses it';
    const hint = code === 'EADDRINUSE' && isClusterWorker() ? CLUSTER_HINT : '';
    super(
      `cannot bind to ${address.includes(':') ? `[${address}]` : address}:${port} in ${label}: ${reason}${hint} (${syscall}: ${code})`,
      {
        code,
        errno: -errno,
        syscall,
      },
    );
    this.address = address;
    this.port = port;
  }
}

/** Where a socket was to be bound. */
export interface BindPlace {
  /** How messages call the namespace. */
  readonly label: string;
  readonly address: string;
  readonly port: number;
}

const CLUSTER_HINT = ' (workers of a cluster bind sockets of their own: give each reusePort: true)';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there',
  EADDRNOTAVAIL: 'no interface there has this address (yet); freebind: true binds without it',
  EACCES:
    'the port takes CAP_NET_BIND_SERVICE in that namespace; raise the port, or lower net.ipv4.ip_unprivileged_port_start there',
  EPERM: 'the process is not allowed to',
  EINVAL: 'the kernel refuses the address: a link-local one needs a zone (fe80::1%eth0)',
  ENODEV: 'the interface of the zone is not there',
  EAFNOSUPPORT: 'the namespace does not have this kind of address',
};
