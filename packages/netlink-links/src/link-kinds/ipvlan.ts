import { named, u16 } from './fields.js';
import { kindOfFields } from './kind.js';

/** A link of its own on top of another, its `parent`, with that one's MAC address. */
export interface IpvlanAttributes {
  mode?: 'l2' | 'l3' | 'l3s' | number;
  isolation?: 'bridge' | 'private' | 'vepa' | number;
}

/** `<linux/if_link.h>`, `IFLA_IPVLAN_…` */
export const ipvlan = kindOfFields<IpvlanAttributes>(
  'ipvlan',
  {
    mode: named(u16(1), { l2: 0, l3: 1, l3s: 2 }),
    isolation: named(u16(2), { bridge: 0, private: 1, vepa: 2 }),
  },
  { hasParent: true },
);
