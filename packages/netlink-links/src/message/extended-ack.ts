import {
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSG_HDRLEN,
  NLMSGERR_ATTR_MISS_TYPE,
  NLMSGERR_ATTR_MSG,
  NLMSGERR_ATTR_OFFS,
} from '../uapi/netlink.js';
import { AttributeReader } from './attribute-reader.js';
import type { MessageBytes } from './message-bytes.js';

/** What the kernel adds to an error, or to a success, in words (`NETLINK_EXT_ACK`). */
export interface ExtendedAck {
  /** The kernel's sentence. */
  readonly message?: string;
  /** Offset in the request, in bytes from the start of its `nlmsghdr`, of the attribute that it is about. */
  readonly offset?: number;
  /** Type of an attribute that the kernel misses. */
  readonly missingType?: number;
}

/** How the kernel answered a request: errno 0 is success. */
export interface Acknowledgement {
  /** Positive error number; 0 for success. */
  readonly errno: number;
  readonly extack?: ExtendedAck | undefined;
}

/**
 * Reads an `NLMSG_ERROR` message, or the `NLMSG_DONE` at the end of a dump, which may carry an error, too.
 *
 * @param start offset of the message's payload
 * @param end offset behind the message
 * @param flags of its `nlmsghdr`
 * @param done whether it is an `NLMSG_DONE`: nothing of the request is repeated then
 */
export function readAcknowledgement(
  bytes: MessageBytes,
  start: number,
  end: number,
  flags: number,
  done: boolean,
): Acknowledgement {
  if (end - start < 4) {
    if (!done) bytes.fail('an acknowledgement without an error number');
    return { errno: 0 };
  }
  const errno = 0 - (bytes.i32[start >> 2] ?? 0);
  if ((flags & NLM_F_ACK_TLVS) === 0) return { errno };
  let from = start + 4;
  if (!done) {
    // The header of the request follows, and unless it is capped the request itself.
    const left = end - from;
    const request = left < NLMSG_HDRLEN ? 0 : (bytes.u32[from >> 2] ?? 0);
    const repeated = (flags & NLM_F_CAPPED) !== 0 ? NLMSG_HDRLEN : request;
    if (request < NLMSG_HDRLEN || repeated > left) {
      bytes.fail(`an acknowledgement has ${left} bytes where its request of ${request} bytes is to be repeated`);
      return { errno };
    }
    from += (repeated + 3) & ~3;
  }
  let message: string | undefined;
  let offset: number | undefined;
  let missingType: number | undefined;
  if (from < end) {
    const attributes = new AttributeReader(bytes, from, end);
    while (attributes.next())
      switch (attributes.type) {
        case NLMSGERR_ATTR_MSG:
          message = attributes.string();
          break;
        case NLMSGERR_ATTR_OFFS:
          offset = attributes.u32();
          break;
        case NLMSGERR_ATTR_MISS_TYPE:
          missingType = attributes.u32();
          break;
      }
  }
  return {
    errno,
    extack: {
      ...(message !== undefined && { message }),
      ...(offset !== undefined && { offset }),
      ...(missingType !== undefined && { missingType }),
    },
  };
}
