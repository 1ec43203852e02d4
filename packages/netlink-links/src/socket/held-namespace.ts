import { isMainThread } from 'node:worker_threads';
import { type NamespaceRef, resolveNamespace } from 'netns-core';
import { ownFd } from 'netns-core/sys';
import type { Inside } from './inside.js';
import { insideOf } from './inside-namespace.js';

/** A namespace that is kept open. */
export interface HeldNamespace {
  /** The namespace, for as long as it is held. */
  readonly reference: NamespaceRef;
  /** Runs functions while the thread is in it. */
  readonly inside: Inside;
  close(): void;
}

/**
 * Opens a namespace and keeps it open, until it is closed or the worker thread that it was opened in is terminated.
 *
 * @throws NamespaceNotFoundError and the other errors of `resolveNamespace`
 */
export function holdNamespace(ref: NamespaceRef): HeldNamespace {
  const handle = resolveNamespace(ref);
  if (isMainThread) return { reference: handle, inside: insideOf(handle), close: () => handle.close() };
  // The handle's descriptor is ours from now on; the handle itself is never used again.
  const { fd, close } = ownFd(handle.fd);
  return {
    reference: { fd },
    inside: (run) => {
      using there = resolveNamespace({ fd });
      return insideOf(there)(run);
    },
    close,
  };
}
