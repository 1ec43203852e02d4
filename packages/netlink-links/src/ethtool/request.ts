import { Errno } from 'netns-core/sys';
import { withFamily } from '../generic/family-reference.js';
import { AttributeReader } from '../message/attribute-reader.js';
import type { MessageBytes } from '../message/message-bytes.js';
import { MessageWriter } from '../message/message-writer.js';
import { NetlinkError, type OperationIdentity } from '../operation/errors.js';
import { checkLinkReference, describeLink, type LinkReference } from '../operation/link-reference.js';
import { ask, Operation, type Program } from '../operation/operation.js';
import { acknowledged, one } from '../operation/request.js';
import {
  ETHTOOL_A_HEADER_DEV_INDEX,
  ETHTOOL_A_HEADER_DEV_NAME,
  ETHTOOL_A_STATS_HEADER,
  ETHTOOL_GENL_NAME,
  ETHTOOL_GENL_VERSION,
  ETHTOOL_MSG_STATS_GET,
} from '../uapi/ethtool-netlink.js';
import { GENL_HDRLEN } from '../uapi/genetlink.js';
import { NLM_F_ACK } from '../uapi/netlink.js';

/** The first attribute of every message but one: which device is meant. */
export const HEADER = 1;

/** A device that an operation is about. */
export interface EthtoolSubject {
  readonly identity: OperationIdentity;
  readonly reference: string | number;
}

/** Checks the link. @throws InvalidOptionError */
export function ethtoolSubject(name: string, verb: string, link: LinkReference): EthtoolSubject {
  const reference = checkLinkReference(link);
  const target = describeLink(link);
  return { reference, identity: { name, description: `${verb} link ${target}`, target, link: reference } };
}

/** A message to the family. @param link what it is about; `undefined` for no device */
export function ethtoolMessage(
  family: number,
  command: number,
  link: string | number | undefined,
  flags = 0,
  fill?: (writer: MessageWriter) => void,
): Uint8Array {
  const writer = new MessageWriter(family, flags).header(GENL_HDRLEN, (view, at) => {
    view.setUint8(at, command);
    view.setUint8(at + 1, ETHTOOL_GENL_VERSION);
  });
  writer.nest(
    command === ETHTOOL_MSG_STATS_GET ? ETHTOOL_A_STATS_HEADER : HEADER,
    (header) => {
      if (typeof link === 'number') header.u32(ETHTOOL_A_HEADER_DEV_INDEX, link);
      else if (link !== undefined) header.string(ETHTOOL_A_HEADER_DEV_NAME, link);
    },
    true,
  );
  fill?.(writer);
  return writer.finish();
}

/** Makes the operation that does something with the family; what the driver lacks is an error that says so. */
export function ethtoolOperation<T>(subject: EthtoolSubject, run: (family: number) => Program<T>): Operation<T> {
  const { identity } = subject;
  return deviceOperation(subject, () => withFamily(identity, ETHTOOL_GENL_NAME, ({ id }) => run(id)));
}

/** The same by other means than the family. */
export function deviceOperation<T>({ identity }: EthtoolSubject, run: () => Program<T>): Operation<T> {
  return new Operation<T>(identity, function* () {
    try {
      return yield* run();
    } catch (error) {
      if (!(error instanceof NetlinkError) || error.code !== 'EOPNOTSUPP') throw error;
      throw new NetlinkError(
        `cannot ${identity.description}: the driver of link ${identity.target} does not support it (EOPNOTSUPP)`,
        {
          code: 'EOPNOTSUPP',
          errno: Errno.EOPNOTSUPP,
          operation: identity.name,
          target: identity.target,
          extack: error.extack,
          cause: error,
        },
      );
    }
  });
}

/** Asks for one object of the device. @param read reads the attributes of the answer */
export function* askDevice<T>(
  family: number,
  command: number,
  link: string | number | undefined,
  read: (attributes: AttributeReader) => T,
  fill?: (writer: MessageWriter) => void,
): Program<T> {
  const decode = (bytes: MessageBytes, start: number, end: number): T =>
    read(new AttributeReader(bytes, start + GENL_HDRLEN, end));
  return yield* ask<T>(one(ethtoolMessage(family, command, link, 0, fill), decode, 'generic'));
}

/** Changes the device. */
export function* changeDevice(
  family: number,
  command: number,
  link: string | number,
  fill: (writer: MessageWriter) => void,
): Program<void> {
  yield* ask(acknowledged(ethtoolMessage(family, command, link, NLM_F_ACK, fill), 'generic'));
}
