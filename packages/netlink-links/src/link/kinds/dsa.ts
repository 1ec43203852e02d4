import { u32 } from '../../message/fields.js';
import { IFLA_DSA_CONDUIT } from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';

/** A port of a switch that is attached to another link (DSA). The kernel makes them from the hardware alone. */
export interface DsaAttributes {
  /** Index of the link that leads to the switch. */
  readonly conduitIndex?: number;
}

/** `<linux/if_link.h>`, `IFLA_DSA_…` */
export const dsa = kindOfFields<DsaAttributes>(
  'dsa',
  { conduitIndex: u32(IFLA_DSA_CONDUIT) },
  { synonyms: { conduit: 'conduitIndex', master: 'conduitIndex' } },
);
