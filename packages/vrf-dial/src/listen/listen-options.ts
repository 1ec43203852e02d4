import { Server } from 'node:net';
import { get, InvalidOptionError, type NamespaceRef, resolveNamespace, type SocketOptions } from 'netns-core';
import { checkOptionsObject, checkPort, shown } from 'netns-core/checks';
import { type Address, readAddress } from '../address/address.js';
import type { VrfLogger } from '../diagnostics.js';
import { checkGroup, optionNames, refuseUnknownOptions } from '../options/option-group.js';
import { abortSignal, checkedElsewhere, integer, logger, milliseconds } from '../options/value-checks.js';
import { SOCKET_OPTIONS } from '../target/socket-options.js';
import { type ResolvedTarget, resolveTarget, type VrfTarget } from '../target/target.js';
import { TARGET_OPTIONS } from '../target/target-options.js';

/** Options of `listenInVrf` and `listenInVrfWith`. */
export interface ListenOptions extends VrfTarget, SocketOptions {
  /**
   * An address of the namespace. Without it all of them: `::`, which takes IPv4 as well, or `0.0.0.0` where there is
   * no IPv6.
   */
  host?: string | undefined;
  /** 0 lets the kernel choose at the first bind; later ones keep the port. */
  port: number;
  /** How many connections may wait to be accepted; 511 if nothing is said. The kernel caps it (net.core.somaxconn). */
  backlog?: number | undefined;
  /** Milliseconds after the namespace is gone until connections accepted in it, which keep it alive, are destroyed. Default 5000. */
  graceMs?: number | undefined;
  /** Closes the listener. */
  signal?: AbortSignal | undefined;
  /** Takes notes of what the listener does. */
  logger?: VrfLogger | undefined;
}

/** Options that have been checked. */
export interface ListenSettings {
  readonly target: ResolvedTarget;
  /** The addresses to try in turn; the next one only where the kernel lacks the kind of the one before. */
  readonly addresses: readonly [Address, ...Address[]];
  readonly requested: { readonly host: string | undefined; readonly port: number };
  readonly backlog: number;
  readonly graceMs: number;
  /** Milliseconds to wait for the namespace to be there the first time; `undefined` is for ever. */
  readonly patience: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly logger: VrfLogger | undefined;
}

/** What a listener takes beside a target. */
const LISTEN_OPTIONS = {
  host: { check: checkedElsewhere, synonyms: ['hostname', 'address', 'bind', 'ip', 'localaddress'] },
  port: { check: checkedElsewhere, synonyms: ['localport'] },
  backlog: { check: integer(1, 2 ** 31 - 1), synonyms: ['somaxconn'] },
  graceMs: { check: milliseconds, synonyms: ['grace', 'graceperiod', 'gracetime', 'gracetimeout'] },
  signal: { check: abortSignal, synonyms: ['abortsignal', 'abort'] },
  logger: { check: logger, synonyms: ['log', 'logging'] },
} as const;
const NAMES = optionNames([TARGET_OPTIONS, SOCKET_OPTIONS, LISTEN_OPTIONS]);

const ANY_IPV6: Address = { address: '::', family: 6, zone: undefined };
const ANY_IPV4: Address = { address: '0.0.0.0', family: 4, zone: undefined };

/**
 * Checks the options of a listener; opens nothing.
 *
 * @throws InvalidOptionError, InvalidNameError with the option's name
 */
export function checkListenOptions(options: ListenOptions, callee: string): ListenSettings {
  checkOptionsObject(options, callee);
  refuseUnknownOptions(options, callee, NAMES);
  const target = resolveTarget(options, callee);
  const { host } = options;
  const checked = checkGroup(options, LISTEN_OPTIONS);
  const port = checkPort('port', options.port, { zero: true });
  return {
    // What a server needs to come back to its port while old connections linger.
    target: { ...target, socketOptions: { reuseAddress: true, ...target.socketOptions } },
    addresses: checkAddresses(host, target),
    requested: { host, port },
    backlog: checked.backlog ?? 511,
    graceMs: checked.graceMs ?? 5000,
    patience: options.waitForNamespace,
    signal: checked.signal,
    logger: checked.logger,
  };
}

function checkAddresses(host: unknown, target: ResolvedTarget): readonly [Address, ...Address[]] {
  if (host === undefined) return target.socketOptions.ipv6Only ? [ANY_IPV6] : [ANY_IPV6, ANY_IPV4];
  const address = typeof host === 'string' ? readAddress(host) : undefined;
  if (address === undefined || address.zone === '')
    throw new InvalidOptionError(
      'host',
      `host must be an address of the namespace ('192.0.2.1', '::', 'fe80::1%eth0'), not ${shown(host)}: names are not looked up to listen on`,
    );
  return [address];
}

/**
 * Checks that a server can be given a socket.
 *
 * @throws InvalidOptionError
 */
export function checkServer(server: unknown): Server {
  if (!(server instanceof Server)) {
    const advice =
      typeof server === 'function'
        ? ' (an application? wrap it: http.createServer(app))'
        : typeof server === 'object' && server !== null && 'server' in server && server.server instanceof Server
          ? ' (a framework? pass its .server)'
          : '';
    throw new InvalidOptionError(
      'server',
      `a server of node:net, http, https, http2 or tls is expected, not ${shown(server)}${advice}`,
    );
  }
  // Also true while it waits for its namespace, where `listening` is false.
  if ((server as Server & { _handle?: unknown })._handle)
    throw new InvalidOptionError('server', 'the server listens already, or waits to: close it first');
  return server;
}

/** Whether a namespace that has no name to wait for is the one that the caller is in. */
export function isCallersNamespace(namespace: NamespaceRef): boolean {
  if (namespace === '' || namespace === 'default') return true;
  const own = get();
  try {
    const other = resolveNamespace(namespace);
    try {
      return own.equals(other);
    } finally {
      other.close();
    }
  } finally {
    own.close();
  }
}
