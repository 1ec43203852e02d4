import type { SocketOptions } from 'netns-core';
import { InvalidOptionError } from 'netns-core';
import { checkInteger, checkPort, shown } from 'netns-core/checks';
import { type Address, checkLocalAddress } from '../dial/destination.js';
import { checkNoUnknownOptions } from '../option-checks.js';
import { type ResolvedTarget, resolveTarget, TARGET_OPTIONS, type VrfTarget } from '../target.js';

/** Options of `createUdpSocket`. */
export interface UdpOptions extends VrfTarget, SocketOptions {
  type: 'udp4' | 'udp6';
  /** Where to bind; any address and a port of the kernel's choice if nothing is said. */
  bind?: { address?: string | undefined; port?: number | undefined } | undefined;
  /** Bytes, `SO_RCVBUF`. */
  recvBufferSize?: number | undefined;
  /** Bytes, `SO_SNDBUF`. */
  sendBufferSize?: number | undefined;
  /** Ends the waiting for a namespace, and closes the socket afterwards. */
  signal?: AbortSignal | undefined;
}

/** Options that have been checked. */
export interface UdpSettings {
  readonly target: ResolvedTarget;
  readonly type: 'udp4' | 'udp6';
  readonly address: Address;
  readonly port: number;
  readonly recvBufferSize: number | undefined;
  readonly sendBufferSize: number | undefined;
  readonly signal: AbortSignal | undefined;
}

const UDP_OPTIONS: readonly string[] = [
  ...TARGET_OPTIONS,
  'type',
  'bind',
  'recvBufferSize',
  'sendBufferSize',
  'signal',
];

/**
 * Checks the options of a UDP socket; opens nothing.
 *
 * @throws InvalidOptionError, InvalidNameError with the option's name
 */
export function checkUdpOptions(options: UdpOptions): UdpSettings {
  const target = resolveTarget(options);
  checkNoUnknownOptions(options, UDP_OPTIONS, 'createUdpSocket');
  const { type, bind = {}, signal } = options;
  if (type !== 'udp4' && type !== 'udp6')
    throw new InvalidOptionError('type', `type must be 'udp4' or 'udp6', not ${shown(type)}`);
  if (typeof bind !== 'object' || bind === null)
    throw new InvalidOptionError('bind', `bind must be an object with address and port, not ${shown(bind)}`);
  checkNoUnknownOptions(bind, ['address', 'port'], 'bind');
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new InvalidOptionError('signal', `signal must be an AbortSignal, not ${shown(signal)}`);
  const family = type === 'udp6' ? 6 : 4;
  const address = checkLocalAddress('bind.address', bind.address) ?? {
    address: family === 6 ? '::' : '0.0.0.0',
    family,
    zone: undefined,
  };
  if (address.family !== family)
    throw new InvalidOptionError(
      'bind.address',
      `bind.address ${shown(bind.address)} is no address of a ${type} socket`,
    );
  return {
    target,
    type,
    address,
    port: bind.port === undefined ? 0 : checkPort('bind.port', bind.port, { zero: true }),
    recvBufferSize: checkInteger('recvBufferSize', options.recvBufferSize, 1, 2 ** 31 - 1),
    sendBufferSize: checkInteger('sendBufferSize', options.sendBufferSize, 1, 2 ** 31 - 1),
    signal,
  };
}
