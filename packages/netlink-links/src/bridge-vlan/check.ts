import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import { checkProperties, propertiesOf } from '../message/checks.js';
import { checkLinkOf } from '../operation/link-reference.js';
import { BRIDGE_VLAN_INFO_PVID, BRIDGE_VLAN_INFO_UNTAGGED } from '../uapi/if-bridge.js';
import type { BridgeVlan } from './bridge-vlan.js';
import type { BridgeVlanSpec } from './spec.js';

const PROPERTIES = propertiesOf<BridgeVlanSpec, BridgeVlan>(
  {
    ifindex: 'set',
    link: 'set',
    vid: 'set',
    vidEnd: 'set',
    pvid: 'set',
    untagged: 'set',
    self: 'set',
    tunnelId: 'set',
  },
  {
    dev: 'link',
    port: 'link',
    bridge: 'link',
    vlan: 'vid',
    vlanid: 'vid',
    id: 'vid',
    end: 'vidEnd',
    tagged: 'untagged',
    tunnel_info: 'tunnelId',
    vni: 'tunnelId',
  },
);

/** VLANs 0 and 4095 are reserved. */
const FIRST_VID = 1;
const LAST_VID = 4094;
const LAST_VNI = 0xffffff;

/** A spec whose values were checked. */
export interface CheckedBridgeVlan {
  readonly link: string | number;
  /** The link as an error calls it. */
  readonly port: string;
  readonly first: number;
  readonly last: number;
  readonly flags: number;
  readonly self: boolean;
  readonly tunnelId: number | undefined;
}

/** Checks a VLAN, or a range of them, before anything is sent. @throws InvalidOptionError */
export function checkBridgeVlan(callee: string, spec: BridgeVlanSpec): CheckedBridgeVlan {
  checkProperties(spec, callee, PROPERTIES);
  for (const property of ['pvid', 'untagged', 'self'] as const) checkBoolean(property, spec[property]);
  const { vid, vidEnd, pvid = false, untagged = false, self = false } = spec;
  if (vid === undefined) throw new InvalidOptionError('vid', 'a VLAN needs its `vid`');
  checkInteger('vid', vid, FIRST_VID, LAST_VID);
  checkInteger('vidEnd', vidEnd, vid, LAST_VID);
  const last = vidEnd ?? vid;
  checkInteger('tunnelId', spec.tunnelId, 1, LAST_VNI - (last - vid));
  if (pvid && last > vid)
    throw new InvalidOptionError(
      'pvid',
      `pvid is for one VLAN: ${vid} to ${last} (vidEnd) cannot all be that of untagged packets`,
    );
  const { link, shown: port } = checkLinkOf('a VLAN', spec);
  return {
    link,
    port,
    first: vid,
    last,
    flags: (pvid ? BRIDGE_VLAN_INFO_PVID : 0) | (untagged ? BRIDGE_VLAN_INFO_UNTAGGED : 0),
    self,
    tunnelId: spec.tunnelId,
  };
}
