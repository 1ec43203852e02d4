import { InvalidOptionError } from 'netns-core';
import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import { resolveLinkIndex } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import { RTM_DELLINK, RTM_NEWVLAN, RTM_SETLINK } from '../uapi/rtnetlink.js';
import { checkBridgeVlan, checkVlanSettings } from './check.js';
import type { BridgeVlanSettings, BridgeVlanSpec, BridgeVlanTunnelSpec } from './spec.js';
import { writeBridgeVlan, writeBridgeVlanTunnel, writeVlanSettings } from './write.js';

const ADD: ChangeAction = { name: 'bridgeVlanAdd', verb: 'add', type: RTM_SETLINK };
const DELETE: ChangeAction = { name: 'bridgeVlanDel', verb: 'remove', type: RTM_DELLINK, removing: true };

const SET: ChangeAction = { name: 'bridgeVlanSet', verb: 'set', type: RTM_NEWVLAN };
const DELETE_TUNNEL: ChangeAction = {
  name: 'bridgeVlanTunnelDel',
  verb: 'remove',
  type: RTM_DELLINK,
  removing: true,
};

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

/**
 * Sets what a port of a bridge is for a VLAN, or for a range of them, that it belongs to: its state of spanning tree, and
 * whether there are routers of multicast behind it. `bridge vlan set`.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `ENOENT` where the port does not belong to the VLAN
 */
export function bridgeVlanSet(vlan: BridgeVlanSettings): Operation<void> {
  const checked = checkVlanSettings(SET.name, vlan);
  const { link, port, first, last } = checked;
  return changeOperation<number>(SET, {
    description: `VLAN ${first}${last > first ? `-${last}` : ''} of ${port}`,
    target: port,
    known: typeof link === 'number' ? link : undefined,
    resolve: (identity) => resolveLinkIndex(identity, link),
    write: (writer, ifindex) => writeVlanSettings(writer, checked, ifindex),
  });
}

/**
 * Removes the mapping of a VLAN, or of a range, to identifiers of a VXLAN, and leaves the VLAN. `bridgeVlanAdd` with
 * `tunnelId` makes it.
 *
 * @throws InvalidOptionError for a mapping that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function bridgeVlanTunnelDel(mapping: BridgeVlanTunnelSpec): Operation<void> {
  const vlan = checkBridgeVlan(DELETE_TUNNEL.name, mapping);
  const { link, port, first, last, tunnelId } = vlan;
  if (tunnelId === undefined) throw new InvalidOptionError('tunnelId', 'bridgeVlanTunnelDel needs the `tunnelId`');
  return changeOperation<number>(DELETE_TUNNEL, {
    description: `the mapping of VLAN ${first}${last > first ? `-${last}` : ''} to VXLAN ${tunnelId} from ${port}`,
    target: port,
    known: typeof link === 'number' ? link : undefined,
    resolve: (identity) => resolveLinkIndex(identity, link),
    write: (writer, ifindex) => writeBridgeVlanTunnel(writer, { first, last, tunnelId }, ifindex),
  });
}
