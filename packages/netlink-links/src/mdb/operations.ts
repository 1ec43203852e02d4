import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import { resolveLinkIndex } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.js';
import { RTM_DELMDB, RTM_NEWMDB } from '../uapi/rtnetlink.js';
import { type CheckedMdbEntry, checkMdbEntry } from './check.js';
import type { MdbSpec } from './spec.js';
import { type MdbLinks, writeMdbEntry } from './write.js';

const ADD: ChangeAction = { name: 'mdbAdd', verb: 'add', type: RTM_NEWMDB, flags: NLM_F_CREATE | NLM_F_EXCL };
const REPLACE: ChangeAction = {
  name: 'mdbReplace',
  verb: 'replace',
  type: RTM_NEWMDB,
  flags: NLM_F_CREATE | NLM_F_REPLACE,
};
const DELETE: ChangeAction = { name: 'mdbDel', verb: 'remove', type: RTM_DELMDB, removing: true };

function changeMdb(action: ChangeAction, spec: MdbSpec): Operation<void> {
  const entry = checkMdbEntry(action.name, spec);
  const { bridge, port, description, target } = entry;
  return changeOperation<MdbLinks>(action, {
    description,
    target,
    known: typeof bridge === 'number' && typeof port === 'number' ? { bridge, port } : undefined,
    *resolve(identity) {
      const index = yield* resolveLinkIndex(identity, bridge);
      return { bridge: index, port: port === bridge ? index : yield* resolveLinkIndex(identity, port) };
    },
    write: (writer, links) => writeMdbEntry(writer, action.removing === true ? forRemoval(entry) : entry, links),
  });
}

/** What names a group, without what it has. */
function forRemoval(entry: CheckedMdbEntry): CheckedMdbEntry {
  return { ...entry, sources: [], filterMode: undefined, protocol: undefined };
}

/**
 * Adds a multicast group to a port of a bridge, or to the bridge itself. The bridge must be up. That it is there already
 * is an error, `EEXIST`.
 *
 * @throws InvalidOptionError for a group that cannot be
 * @throws LinkNotFoundError when it runs and the bridge or the port does not exist
 */
export function mdbAdd(group: MdbSpec): Operation<void> {
  return changeMdb(ADD, group);
}

/**
 * Adds a multicast group, or changes the one that is there. Linux 6.3 and later; older kernels refuse it for a group
 * that is there.
 *
 * @throws InvalidOptionError for a group that cannot be
 * @throws LinkNotFoundError when it runs and the bridge or the port does not exist
 */
export function mdbReplace(group: MdbSpec): Operation<void> {
  return changeMdb(REPLACE, group);
}

/**
 * Removes a multicast group.
 *
 * @throws InvalidOptionError for a group that cannot be
 * @throws LinkNotFoundError when it runs and the bridge or the port does not exist
 */
export function mdbDel(group: MdbSpec): Operation<void> {
  return changeMdb(DELETE, group);
}
