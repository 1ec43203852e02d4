import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import { BRIDGE_PORT_STATES } from '../link/ports/bridge.js';
import { checkProperties, propertiesOf } from '../message/checks.js';
import { bool, checkFields, type Fields, named, u8 } from '../message/fields.js';
import { checkLinkOf } from '../operation/link-reference.js';
import {
  BRIDGE_VLAN_INFO_PVID,
  BRIDGE_VLAN_INFO_UNTAGGED,
  BRIDGE_VLANDB_ENTRY_MCAST_ROUTER,
  BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS,
  BRIDGE_VLANDB_ENTRY_STATE,
} from '../uapi/if-bridge.js';
import type { BridgeVlan } from './bridge-vlan.js';
import type { BridgeVlanSettings, BridgeVlanSpec } from './spec.js';

const SYNONYMS = {
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
};

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
  SYNONYMS,
);

const SETTINGS = propertiesOf<BridgeVlanSettings>(
  {
    ifindex: 'set',
    link: 'set',
    vid: 'set',
    vidEnd: 'set',
    state: 'set',
    multicastRouter: 'set',
    neighSuppress: 'set',
    pvid: 'set',
    untagged: 'set',
    self: 'set',
    tunnelId: 'set',
  },
  { ...SYNONYMS, mcast_router: 'multicastRouter', neigh_suppress: 'neighSuppress' },
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
  return checkVlans(spec);
}

function checkVlans(spec: BridgeVlanSpec): CheckedBridgeVlan {
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

/** What is to be set of a VLAN; the numbers are those of the kernel. */
export interface CheckedVlanSettings extends Pick<CheckedBridgeVlan, 'link' | 'port' | 'first' | 'last'> {
  readonly settings: Pick<BridgeVlanSettings, 'state' | 'multicastRouter' | 'neighSuppress'>;
}

/** How what can be set is checked and written. */
export const VLAN_FIELDS: Fields<CheckedVlanSettings['settings']> = {
  state: named(u8(BRIDGE_VLANDB_ENTRY_STATE), BRIDGE_PORT_STATES),
  multicastRouter: u8(BRIDGE_VLANDB_ENTRY_MCAST_ROUTER, 0, 3),
  neighSuppress: bool(BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS),
};

/** Checks what is to be set of a VLAN, or of a range of them. @throws InvalidOptionError */
export function checkVlanSettings(callee: string, spec: BridgeVlanSettings): CheckedVlanSettings {
  checkProperties(spec, callee, SETTINGS);
  const { state, multicastRouter, neighSuppress, ...vlan } = spec;
  const settings = { state, multicastRouter, neighSuppress };
  // That the VLAN is the one of untagged packets is told.
  const { link, port, first, last } = checkVlans({ ...vlan, pvid: vlan.vidEnd === undefined ? vlan.pvid : undefined });
  checkFields(VLAN_FIELDS, settings);
  if (Object.values(settings).every((value) => value === undefined))
    throw new InvalidOptionError('state', `${callee} needs at least one of ${Object.keys(settings).join(', ')}`);
  return { link, port, first, last, settings };
}
