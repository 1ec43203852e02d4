import { readOnly, u32 } from '../../message/fields.js';
import type { UnknownAttribute } from '../../message/unknown-attribute.js';
import { IFLA_VRF_PORT_TABLE } from '../../uapi/if-link.js';
import { portOfFields } from './kind.js';

/** A link as a port of a VRF device. It has no settings. */
export interface VrfPort {
  /** Told: the routing table of the VRF. */
  readonly table: number;
  /** Attributes that this package does not know. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
}

/** `<linux/if_link.h>`, `IFLA_VRF_PORT_…` */
export const vrfPort = portOfFields<VrfPort>('vrf', 'a VRF device', { table: readOnly(u32(IFLA_VRF_PORT_TABLE)) });
