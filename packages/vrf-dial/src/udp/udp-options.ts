import type { SocketOptions } from 'netns-core';
import { InvalidOptionError } from 'netns-core';
import { checkOptionsObject, shown } from 'netns-core/checks';
import { type Address, checkLocalAddress } from '../address/address.js';
import { checkGroup, optionNames, refuseUnknownOptions } from '../options/option-group.js';
import { abortSignal, checkedElsewhere, integer, oneOf, port } from '../options/value-checks.js';
import { SOCKET_OPTIONS } from '../target/socket-options.js';
import { type ResolvedTarget, resolveTarget, type VrfTarget } from '../target/target.js';
import { TARGET_OPTIONS } from '../target/target-options.js';

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

/** What a UDP socket takes beside a target. */
const UDP_OPTIONS = {
  type: { check: oneOf('udp4', 'udp6'), synonyms: ['family', 'sockettype'] },
  bind: { check: checkedElsewhere, synonyms: ['address', 'port', 'localaddress', 'localport', 'host'] },
  recvBufferSize: { check: integer(1, 2 ** 31 - 1), synonyms: ['so_rcvbuf', 'rcvbuf', 'receivebuffersize'] },
  sendBufferSize: { check: integer(1, 2 ** 31 - 1), synonyms: ['so_sndbuf', 'sndbuf'] },
  signal: { check: abortSignal, synonyms: ['abortsignal', 'abort'] },
} as const;
const NAMES = optionNames([TARGET_OPTIONS, SOCKET_OPTIONS, UDP_OPTIONS]);

/** Where it is bound. */
const BIND_OPTIONS = {
  address: { check: checkLocalAddress, synonyms: ['host', 'hostname', 'ip', 'addr', 'localaddress'] },
  port: { check: port, synonyms: ['localport'] },
} as const;
const BIND_NAMES = optionNames([BIND_OPTIONS]);

/**
 * Checks the options of a UDP socket; opens nothing.
 *
 * @throws InvalidOptionError, InvalidNameError with the option's name
 */
export function checkUdpOptions(options: UdpOptions): UdpSettings {
  checkOptionsObject(options, 'createUdpSocket');
  refuseUnknownOptions(options, 'createUdpSocket', NAMES);
  const target = resolveTarget(options, 'createUdpSocket');
  const { type, recvBufferSize, sendBufferSize, signal } = checkGroup(options, UDP_OPTIONS);
  if (type === undefined) throw new InvalidOptionError('type', "type is missing: give 'udp4' or 'udp6'");
  const { bind = {} } = options;
  if (typeof bind !== 'object' || bind === null)
    throw new InvalidOptionError('bind', `bind must be an object with address and port, not ${shown(bind)}`);
  refuseUnknownOptions(bind, 'bind', BIND_NAMES);
  const bound = checkGroup(bind, BIND_OPTIONS, 'bind.');
  const family = type === 'udp6' ? 6 : 4;
  const address = bound.address ?? { address: family === 6 ? '::' : '0.0.0.0', family, zone: undefined };
  if (address.family !== family)
    throw new InvalidOptionError(
      'bind.address',
      `bind.address ${shown(bind.address)} is not an address of a ${type} socket`,
    );
  return { target, type, address, port: bound.port ?? 0, recvBufferSize, sendBufferSize, signal };
}
