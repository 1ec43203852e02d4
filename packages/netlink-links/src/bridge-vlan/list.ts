import { MessageWriter } from '../message/message-writer.js';
import type { OperationIdentity } from '../operation/errors.js';
import {
  checkLinkReference,
  describeLink,
  type LinkReference,
  resolveLinkIndex,
  writeLinkHeader,
} from '../operation/link-reference.js';
import { ask, Operation } from '../operation/operation.js';
import { dump } from '../operation/request.js';
import { IFLA_EXT_MASK } from '../uapi/if-link.js';
import { AF_BRIDGE } from '../uapi/neighbour.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTEXT_FILTER_BRVLAN_COMPRESSED, RTM_GETLINK } from '../uapi/rtnetlink.js';
import type { BridgeVlan } from './bridge-vlan.js';
import { readBridgeVlans } from './read.js';

/**
 * Lists the VLANs of the ports of bridges, and of bridges themselves; of all, or of one link.
 *
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function bridgeVlanList(link?: LinkReference): Operation<BridgeVlan[]> {
  const writer = new MessageWriter(RTM_GETLINK, NLM_F_DUMP);
  writeLinkHeader(writer, 0, 0, 0, AF_BRIDGE);
  const request = dump(writer.u32(IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN_COMPRESSED).finish(), readBridgeVlans);
  const identity: OperationIdentity = {
    name: 'bridgeVlanList',
    description: link === undefined ? 'list the VLANs of bridges' : `list the VLANs of ${describeLink(link)}`,
    target: link === undefined ? 'VLANs' : describeLink(link),
  };
  const reference = link === undefined ? 0 : checkLinkReference(link);
  return new Operation(identity, function* () {
    const ifindex = yield* resolveLinkIndex(identity, reference);
    const vlans = (yield* ask(request)).flat();
    return ifindex === 0 ? vlans : vlans.filter((vlan) => vlan.ifindex === ifindex);
  });
}
