import { Socket, type TcpSocketConnectOpts } from 'node:net';
import { InvalidOptionError, type SocketOptions } from 'netns-core';
import { checkOptionsObject, checkPort, shown } from 'netns-core/checks';
import { checkHost } from '../address/destination.js';
import { checkGroup, optionNames, refuseUnknownOptions } from '../options/option-group.js';
import { abortSignal, boolean } from '../options/value-checks.js';
import type { AdoptOptions } from '../socket/adopt-socket.js';
import { handleOf } from '../socket/handle-fd.js';
import { PLACED } from '../socket/placed.js';
import type { TcpHandle } from '../socket/tcp-handle.js';
import { SOCKET_OPTIONS } from '../target/socket-options.js';
import { resolveTarget, type VrfTarget } from '../target/target.js';
import { TARGET_OPTIONS } from '../target/target-options.js';
import {
  CONNECTION_OPTIONS,
  type ConnectionOptions,
  checkConnectionOptions,
  connectionFor,
} from './connection-options.js';
import type { ConnectionSettings } from './connection-socket.js';
import { DeferredConnect } from './deferred-connect.js';
import { secondConnectError } from './dial-error.js';
import { Dialer } from './dialer.js';

/** Options of {@link createVrfSocket}. */
export interface VrfSocketOptions extends VrfTarget, SocketOptions, ConnectionOptions {
  /** Whether the writing side stays open when the peer ends its own. Default false. */
  allowHalfOpen?: boolean | undefined;
  /** Destroys the socket. */
  signal?: AbortSignal | undefined;
}

/** What a socket takes beside a target and {@link ConnectionOptions}. */
const VRF_SOCKET_OPTIONS = {
  allowHalfOpen: { check: boolean, synonyms: ['halfopen'] },
  signal: { check: abortSignal, synonyms: ['abortsignal', 'abort'] },
} as const;
const NAMES = optionNames([TARGET_OPTIONS, SOCKET_OPTIONS, CONNECTION_OPTIONS, VRF_SOCKET_OPTIONS]);

/** What `connect` would be led out of the VRF by. */
const REFUSED: Readonly<Record<string, string>> = {
  path: 'a UNIX socket is in no VRF',
  lookup: 'names are resolved in the VRF, or by the lookup given to createVrfSocket',
};

/**
 * Makes a TCP socket that is not connected yet: an ordinary `net.Socket` whose `connect` makes its connection in a VRF, a
 * namespace or over an interface. For libraries that make or want their socket synchronously and connect it themselves
 * (`stream` of mysql2 and pg, `createConnection`, `socketFactory`, …). Host names are resolved in the namespace; of
 * several addresses the first that answers is used. Events, timeouts and `destroy` while it connects are as for Node's
 * own sockets.
 *
 * `dial` is the same as a promise of a connected socket.
 *
 * @throws InvalidOptionError, InvalidNameError for bad options. What `dial` rejects with is the socket's 'error'
 */
export function createVrfSocket(options: VrfSocketOptions): Socket {
  return new VrfSocket(options);
}

class VrfSocket extends Socket {
  readonly #dialer: Dialer;
  readonly #connection: ConnectionSettings;

  constructor(options: VrfSocketOptions) {
    checkOptionsObject(options, 'createVrfSocket');
    refuseUnknownOptions(options, 'createVrfSocket', NAMES);
    const target = resolveTarget(options, 'createVrfSocket');
    const settings = checkConnectionOptions(options, { noDelay: false });
    const { allowHalfOpen, signal } = checkGroup(options, VRF_SOCKET_OPTIONS);
    const { noDelay, highWaterMark } = settings.connection;
    const made: AdoptOptions = { noDelay };
    if (highWaterMark !== undefined) made.highWaterMark = highWaterMark;
    if (allowHalfOpen !== undefined) made.allowHalfOpen = allowHalfOpen;
    if (signal !== undefined) made.signal = signal;
    super(made);
    this.#dialer = new Dialer(target, settings);
    this.#connection = settings.connection;
  }

  override connect(...args: unknown[]): this {
    const { options, listener } = connectArguments(args);
    for (const [option, reason] of Object.entries(REFUSED))
      if (options[option] !== undefined && options[option] !== null)
        throw new InvalidOptionError(option, `a socket in a VRF takes no ${option} to connect: ${reason}`);
    const host = checkHost('host', options.host ?? 'localhost');
    const port = checkPort('port', Number(options.port), { zero: true });
    const connection = connectionFor(this.#connection, options);
    if (handleOf(this) !== undefined && !this.destroyed) {
      const error = secondConnectError(this, host, port);
      process.nextTick(() => this.destroy(error));
      return this;
    }
    const deferred = new DeferredConnect({
      dial: (connector, found, cancellation) => this.#dialer.dial(found, port, cancellation, connection, connector),
    });
    deferred.guard(() => this.destroy());
    super.connect(
      {
        ...options,
        host,
        port,
        family: connection.family,
        // Ours, at the sockets that we make.
        localAddress: undefined,
        localPort: undefined,
        // With more than one address Node would make sockets of its own, at home.
        autoSelectFamily: false,
        lookup: deferred.lookup,
        [PLACED]: true,
      } as TcpSocketConnectOpts,
      listener,
    );
    deferred.takeOver(this, handleOf<TcpHandle>(this));
    return this;
  }
}

/** The forms of `net.Socket.connect`: `(options)`, `(port, host)`, each with a listener, or an array of these. */
function connectArguments(args: readonly unknown[]): {
  options: Record<string, unknown>;
  listener: (() => void) | undefined;
} {
  const list: readonly unknown[] = Array.isArray(args[0]) ? args[0] : args;
  const last = list.findLast((argument) => argument !== undefined && argument !== null);
  const listener = typeof last === 'function' ? (last as () => void) : undefined;
  const [first, second] = list;
  if (typeof first === 'object' && first !== null) return { options: { ...first }, listener };
  if (typeof first === 'string' && !/^\d+$/.test(first))
    throw new InvalidOptionError('path', `a socket in a VRF takes no path to connect: ${REFUSED.path}`);
  if (typeof first !== 'number' && typeof first !== 'string')
    throw new InvalidOptionError('port', `connect takes a port or an object with one, not ${shown(first)}`);
  return { options: { port: first, ...(typeof second === 'string' ? { host: second } : undefined) }, listener };
}
