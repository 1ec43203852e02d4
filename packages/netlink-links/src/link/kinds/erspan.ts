import { u8 } from '../../message/fields.js';
import { IFLA_GRE_ERSPAN_VER } from '../../uapi/if-tunnel.js';
import { type ErspanCommon, erspanFields, withErspanChecks } from './erspan-fields.js';
import { type GreOverIpv4, greOverIpv4 } from './gre-fields.js';

/** Mirrored Ethernet frames in GRE over IPv4 (ERSPAN). It needs keys, and flags for sequence numbers: 0x3000. */
export interface ErspanAttributes extends GreOverIpv4, ErspanCommon {}

const MAX_VERSION = 2;

export const erspan = withErspanChecks(
  greOverIpv4<ErspanAttributes>('erspan', {
    erspanVersion: u8(IFLA_GRE_ERSPAN_VER, 0, MAX_VERSION),
    ...erspanFields,
  }),
);
