import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { MessageWriter } from '../message/message-writer.js';
import type { OperationIdentity } from '../operation/errors.js';
import { NetlinkError } from '../operation/errors.js';
import { ask, DumpOperation, Operation } from '../operation/operation.js';
import { dump } from '../operation/request.js';
import { CTRL_CMD_GETFAMILY, GENL_HDRLEN, GENL_ID_CTRL } from '../uapi/genetlink.js';
import { NLM_F_DUMP, NLMSG_MIN_TYPE } from '../uapi/netlink.js';
import type { GenericFamily } from './family.js';
import { checkFamilyName, familyRequest, noFamily } from './family-reference.js';
import { readFamily } from './read-family.js';

/** Lists the families of generic netlink that the kernel has: parts of it that are talked to by commands of their own. */
export function genericFamilyList(): DumpOperation<GenericFamily> {
  const message = new MessageWriter(GENL_ID_CTRL, NLM_F_DUMP).header(GENL_HDRLEN, (view, at) =>
    view.setUint8(at, CTRL_CMD_GETFAMILY),
  );
  return new DumpOperation(
    {
      name: 'genericFamilyList',
      description: 'list the families of generic netlink',
      target: 'generic netlink families',
    },
    dump(message.finish(), readFamily, 'generic'),
  );
}

/**
 * Finds a family of generic netlink by its name or number. The kernel loads its module if it can.
 *
 * @throws InvalidOptionError
 * @throws NetlinkError when it runs: `ENOENT` where the kernel lacks it
 */
export function genericFamilyGet(nameOrId: string | number): Operation<GenericFamily> {
  if (typeof nameOrId !== 'number') checkFamilyName(nameOrId, 'nameOrId');
  else if (!Number.isInteger(nameOrId) || nameOrId < NLMSG_MIN_TYPE || nameOrId > 0xffff)
    throw new InvalidOptionError(
      'nameOrId',
      `nameOrId must be the name of a generic netlink family or its number, from ${NLMSG_MIN_TYPE} to 65535, got ${shown(nameOrId)}`,
    );
  const target = String(nameOrId);
  const identity: OperationIdentity = {
    name: 'genericFamilyGet',
    description: `find generic netlink family ${shown(nameOrId)}`,
    target,
  };
  const request = familyRequest(nameOrId);
  return new Operation(identity, function* () {
    try {
      return yield* ask(request);
    } catch (error) {
      if (error instanceof NetlinkError && error.code === 'ENOENT') throw noFamily(identity, nameOrId);
      throw error;
    }
  });
}
