import type { Socket } from 'node:net';
import { InvalidOptionError, parseAddress, type SocketOptions } from 'netns-core';
import { checkOptionsObject, checkPort, onAbort, shown } from 'netns-core/checks';
import { checkHost, splitHostAndPort } from '../address/destination.js';
import { Cancellation } from '../cancellation.js';
import { checkGroup, optionNames, refuseUnknownOptions } from '../options/option-group.js';
import { abortSignal, checkedElsewhere } from '../options/value-checks.js';
import { SOCKET_OPTIONS } from '../target/socket-options.js';
import { resolveTarget, type VrfTarget } from '../target/target.js';
import { TARGET_OPTIONS } from '../target/target-options.js';
import { CONNECTION_OPTIONS, type ConnectionOptions, checkConnectionOptions } from './connection-options.js';
import { Dialer } from './dialer.js';

/** Options of {@link dial}. */
export interface DialOptions extends VrfTarget, SocketOptions, ConnectionOptions {
  /** An address (`'192.0.2.1'`, `'2001:db8::1'`, `'fe80::1%eth0'`) or a name, which is resolved in the namespace. */
  host: string;
  port: number;
  /** Ends the dial at any stage; the promise rejects with its reason. */
  signal?: AbortSignal | undefined;
}

/** What `dial` takes beside a target and {@link ConnectionOptions}. */
export const DIAL_OPTIONS = {
  host: { check: checkedElsewhere, synonyms: ['hostname', 'address', 'ip', 'remoteaddress', 'destination'] },
  port: { check: checkedElsewhere, synonyms: ['remoteport', 'destinationport'] },
  signal: { check: abortSignal, synonyms: ['abortsignal', 'abort'] },
} as const;
const NAMES = optionNames([TARGET_OPTIONS, SOCKET_OPTIONS, CONNECTION_OPTIONS, DIAL_OPTIONS]);

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
 * @param address `'<vrf>/host:port'`: `'management/192.0.2.1:80'`, `'red/[2001:db8::1]:443'`. Without a VRF in it, the
 *   options must say where: `dial('192.0.2.1:80', { namespace: '' })`
 */
export function dial(address: string, options?: Omit<DialOptions, 'host' | 'port'>): Promise<Socket>;
export async function dial(given: DialOptions | string, more: Partial<DialOptions> = {}): Promise<Socket> {
  const options = typeof given === 'string' ? fromText(given, more) : given;
  checkOptionsObject(options, 'dial');
  refuseUnknownOptions(options, 'dial', NAMES);
  const target = resolveTarget(options, 'dial');
  const host = checkHost('host', options.host);
  const port = checkPort('port', options.port);
  const settings = checkConnectionOptions(options, { noDelay: false });
  const { signal } = checkGroup(options, DIAL_OPTIONS);
  if (signal === undefined) return new Dialer(target, settings).dial(host, port, new Cancellation());
  signal.throwIfAborted();
  const cancellation = new Cancellation();
  const withdraw = onAbort(signal, () => cancellation.cancel(signal.reason));
  try {
    return await new Dialer(target, settings).dial(host, port, cancellation);
  } finally {
    withdraw();
  }
}

function fromText(text: string, options: Partial<DialOptions>): DialOptions {
  checkOptionsObject(options, 'dial');
  const inText = text.includes('/') ? (['host', 'port', 'vrf', 'namespace'] as const) : (['host', 'port'] as const);
  for (const option of inText)
    if (options[option] !== undefined)
      throw new InvalidOptionError(option, `${option} is given twice: in the address ${shown(text)} and as an option`);
  if (text.includes('://'))
    throw new InvalidOptionError(
      'address',
      `dial takes <vrf>/host:port, not a URL${text.includes('@') ? '' : ` (${shown(text)})`}`,
    );
  const { namespace, address } = parseAddress(text);
  const { host, port } = splitHostAndPort(address);
  if (!text.includes('/')) return { ...options, host, port };
  if (namespace === '')
    throw new InvalidOptionError(
      'address',
      `${shown(text)} names no VRF before the '/': write '<vrf>/host:port', or give 'host:port' and say namespace: '' for the caller's own namespace`,
    );
  const { vrf: _vrf, namespace: _namespace, ...rest } = options;
  return { ...rest, namespace, host, port };
}
