import { AttributeReader } from '../message/attribute-reader.js';
import { MessageBytes } from '../message/message-bytes.js';
import type { UnknownAttribute } from '../message/unknown-attribute.js';
import { NetlinkError } from '../operation/errors.js';
import { ask, type Program } from '../operation/operation.js';
import { acknowledged } from '../operation/request.js';
import { NLA_HDRLEN, NLMSG_HDRLEN } from '../uapi/netlink.js';
import { IFINFOMSG_SIZE } from '../uapi/rtnetlink.js';

/**
 * Sends a link with attributes that were read and are not known here. Of some the kernel says that it takes none, since
 * it only tells them: these are left out.
 *
 * @param message makes the message with the attributes that are left
 */
export function* offerUnknown(
  unknown: readonly UnknownAttribute[],
  message: (unknown: readonly UnknownAttribute[]) => Uint8Array,
): Program<void> {
  let left = unknown;
  for (;;) {
    const bytes = message(left);
    try {
      yield* ask(acknowledged(bytes));
      return;
    } catch (error) {
      const refused = error instanceof NetlinkError ? attributeAt(bytes, error.extack?.offset) : undefined;
      const rest = left.filter(({ attribute }) => attribute !== refused);
      if (rest.length === left.length) throw error;
      left = rest;
    }
  }
}

/** The number of the attribute, of those that are not inside another one, that begins at an offset. */
function attributeAt(message: Uint8Array, offset: number | undefined): number | undefined {
  const attributes = new AttributeReader(MessageBytes.from(message), NLMSG_HDRLEN + IFINFOMSG_SIZE, message.length);
  while (attributes.next()) if (attributes.start - NLA_HDRLEN === offset) return attributes.type;
  return undefined;
}
