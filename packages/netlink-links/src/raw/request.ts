import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { type AttributeSpec, encodeAttributes } from '../attributes/attribute-spec.js';
import { checkBytes, checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { MessageWriter } from '../message/message-writer.js';
import type { OperationIdentity } from '../operation/errors.js';
import { ask, Operation } from '../operation/operation.js';
import { checkProtocol, type NetlinkProtocol } from '../operation/protocol.js';
import { acknowledged, dump, echoed, one } from '../operation/request.js';
import { NLM_F_ACK, NLM_F_DUMP, NLM_F_ECHO, NLMSG_HDRLEN, NLMSG_MIN_TYPE } from '../uapi/netlink.js';
import { type RawMessage, readRawMessage } from './message.js';

/** A message to the kernel, as it is to be sent. */
export interface RawRequest {
  /** Of the socket, `'route'` by default. */
  protocol?: NetlinkProtocol | undefined;
  /** Of the `nlmsghdr`: `RTM_GETLINK`, … */
  type: number;
  /** Of the `nlmsghdr`, beside those that `answer` needs: `NLM_F_CREATE`, … */
  flags?: number | undefined;
  /** All that follows the `nlmsghdr`; or `header` and `attributes`. */
  payload?: Uint8Array | undefined;
  /** What stands before the attributes. */
  header?: Uint8Array | undefined;
  attributes?: readonly AttributeSpec[] | undefined;
  /**
   * What the kernel sends:
   *
   * - `ack`: that it is done;
   * - `one`: one message, or an error;
   * - `dump`: any number of messages;
   * - `echo`: the objects that it made, if it echoes them, and that it is done.
   */
  answer: 'ack' | 'one' | 'dump' | 'echo';
}

const PROPERTIES = propertiesOf<RawRequest>(
  {
    protocol: 'set',
    type: 'set',
    flags: 'set',
    payload: 'set',
    header: 'set',
    attributes: 'set',
    answer: 'set',
  },
  { attrs: 'attributes', data: 'payload', family: 'protocol' },
);

/** The flags that each way to answer needs. */
const FLAGS = { ack: NLM_F_ACK, one: 0, dump: NLM_F_DUMP, echo: NLM_F_ACK | NLM_F_ECHO };

/** The message, which ends where the payload ends: the writer fills up to a multiple of 4. */
function messageOf(
  writer: MessageWriter,
  payload: Uint8Array | undefined,
  header: Uint8Array | undefined,
  attributes: Uint8Array,
): Uint8Array {
  if (payload === undefined)
    return writer
      .raw(header ?? new Uint8Array(0))
      .raw(attributes)
      .finish();
  const message = writer
    .raw(payload)
    .finish()
    .subarray(0, NLMSG_HDRLEN + payload.length);
  new DataView(message.buffer).setUint32(0, message.length, LITTLE_ENDIAN);
  return message;
}

/**
 * Sends a message as it is and gives the kernel's as they come: what this package has no operation for. Dumps that are
 * interrupted are started again; errors carry the kernel's words.
 *
 * @returns the messages of the kernel; none for `answer: 'ack'`
 * @throws InvalidOptionError
 */
export function rawRequest(request: RawRequest): Operation<RawMessage[]> {
  checkProperties(request, 'rawRequest', PROPERTIES);
  const { protocol, type, flags = 0, payload, header, attributes, answer } = request;
  checkProtocol(protocol);
  if (type === undefined) throw mustBe('type', `an integer from ${NLMSG_MIN_TYPE} to 65535`, type);
  checkInteger('type', type, NLMSG_MIN_TYPE, 0xffff);
  checkInteger('flags', flags, 0, 0xffff);
  checkBytes('payload', payload);
  checkBytes('header', header);
  if (payload !== undefined && (header !== undefined || attributes !== undefined))
    throw new InvalidOptionError(
      'payload',
      'payload is all that follows the header of the message: it excludes `header` and `attributes`',
    );
  if (header !== undefined && header.length % 4 !== 0)
    throw new InvalidOptionError(
      'header',
      `header must have a multiple of 4 bytes, since attributes begin behind it, got ${header.length}`,
    );
  if (typeof answer !== 'string' || !Object.hasOwn(FLAGS, answer))
    throw mustBe('answer', `one of ${Object.keys(FLAGS).join(', ')}`, answer);
  const encoded = encodeAttributes(attributes ?? []);
  const message = messageOf(new MessageWriter(type, flags | FLAGS[answer]), payload, header, encoded);
  const identity: OperationIdentity = {
    name: 'rawRequest',
    description: `send a message of type ${type} of netlink protocol ${protocol ?? 'route'}`,
    target: String(type),
  };
  switch (answer) {
    case 'dump':
      return new Operation<RawMessage[]>(identity, dump(message, readRawMessage, protocol));
    case 'echo':
      return new Operation<RawMessage[]>(identity, echoed(message, readRawMessage, protocol));
    case 'one':
      return new Operation(identity, function* () {
        return [yield* ask(one(message, readRawMessage, protocol))];
      });
    case 'ack':
      return new Operation(identity, function* () {
        yield* ask(acknowledged(message, protocol));
        return [];
      });
  }
}
