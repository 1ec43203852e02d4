import type { BridgeVlanSpec } from '../bridge-vlans/bridge-vlan.js';
import { bridgeVlanOperation } from '../bridge-vlans/bridge-vlan-operation.js';
import type { Operation } from '../operation.js';
import { RTM_SETLINK } from '../uapi/rtnetlink.js';

/**
 * Adds a VLAN, or a range, to a port of a bridge; to the bridge itself with `self`. One that is there already gets
 * the flags that are given.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function bridgeVlanAdd(vlan: BridgeVlanSpec): Operation<void> {
  return bridgeVlanOperation('bridgeVlanAdd', 'add', RTM_SETLINK, vlan);
}
