import { text } from '../../message/fields.js';
import { IFLA_BATADV_ALGO_NAME } from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';

/** A mesh of links, which are its ports (B.A.T.M.A.N. advanced); its other settings are of the generic netlink family `batadv`. */
export interface BatadvAttributes {
  /** `'BATMAN_IV'` or `'BATMAN_V'`, when it is made; the kernel does not tell it. */
  readonly routingAlgorithm?: string;
}

/** `<linux/batman_adv.h>`, `IFLA_BATADV_…` */
export const batadv = kindOfFields<BatadvAttributes>(
  'batadv',
  { routingAlgorithm: text(IFLA_BATADV_ALGO_NAME) },
  { synonyms: { ra: 'routingAlgorithm', routing_algo: 'routingAlgorithm' } },
);
