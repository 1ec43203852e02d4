import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { NETLINK_GENERIC, NETLINK_ROUTE, NETLINK_SOCK_DIAG } from '../uapi/netlink.js';

/** A protocol of netlink: one with a name here, or its number in `<linux/netlink.h>`. */
export type NetlinkProtocol = 'route' | 'generic' | 'sock_diag' | number;

const NUMBERS: Readonly<Record<string, number>> = {
  route: NETLINK_ROUTE,
  generic: NETLINK_GENERIC,
  sock_diag: NETLINK_SOCK_DIAG,
};

/** `MAX_LINKS` of `<linux/netlink.h>`. */
const PROTOCOLS = 32;

/** The number of a protocol; `'route'` if left out. */
export function protocolNumber(protocol: NetlinkProtocol | undefined): number {
  return typeof protocol === 'number' ? protocol : (NUMBERS[protocol ?? 'route'] ?? NETLINK_ROUTE);
}

/** Checks a protocol; `undefined` passes. @throws InvalidOptionError */
export function checkProtocol(protocol: unknown): void {
  const fits =
    protocol === undefined ||
    (typeof protocol === 'string'
      ? Object.hasOwn(NUMBERS, protocol)
      : Number.isInteger(protocol) && Number(protocol) >= 0 && Number(protocol) < PROTOCOLS);
  if (!fits)
    throw new InvalidOptionError(
      'protocol',
      `protocol must be one of ${Object.keys(NUMBERS).join(', ')} or a number up to ${PROTOCOLS - 1}, got ${shown(protocol)}`,
    );
}
