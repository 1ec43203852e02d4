import { type NamespaceRef, type NetnsHandle, resolveNamespace } from 'netns-core';
import { assignedNsid } from '../nsid/request.js';
import type { OperationIdentity } from '../operation/errors.js';
import { Operation } from '../operation/operation.js';

/** Settings that may name a namespace in place of a descriptor of it. */
interface WithNamespace {
  readonly netns?: NamespaceRef | undefined;
  readonly linkNetns?: NamespaceRef | undefined;
  readonly peer?: { readonly netns?: NamespaceRef | undefined } | undefined;
}

function withDescriptor<T extends { readonly netns?: NamespaceRef | undefined }>(
  settings: T,
  descriptorOf: (ref: NamespaceRef) => number,
): T {
  const { netns, ...rest } = settings;
  return netns === undefined ? settings : ({ ...rest, netnsFd: descriptorOf(netns) } as unknown as T);
}

/**
 * The operation for settings that may name a namespace by a reference: it is resolved when the operation runs and held
 * open until the kernel has answered.
 *
 * @param identity of the operation
 * @param make makes the operation for settings without a reference, which have been checked
 */
export function resolvingNamespaces<S extends object>(
  identity: OperationIdentity,
  settings: S & WithNamespace,
  make: (settings: S) => Operation<void>,
): Operation<void> {
  const { netns, linkNetns, peer } = settings;
  if (netns === undefined && linkNetns === undefined && peer?.netns === undefined) return make(settings);
  const resolved = (descriptorOf: (ref: NamespaceRef) => number): S => ({
    ...withDescriptor(settings, descriptorOf),
    ...(peer !== undefined && { peer: withDescriptor(peer, descriptorOf) }),
  });
  return new Operation(identity, function* () {
    const handles: NetnsHandle[] = [];
    const descriptorOf = (ref: NamespaceRef): number => {
      const handle = resolveNamespace(ref);
      handles.push(handle);
      return handle.fd;
    };
    try {
      const local = resolved(descriptorOf);
      if (linkNetns === undefined) yield* make(local).start();
      else {
        const linkNetnsId = yield* assignedNsid({ netnsFd: descriptorOf(linkNetns) });
        yield* make({ ...local, linkNetns: undefined, linkNetnsId }).start();
      }
    } finally {
      for (const handle of handles) handle.close();
    }
  });
}
