import type { LookupFunction, Socket } from 'node:net';
import { InvalidOptionError, parseAddress, type SocketOptions } from 'netns-core';
import { checkBoolean, checkFunction, checkInteger, checkMilliseconds, checkPort, shown } from 'netns-core/checks';
import { checkNoUnknownOptions } from '../option-checks.js';
import { resolveTarget, TARGET_OPTIONS, type VrfTarget } from '../target.js';
import { Cancellation } from './cancellation.js';
import { checkHost, checkLocalAddress, splitHostAndPort } from './destination.js';
import { Dialer, type DialerSettings } from './dialer.js';
import { DEFAULT_KEEP_ALIVE } from './tcp-keepalive.js';

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

/** Options of {@link dial}. */
export interface DialOptions extends VrfTarget, SocketOptions, ConnectionOptions {
  /** An address (`'192.0.2.1'`, `'2001:db8::1'`, `'fe80::1%eth0'`) or a name, which is resolved in the namespace. */
  host: string;
  port: number;
  /** Ends the dial at any stage; the promise rejects with its reason. */
  signal?: AbortSignal | undefined;
}

/** The names of all options of {@link ConnectionOptions}. */
export const CONNECTION_OPTIONS: readonly string[] = [
  'timeout',
  'family',
  'localAddress',
  'localPort',
  'lookup',
  'noDelay',
  'keepAlive',
  'keepAliveInitialDelay',
  'highWaterMark',
];

const DIAL_OPTIONS: readonly string[] = [...TARGET_OPTIONS, ...CONNECTION_OPTIONS, 'host', 'port', 'signal'];

/** What Go's dialer is given in goarista's example. */
export const DEFAULT_TIMEOUT = 30_000;

/**
 * Checks how connections are to be made.
 *
 * @throws InvalidOptionError with the option's name
 */
export function checkConnectionOptions(options: ConnectionOptions, defaults: { noDelay: boolean }): DialerSettings {
  const { family = 0, keepAlive = true } = options;
  if (family !== 0 && family !== 4 && family !== 6)
    throw new InvalidOptionError('family', `family must be 0, 4 or 6, not ${shown(family)}`);
  if (typeof keepAlive !== 'boolean' && !(typeof keepAlive === 'number' && keepAlive >= 0))
    throw new InvalidOptionError(
      'keepAlive',
      `keepAlive must be true, false or a number of milliseconds, not ${shown(keepAlive)}`,
    );
  checkFunction('lookup', options.lookup);
  const initialDelay = checkMilliseconds('keepAliveInitialDelay', options.keepAliveInitialDelay);
  return {
    connection: {
      localAddress: checkLocalAddress('localAddress', options.localAddress),
      localPort:
        options.localPort === undefined ? undefined : checkPort('localPort', options.localPort, { zero: true }),
      noDelay: checkBoolean('noDelay', options.noDelay) ?? defaults.noDelay,
      highWaterMark: checkInteger('highWaterMark', options.highWaterMark, 0, 2 ** 31 - 1),
    },
    keepAlive: typeof keepAlive === 'number' ? keepAlive : keepAlive ? initialDelay || DEFAULT_KEEP_ALIVE : 0,
    timeout: checkMilliseconds('timeout', options.timeout) ?? DEFAULT_TIMEOUT,
    family,
    lookup: options.lookup,
  };
}

/**
 * Opens a TCP connection from a VRF, a namespace or an interface. The socket is made in the namespace and nothing that
 * leads to it, name resolution included, leaves from anywhere else.
 *
 * @returns a connected socket, an ordinary one of Node's
 * @throws InvalidOptionError, InvalidNameError for bad options; NamespaceNotFoundError; NetnsError `EPERM`;
 *   NameResolutionError; DialError (`ECONNREFUSED`, `ENETUNREACH`, `EHOSTUNREACH`, `ETIMEDOUT`, …);
 *   AllAddressesFailedError; the reason of `signal`
 */
export function dial(options: DialOptions): Promise<Socket>;
/**
 * @param address `'[<vrf>/]host:port'`: `'management/192.0.2.1:80'`, `'red/[2001:db8::1]:443'`, `'192.0.2.1:80'`
 */
export function dial(
  address: string,
  options?: Omit<DialOptions, 'host' | 'port' | 'vrf' | 'namespace'>,
): Promise<Socket>;
export async function dial(given: DialOptions | string, more: Partial<DialOptions> = {}): Promise<Socket> {
  const options = typeof given === 'string' ? fromText(given, more) : given;
  const target = resolveTarget(options);
  checkNoUnknownOptions(options, DIAL_OPTIONS, 'dial');
  const host = checkHost('host', options.host);
  const port = checkPort('port', options.port);
  const settings = checkConnectionOptions(options, { noDelay: false });
  const { signal } = options;
  if (signal === undefined) return new Dialer(target, settings).dial(host, port, new Cancellation());
  if (!(signal instanceof AbortSignal))
    throw new InvalidOptionError('signal', `signal must be an AbortSignal, not ${shown(signal)}`);
  signal.throwIfAborted();
  const cancellation = new Cancellation();
  const abort = (): void => cancellation.cancel(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await new Dialer(target, settings).dial(host, port, cancellation);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function fromText(text: string, options: Partial<DialOptions>): DialOptions {
  for (const option of ['host', 'port', 'vrf', 'namespace'] as const)
    if (options[option] !== undefined)
      throw new InvalidOptionError(option, `${option} is given twice: in the address ${shown(text)} and as an option`);
  if (text.includes('://'))
    throw new InvalidOptionError(
      'address',
      `dial takes [<vrf>/]host:port, not a URL${text.includes('@') ? '' : ` (${text})`}`,
    );
  const { namespace, address } = parseAddress(text);
  const { host, port } = splitHostAndPort(address);
  return { ...options, ...(text.includes('/') ? { namespace } : undefined), host, port };
}
