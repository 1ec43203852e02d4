import { NetnsError } from '../errors.js';
import { IFNAMSIZ } from '../sys/index.js';

/** Options of a socket, set before it is used. */
export interface SocketOptions {
  /**
   * The TOS byte of IPv4 and the traffic class of IPv6 (0-255): the DSCP in the upper six bits. Sets `IP_TOS` and, on
   * IPv6 sockets, `IPV6_TCLASS` too, so that it holds for both on a dual-stack socket. TCP ignores the two ECN bits.
   */
  tos?: number | undefined;
  /** The firewall mark (`SO_MARK`, 0 to 2^32-1). Needs CAP_NET_ADMIN or CAP_NET_RAW. */
  mark?: number | undefined;
  /** An interface or VRF device of the socket's namespace (`SO_BINDTODEVICE`). Needs CAP_NET_RAW before Linux 5.7. */
  interface?: string | undefined;
  /** The queueing priority (`SO_PRIORITY`); 0 to 6 need no capability. */
  priority?: number | undefined;
  reuseAddress?: boolean | undefined;
  reusePort?: boolean | undefined;
  /** Only IPv6, not also IPv4 (`IPV6_V6ONLY`); for `family: 'ipv6'`. */
  ipv6Only?: boolean | undefined;
  /** Allows binding to an address that is not there (yet) (`IP_FREEBIND`). */
  freebind?: boolean | undefined;
  /** Allows binding to anybody's address (`IP_TRANSPARENT`). Needs CAP_NET_ADMIN or CAP_NET_RAW. */
  transparent?: boolean | undefined;
}

/**
 * Checks the values of socket options.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`, naming the option
 */
export function checkSocketOptions(options: SocketOptions): void {
  checkInteger('tos', options.tos, 0, 255);
  checkInteger('mark', options.mark, 0, 0xffffffff);
  checkInteger('priority', options.priority, 0, 0x7fffffff);
  for (const name of ['reuseAddress', 'reusePort', 'ipv6Only', 'freebind', 'transparent'] as const) {
    const value = options[name];
    if (value !== undefined && typeof value !== 'boolean') throw invalidOption(name, value, 'true or false');
  }
  if (options.interface !== undefined) checkInterfaceName(options.interface);
}

/** The error of an option that has a wrong value. */
export function invalidOption(name: string, value: unknown, expected: string): NetnsError {
  const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return new NetnsError(`the option ${name} must be ${expected}, not ${shown}`, { code: 'ERR_INVALID_ARGUMENT' });
}

function checkInteger(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined) return;
  if (!Number.isInteger(value) || value < least || value > most)
    throw invalidOption(name, value, `a whole number from ${least} to ${most}`);
}

/** The rules of the kernel's `dev_valid_name`. */
function checkInterfaceName(name: unknown): void {
  if (
    typeof name !== 'string' ||
    name === '' ||
    name === '.' ||
    name === '..' ||
    Buffer.byteLength(name) >= IFNAMSIZ ||
    /[/:\s\0]/.test(name)
  )
    throw invalidOption('interface', name, `an interface name (1 to ${IFNAMSIZ - 1} bytes, no slash, colon or space)`);
}
