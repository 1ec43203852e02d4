import {
  hopSource,
  type NamespaceRef,
  NetnsError,
  type NetnsHandle,
  resolveNamespace,
  type SocketSource,
} from 'netns-core';

/** A namespace that was found, until it is closed. */
export interface FoundNamespace {
  /** For the target's source. */
  readonly reference: NamespaceRef;
  /** `NS(dev:ino)` */
  readonly identity: string;
  /** Of its sockets, where the reference may come to mean another namespace. */
  readonly cookie: bigint | undefined;
  close(): void;
}

/**
 * Finds the namespace that a reference means now: it is opened, or where the process may not do that, its source is
 * asked.
 *
 * @throws NamespaceNotFoundError, NotANamespaceError, NetnsError
 */
export function findNamespace(namespace: NamespaceRef, source: SocketSource): FoundNamespace {
  if (source === hopSource) return foundByHandle(resolveNamespace(namespace));
  const { identity, cookie } = source.inspect(namespace);
  if (identity === undefined)
    throw new NetnsError('the broker cannot tell which namespace it makes sockets in: mount /proc where it runs', {
      code: 'ERR_BROKER_FAILED',
    });
  return { reference: namespace, identity: identity.id, cookie, close: () => undefined };
}

/** @param handle is closed with what is returned */
export function foundByHandle(handle: NetnsHandle): FoundNamespace {
  return { reference: handle, identity: handle.uniqueId(), cookie: undefined, close: () => handle.close() };
}
