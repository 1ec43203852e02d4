import type { Socket } from 'node:net';
import { type TLSSocket, type ConnectionOptions as TlsConnectionOptions, connect as tlsConnect } from 'node:tls';
import { InvalidOptionError } from 'netns-core';
import { checkOptionsObject, checkPort, onAbort } from 'netns-core/checks';
import { readAddress } from '../address/address.js';
import { checkHost } from '../address/destination.js';
import { Cancellation } from '../cancellation.js';
import { type Deadline, setDeadline } from '../deadline.js';
import { NET_OPTIONS, TLS_OPTIONS, TLS_SYNONYMS } from '../options/node-options.js';
import { checkGroup, namesOf, optionNames, refuseMisspeltOptions } from '../options/option-group.js';
import { namespaceOfSocket } from '../socket/socket-namespace.js';
import { SOCKET_OPTIONS } from '../target/socket-options.js';
import { resolveTarget } from '../target/target.js';
import { TARGET_OPTIONS } from '../target/target-options.js';
import { CONNECTION_OPTIONS, checkConnectionOptions } from './connection-options.js';
import type { ConnectionObserver } from './connection-socket.js';
import { DIAL_OPTIONS, type DialOptions } from './dial.js';
import { timeoutError } from './dial-error.js';
import { Dialer } from './dialer.js';
import { TlsSessions } from './tls-sessions.js';

/** Options of {@link dialTls}: those of `dial`, and those of `tls.connect` that have a meaning here. */
export interface DialTlsOptions
  extends DialOptions,
    Omit<TlsConnectionOptions, 'path' | 'socket' | 'host' | 'port' | 'timeout' | 'lookup' | keyof DialOptions> {}

/** What would lead past the namespace. */
const REFUSED: Readonly<Record<string, string>> = {
  path: 'a UNIX socket is in no VRF',
  socket: 'the connection is made in the VRF',
};

const GROUPS = [TARGET_OPTIONS, SOCKET_OPTIONS, CONNECTION_OPTIONS, DIAL_OPTIONS] as const;
const OURS = namesOf(...GROUPS);
const NAMES = optionNames(GROUPS, [...NET_OPTIONS, ...TLS_OPTIONS], TLS_SYNONYMS);

/** Has the namespace of the connection read from its socket, whether or not the target can be replaced. */
const OBSERVER: ConnectionObserver = { entering: () => {}, waiting: () => {}, opened: () => {} };

const sessions = new TlsSessions();

/**
 * Opens a TLS connection from a VRF, a namespace or an interface: `dial`, then Node's `tls.connect` over the connection.
 * `timeout` is for both together. The server's certificate is checked for `servername`, which is the host by default.
 *
 * A session that a server has given is offered to it again, by later calls with the same TLS options, and only in the
 * network namespace that it comes from.
 *
 * @returns the socket after the handshake: `getPeerCertificate()`, `authorized`, `alpnProtocol`, … are known
 * @throws what `dial` throws, and what Node's TLS fails with (`ERR_TLS_CERT_ALTNAME_INVALID`,
 *   `SELF_SIGNED_CERT_IN_CHAIN`, …)
 */
export async function dialTls(options: DialTlsOptions): Promise<TLSSocket> {
  checkOptionsObject(options, 'dialTls');
  refuseMisspeltOptions(options, 'dialTls', NAMES);
  for (const [option, reason] of Object.entries(REFUSED))
    if ((options as unknown as Record<string, unknown>)[option] !== undefined)
      throw new InvalidOptionError(option, `dialTls takes no ${option}: ${reason}`);
  const target = resolveTarget(options, 'dialTls');
  const host = checkHost('host', options.host);
  const port = checkPort('port', options.port);
  const settings = checkConnectionOptions(options, { noDelay: false });
  const { signal } = checkGroup(options, DIAL_OPTIONS);
  signal?.throwIfAborted();
  const tlsOptions = tlsOptionsOf(options, host);
  const cancellation = new Cancellation();
  const withdraw = signal === undefined ? undefined : onAbort(signal, () => cancellation.cancel(signal.reason));
  const started = performance.now();
  try {
    const dialer = new Dialer(target, settings);
    const socket = await dialer.dial(host, port, cancellation, { ...settings.connection, observer: OBSERVER });
    // Waiting for the namespace has its own time.
    const { timeout } = settings;
    const left = timeout === 0 ? 0 : Math.max(1, timeout + target.waitForNamespace - (performance.now() - started));
    const expired = (): void => cancellation.cancel(timeoutError(target.label, host, port, timeout));
    const key = sessions.key(namespaceOfSocket(socket)?.key, { host, port, ...tlsOptions });
    return await shakeHands(socket, tlsOptions, key, setDeadline(left, expired), cancellation);
  } finally {
    withdraw?.();
  }
}

function tlsOptionsOf(options: DialTlsOptions, host: string): TlsConnectionOptions {
  const rest: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(options)) if (!OURS.includes(option)) rest[option] = value;
  // Node checks the certificate for `servername`, or for `host` where there is none, as with an address.
  const address = readAddress(host)?.address;
  const name = host.endsWith('.') ? host.slice(0, -1) : host;
  return { ...(address === undefined ? { servername: name } : { host: address }), ...rest };
}

function shakeHands(
  socket: Socket,
  options: TlsConnectionOptions,
  key: string | undefined,
  deadline: Deadline,
  cancellation: Cancellation,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    let tlsSocket: TLSSocket | undefined;
    let withdraw: () => void = () => undefined;
    const settle = (): void => {
      deadline.clear();
      withdraw();
      tlsSocket?.removeListener('secureConnect', secured);
      tlsSocket?.removeListener('error', failed);
      tlsSocket?.removeListener('close', closed);
    };
    const failed = (error: unknown): void => {
      settle();
      tlsSocket?.on('error', () => {});
      tlsSocket?.destroy();
      socket.destroy();
      if (key !== undefined) sessions.delete(key);
      reject(error);
    };
    const closed = (): void =>
      failed(Object.assign(new Error('the connection was closed before the TLS handshake'), { code: 'ECONNRESET' }));
    const secured = (): void => {
      settle();
      if (tlsSocket !== undefined) resolve(tlsSocket);
    };
    if (cancellation.cancelled) return failed(cancellation.reason);
    withdraw = cancellation.onCancel(failed);
    try {
      const session = key === undefined || options.session !== undefined ? undefined : sessions.get(key);
      tlsSocket = tlsConnect({ ...options, socket, ...(session === undefined ? undefined : { session }) });
    } catch (error) {
      failed(error);
      return;
    }
    if (key !== undefined) tlsSocket.on('session', (made) => sessions.set(key, made));
    tlsSocket.on('secureConnect', secured);
    tlsSocket.on('error', failed);
    tlsSocket.on('close', closed);
  });
}
