import type { BridgeVlanSpec } from '../bridge-vlans/bridge-vlan.js';
import { bridgeVlanOperation } from '../bridge-vlans/bridge-vlan-operation.js';
import type { Operation } from '../operation.js';
import { RTM_DELLINK } from '../uapi/rtnetlink.js';

/**
 * Removes a VLAN, or a range, from a port of a bridge; from the bridge itself with `self`.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function bridgeVlanDel(vlan: BridgeVlanSpec): Operation<void> {
  return bridgeVlanOperation('bridgeVlanDel', 'remove', RTM_DELLINK, vlan);
}
