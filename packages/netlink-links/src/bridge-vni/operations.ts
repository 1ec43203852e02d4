import { InvalidOptionError } from 'netns-core';
import { checkInteger } from 'netns-core/checks';
import { checkProperties, propertiesOf } from '../message/checks.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { parseIpAddress } from '../message/ip-address.js';
import { checkUnknown, writeUnknown } from '../message/unknown-attribute.js';
import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import { checkLinkOf, resolveLinkIndex } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import {
  TUNNEL_MSG_SIZE,
  VXLAN_VNIFILTER_ENTRY,
  VXLAN_VNIFILTER_ENTRY_END,
  VXLAN_VNIFILTER_ENTRY_GROUP,
  VXLAN_VNIFILTER_ENTRY_GROUP6,
  VXLAN_VNIFILTER_ENTRY_START,
} from '../uapi/if-link.js';
import { AF_BRIDGE } from '../uapi/neighbour.js';
import { RTM_DELTUNNEL, RTM_NEWTUNNEL } from '../uapi/rtnetlink.js';
import type { BridgeVniSpec } from './spec.js';

const ADD: ChangeAction = { name: 'bridgeVniAdd', verb: 'add', type: RTM_NEWTUNNEL };
const DELETE: ChangeAction = { name: 'bridgeVniDel', verb: 'remove', type: RTM_DELTUNNEL, removing: true };

const PROPERTIES = propertiesOf<BridgeVniSpec>(
  { ifindex: 'set', link: 'set', vni: 'set', vniEnd: 'set', groupAddress: 'set', unknown: 'set' },
  { dev: 'link', id: 'vni', end: 'vniEnd', group: 'groupAddress', remote: 'groupAddress' },
);
const LAST_VNI = 0xffffff;

function changeBridgeVni(action: ChangeAction, spec: BridgeVniSpec): Operation<void> {
  checkProperties(spec, action.name, PROPERTIES);
  const { vni, vniEnd } = spec;
  if (vni === undefined) throw new InvalidOptionError('vni', `${action.name} needs the \`vni\``);
  checkInteger('vni', vni, 0, LAST_VNI);
  checkInteger('vniEnd', vniEnd, vni, LAST_VNI);
  checkUnknown(spec.unknown);
  const { link, shown: place } = checkLinkOf('a VNI', spec);
  const removing = action.removing === true;
  const group = spec.groupAddress === undefined ? undefined : parseIpAddress(spec.groupAddress, 'groupAddress');
  const range = vniEnd === undefined || vniEnd === vni ? `${vni}` : `${vni}-${vniEnd}`;
  return changeOperation<number>(action, {
    description: `VNI ${range} ${removing ? 'from' : 'to'} ${place}`,
    target: place,
    known: typeof link === 'number' ? link : undefined,
    resolve: (identity) => resolveLinkIndex(identity, link),
    write(writer, ifindex) {
      writer.header(TUNNEL_MSG_SIZE, (view, at) => {
        view.setUint8(at, AF_BRIDGE);
        view.setUint32(at + 4, ifindex, LITTLE_ENDIAN);
      });
      writer.nest(
        VXLAN_VNIFILTER_ENTRY,
        (entry) => {
          entry.u32(VXLAN_VNIFILTER_ENTRY_START, vni);
          if (vniEnd !== undefined && vniEnd > vni) entry.u32(VXLAN_VNIFILTER_ENTRY_END, vniEnd);
          if (group !== undefined && !removing)
            entry.bytes(group.length === 4 ? VXLAN_VNIFILTER_ENTRY_GROUP : VXLAN_VNIFILTER_ENTRY_GROUP6, group);
          if (spec.unknown !== undefined && !removing) writeUnknown(entry, spec.unknown);
        },
        true,
      );
    },
  });
}

/**
 * Adds an identifier, or a range, to a VXLAN with `vniFilter`. One that is there already gets the group that is given.
 * Linux 5.18 and later.
 *
 * @throws InvalidOptionError for an identifier that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function bridgeVniAdd(vni: BridgeVniSpec): Operation<void> {
  return changeBridgeVni(ADD, vni);
}

/**
 * Removes an identifier, or a range, from a VXLAN with `vniFilter`.
 *
 * @throws InvalidOptionError for an identifier that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function bridgeVniDel(vni: BridgeVniSpec): Operation<void> {
  return changeBridgeVni(DELETE, vni);
}
