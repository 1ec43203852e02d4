import { type NamespaceRef, resolveNamespace } from 'netns-core';
import { checkInteger, checkReference, describeNamespace } from 'netns-core/checks';
import { MessageWriter } from '../message/message-writer.js';
import { ask, Operation } from '../operation/operation.js';
import { acknowledged } from '../operation/request.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { NETNSA_FD, NETNSA_NSID, RTGENMSG_SIZE, RTM_NEWNSID } from '../uapi/rtnetlink.js';
import { nsidRequest } from './request.js';

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

/** `NETNSA_NSID_NOT_ASSIGNED` of `<linux/net_namespace.h>` */
const KERNEL_CHOOSES = -1;

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
      const message = new MessageWriter(RTM_NEWNSID, NLM_F_ACK)
        .header(RTGENMSG_SIZE, () => {})
        .u32(NETNSA_FD, handle.fd)
        .i32(NETNSA_NSID, nsid ?? KERNEL_CHOOSES);
      yield* ask(acknowledged(message.finish()));
    } finally {
      handle.close();
    }
  });
}
