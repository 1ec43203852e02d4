import { type Fields, named, u16 } from '../../message/fields.js';
import {
  IFLA_IPVLAN_FLAGS,
  IFLA_IPVLAN_MODE,
  IPVLAN_F_PRIVATE,
  IPVLAN_F_VEPA,
  IPVLAN_MODE_L2,
  IPVLAN_MODE_L3,
  IPVLAN_MODE_L3S,
} from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';

/** A link of its own on top of another, its `parent`, with that one's MAC address. */
export interface IpvlanAttributes {
  readonly mode?: 'l2' | 'l3' | 'l3s' | number;
  readonly isolation?: 'bridge' | 'private' | 'vepa' | number;
}

/** `<linux/if_link.h>`, `IFLA_IPVLAN_…` */
export const ipvlanFields: Fields<IpvlanAttributes> = {
  mode: named(u16(IFLA_IPVLAN_MODE), { l2: IPVLAN_MODE_L2, l3: IPVLAN_MODE_L3, l3s: IPVLAN_MODE_L3S }),
  isolation: named(u16(IFLA_IPVLAN_FLAGS), { bridge: 0, private: IPVLAN_F_PRIVATE, vepa: IPVLAN_F_VEPA }),
};

export const ipvlan = kindOfFields('ipvlan', ipvlanFields, { hasParent: true });
