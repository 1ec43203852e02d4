import { type NamespaceRef, resolveNamespace } from 'netns-core';
import { checkInteger, checkReference, describeNamespace } from 'netns-core/checks';
import { ask, Operation } from '../operation/operation.js';
import { newNsidRequest, nsidRequest } from './request.js';

/**
 * The identifier by which the namespace of the connection knows another one: what `linkNetnsId` of a link and the
 * `peerNetnsId` of a veth end count in. The kernel gives one when a link first reaches over, or `nsidSet` does.
 *
 * @param namespace the other one; resolved when the operation runs
 * @returns `undefined` where it has none
 * @throws NamespaceNotFoundError when it runs and the namespace does not exist
 */
export function nsidGet(namespace: NamespaceRef): Operation<number | undefined> {
  checkReference(namespace);
  const target = describeNamespace(namespace);
  const identity = { name: 'nsidGet', description: `get the identifier of ${target}`, target };
  return new Operation(identity, function* () {
    const handle = resolveNamespace(namespace);
    try {
      const nsid = yield* ask(nsidRequest({ netnsFd: handle.fd }));
      return nsid < 0 ? undefined : nsid;
    } finally {
      handle.close();
    }
  });
}

/**
 * Gives another namespace an identifier in that of the connection. It cannot be changed or taken back.
 *
 * @param namespace the other one; resolved when the operation runs
 * @param nsid 0 or greater; the kernel chooses one if left out
 * @throws InvalidOptionError
 * @throws NamespaceNotFoundError when it runs and the namespace does not exist
 */
export function nsidSet(namespace: NamespaceRef, nsid?: number): Operation<void> {
  checkReference(namespace);
  checkInteger('nsid', nsid, 0, 0x7fffffff);
  const target = describeNamespace(namespace);
  const identity = { name: 'nsidSet', description: `give an identifier to ${target}`, target };
  return new Operation(identity, function* () {
    const handle = resolveNamespace(namespace);
    try {
      yield* ask(newNsidRequest(handle.fd, nsid));
    } finally {
      handle.close();
    }
  });
}
