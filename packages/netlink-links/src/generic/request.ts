import { InvalidOptionError } from 'netns-core';
import { checkInteger, shown } from 'netns-core/checks';
import { type AttributeSpec, encodeAttributes } from '../attributes/attribute-spec.js';
import { checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { MessageWriter } from '../message/message-writer.js';
import type { OperationIdentity } from '../operation/errors.js';
import { ask, Operation, type Program } from '../operation/operation.js';
import { acknowledged, dump, one } from '../operation/request.js';
import { GENL_HDRLEN } from '../uapi/genetlink.js';
import { NLM_F_ACK, NLM_F_DUMP } from '../uapi/netlink.js';
import type { GenericFamily } from './family.js';
import { checkFamily, withFamily } from './family-reference.js';
import { type GenericMessage, genericDecoder } from './message.js';

/** A command to a family of generic netlink. */
export interface GenericRequest {
  /** From the family's header, `WG_CMD_GET_DEVICE`. */
  command: number;
  /** Of the command, 1 by default. */
  version?: number | undefined;
  /** The family's own header, zeros by default. */
  header?: Uint8Array | undefined;
  attributes?: readonly AttributeSpec[] | undefined;
  /**
   * What the kernel sends:
   *
   * - `ack`: that it is done;
   * - `one`: one message, or an error;
   * - `dump`: any number of messages.
   */
  answer: 'ack' | 'one' | 'dump';
}

const PROPERTIES = propertiesOf<GenericRequest>(
  { command: 'set', version: 'set', header: 'set', attributes: 'set', answer: 'set' },
  { cmd: 'command', attrs: 'attributes' },
);

const ANSWERS = ['ack', 'one', 'dump'];

/** Checks the family's own header; `undefined` passes. @throws InvalidOptionError */
export function checkHeader(header: unknown): void {
  if (header === undefined) return;
  if (!(header instanceof Uint8Array)) throw mustBe('header', 'a Uint8Array', header);
  if (header.length % 4 !== 0)
    throw new InvalidOptionError(
      'header',
      `header must have a multiple of 4 bytes, since attributes begin behind it, got ${header.length}`,
    );
}

/**
 * Sends a command to a family of generic netlink: what this package has no operation for.
 *
 * ```ts
 * const [features] = netlink.sync.genericRequest('ethtool', {
 *   command: 11,
 *   attributes: [attr.nested(1, [attr.string(2, 'eth0')])],
 *   answer: 'one',
 * });
 * ```
 *
 * @param family by name, or as `genericFamilyGet` gives it; a name is looked up once for each connection
 * @returns the messages of the kernel; none for `answer: 'ack'`
 * @throws InvalidOptionError
 * @throws NetlinkError when it runs: `ENOENT` where the kernel lacks the family
 */
export function genericRequest(family: string | GenericFamily, request: GenericRequest): Operation<GenericMessage[]> {
  const reference = checkFamily(family);
  checkProperties(request, 'genericRequest', PROPERTIES);
  const { command, version = 1, header, attributes = [], answer } = request;
  if (command === undefined) throw mustBe('command', 'an integer from 0 to 255', command);
  checkInteger('command', command, 0, 0xff);
  checkInteger('version', version, 0, 0xff);
  checkHeader(header);
  if (!ANSWERS.includes(answer)) throw mustBe('answer', `one of ${ANSWERS.join(', ')}`, answer);
  // Copies: what the caller does with them afterwards does not matter.
  const head = header === undefined ? undefined : Uint8Array.from(header);
  const encoded = encodeAttributes(attributes);
  const name = typeof reference === 'string' ? reference : reference.name;
  const identity: OperationIdentity = {
    name: 'genericRequest',
    description: `send command ${command} to generic netlink family ${shown(name)}`,
    target: name,
  };
  const send = function* ({ id, headerSize }: GenericFamily): Program<GenericMessage[]> {
    const flags = answer === 'dump' ? NLM_F_DUMP : answer === 'ack' ? NLM_F_ACK : 0;
    const message = new MessageWriter(id, flags)
      .header(GENL_HDRLEN, (view, at) => {
        view.setUint8(at, command);
        view.setUint8(at + 1, version);
      })
      .raw(head ?? new Uint8Array(headerSize))
      .raw(encoded)
      .finish();
    const decode = genericDecoder(headerSize);
    if (answer === 'dump') return yield* ask<GenericMessage[]>(dump(message, decode, 'generic'));
    if (answer === 'one') return [yield* ask(one(message, decode, 'generic'))];
    yield* ask(acknowledged(message, 'generic'));
    return [];
  };
  return new Operation<GenericMessage[]>(identity, () => withFamily(identity, reference, send));
}
