import type { LookupFunction } from 'node:net';
import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { checkLocalAddress } from '../address/address.js';
import { checkGroup } from '../options/option-group.js';
import { boolean, callback, integer, milliseconds, oneOf, port } from '../options/value-checks.js';
import { DEFAULT_KEEP_ALIVE } from '../socket/tcp-keepalive.js';
import type { ConnectionSettings } from './connection-socket.js';
import type { DialerSettings } from './dialer.js';

/** How a connection is made, with any client. */
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
  /** Whether further addresses of a host are tried when the preferred one does not answer (RFC 8305). Default true. */
  autoSelectFamily?: boolean | null | undefined;
  /** Milliseconds until the next address is tried beside the one before. Default 250; less than 10 is 10. */
  autoSelectFamilyAttemptTimeout?: number | null | undefined;
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
  autoSelectFamily: { check: boolean, synonyms: ['happyeyeballs', 'autoselect'] },
  autoSelectFamilyAttemptTimeout: { check: integer(1, 2 ** 31 - 1), synonyms: ['attemptdelay', 'attempttimeout'] },
} as const;

/** As Node has it. */
const MIN_ATTEMPT_DELAY_MS = 10;
/** What Go's dialer is given in goarista's example. */
export const DEFAULT_TIMEOUT = 30_000;

/**
 * Checks how connections are to be made.
 *
 * @throws InvalidOptionError with the option's name
 */
export function checkConnectionOptions(options: ConnectionOptions, defaults: { noDelay: boolean }): DialerSettings {
  const checked = checkGroup(withoutNulls(options), CONNECTION_OPTIONS);
  const { family = 0, keepAlive = true, timeout = DEFAULT_TIMEOUT, noDelay = defaults.noDelay } = checked;
  return {
    connection: {
      localAddress: checked.localAddress,
      localPort: checked.localPort,
      noDelay,
      highWaterMark: checked.highWaterMark,
      family,
      autoSelectFamily: checked.autoSelectFamily ?? true,
      attemptDelay:
        checked.autoSelectFamilyAttemptTimeout === undefined
          ? undefined
          : Math.max(MIN_ATTEMPT_DELAY_MS, checked.autoSelectFamilyAttemptTimeout),
    },
    keepAlive:
      typeof keepAlive === 'number' ? keepAlive : keepAlive ? checked.keepAliveInitialDelay || DEFAULT_KEEP_ALIVE : 0,
    timeout,
    lookup: options.lookup,
  };
}

/** Node and undici take null for some options as if they were not given. */
function withoutNulls(options: ConnectionOptions): ConnectionOptions {
  const { localAddress, autoSelectFamily, autoSelectFamilyAttemptTimeout } = options;
  if (localAddress !== null && autoSelectFamily !== null && autoSelectFamilyAttemptTimeout !== null) return options;
  return {
    ...options,
    localAddress: localAddress ?? undefined,
    autoSelectFamily: autoSelectFamily ?? undefined,
    autoSelectFamilyAttemptTimeout: autoSelectFamilyAttemptTimeout ?? undefined,
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

/** What one connection may want otherwise than its socket or agent was told. */
const CONNECT_OPTIONS = {
  family: { check: family },
  localAddress: { check: checkLocalAddress },
  localPort: CONNECTION_OPTIONS.localPort,
  autoSelectFamily: CONNECTION_OPTIONS.autoSelectFamily,
  autoSelectFamilyAttemptTimeout: CONNECTION_OPTIONS.autoSelectFamilyAttemptTimeout,
} as const;

/**
 * The settings of one connection.
 *
 * @param options of `net.connect` or of a request; others than those in question are left alone
 * @throws InvalidOptionError with the option's name
 */
export function connectionFor(
  settings: ConnectionSettings,
  options: Readonly<Record<string, unknown>>,
): ConnectionSettings {
  const given: Record<string, unknown> = {};
  // null is what Node's agents have for "not given".
  for (const option of Object.keys(CONNECT_OPTIONS)) given[option] = options[option] ?? undefined;
  const checked = checkGroup(given, CONNECT_OPTIONS);
  return {
    ...settings,
    localAddress: checked.localAddress ?? settings.localAddress,
    localPort: checked.localPort ?? settings.localPort,
    family: checked.family || settings.family,
    autoSelectFamily: checked.autoSelectFamily ?? settings.autoSelectFamily,
    attemptDelay: checked.autoSelectFamilyAttemptTimeout ?? settings.attemptDelay,
  };
}

/** As `net.connect` takes it: `server.address()` has it in words. */
function family(option: string, value: unknown): 0 | 4 | 6 {
  if (value === 'IPv4') return 4;
  if (value === 'IPv6') return 6;
  return oneOf(0, 4, 6)(option, value);
}
