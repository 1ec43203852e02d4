import type { NamespaceRef, SocketSource } from 'netns-core';
import { checkKnownOptions, checkOptionsObject, checkSocketSource } from 'netns-core/checks';
import type { Address } from '../address/address.js';
import type { Link } from '../link/link.js';
import type { Neighbour } from '../neighbour/neighbour.js';
import { type DumpOperation, dumpOf, Operation } from '../operation/operation.js';
import type { DumpRequest } from '../operation/request.js';
import type { Route } from '../route/route.js';
import { type BatchResults, checkOperation, runBatch } from '../socket/batch.js';
import { BlockingSocket, closed } from '../socket/blocking.js';
import { type HeldNamespace, holdNamespace } from '../socket/held-namespace.js';
import { NonblockingSocket } from '../socket/nonblocking.js';
import { outcomeValue, run } from '../socket/run.js';
import type { BlockingTransport, Transport } from '../socket/transport.js';
import type { InternetSocketInfo } from '../sockets/families/index.js';
import type { InternetSocketFilter, SocketFilter } from '../sockets/filter.js';
import { socketDumps } from '../sockets/list.js';
import type { SocketInfo } from '../sockets/socket-info.js';
import { NetlinkSync } from './netlink-sync.js';
import { defineOperations, PromisedDoor } from './operation-methods.js';
import * as operations from './operations.js';
import { PortionIterator } from './portion-iterator.js';

/** Where a Netlink gets its transports from: sockets in its namespace, or a script in tests. */
export interface TransportSource {
  openBlocking(): BlockingTransport;
  openNonblocking(): Transport;
  close(): void;
}

/** Options of `Netlink.open`. */
export interface NetlinkOpenOptions {
  /**
   * What makes its sockets: `hopSource`, or what `connectBroker` of netns-core returned.
   *
   * @default the source of the process, see `useSocketSource`; for a handle `hopSource`
   */
  source?: SocketSource | undefined;
}

/**
 * A connection to the kernel's rtnetlink that lives in one network namespace. Its methods are the operations of
 * 'netlink-links/operations', with promises; `sync` has them as plain functions. It can be shared: calls may overlap,
 * each gets its own answer, and they take effect in the order in which they were made.
 *
 * ```ts
 * using netlink = Netlink.open('blue');
 * await netlink.linkAdd({ type: 'bridge', name: 'br0', up: true });
 * ```
 */
export class Netlink extends PromisedDoor {
  readonly #source: TransportSource;
  readonly #transport: Transport;
  #blocking: BlockingTransport | undefined;
  #open = true;
  /** The same operations, executed at once. */
  readonly sync: NetlinkSync;

  /** @internal use `Netlink.open`, or `scriptedNetlink` of 'netlink-links/testing' */
  constructor(source: TransportSource) {
    super();
    this.#source = source;
    try {
      this.#transport = source.openNonblocking();
    } catch (error) {
      source.close();
      throw error;
    }
    this.sync = new NetlinkSync(() => {
      if (!this.#open) throw closed();
      this.#blocking ??= source.openBlocking();
      return this.#blocking;
    });
  }

  /**
   * Opens a connection in a namespace, by default in the one that the calling thread is in. It keeps the namespace
   * alive until it is closed.
   *
   * Where a broker makes the sockets, a process without capabilities reads links, addresses, routes, neighbours and rules
   * of the namespace. The kernel refuses its changes with `EPERM`.
   *
   * @throws NamespaceNotFoundError and the other errors of `resolveNamespace` and `runInNamespace`; InvalidOptionError;
   *   the errors of the socket source
   */
  static open(ref: NamespaceRef = '', options: NetlinkOpenOptions = {}): Netlink {
    checkOptionsObject(options, 'Netlink.open');
    checkKnownOptions(options, { callee: 'Netlink.open', names: ['source'], synonyms: { broker: 'source' } });
    if (options.source !== undefined) checkSocketSource('source', options.source);
    return new Netlink(new HeldSource(holdNamespace(ref, options.source)));
  }

  /** Executes an operation, a value of 'netlink-links/operations'. */
  async execute<T>(operation: Operation<T>): Promise<T> {
    checkOperation(operation);
    return run(operation, this.#transport);
  }

  /**
   * Executes operations in order, many to one write, which is the fastest way to build thousands of links.
   *
   * @throws NetlinkBatchError with the position of the first that failed. Operations before it were carried out; of
   * those behind it, those that were in the same write.
   */
  async batch<const T extends readonly Operation<unknown>[]>(operations: T): Promise<BatchResults<T>> {
    return (await runBatch(operations, this.#transport)) as BatchResults<T>;
  }

  /**
   * Executes a listing operation as an iterator: objects come in the portions in which the kernel sends them and are
   * never held all at once; what the loop does not take, the kernel does not make. The iteration has a socket of its
   * own, so other calls can be made meanwhile.
   *
   * @throws NetlinkError `ERR_DUMP_INTERRUPTED` at the end, when objects changed in a way that the listing may have
   * missed some: objects already given cannot be taken back, so unlike a list it is not started again
   */
  iterate<E>(operation: DumpOperation<E>): AsyncGenerator<E, void, void> {
    return new PortionIterator(async () => {
      if (!this.#open) throw closed();
      if (this.#transport.execute !== undefined) {
        const portions: E[][] = [await this.execute(operation)];
        return { next: async () => portions.pop(), close: async () => undefined };
      }
      const request = await this.execute(new Operation<DumpRequest<E>>(operation, () => dumpOf(operation)));
      const transport = this.#source.openNonblocking();
      const portions = transport.stream(request);
      return {
        async next() {
          const { done, value } = await portions.next();
          if (!done) return value;
          outcomeValue(operation, value);
          return undefined;
        },
        async close() {
          // A stream that is left early lets go of the socket first.
          await portions.return({ status: 'answered', value: undefined });
          transport.close();
        },
      };
    });
  }

  /** The links of the namespace, one after the other. Arguments as for `linkList`. */
  links(...filter: Parameters<typeof operations.linkList>): AsyncGenerator<Link, void, void> {
    return this.iterate(operations.linkList(...filter));
  }

  /** The addresses of the namespace, one after the other. Arguments as for `addrList`. */
  addresses(...filter: Parameters<typeof operations.addrList>): AsyncGenerator<Address, void, void> {
    return this.iterate(operations.addrList(...filter));
  }

  /** The routes of the namespace, one after the other. Arguments as for `routeList`. */
  routes(...filter: Parameters<typeof operations.routeList>): AsyncGenerator<Route, void, void> {
    return this.iterate(operations.routeList(...filter));
  }

  /** The neighbours of the namespace, one after the other. Arguments as for `neighList`. */
  neighbours(...filter: Parameters<typeof operations.neighList>): AsyncGenerator<Neighbour, void, void> {
    return this.iterate(operations.neighList(...filter));
  }

  /** The sockets of the namespace, one after the other. Arguments as for `socketList`. */
  sockets(filter?: InternetSocketFilter): AsyncGenerator<InternetSocketInfo, void, void>;
  sockets(filter?: SocketFilter): AsyncGenerator<SocketInfo, void, void>;
  sockets(filter?: SocketFilter): AsyncGenerator<SocketInfo, void, void> {
    const dumps = socketDumps(filter);
    if (this.#transport.execute !== undefined) return this.#executed(operations.socketList(filter));
    return this.#chained(dumps);
  }

  /** Lists one after the other. */
  async *#chained<E>(dumps: readonly DumpOperation<E>[]): AsyncGenerator<E, void, void> {
    for (const dump of dumps) yield* this.iterate(dump);
  }

  async *#executed<E>(operation: Operation<E[]>): AsyncGenerator<E, void, void> {
    yield* await this.execute(operation);
  }

  /** Closes the connection. Calls that wait are refused; one that the kernel is working on still gets its answer. May be called twice. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#transport.close();
    this.#blocking?.close();
    this.#source.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

defineOperations(Netlink.prototype, { promised: true });

/** Opens a connection in a namespace that stays its holder's to close. */
export function openNetlinkIn(namespace: HeldNamespace): Netlink {
  return new Netlink(new HeldSource({ ...namespace, close: () => undefined }));
}

/** Opens sockets in one namespace, which it keeps open itself: names may go away, and processes end. */
class HeldSource implements TransportSource {
  readonly #namespace: HeldNamespace;

  constructor(namespace: HeldNamespace) {
    this.#namespace = namespace;
  }

  openBlocking(): BlockingTransport {
    return BlockingSocket.open(this.#namespace.inside, this.#namespace.openSocket);
  }

  openNonblocking(): Transport {
    return NonblockingSocket.open(this.#namespace.inside, this.#namespace.openSocket);
  }

  close(): void {
    this.#namespace.close();
  }
}
