import { Errno } from 'netns-core/sys';
import { withFamily } from '../generic/family-reference.js';
import { AttributeReader } from '../message/attribute-reader.js';
import type { MessageBytes } from '../message/message-bytes.js';
import { MessageWriter } from '../message/message-writer.js';
import { NetlinkError, type OperationIdentity } from '../operation/errors.js';
import { ask, Operation, type Program } from '../operation/operation.js';
import { acknowledged, type Decoder, dump, one } from '../operation/request.js';
import { DEVLINK_GENL_NAME, DEVLINK_GENL_VERSION } from '../uapi/devlink.js';
import { GENL_HDRLEN } from '../uapi/genetlink.js';
import { NLM_F_ACK, NLM_F_DUMP } from '../uapi/netlink.js';
import { type CheckedDevice, checkDevice, type DevlinkReference, describeDevice, writeDevice } from './reference.js';

/** A message to the family. @param device that it is about; `undefined` for all */
export function devlinkMessage(
  family: number,
  command: number,
  flags: number,
  device?: CheckedDevice,
  fill?: (writer: MessageWriter) => void,
): Uint8Array {
  const writer = new MessageWriter(family, flags).header(GENL_HDRLEN, (view, at) => {
    view.setUint8(at, command);
    view.setUint8(at + 1, DEVLINK_GENL_VERSION);
  });
  if (device !== undefined) writeDevice(writer, device);
  fill?.(writer);
  return writer.finish();
}

const decoder =
  <T>(read: (attributes: AttributeReader) => T): Decoder<T> =>
  (bytes: MessageBytes, start, end) =>
    read(new AttributeReader(bytes, start + GENL_HDRLEN, end));

/** Makes the operation that lists objects of all devices. */
export function devlinkListing<T>(
  identity: OperationIdentity,
  command: number,
  read: (attributes: AttributeReader) => T,
): Operation<T[]> {
  return new Operation<T[]>(identity, () =>
    withFamily(identity, DEVLINK_GENL_NAME, function* ({ id }) {
      return yield* ask<T[]>(dump(devlinkMessage(id, command, NLM_F_DUMP), decoder(read), 'generic'));
    }),
  );
}

/** Makes the operation that does something with a device. */
function deviceOperation<T>(
  name: string,
  verb: string,
  reference: DevlinkReference,
  run: (family: number, device: CheckedDevice) => Program<T>,
): Operation<T> {
  const device = checkDevice(reference);
  const target = describeDevice(device);
  const identity = { name, description: `${verb} ${target}`, target };
  return new Operation<T>(identity, function* () {
    try {
      return yield* withFamily(identity, DEVLINK_GENL_NAME, ({ id }) => run(id, device));
    } catch (error) {
      if (!(error instanceof NetlinkError) || error.code !== 'ENODEV') throw error;
      throw new NetlinkError(`cannot ${identity.description}: there is no device ${target} in the namespace (ENODEV)`, {
        code: 'ENODEV',
        errno: Errno.ENODEV,
        operation: name,
        target,
        cause: error,
      });
    }
  });
}

/** Makes the operation that reads one object of a device. @param verb with what it is: `'read the information of'` */
export function devlinkReading<T>(
  name: string,
  verb: string,
  reference: DevlinkReference,
  command: number,
  read: (attributes: AttributeReader) => T,
): Operation<T> {
  return deviceOperation(name, verb, reference, function* (family, device) {
    return yield* ask<T>(one(devlinkMessage(family, command, 0, device), decoder(read), 'generic'));
  });
}

/** Makes the operation that changes a device. */
export function devlinkChange(
  name: string,
  verb: string,
  reference: DevlinkReference,
  command: number,
  fill: (writer: MessageWriter) => void,
): Operation<void> {
  return deviceOperation(name, verb, reference, function* (family, device) {
    yield* ask(acknowledged(devlinkMessage(family, command, NLM_F_ACK, device, fill), 'generic'));
  });
}
