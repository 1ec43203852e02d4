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

/**
 * Who makes the sockets of a process: the process itself by a hop (`hopSource`), or a broker that has the privileges
 * (`connectBroker`). All calls are synchronous.
 */
export interface SocketSource {
  /**
   * Makes a socket, its options set, as `openSocket` describes it. The options are checked already.
   *
   * @returns a non-blocking, close-on-exec file descriptor that belongs to the caller
   */
  open(options: OpenSocketOptions): number;
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
}
