import { type NamespaceRef, resolveNamespace } from 'netns-core';
import { checkReference, describeNamespace } from 'netns-core/checks';
import { checkInteger } from '../codec/checked-number.js';
import { nsidMessage } from '../nsids/nsid-message.js';
import { ask, Operation } from '../operation.js';
import { acknowledged } from '../request.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { NETNSA_FD, NETNSA_NSID, RTM_NEWNSID } from '../uapi/rtnetlink.js';

/**
 * Gives another namespace an identifier in that of the connection. It can not be changed or taken back.
 *
 * @param namespace the other one; resolved when the operation runs
 * @param nsid 0 or greater; the kernel chooses one if left out
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws NamespaceNotFoundError when it runs and there is no such namespace
 */
export function nsidSet(namespace: NamespaceRef, nsid?: number): Operation<void> {
  checkReference(namespace);
  checkInteger('identifier of a namespace', nsid, 0, 0x7fffffff);
  const target = describeNamespace(namespace);
  const identity = { name: 'nsidSet', description: `give an identifier to ${target}`, target };
  return new Operation(identity, function* () {
    const handle = resolveNamespace(namespace);
    try {
      const message = nsidMessage(RTM_NEWNSID, NLM_F_ACK)
        .u32(NETNSA_FD, handle.fd)
        .i32(NETNSA_NSID, nsid ?? -1);
      yield* ask(acknowledged(message.finish()));
    } finally {
      handle.close();
    }
  });
}
