import { isMainThread } from 'node:worker_threads';
import { type NamespaceRef, NetnsError, resolveNamespace, type SocketSource, socketNamespaceCookie } from 'netns-core';
import { ownFd, sys } from 'netns-core/sys';
import { type Inside, openingInside } from './inside.js';
import { insideOf } from './inside-namespace.js';
import type { OpenSocket } from './protocol-sockets.js';
import { openNetlinkSocket } from './socket.js';

/** A namespace that is kept open. */
export interface HeldNamespace {
  /** The namespace, for as long as it is held. */
  readonly reference: NamespaceRef;
  /** Runs functions while the thread is in it. */
  readonly inside: Inside;
  /** Opens sockets there. */
  readonly openSocket: OpenSocket;
  close(): void;
}

/**
 * Opens a namespace and keeps it open, until it is closed or the worker thread that it was opened in is terminated.
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace`
 */
export function holdNamespace(ref: NamespaceRef): HeldNamespace {
  const handle = resolveNamespace(ref);
  if (isMainThread) {
    const inside = insideOf(handle);
    return { reference: handle, inside, openSocket: openingInside(inside), close: () => handle.close() };
  }
  // The handle's descriptor is ours from now on; the handle itself is never used again.
  const { fd, close } = ownFd(handle.fd);
  const inside: Inside = (run) => {
    using there = resolveNamespace({ fd });
    return insideOf(there)(run);
  };
  return { reference: { fd }, inside, openSocket: openingInside(inside), close };
}

/**
 * A namespace that the process may not enter: a source makes the sockets. Its first socket holds it.
 *
 * @throws the errors of the source where its sockets are opened
 */
export function namespaceOfSource(ref: NamespaceRef, source: SocketSource): HeldNamespace {
  let first: bigint | undefined;
  const open = (protocol: number): number => {
    const fd = source.openNetlink(ref, protocol);
    try {
      const cookie = socketNamespaceCookie(fd);
      first ??= cookie;
      if (cookie === first) return fd;
    } catch (error) {
      sys().close(fd);
      throw error;
    }
    sys().close(fd);
    throw new NetnsError('the namespace was removed or replaced while the connection was open: open another one', {
      code: 'ERR_NAMESPACE_REPLACED',
    });
  };
  return {
    reference: ref,
    inside: () => {
      throw new NetnsError('a TUN or TAP device is made from inside its namespace, which a broker does not do', {
        code: 'ERR_BROKER_UNSUPPORTED',
      });
    },
    openSocket: (protocol) => openNetlinkSocket(protocol, open),
    close: () => undefined,
  };
}
