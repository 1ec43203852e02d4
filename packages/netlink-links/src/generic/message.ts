import { Attributes } from '../attributes/attributes.js';
import type { MessageBytes } from '../message/message-bytes.js';
import type { Decoder } from '../operation/request.js';
import { GENL_HDRLEN } from '../uapi/genetlink.js';

/** A message of a family of generic netlink. */
export interface GenericMessage {
  readonly command: number;
  readonly version: number;
  /** The family's own header. */
  readonly header: Uint8Array;
  readonly attributes: Attributes;
}

/** Makes the decoder of a family's messages. @param headerSize of the family */
export function genericDecoder(headerSize: number): Decoder<GenericMessage> {
  const from = GENL_HDRLEN + ((headerSize + 3) & ~3);
  return (bytes: MessageBytes, start, end) => {
    if (end - start < from) {
      bytes.fail('a message of generic netlink is shorter than its header');
      return undefined;
    }
    // The memory is used for the next message.
    const payload = bytes.u8.slice(start, end);
    try {
      return {
        command: payload[0] ?? 0,
        version: payload[1] ?? 0,
        header: payload.subarray(GENL_HDRLEN, GENL_HDRLEN + headerSize),
        attributes: Attributes.of(payload.subarray(from)),
      };
    } catch (error) {
      bytes.fail((error as Error).message);
      return undefined;
    }
  };
}
