import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import { resolveLinkIndex } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import { RTM_DELLINK, RTM_SETLINK } from '../uapi/rtnetlink.js';
import { checkBridgeVlan } from './check.js';
import type { BridgeVlanSpec } from './spec.js';
import { writeBridgeVlan } from './write.js';

const ADD: ChangeAction = { name: 'bridgeVlanAdd', verb: 'add', type: RTM_SETLINK };
const DELETE: ChangeAction = { name: 'bridgeVlanDel', verb: 'remove', type: RTM_DELLINK, removing: true };

function changeBridgeVlan(action: ChangeAction, spec: BridgeVlanSpec): Operation<void> {
  const vlan = checkBridgeVlan(action.name, spec);
  const { link, port, first, last } = vlan;
  return changeOperation<number>(action, {
    description: `VLAN ${first}${last > first ? `-${last}` : ''} ${action.removing === true ? 'from' : 'to'} ${port}`,
    target: port,
    known: typeof link === 'number' ? link : undefined,
    resolve: (identity) => resolveLinkIndex(identity, link),
    write: (writer, ifindex) => writeBridgeVlan(writer, vlan, ifindex, action.removing === true),
  });
}

/**
 * Adds a VLAN, or a range, to a port of a bridge; to the bridge itself with `self`. One that is there already gets
 * the flags that are given.
 *
 * @throws InvalidOptionError for a VLAN that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function bridgeVlanAdd(vlan: BridgeVlanSpec): Operation<void> {
  return changeBridgeVlan(ADD, vlan);
}

/**
 * Removes a VLAN, or a range, from a port of a bridge; from the bridge itself with `self`.
 *
 * @throws InvalidOptionError for a VLAN that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function bridgeVlanDel(vlan: BridgeVlanSpec): Operation<void> {
  return changeBridgeVlan(DELETE, vlan);
}
