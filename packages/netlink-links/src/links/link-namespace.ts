import { type NamespaceRef, type NetnsHandle, resolveNamespace } from 'netns-core';
import type { OperationIdentity } from '../errors.js';
import { Operation } from '../operation.js';

/** Settings that may name a namespace in place of a descriptor of it. */
interface WithNamespace {
  readonly netns?: NamespaceRef | undefined;
  readonly peer?: { readonly netns?: NamespaceRef | undefined } | undefined;
}

/** A descriptor that is never used: what can be checked without the namespace is checked with it. */
const STAND_IN = 0;

function withDescriptor<T extends { readonly netns?: NamespaceRef | undefined }>(
  settings: T,
  descriptorOf: (ref: NamespaceRef) => number,
): T {
  const { netns, ...rest } = settings;
  return netns === undefined ? settings : ({ ...rest, netnsFd: descriptorOf(netns) } as unknown as T);
}

/**
 * The operation for settings that name a namespace by a reference: it is resolved when the operation runs and held
 * open until the kernel has answered. Nothing for settings without one.
 *
 * @param make makes the operation for settings that have descriptors
 */
export function resolvingNamespaces<S extends object>(
  settings: S & WithNamespace,
  make: (settings: S) => Operation<void>,
): Operation<void> | undefined {
  const { netns, peer } = settings;
  if (netns === undefined && peer?.netns === undefined) return undefined;
  const resolved = (descriptorOf: (ref: NamespaceRef) => number): S => ({
    ...withDescriptor(settings, descriptorOf),
    ...(peer !== undefined && { peer: withDescriptor(peer, descriptorOf) }),
  });
  const identity: OperationIdentity = make(resolved(() => STAND_IN));
  return new Operation(identity, function* () {
    const handles: NetnsHandle[] = [];
    try {
      const operation = make(
        resolved((ref) => {
          const handle = resolveNamespace(ref);
          handles.push(handle);
          return handle.fd;
        }),
      );
      yield* operation.start();
    } finally {
      for (const handle of handles) handle.close();
    }
  });
}
