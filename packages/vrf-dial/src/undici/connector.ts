import type { Socket } from 'node:net';
import type { TLSSocket, ConnectionOptions as TlsConnectionOptions } from 'node:tls';
import type { SocketOptions } from 'netns-core';
import { InvalidOptionError } from 'netns-core';
import { checkOptionsObject, shown } from 'netns-core/checks';
import { buildConnector } from 'undici';
import { checkLocalAddress } from '../address/address.js';
import type { Cancellation } from '../cancellation.js';
import { type Deadline, setDeadline } from '../deadline.js';
import type { VrfLogger } from '../diagnostics.js';
import { CONNECTION_OPTIONS } from '../dial/connection-options.js';
import {
  type ConnectionOptions,
  checkConnectionOptions,
  Dialer,
  type DialerSettings,
  timeoutError,
} from '../dial/index.js';
import { NET_OPTIONS, TLS_OPTIONS, TLS_SYNONYMS } from '../options/node-options.js';
import { checkGroup, namesOf, optionNames, refuseMisspeltOptions } from '../options/option-group.js';
import { logger } from '../options/value-checks.js';
import { type NamespaceReplacedError, OpenConnections, type Pending } from '../replacement/open-connections.js';
import { handleOf } from '../socket/handle-fd.js';
import { namespaceOfSocket } from '../socket/socket-namespace.js';
import { SOCKET_OPTIONS } from '../target/socket-options.js';
import { type ResolvedTarget, resolveTarget, type VrfTarget } from '../target/target.js';
import { TARGET_OPTIONS } from '../target/target-options.js';
import { asUndiciError } from './connect-timeout-error.js';
import { endAfterRequest } from './end-after-request.js';
import { UNDICI_CONNECT_OPTIONS } from './undici-options.js';

/** TLS options that have a meaning here; what would name another socket has none. */
type TlsOptions = Omit<
  TlsConnectionOptions,
  'path' | 'socket' | 'host' | 'port' | 'timeout' | 'lookup' | keyof ConnectionOptions
>;

/** Options of {@link createVrfConnector}: where, how, and undici's own for TLS (`ca`, `rejectUnauthorized`, …). */
export interface VrfConnectorOptions extends VrfTarget, SocketOptions, ConnectionOptions, TlsOptions {
  /** Takes notes of namespaces that are removed or replaced; `console` will do. */
  logger?: VrfLogger | undefined;
  /** Offers HTTP/2 to TLS servers. The dispatcher must have the option, too. */
  allowH2?: boolean | undefined;
  /** How many TLS sessions are kept (100). */
  maxCachedSessions?: number | null | undefined;
  /** Speaks HTTP/2 without TLS, as undici's option of that name. */
  useH2c?: boolean | undefined;
}

/** What a connector takes of ours beside the target and the connection. */
const CONNECTOR_OPTIONS = { logger: { check: logger, synonyms: ['log', 'logging'] } } as const;
const GROUPS = [TARGET_OPTIONS, SOCKET_OPTIONS, CONNECTION_OPTIONS, CONNECTOR_OPTIONS] as const;
/** What buildConnector is not given. */
const OURS: readonly string[] = [...namesOf(...GROUPS), 'useH2c'];
const NAMES = optionNames(GROUPS, [...UNDICI_CONNECT_OPTIONS, ...TLS_OPTIONS, ...NET_OPTIONS], TLS_SYNONYMS);
/** What would lead past the namespace. */
const REFUSED: Readonly<Record<string, string>> = {
  socketPath: 'a UNIX socket is in no VRF',
  path: 'a UNIX socket is in no VRF',
  typeOfService: 'the option is called tos here',
  socket: 'the connector makes its sockets itself, in the VRF',
};

/** The connector of one agent: undici's contract on the outside, {@link Dialer} and TLS inside. */
export class VrfConnector {
  readonly target: ResolvedTarget;
  readonly connections: OpenConnections;
  readonly #dialer: Dialer;
  readonly #settings: DialerSettings;
  readonly #tlsOptions: buildConnector.BuildOptions;
  readonly #useH2c: boolean;
  /**
   * undici's connector, with its cache of TLS sessions, and the key of the namespace that these were made in. A socket of
   * another namespace gets a new one, so no session is offered outside the namespace that it comes from.
   */
  #tls: { readonly key: string; readonly connect: buildConnector.connector } | undefined;

  constructor(options: VrfConnectorOptions, callee: string, { onReplaced, maxAgeMs }: VrfConnectorSettings = {}) {
    checkOptionsObject(options, callee);
    refuseMisspeltOptions(options, callee, NAMES);
    this.target = resolveTarget(options, callee);
    for (const [option, reason] of Object.entries(REFUSED))
      if (options[option as keyof VrfConnectorOptions] !== undefined)
        throw new InvalidOptionError(option, `${callee} takes no ${option}: ${reason}`);
    const { maxCachedSessions } = options;
    if (maxCachedSessions != null && (!Number.isInteger(maxCachedSessions) || maxCachedSessions < 0))
      throw new InvalidOptionError(
        'maxCachedSessions',
        `maxCachedSessions must be a whole number, 0 or more, not ${shown(maxCachedSessions)}`,
      );
    this.#settings = checkConnectionOptions(options, { noDelay: true });
    this.#dialer = new Dialer(this.target, this.#settings);
    this.#useH2c = options.useH2c === true;
    const tlsOptions: Record<string, unknown> = { timeout: 0, keepAlive: false };
    for (const [option, value] of Object.entries(options)) if (!OURS.includes(option)) tlsOptions[option] = value;
    this.#tlsOptions = tlsOptions as buildConnector.BuildOptions;
    const { logger: notes } = checkGroup(options, CONNECTOR_OPTIONS);
    this.connections = new OpenConnections(this.target, {
      logger: notes,
      replaced: onReplaced,
      checksUse: true,
      maxAgeMs,
      endAfterRequest,
    });
  }

  /** undici's contract. */
  connect(options: buildConnector.Options, callback: buildConnector.Callback): void {
    if (options.httpSocket !== undefined) {
      // A tunnel through a proxy: the socket is one of ours already, what is missing is TLS.
      this.#tlsConnector(options.httpSocket as Socket)(options, callback);
      return;
    }
    this.#open(options).then(
      (socket) => {
        // Replaced between the end of the connecting and this.
        if (socket.destroyed && this.connections.isStale(socket)) this.connect(options, callback);
        else callback(null, socket);
      },
      (error: Error) => callback(asUndiciError(error), null),
    );
  }

  #open(options: buildConnector.Options): Promise<Socket> {
    const { timeout } = this.#settings;
    const until = timeout === 0 ? Number.POSITIVE_INFINITY : performance.now() + timeout + this.target.waitForNamespace;
    return this.connections.make(until, (pending) => this.#openOnce(options, pending));
  }

  async #openOnce(options: buildConnector.Options, { cancellation, observer }: Pending): Promise<Socket> {
    const { hostname, protocol } = options;
    const secure = protocol === 'https:';
    const port = portOf(options);
    const started = secure ? performance.now() : 0;
    const { connection, timeout } = this.#settings;
    const localAddress =
      options.localAddress == null ? connection.localAddress : checkLocalAddress('localAddress', options.localAddress);
    const socket = await this.#dialer.dial(hostname, port, cancellation, {
      ...connection,
      localAddress,
      highWaterMark: connection.highWaterMark ?? (secure ? undefined : 64 * 1024),
      observer,
    });
    if (cancellation.cancelled) {
      socket.destroy();
      throw cancellation.reason;
    }
    if (!secure) {
      if (this.#useH2c) (socket as Socket & { alpnProtocol?: string }).alpnProtocol = 'h2';
      this.#take(socket, socket);
      return socket;
    }
    const left = timeout === 0 ? 0 : Math.max(1, timeout - (performance.now() - started));
    const tlsSocket = await this.#handshake(socket, options, left, cancellation);
    this.#take(tlsSocket, socket);
    return tlsSocket;
  }

  /** @param below the TCP socket, if `socket` speaks TLS over it */
  #take(socket: Socket, below: Socket): void {
    const namespace = namespaceOfSocket(below);
    try {
      this.connections.check(namespace);
    } catch (error) {
      socket.on('error', () => {});
      socket.destroy();
      below.destroy();
      throw error;
    }
    this.connections.track(socket, { namespace, handle: handleOf(below) });
  }

  #handshake(
    socket: Socket,
    options: buildConnector.Options,
    left: number,
    cancellation: Cancellation,
  ): Promise<TLSSocket> {
    return new Promise((resolve, reject) => {
      let deadline: Deadline | undefined;
      let tlsSocket: Socket | undefined;
      const settle = (error: unknown, made?: TLSSocket): void => {
        deadline?.clear();
        withdraw();
        if (made !== undefined) {
          resolve(made);
          return;
        }
        tlsSocket?.destroy();
        socket.destroy();
        reject(error);
      };
      const withdraw = cancellation.onCancel((reason) => settle(reason));
      // undici's connector returns the socket at once, which its type does not say.
      tlsSocket = this.#tlsConnector(socket)({ ...options, httpSocket: socket }, (error, made) =>
        settle(error, error === null ? (made as TLSSocket) : undefined),
      ) as unknown as Socket;
      deadline = setDeadline(left, () =>
        settle(timeoutError(this.target.label, options.hostname, portOf(options), this.#settings.timeout)),
      );
    });
  }

  #tlsConnector(socket: Socket): buildConnector.connector {
    const key = namespaceOfSocket(socket)?.key ?? '';
    if (this.#tls?.key !== key) this.#tls = { key, connect: buildConnector(this.#tlsOptions) };
    return this.#tls.connect;
  }
}

/** `http://host:0/` is not port 80. */
function portOf({ port, protocol }: buildConnector.Options): number {
  return port === '' || port === undefined || port === null ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** What an agent adds to the options of its connector. */
export interface VrfConnectorSettings {
  /** Called when connections are dropped since their namespace was removed or replaced. */
  readonly onReplaced?: ((error: NamespaceReplacedError) => void) | undefined;
  /** After how many milliseconds an idle connection takes no further request. */
  readonly maxAgeMs?: number | undefined;
}

/**
 * Makes a connector for undici's `connect` option: every connection of the dispatcher that has it is made in the
 * target. Works in `Agent`, `Pool`, `Client`, `BalancedPool`, … of undici 6, 7 and 8. Each connector has its own cache
 * of TLS sessions: use one per dispatcher, so that no ticket crosses from one VRF to another.
 *
 * @throws InvalidOptionError, InvalidNameError
 */
export function createVrfConnector(options: VrfConnectorOptions): buildConnector.connector {
  const connector = new VrfConnector(options, 'createVrfConnector');
  return (request, callback) => connector.connect(request, callback);
}
