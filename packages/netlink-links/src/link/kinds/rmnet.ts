import { u16 } from '../../message/fields.js';
import {
  IFLA_RMNET_FLAGS,
  IFLA_RMNET_MUX_ID,
  RMNET_FLAGS_EGRESS_MAP_CKSUMV4,
  RMNET_FLAGS_EGRESS_MAP_CKSUMV5,
  RMNET_FLAGS_INGRESS_DEAGGREGATION,
  RMNET_FLAGS_INGRESS_MAP_CKSUMV4,
  RMNET_FLAGS_INGRESS_MAP_CKSUMV5,
  RMNET_FLAGS_INGRESS_MAP_COMMANDS,
} from '../../uapi/if-link-kinds.js';
import { kindOfFields } from './kind.js';
import { switches } from './switches.js';

/** One of the channels of a modem of Qualcomm, whose link is its `parent`. */
export interface RmnetAttributes {
  /** The number of the channel, 1 to 254. */
  readonly muxId?: number;
  /** Takes apart frames that hold several packets. */
  readonly ingressDeaggregation?: boolean;
  /** Obeys commands of the modem. */
  readonly ingressMapCommands?: boolean;
  readonly ingressMapChecksumV4?: boolean;
  readonly ingressMapChecksumV5?: boolean;
  readonly egressMapChecksumV4?: boolean;
  readonly egressMapChecksumV5?: boolean;
}

const MAX_MUX_ID = 254;

/** `<linux/if_link.h>`, `IFLA_RMNET_…` */
export const rmnet = kindOfFields<RmnetAttributes>(
  'rmnet',
  { muxId: u16(IFLA_RMNET_MUX_ID, 1, MAX_MUX_ID) },
  {
    last: [
      switches<RmnetAttributes>(IFLA_RMNET_FLAGS, [
        ['ingressDeaggregation', RMNET_FLAGS_INGRESS_DEAGGREGATION],
        ['ingressMapCommands', RMNET_FLAGS_INGRESS_MAP_COMMANDS],
        ['ingressMapChecksumV4', RMNET_FLAGS_INGRESS_MAP_CKSUMV4],
        ['egressMapChecksumV4', RMNET_FLAGS_EGRESS_MAP_CKSUMV4],
        ['ingressMapChecksumV5', RMNET_FLAGS_INGRESS_MAP_CKSUMV5],
        ['egressMapChecksumV5', RMNET_FLAGS_EGRESS_MAP_CKSUMV5],
      ]),
    ],
    synonyms: { mux_id: 'muxId' },
    hasParent: true,
    addressLength: 0,
  },
);
