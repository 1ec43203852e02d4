import { checkFunction, checkOptionsObject } from '../checks/index.js';
import type { NamespaceRef } from '../namespace/reference.js';
import type { ReferenceIdentity } from '../namespace/reference-identity.js';
import type { OpenSocketOptions } from './socket-maker.js';

/** What is known of a namespace that was entered. */
export interface InspectedNamespace {
  /** `undefined` where /proc is not mounted. */
  readonly identity: ReferenceIdentity | undefined;
  /** `SO_NETNS_COOKIE` of its sockets; `undefined` on kernels before 5.14. */
  readonly cookie: bigint | undefined;
}

/** What a socket is bound to before it is handed out. */
export interface BindAddress {
  /** `'192.0.2.1'`, `'2001:db8::1'`, without a zone. */
  readonly address: string;
  readonly port: number;
  /** The index of the interface that a link-local address is on. */
  readonly scopeId?: number | undefined;
}

/**
 * Who makes the sockets of a process: the process itself by a hop (`hopSource`), or a broker that has the privileges
 * (`connectBroker`). All calls are synchronous.
 */
export interface SocketSource {
  /**
   * Makes a socket, its options set, as `openSocket` describes it. The options are checked already.
   *
   * @param bindTo what it is bound to. A caller binds the socket itself unless that takes a privilege, as ports below
   *   1024 do; the error then has the syscall `bind`
   * @returns a non-blocking, close-on-exec file descriptor that belongs to the caller
   */
  open(options: OpenSocketOptions, bindTo?: BindAddress): number;
  /**
   * Makes several sockets of one kind at once, as `open` makes one, and puts their descriptors into `fds`, from the front.
   *
   * @returns how many were made: at least one
   */
  openMany?(options: OpenSocketOptions, fds: Int32Array): number;
  /**
   * Makes a netlink socket in a namespace, neither bound nor connected. Without capabilities it reads, and changes nothing.
   *
   * @param protocol `NETLINK_ROUTE` or another of `<linux/netlink.h>`
   * @returns a blocking, close-on-exec file descriptor that belongs to the caller
   */
  openNetlink(ref: NamespaceRef, protocol: number): number;
  /** Which file a reference leads to at this moment; `undefined` if there is nothing. */
  identify(ref: NamespaceRef): ReferenceIdentity | undefined;
  /**
   * Does nothing where there is a network namespace.
   *
   * @throws NamespaceNotFoundError, NotANamespaceError, or what else keeps it from being found out
   */
  mustExist(ref: NamespaceRef): void;
  /** Enters a namespace to learn what only that tells. */
  inspect(ref: NamespaceRef): InspectedNamespace;
  /**
   * Calls the listener soon after a reference has come to mean something else, until the returned watch is closed. Does
   * not keep the event loop alive.
   *
   * @returns `undefined` where the reference is not watched: the caller has to look for itself
   */
  watch?(ref: NamespaceRef, changed: () => void): SourceWatch | undefined;
}

/** A reference that a source watches. */
export interface SourceWatch {
  /** Whether changes are reported at this moment. While they are not, the caller has to look for itself. */
  readonly live: boolean;
  close(): void;
}

/** @throws InvalidOptionError */
export function checkSocketSource(option: string, source: unknown): asserts source is SocketSource {
  checkOptionsObject(source, option);
  // The cast: any object may be looked at.
  for (const name of ['open', 'openNetlink', 'identify', 'mustExist', 'inspect'] as const)
    checkFunction(`${option}.${name}`, (source as Partial<SocketSource>)[name] ?? null);
}
