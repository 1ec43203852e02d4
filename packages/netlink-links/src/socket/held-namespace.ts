import { isMainThread } from 'node:worker_threads';
import {
  hopSource,
  NamespaceNotFoundError,
  type NamespaceRef,
  NetnsError,
  resolveNamespace,
  type SocketSource,
  type SourceWatch,
  socketNamespaceCookie,
  socketSource,
} from 'netns-core';
import { ownFd, sys } from 'netns-core/sys';
import { type Inside, openingInside } from './inside.js';
import { insideOf } from './inside-namespace.js';
import type { OpenSocket } from './protocol-sockets.js';
import { type MakeSocket, makeNetlinkSocket, openNetlinkSocket } from './socket.js';

/** A namespace that is kept open. */
export interface HeldNamespace {
  /** Runs functions while the thread is in it. */
  readonly inside: Inside;
  /** Opens sockets there. */
  readonly openSocket: OpenSocket;
  /** Makes sockets there that are not set up. */
  readonly makeSocket: MakeSocket;
  /**
   * Calls the listener when no more sockets can be made there, since the reference has come to mean another namespace or
   * none. `undefined` where that cannot happen, or is not reported.
   */
  watch(lost: (error: NetnsError) => void): SourceWatch | undefined;
  close(): void;
}

/**
 * Opens a namespace and keeps it open, until it is closed or the worker thread that it was opened in is terminated.
 *
 * @param source what makes its sockets; by default that of the process, and hops for a namespace that the process holds
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace`; the errors of the source, those of another
 *   source than hops where sockets are opened
 */
export function holdNamespace(ref: NamespaceRef, source?: SocketSource): HeldNamespace {
  // A namespace that the process holds it enters itself, which a broker does not know.
  const isHeld = typeof ref === 'object' && ref !== null && 'fd' in ref;
  const chosen = source ?? (isHeld ? hopSource : socketSource());
  return chosen === hopSource || ref === '' ? holdByHop(ref) : holdBySource(ref, chosen);
}

function holdByHop(ref: NamespaceRef): HeldNamespace {
  const handle = resolveNamespace(ref);
  if (isMainThread) return heldByHop(insideOf(handle), () => handle.close());
  // The handle's descriptor is ours from now on; the handle itself is never used again.
  const { fd, close } = ownFd(handle.fd);
  return heldByHop((run) => {
    using there = resolveNamespace({ fd });
    return insideOf(there)(run);
  }, close);
}

function heldByHop(inside: Inside, close: () => void): HeldNamespace {
  return {
    inside,
    openSocket: openingInside(inside),
    makeSocket: (protocol) => inside(() => makeNetlinkSocket(protocol)),
    watch: () => undefined,
    close,
  };
}

/** A namespace that the process may not enter: a source makes the sockets. Its first socket holds it. */
function holdBySource(ref: NamespaceRef, source: SocketSource): HeldNamespace {
  let first: bigint | undefined;
  const makeSocket: MakeSocket = (protocol) => {
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
    throw replaced();
  };
  const isReplaced = (): boolean => {
    try {
      return source.inspect(ref).cookie !== first;
    } catch (error) {
      // Anything else, such as a broker that has gone, says nothing of the namespace.
      return error instanceof NamespaceNotFoundError;
    }
  };
  return {
    inside: () => {
      throw new NetnsError('a TUN or TAP device is made from inside its namespace, which a broker does not do', {
        code: 'ERR_BROKER_UNSUPPORTED',
      });
    },
    openSocket: (protocol) => openNetlinkSocket(protocol, makeSocket),
    makeSocket,
    watch: (lost) =>
      source.watch?.(ref, () => {
        if (isReplaced()) lost(replaced());
      }),
    close: () => undefined,
  };
}

function replaced(): NetnsError {
  return new NetnsError(
    'the namespace was removed or replaced after the connection or subscription was opened: open another one',
    { code: 'ERR_NAMESPACE_REPLACED' },
  );
}
