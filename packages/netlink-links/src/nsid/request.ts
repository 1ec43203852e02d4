import { AttributeReader } from '../message/attribute-reader.js';
import type { MessageBytes } from '../message/message-bytes.js';
import { MessageWriter } from '../message/message-writer.js';
import { NetlinkError } from '../operation/errors.js';
import { ask, type Program } from '../operation/operation.js';
import { type AckRequest, acknowledged, type OneRequest, one } from '../operation/request.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { NETNSA_FD, NETNSA_NSID, NETNSA_PID, RTGENMSG_SIZE, RTM_GETNSID, RTM_NEWNSID } from '../uapi/rtnetlink.js';

/**
 * The request for the identifier by which the namespace of the connection knows another one, given by a descriptor or
 * by a process in it; the answer is -1 where it has none.
 */
export function nsidRequest(of: {
  readonly netnsFd?: number | undefined;
  readonly netnsPid?: number | undefined;
}): OneRequest<number> {
  const writer = new MessageWriter(RTM_GETNSID, 0);
  writer.header(RTGENMSG_SIZE, () => {});
  if (of.netnsFd !== undefined) writer.u32(NETNSA_FD, of.netnsFd);
  if (of.netnsPid !== undefined) writer.u32(NETNSA_PID, of.netnsPid);
  return one(writer.finish(), readNsid);
}

/** Reads the identifier in the payload of `RTM_NEWNSID` or `RTM_DELNSID`; -1 where there is none. */
export function readNsid(bytes: MessageBytes, start: number, end: number): number {
  const attributes = new AttributeReader(bytes, start + RTGENMSG_SIZE, end);
  while (attributes.next()) if (attributes.type === NETNSA_NSID) return attributes.i32();
  return -1;
}

/** `NETNSA_NSID_NOT_ASSIGNED` of `<linux/net_namespace.h>` */
const KERNEL_CHOOSES = -1;

/** The request that gives a namespace an identifier; the kernel chooses one if none is given. */
export function newNsidRequest(netnsFd: number, nsid = KERNEL_CHOOSES): AckRequest {
  const writer = new MessageWriter(RTM_NEWNSID, NLM_F_ACK);
  writer.header(RTGENMSG_SIZE, () => {});
  return acknowledged(writer.u32(NETNSA_FD, netnsFd).i32(NETNSA_NSID, nsid).finish());
}

/** The identifier of a namespace, which gets one if it has none. */
export function* assignedNsid(of: { readonly netnsFd: number }): Program<number> {
  const nsid = yield* ask(nsidRequest(of));
  if (nsid >= 0) return nsid;
  try {
    yield* ask(newNsidRequest(of.netnsFd));
  } catch (error) {
    // Another program has given it one in between.
    if (!(error instanceof NetlinkError) || error.code !== 'EEXIST') throw error;
  }
  return yield* ask(nsidRequest(of));
}
