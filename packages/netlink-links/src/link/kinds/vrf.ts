import { u32 } from '../../message/fields.js';
import { IFLA_VRF_TABLE } from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';

/** A virtual routing and forwarding device: what its ports receive, and what sockets bound to it send, is routed by a table of its own. */
export interface VrfAttributes {
  /** The routing table. */
  readonly table: number;
}

/** `<linux/if_link.h>`, `IFLA_VRF_…` */
export const vrf = kindOfFields<VrfAttributes>('vrf', { table: u32(IFLA_VRF_TABLE) });
