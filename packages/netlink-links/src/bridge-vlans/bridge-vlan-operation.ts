import { NetnsError } from 'netns-core';
import { checkBoolean } from 'netns-core/checks';
import { checkInteger } from '../codec/checked-number.js';
import { LITTLE_ENDIAN } from '../codec/endianness.js';
import { MessageWriter } from '../codec/message-writer.js';
import { checkProperties, propertiesOf } from '../codec/properties.js';
import type { OperationIdentity } from '../errors.js';
import { checkLinkReference, describeLink, resolveLinkIndex, writeLinkHeader } from '../links/link-reference.js';
import { ask, Operation } from '../operation.js';
import { acknowledged } from '../request.js';
import {
  BRIDGE_FLAGS_SELF,
  BRIDGE_VLAN_INFO_PVID,
  BRIDGE_VLAN_INFO_RANGE_BEGIN,
  BRIDGE_VLAN_INFO_RANGE_END,
  BRIDGE_VLAN_INFO_SIZE,
  BRIDGE_VLAN_INFO_UNTAGGED,
  IFLA_BRIDGE_FLAGS,
  IFLA_BRIDGE_VLAN_INFO,
} from '../uapi/if-bridge-vlan.js';
import { IFLA_AF_SPEC } from '../uapi/if-link.js';
import { AF_BRIDGE } from '../uapi/neighbour.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import type { BridgeVlan, BridgeVlanSpec } from './bridge-vlan.js';

const PROPERTIES = propertiesOf<BridgeVlanSpec, BridgeVlan>(
  { ifindex: 'set', link: 'set', vid: 'set', vidEnd: 'set', pvid: 'set', untagged: 'set', self: 'set' },
  {
    dev: 'link',
    port: 'link',
    bridge: 'link',
    vlan: 'vid',
    vlanid: 'vid',
    id: 'vid',
    end: 'vidEnd',
    tagged: 'untagged',
  },
);

/** VLANs 0 and 4095 are reserved. */
const FIRST = 1;
const LAST = 4094;

/**
 * The operation that adds VLANs to a port or removes them.
 *
 * @param type `RTM_SETLINK` or `RTM_DELLINK`
 */
export function bridgeVlanOperation(name: string, verb: string, type: number, spec: BridgeVlanSpec): Operation<void> {
  checkProperties(spec, name, PROPERTIES);
  for (const property of ['pvid', 'untagged', 'self'] as const) checkBoolean(property, spec[property]);
  const { vid, vidEnd, pvid = false, untagged = false, self = false } = spec;
  checkInteger('VLAN', vid, FIRST, LAST);
  checkInteger('VLAN at the end of a range', vidEnd, vid, LAST);
  if (vid === undefined) throw new NetnsError('a VLAN needs its `vid`', { code: 'ERR_INVALID_ARGUMENT' });
  const last = vidEnd ?? vid;
  if (pvid && last > vid)
    throw new NetnsError(`VLANs ${vid} to ${last} can not all be that of untagged packets: \`pvid\` is for one`, {
      code: 'ERR_INVALID_ARGUMENT',
    });
  const reference = spec.link ?? spec.ifindex;
  if (reference === undefined)
    throw new NetnsError('a VLAN needs a port: `link` or `ifindex`', { code: 'ERR_INVALID_ARGUMENT' });
  const link = checkLinkReference(reference);
  const target = describeLink(reference);
  const identity: OperationIdentity = {
    name,
    description: `${verb} VLAN ${vid}${last > vid ? `-${last}` : ''} ${verb === 'add' ? 'to' : 'from'} ${target}`,
    target,
  };
  const flags = (pvid ? BRIDGE_VLAN_INFO_PVID : 0) | (untagged ? BRIDGE_VLAN_INFO_UNTAGGED : 0);
  const message = (ifindex: number): Uint8Array => {
    const writer = new MessageWriter(type, NLM_F_ACK);
    writeLinkHeader(writer, ifindex, 0, 0, AF_BRIDGE);
    writer.nest(
      IFLA_AF_SPEC,
      (nested) => {
        if (self) nested.u16(IFLA_BRIDGE_FLAGS, BRIDGE_FLAGS_SELF);
        const info = (id: number, more: number): void =>
          void nested.struct(IFLA_BRIDGE_VLAN_INFO, BRIDGE_VLAN_INFO_SIZE, (view, at) => {
            view.setUint16(at, flags | more, LITTLE_ENDIAN);
            view.setUint16(at + 2, id, LITTLE_ENDIAN);
          });
        if (last === vid) info(vid, 0);
        else {
          info(vid, BRIDGE_VLAN_INFO_RANGE_BEGIN);
          info(last, BRIDGE_VLAN_INFO_RANGE_END);
        }
      },
      true,
    );
    return writer.finish();
  };
  if (typeof link === 'number') return new Operation(identity, acknowledged(message(link)));
  return new Operation(identity, function* () {
    yield* ask(acknowledged(message(yield* resolveLinkIndex(identity, link))));
  });
}
