import type { LookupAddress } from 'node:dns';
import type { LookupFunction, Socket } from 'node:net';
import { NamespaceNotFoundError } from 'netns-core';
import { type Address, readAddress } from '../address/address.js';
import { Cancellation } from '../cancellation.js';
import { setDeadline } from '../deadline.js';
import { channels, count, type DialStartMessage } from '../diagnostics.js';
import { HostResolver, lookupIn, resultOrder, targetContext, type VrfLookup } from '../resolve/index.js';
import { setTcpKeepAlive } from '../socket/tcp-keepalive.js';
import { isNamespaceMissing, namespaceArrives } from '../target/namespace-arrival.js';
import type { ResolvedTarget } from '../target/target.js';
import { type AddressConnector, SOCKET_CONNECTOR } from './connect-address.js';
import { connectFirst } from './connect-first.js';
import type { ConnectionSettings, ConnectionSource } from './connection-socket.js';
import { DialError, hostAndPort, timeoutError } from './dial-error.js';

/** How a dialer goes about it, options checked. */
export interface DialerSettings {
  readonly connection: ConnectionSettings;
  /** Milliseconds between TCP keep-alive probes; 0 for none. */
  readonly keepAlive: number;
  /** Milliseconds for name resolution and connection together; 0 for no limit. */
  readonly timeout: number;
  /** Resolves names instead of the resolver in the namespace. */
  readonly lookup: LookupFunction | undefined;
}

/** What one call of {@link Dialer.dial} wants. */
interface Call<Connection> {
  readonly host: string;
  readonly port: number;
  readonly connection: ConnectionSettings;
  readonly connector: AddressConnector<Connection>;
  readonly cancellation: Cancellation;
}

/** Makes connections from one target. Holds nothing open between them. */
export class Dialer implements ConnectionSource {
  readonly target: ResolvedTarget;
  readonly #settings: DialerSettings;
  // Made when they are needed: most agents of thousands never resolve a name, and many never connect.
  #resolver: HostResolver | undefined;
  #lookup: VrfLookup | undefined;

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
   * @param connector makes the connections
   * @returns a socket; connected, unless the connector has something left to do
   * @throws DialError, AllAddressesFailedError, NameResolutionError, NamespaceNotFoundError, NetnsError, or the reason
   *   of the cancellation; no file descriptor is left then
   */
  dial(host: string, port: number, cancellation: Cancellation, connection?: ConnectionSettings): Promise<Socket>;
  dial<Connection>(
    host: string,
    port: number,
    cancellation: Cancellation,
    connection: ConnectionSettings,
    connector: AddressConnector<Connection>,
  ): Promise<Socket>;
  dial<Connection>(
    host: string,
    port: number,
    cancellation: Cancellation,
    connection: ConnectionSettings = this.#settings.connection,
    connector?: AddressConnector<Connection>,
  ): Promise<Socket> {
    return connector === undefined
      ? this.#dial({ host, port, connection, connector: SOCKET_CONNECTOR, cancellation })
      : this.#dial({ host, port, connection, connector, cancellation });
  }

  #dial<Connection>(call: Call<Connection>): Promise<Socket> {
    count.dials += 1;
    const observed =
      channels.dialStart.hasSubscribers || channels.dialConnected.hasSubscribers || channels.dialError.hasSubscribers;
    // The ordinary case, with as few promises as it can have.
    return observed || this.target.waitForNamespace > 0
      ? this.#dialObserved(call, observed)
      : this.#withinTimeout(call);
  }

  async #dialObserved<Connection>(call: Call<Connection>, observed: boolean): Promise<Socket> {
    const started = performance.now();
    const { host, port } = call;
    const message: DialStartMessage | undefined = observed ? { target: this.target.label, host, port } : undefined;
    if (message !== undefined) channels.dialStart.publish(message);
    try {
      const socket = await this.#whenThere(call, started);
      if (message !== undefined && channels.dialConnected.hasSubscribers)
        channels.dialConnected.publish({
          ...message,
          address: call.connector.acceptedAddress?.() ?? socket.remoteAddress ?? host,
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

  async #whenThere<Connection>(call: Call<Connection>, started: number): Promise<Socket> {
    const { waitForNamespace } = this.target;
    const { cancellation, connection } = call;
    for (;;) {
      try {
        return await this.#withinTimeout(call);
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

  async #withinTimeout<Connection>(call: Call<Connection>): Promise<Socket> {
    const { timeout } = this.#settings;
    const { host, port, connection, connector, cancellation } = call;
    const deadline = setDeadline(timeout, () =>
      cancellation.cancel(timeoutError(this.target.label, host, port, timeout)),
    );
    try {
      const to = readAddress(host);
      // An address is the same in every namespace; what a name means is not.
      if (to === undefined) connection.observer?.entering();
      const made = await (to === undefined
        ? this.#dialName(call)
        : connector.connect(this, { to, host, port }, connection, cancellation));
      if (connector.prepare !== undefined) await prepared(connector, made, cancellation);
      const socket = connector.accept(made);
      count.connected += 1;
      return socket;
    } catch (error) {
      count.failed += 1;
      throw error;
    } finally {
      deadline.clear();
    }
  }

  async #dialName<Connection>(call: Call<Connection>): Promise<Connection> {
    const { host, port, connection, connector, cancellation } = call;
    const { lookup } = this.#settings;
    cancellation.throwIfCancelled();
    // A local address settles the family.
    const family = connection.family === 0 ? (connection.localAddress?.family ?? 0) : connection.family;
    let addresses: readonly Address[] | { ipv4: Promise<readonly Address[]>; ipv6: Promise<readonly Address[]> };
    // Made where there is something to abort: for a name that the cache knows it would be most of the cost.
    let controller: AbortController | undefined;
    if (lookup !== undefined) addresses = await this.#customLookup(lookup, call, family);
    else if (!connection.autoSelectFamily) addresses = await this.#preferredAddress(call, family);
    else {
      this.#resolver ??= new HostResolver(targetContext(this.target));
      const known = this.#resolver.known(host, family);
      if (known !== undefined) addresses = known.map(withoutZone);
      else {
        controller = new AbortController();
        const { ipv4, ipv6 } = this.#resolver.start(host, { family, signal: controller.signal });
        addresses = {
          ipv4: ipv4.then((list) => list.map(withoutZone)),
          ipv6: ipv6.then((list) => list.map(withoutZone)),
        };
      }
    }
    cancellation.throwIfCancelled();
    if (controller === undefined && !('ipv4' in addresses)) {
      const [only] = addresses;
      if (only !== undefined && addresses.length === 1)
        return connector.connect(this, { to: only, host, port }, connection, cancellation);
    }
    const running = controller ?? new AbortController();
    const withdraw = cancellation.onCancel((reason) => running.abort(reason));
    try {
      return await connectFirst({
        what: `cannot connect to ${hostAndPort(host, port)} in ${this.target.label}`,
        destination: { host, port },
        addresses,
        attempt: (to, signal) => {
          const attempt = new Cancellation();
          const abort = (): void => attempt.cancel(signal.reason);
          if (signal.aborted) abort();
          else signal.addEventListener('abort', abort, { once: true });
          return connector
            .connect(this, { to, host, port }, connection, attempt)
            .finally(() => signal.removeEventListener('abort', abort));
        },
        discard: (made) => connector.discard(made),
        firstFamily: this.#firstFamily(addresses),
        attemptDelay: connection.attemptDelay,
        signal: running.signal,
      });
    } finally {
      withdraw();
    }
  }

  /** A lookup of the caller's puts first what it wants first, as with Node's own sockets. */
  #firstFamily(addresses: readonly Address[] | object): 4 | 6 {
    if (this.#settings.lookup !== undefined && Array.isArray(addresses)) return addresses[0]?.family ?? 6;
    return resultOrder(this.target.dns) === 'ipv4first' ? 4 : 6;
  }

  /** The address that `dns.lookup` would give a caller who takes only one. */
  #preferredAddress<Connection>(
    { host, cancellation }: Call<Connection>,
    family: 0 | 4 | 6,
  ): Promise<readonly Address[]> {
    this.#lookup ??= lookupIn(this.target);
    const lookup = this.#lookup;
    const controller = new AbortController();
    return new Promise((resolve, reject) => {
      const withdraw = cancellation.onCancel((reason) => {
        controller.abort(reason);
        reject(reason);
      });
      lookup(host, { all: true, family, signal: controller.signal }, (error, found) => {
        withdraw();
        if (error) return reject(error);
        resolve(found.slice(0, 1).map(withoutZone));
      });
    });
  }

  #customLookup<Connection>(
    lookup: LookupFunction,
    { host, port, connection, cancellation }: Call<Connection>,
    family: 0 | 4 | 6,
  ): Promise<readonly Address[]> {
    return new Promise((resolve, reject) => {
      const withdraw = cancellation.onCancel(reject);
      const failed = (reason: string, cause?: unknown): DialError =>
        new DialError(`cannot connect to ${hostAndPort(host, port)} in ${this.target.label}: ${reason}`, {
          code: (cause as NodeJS.ErrnoException | undefined)?.code ?? 'ENOTFOUND',
          syscall: 'lookup',
          host,
          port,
          cause,
        });
      lookup(host, { all: true, family, hints: 0 }, (error, found, foundFamily) => {
        withdraw();
        if (error) return reject(failed(`the lookup option failed (${error.message})`, error));
        const list: readonly LookupAddress[] = Array.isArray(found)
          ? found
          : [{ address: found, family: foundFamily ?? 0 }];
        const addresses: Address[] = [];
        for (const { address } of list) {
          const read = typeof address === 'string' ? readAddress(address) : undefined;
          if (read === undefined)
            return reject(failed(`the lookup option gave ${String(address)}, which is not an address`));
          if (family === 0 || read.family === family) addresses.push(read);
        }
        if (addresses.length === 0) return reject(failed('the lookup option gave no address of the wanted family'));
        resolve(connection.autoSelectFamily ? addresses : addresses.slice(0, 1));
      });
    });
  }
}

async function prepared<Connection>(
  connector: AddressConnector<Connection>,
  made: Connection,
  cancellation: Cancellation,
): Promise<void> {
  try {
    await connector.prepare?.(made, cancellation);
    cancellation.throwIfCancelled();
  } catch (error) {
    connector.discard(made);
    throw error;
  }
}

/** The zone of an address that came out of a file is an interface of the namespace, like any other. */
function withoutZone({ address, family }: { readonly address: string; readonly family: number }): Address {
  return readAddress(address) ?? { address, family: family === 6 ? 6 : 4, zone: undefined };
}
