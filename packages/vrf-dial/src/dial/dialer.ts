import type { LookupAddress } from 'node:dns';
import type { LookupFunction, Socket } from 'node:net';
import { NamespaceNotFoundError } from 'netns-core';
import { type Address, readAddress } from '../address/address.js';
import { Cancellation } from '../cancellation.js';
import { channels, count, type DialStartMessage } from '../diagnostics.js';
import { MAX_TIMER_MS } from '../long-timeout.js';
import { HostResolver, targetContext } from '../resolve/index.js';
import { setTcpKeepAlive } from '../socket/tcp-keepalive.js';
import { isNamespaceMissing, namespaceArrives } from '../target/namespace-arrival.js';
import type { ResolvedTarget } from '../target/target.js';
import { type ConnectionSettings, connectAddress } from './connect-address.js';
import { connectFirst } from './connect-first.js';
import { DialError, hostAndPort, timeoutError } from './dial-error.js';

/** How a dialer goes about it, options checked. */
export interface DialerSettings {
  readonly connection: ConnectionSettings;
  /** Milliseconds between TCP keep-alive probes; 0 for none. */
  readonly keepAlive: number;
  /** Milliseconds for name resolution and connection together; 0 for no limit. */
  readonly timeout: number;
  /** Which addresses to use of a host that has both kinds. */
  readonly family: 0 | 4 | 6;
  /** Resolves names instead of the resolver in the namespace. */
  readonly lookup: LookupFunction | undefined;
}

/** Makes connections from one target. Holds nothing open between them. */
export class Dialer {
  readonly target: ResolvedTarget;
  readonly #settings: DialerSettings;
  // Made when they are needed: most agents of thousands never resolve a name, and many never connect.
  #resolver: HostResolver | undefined;

  constructor(target: ResolvedTarget, settings: DialerSettings) {
    this.target = target;
    this.#settings = settings;
  }

  /** Sets TCP keep-alive on a socket that was just made. */
  prepare(fd: number): void {
    const { keepAlive } = this.#settings;
    if (keepAlive !== 0) setTcpKeepAlive(fd, keepAlive);
  }

  /**
   * Connects to a host: waits for the namespace as long as the target allows, resolves a name there, tries its
   * addresses.
   *
   * @returns a connected socket
   * @throws DialError, AllAddressesFailedError, NameResolutionError, NamespaceNotFoundError, NetnsError, or the reason
   *   of the cancellation; no file descriptor is left then
   */
  dial(
    host: string,
    port: number,
    cancellation: Cancellation,
    connection: ConnectionSettings = this.#settings.connection,
  ): Promise<Socket> {
    count.dials += 1;
    const observed =
      channels.dialStart.hasSubscribers || channels.dialConnected.hasSubscribers || channels.dialError.hasSubscribers;
    // The ordinary case, with as few promises as it can have.
    return observed || this.target.waitForNamespace > 0
      ? this.#dialObserved(host, port, cancellation, connection, observed)
      : this.#withinTime(host, port, connection, cancellation);
  }

  async #dialObserved(
    host: string,
    port: number,
    cancellation: Cancellation,
    connection: ConnectionSettings,
    observed: boolean,
  ): Promise<Socket> {
    const started = performance.now();
    const message: DialStartMessage | undefined = observed ? { target: this.target.label, host, port } : undefined;
    if (message !== undefined) channels.dialStart.publish(message);
    try {
      const socket = await this.#whenThere(host, port, connection, cancellation, started);
      if (message !== undefined && channels.dialConnected.hasSubscribers)
        channels.dialConnected.publish({
          ...message,
          address: socket.remoteAddress ?? host,
          socket,
          duration: performance.now() - started,
        });
      return socket;
    } catch (error) {
      if (message !== undefined && channels.dialError.hasSubscribers)
        channels.dialError.publish({ ...message, error, duration: performance.now() - started });
      throw error;
    }
  }

  async #whenThere(
    host: string,
    port: number,
    connection: ConnectionSettings,
    cancellation: Cancellation,
    started: number,
  ): Promise<Socket> {
    const { waitForNamespace } = this.target;
    for (;;) {
      try {
        return await this.#withinTime(host, port, connection, cancellation);
      } catch (error) {
        if (waitForNamespace === 0 || cancellation.cancelled || !isNamespaceMissing(error)) throw error;
        connection.observer?.waiting();
        if (await namespaceArrives(this.target, started + waitForNamespace, cancellation)) continue;
        throw new NamespaceNotFoundError(
          `${this.target.label} did not appear within ${waitForNamespace} ms (waitForNamespace): ${(error as Error).message}`,
          { code: 'ENOENT', cause: error },
        );
      }
    }
  }

  async #withinTime(
    host: string,
    port: number,
    connection: ConnectionSettings,
    cancellation: Cancellation,
  ): Promise<Socket> {
    const { timeout } = this.#settings;
    // A number that no timer can run for is no limit.
    const timer =
      timeout === 0 || timeout > MAX_TIMER_MS
        ? undefined
        : setTimeout(() => cancellation.cancel(timeoutError(this.target.label, host, port, timeout)), timeout);
    try {
      connection.observer?.entering();
      const to = readAddress(host);
      const socket = await (to === undefined
        ? this.#dialName(host, port, connection, cancellation)
        : connectAddress(this, { to, host, port }, connection, cancellation));
      count.connected += 1;
      return socket;
    } catch (error) {
      count.failed += 1;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async #dialName(
    host: string,
    port: number,
    connection: ConnectionSettings,
    cancellation: Cancellation,
  ): Promise<Socket> {
    const { lookup } = this.#settings;
    cancellation.throwIfCancelled();
    // A local address settles the family.
    const family = this.#settings.family === 0 ? (connection.localAddress?.family ?? 0) : this.#settings.family;
    let addresses: readonly Address[] | { ipv4: Promise<readonly Address[]>; ipv6: Promise<readonly Address[]> };
    // Made where there is something to abort: for a name that the cache knows it would be most of the cost.
    let controller: AbortController | undefined;
    if (lookup === undefined) {
      this.#resolver ??= new HostResolver(targetContext(this.target));
      const known = this.#resolver.known(host, family);
      if (known !== undefined) {
        addresses = known.map(withoutZone);
        const [only] = addresses;
        if (only !== undefined && addresses.length === 1)
          return connectAddress(this, { to: only, host, port }, connection, cancellation);
      } else {
        controller = new AbortController();
        const { ipv4, ipv6 } = this.#resolver.start(host, { family, signal: controller.signal });
        addresses = {
          ipv4: ipv4.then((list) => list.map(withoutZone)),
          ipv6: ipv6.then((list) => list.map(withoutZone)),
        };
      }
    } else addresses = await this.#customLookup(lookup, host, port, family, cancellation);
    cancellation.throwIfCancelled();
    const running = controller ?? new AbortController();
    cancellation.onCancel((reason) => running.abort(reason));
    try {
      return await connectFirst({
        what: `cannot connect to ${hostAndPort(host, port)} in ${this.target.label}`,
        addresses,
        attempt: (to, signal) => {
          const attempt = new Cancellation();
          const abort = (): void => attempt.cancel(signal.reason);
          if (signal.aborted) abort();
          else signal.addEventListener('abort', abort, { once: true });
          return connectAddress(this, { to, host, port }, connection, attempt).finally(() =>
            signal.removeEventListener('abort', abort),
          );
        },
        discard: (socket) => socket.destroy(),
        signal: running.signal,
      });
    } finally {
      cancellation.onCancel();
    }
  }

  #customLookup(
    lookup: LookupFunction,
    host: string,
    port: number,
    family: 0 | 4 | 6,
    cancellation: Cancellation,
  ): Promise<readonly Address[]> {
    return new Promise((resolve, reject) => {
      cancellation.onCancel(reject);
      const failed = (reason: string, cause?: unknown): DialError =>
        new DialError(`cannot connect to ${hostAndPort(host, port)} in ${this.target.label}: ${reason}`, {
          code: (cause as NodeJS.ErrnoException | undefined)?.code ?? 'ENOTFOUND',
          syscall: 'lookup',
          host,
          port,
          cause,
        });
      lookup(host, { all: true, family, hints: 0 }, (error, found, foundFamily) => {
        cancellation.onCancel();
        if (error) return reject(failed(`the lookup option failed (${error.message})`, error));
        const list: readonly LookupAddress[] = Array.isArray(found)
          ? found
          : [{ address: found, family: foundFamily ?? 0 }];
        const addresses: Address[] = [];
        for (const { address } of list) {
          const read = typeof address === 'string' ? readAddress(address) : undefined;
          if (read === undefined)
            return reject(failed(`the lookup option gave ${String(address)}, which is no address`));
          if (family === 0 || read.family === family) addresses.push(read);
        }
        if (addresses.length === 0) return reject(failed('the lookup option gave no address of the wanted family'));
        resolve(addresses);
      });
    });
  }
}

/** The zone of an address that came out of a file is an interface of the namespace, like any other. */
function withoutZone(found: { readonly address: string; readonly family: 4 | 6 }): Address {
  return readAddress(found.address) ?? { ...found, zone: undefined };
}
