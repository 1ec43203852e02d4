import { checkBoolean, checkInteger, checkOptionsObject, shown } from '../checks/index.js';
import { InvalidOptionError } from '../errors.js';
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

/** The names of {@link SocketOptions}. */
export const SOCKET_OPTION_NAMES = [
  'tos',
  'mark',
  'interface',
  'priority',
  'reuseAddress',
  'reusePort',
  'ipv6Only',
  'freebind',
  'transparent',
] as const satisfies readonly (keyof SocketOptions)[];

/** What other programs call these options. */
export const SOCKET_OPTION_SYNONYMS: Readonly<Record<string, string>> = {
  netns: 'namespace',
  ns: 'namespace',
  vrf: 'namespace: { vrf }',
  device: 'interface',
  dev: 'interface',
  iface: 'interface',
  bindtodevice: 'interface',
  fwmark: 'mark',
  reuseaddr: 'reuseAddress',
};

/**
 * Checks the values of socket options.
 *
 * @throws InvalidOptionError
 */
export function checkSocketOptions(options: SocketOptions): void {
  checkOptionsObject(options, 'checkSocketOptions');
  checkInteger('tos', options.tos, 0, 255);
  checkInteger('mark', options.mark, 0, 0xffffffff);
  checkInteger('priority', options.priority, 0, 0x7fffffff);
  for (const name of ['reuseAddress', 'reusePort', 'ipv6Only', 'freebind', 'transparent'] as const)
    checkBoolean(name, options[name]);
  if (options.interface !== undefined) checkInterfaceName(options.interface);
}

/** The rules of the kernel's `dev_valid_name`. */
export function isInterfaceName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    Buffer.byteLength(name) < IFNAMSIZ &&
    !/[/:\s\0]/.test(name)
  );
}

function checkInterfaceName(name: unknown): void {
  if (!isInterfaceName(name))
    throw new InvalidOptionError(
      'interface',
      `interface must be the name of an interface (1 to ${IFNAMSIZ - 1} bytes, no slash, colon or space), got ${shown(name)}`,
    );
}
