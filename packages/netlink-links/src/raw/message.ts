import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { Attributes } from '../attributes/attributes.js';
import type { MessageBytes } from '../message/message-bytes.js';
import { NLMSG_HDRLEN } from '../uapi/netlink.js';

/** A message of the kernel, as it came. */
export class RawMessage {
  /** `RTM_NEWLINK`, … */
  readonly type: number;
  /** Of its `nlmsghdr`. */
  readonly flags: number;
  /** What follows the `nlmsghdr`. */
  readonly payload: Uint8Array;

  /** @internal */
  constructor(type: number, flags: number, payload: Uint8Array) {
    this.type = type;
    this.flags = flags;
    this.payload = payload;
  }

  /**
   * The attributes behind the header of the payload.
   *
   * @param headerSize of that header, in bytes: 16 for a message about a link
   * @throws NetnsError `ERR_NETLINK_MALFORMED`
   */
  attributes(headerSize: number): Attributes {
    if (!Number.isInteger(headerSize) || headerSize < 0)
      throw new InvalidOptionError('headerSize', `headerSize must be a number of bytes, got ${shown(headerSize)}`);
    return Attributes.of(this.payload.subarray((headerSize + 3) & ~3));
  }
}

/** Reads a message as it is. */
export function readRawMessage(bytes: MessageBytes, start: number, end: number, type: number): RawMessage {
  return new RawMessage(type, bytes.u16[((start - NLMSG_HDRLEN) >> 1) + 3] ?? 0, bytes.u8.slice(start, end));
}
