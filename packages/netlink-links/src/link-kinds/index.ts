import { type DeviceAttributes, device } from './device.js';
import { type GenericAttributes, generic } from './generic.js';
import type { LinkKind } from './kind.js';
import { type VethAttributes, veth } from './veth.js';

/** What each kind of link adds to the attributes that all links have. */
export interface LinkKindAttributes {
  device: DeviceAttributes;
  generic: GenericAttributes;
  veth: VethAttributes;
}

/** All kinds of links that have a name here: one file each, one line above and one here. */
export const LINK_KINDS: { readonly [K in keyof LinkKindAttributes]: LinkKind<LinkKindAttributes[K]> } = {
  device,
  generic,
  veth,
};
