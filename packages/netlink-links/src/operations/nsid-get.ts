import { type NamespaceRef, resolveNamespace } from 'netns-core';
import { checkReference, describeNamespace } from 'netns-core/checks';
import { AttributeReader } from '../codec/attribute-reader.js';
import { nsidMessage, RTGENMSG_SIZE } from '../nsids/nsid-message.js';
import { ask, Operation } from '../operation.js';
import { one } from '../request.js';
import { NETNSA_FD, NETNSA_NSID, RTM_GETNSID } from '../uapi/rtnetlink.js';

/**
 * The identifier by which the namespace of the connection knows another one: what `linkNetnsId` of a link and the
 * `peerNetnsId` of a veth end count in. The kernel gives one when a link first reaches over, or `nsidSet` does.
 *
 * @param namespace the other one; resolved when the operation runs
 * @returns `undefined` where it has none
 * @throws NamespaceNotFoundError when it runs and there is no such namespace
 */
export function nsidGet(namespace: NamespaceRef): Operation<number | undefined> {
  checkReference(namespace);
  const target = describeNamespace(namespace);
  const identity = { name: 'nsidGet', description: `get the identifier of ${target}`, target };
  return new Operation(identity, function* () {
    const handle = resolveNamespace(namespace);
    try {
      const message = nsidMessage(RTM_GETNSID, 0).u32(NETNSA_FD, handle.fd).finish();
      const nsid = yield* ask(
        one(message, (bytes, start, end) => {
          const attributes = new AttributeReader(bytes, start + RTGENMSG_SIZE, end);
          while (attributes.next()) if (attributes.type === NETNSA_NSID) return attributes.i32();
          return -1;
        }),
      );
      return nsid < 0 ? undefined : nsid;
    } finally {
      handle.close();
    }
  });
}
