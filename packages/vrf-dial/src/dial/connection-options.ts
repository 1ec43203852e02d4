import type { LookupFunction } from 'node:net';
import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { checkLocalAddress } from '../address/address.js';
import { checkGroup } from '../options/option-group.js';
import { boolean, callback, integer, milliseconds, oneOf, port } from '../options/value-checks.js';
import { DEFAULT_KEEP_ALIVE } from '../socket/tcp-keepalive.js';
import type { DialerSettings } from './dialer.js';

/** How a connection is made, whoever makes it. */
export interface ConnectionOptions {
  /** Milliseconds for name resolution, connection and (for https) the TLS handshake together; 0 for no limit. 30 s if nothing is said. */
  timeout?: number | undefined;
  /** Which addresses to use of a host that has both kinds; 0 (default) for both. */
  family?: 0 | 4 | 6 | undefined;
  /** An address of the namespace to connect from. */
  localAddress?: string | null | undefined;
  /** A port to connect from. */
  localPort?: number | undefined;
  /** Resolves host names instead of the resolver in the namespace; has the shape of `dns.lookup`. */
  lookup?: LookupFunction | undefined;
  /** Switches Nagle's algorithm off. */
  noDelay?: boolean | undefined;
  /** TCP keep-alive: milliseconds between probes, `false` for none. `true` (default) is 30 s, as Go's dialer has it. */
  keepAlive?: boolean | number | undefined;
  /** Milliseconds between probes where `keepAlive` is not a number. */
  keepAliveInitialDelay?: number | undefined;
  /** Bytes that the socket buffers. */
  highWaterMark?: number | undefined;
}

/** How the {@link ConnectionOptions} are checked, and what else people call them. */
export const CONNECTION_OPTIONS = {
  timeout: { check: milliseconds, synonyms: ['connecttimeout', 'connectiontimeout', 'timeoutms', 'dialtimeout'] },
  family: { check: oneOf(0, 4, 6), synonyms: ['ipfamily', 'ipversion', 'addressfamily'] },
  localAddress: {
    check: checkLocalAddress,
    synonyms: ['localaddr', 'sourceaddress', 'source', 'sourceip', 'srcaddr', 'localip', 'bindaddress'],
  },
  localPort: { check: port, synonyms: ['sourceport', 'srcport', 'bindport'] },
  lookup: { check: callback, synonyms: ['dnslookup', 'lookupfunction'] },
  noDelay: { check: boolean, synonyms: ['tcpnodelay', 'tcp_nodelay', 'nagle'] },
  keepAlive: { check: checkKeepAlive, synonyms: ['so_keepalive', 'tcpkeepalive'] },
  keepAliveInitialDelay: { check: milliseconds, synonyms: ['keepalivedelay', 'keepaliveinterval'] },
  highWaterMark: { check: integer(0, 2 ** 31 - 1) },
} as const;

/** What Go's dialer is given in goarista's example. */
export const DEFAULT_TIMEOUT = 30_000;

/**
 * Checks how connections are to be made.
 *
 * @throws InvalidOptionError with the option's name
 */
export function checkConnectionOptions(options: ConnectionOptions, defaults: { noDelay: boolean }): DialerSettings {
  // Agents are given null for "any address" by Node itself.
  const given = options.localAddress === null ? { ...options, localAddress: undefined } : options;
  const checked = checkGroup(given, CONNECTION_OPTIONS);
  const { family = 0, keepAlive = true, timeout = DEFAULT_TIMEOUT, noDelay = defaults.noDelay } = checked;
  return {
    connection: {
      localAddress: checked.localAddress,
      localPort: checked.localPort,
      noDelay,
      highWaterMark: checked.highWaterMark,
    },
    keepAlive:
      typeof keepAlive === 'number' ? keepAlive : keepAlive ? checked.keepAliveInitialDelay || DEFAULT_KEEP_ALIVE : 0,
    timeout,
    family,
    lookup: options.lookup,
  };
}

function checkKeepAlive(option: string, value: unknown): boolean | number {
  if (typeof value !== 'boolean' && !(typeof value === 'number' && value >= 0))
    throw new InvalidOptionError(
      option,
      `${option} must be true, false or a number of milliseconds, not ${shown(value)}`,
    );
  return value;
}
