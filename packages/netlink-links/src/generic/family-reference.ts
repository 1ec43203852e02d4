import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { Errno } from 'netns-core/sys';
import { MessageWriter } from '../message/message-writer.js';
import { NetlinkError, type OperationIdentity } from '../operation/errors.js';
import { ask, type Program } from '../operation/operation.js';
import { type OneRequest, one } from '../operation/request.js';
import {
  CTRL_ATTR_FAMILY_ID,
  CTRL_ATTR_FAMILY_NAME,
  CTRL_CMD_GETFAMILY,
  GENL_HDRLEN,
  GENL_ID_CTRL,
  GENL_NAMSIZ,
} from '../uapi/genetlink.js';
import { NLMSG_MIN_TYPE } from '../uapi/netlink.js';
import type { GenericFamily } from './family.js';
import { readFamily } from './read-family.js';

/** Checks the name of a family. @throws InvalidOptionError */
export function checkFamilyName(name: unknown, property = 'family'): string {
  if (typeof name !== 'string' || name === '' || name.includes('\0') || Buffer.byteLength(name) >= GENL_NAMSIZ)
    throw new InvalidOptionError(
      property,
      `${property} must be the name of a generic netlink family, 1 to ${GENL_NAMSIZ - 1} bytes, got ${shown(name)}`,
    );
  return name;
}

/** Checks a family by its name, or as it was read. @throws InvalidOptionError */
export function checkFamily(family: unknown): string | GenericFamily {
  if (typeof family !== 'object' || family === null) return checkFamilyName(family);
  const { id, name, headerSize } = family as Partial<GenericFamily>;
  checkFamilyName(name, 'family.name');
  if (!Number.isInteger(id) || Number(id) < NLMSG_MIN_TYPE || Number(id) > 0xffff)
    throw new InvalidOptionError('family.id', `family.id must be the number of a family, got ${shown(id)}`);
  if (!Number.isInteger(headerSize) || Number(headerSize) < 0 || Number(headerSize) > 0xffff)
    throw new InvalidOptionError(
      'family.headerSize',
      `family.headerSize must be a number of bytes, got ${shown(headerSize)}`,
    );
  return family as GenericFamily;
}

/** The request for one family, by name or number. */
export function familyRequest(family: string | number): OneRequest<GenericFamily> {
  const message = new MessageWriter(GENL_ID_CTRL, 0).header(GENL_HDRLEN, (view, at) =>
    view.setUint8(at, CTRL_CMD_GETFAMILY),
  );
  if (typeof family === 'number') message.u16(CTRL_ATTR_FAMILY_ID, family);
  else message.string(CTRL_ATTR_FAMILY_NAME, family);
  return one(message.finish(), readFamily, 'generic');
}

/** The kernel lacks a family. */
export function noFamily(operation: OperationIdentity, family: string | number): NetlinkError {
  return new NetlinkError(
    `cannot ${operation.description}: generic netlink family ${shown(family)} is not registered: the kernel lacks it, or its module is not loaded (ENOENT)`,
    { code: 'ENOENT', errno: Errno.ENOENT, operation: operation.name, target: operation.target },
  );
}

/**
 * A family by its name, as a part of another operation's program. A connection asks for it once.
 *
 * @param anew ask again: the number that is known has turned out to be none any more
 * @throws NetlinkError (when it runs) `ENOENT` where the kernel lacks it
 */
export function* resolveFamily(operation: OperationIdentity, name: string, anew = false): Program<GenericFamily> {
  try {
    return yield* ask({ ...familyRequest(name), remember: { key: `generic netlink family ${name}`, anew } });
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENOENT') throw noFamily(operation, name);
    throw error;
  }
}

/**
 * Does something with a family. Its number changes when its module is loaded anew: where the kernel does not know the
 * number any more, it is asked for and the thing is done once more.
 */
export function* withFamily<T>(
  operation: OperationIdentity,
  reference: string | GenericFamily,
  run: (family: GenericFamily) => Program<T>,
): Program<T> {
  const family = typeof reference === 'string' ? yield* resolveFamily(operation, reference) : reference;
  try {
    return yield* run(family);
  } catch (error) {
    if (!(error instanceof NetlinkError) || error.code !== 'ENOENT') throw error;
    const current = yield* resolveFamily(operation, family.name, true);
    if (current.id === family.id) throw error;
    return yield* run(current);
  }
}
