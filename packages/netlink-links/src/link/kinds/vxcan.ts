import { VXCAN_INFO_PEER } from '../../uapi/vxcan.js';
import type { LinkKind } from './kind.js';
import { type PairAttributes, pairKind } from './pair.js';

/** One end of a pair of virtual CAN devices: frames that are sent into one come out of the other. */
export interface VxcanAttributes extends PairAttributes {}

export const vxcan: LinkKind<VxcanAttributes> = pairKind('vxcan', VXCAN_INFO_PEER, { addressLength: 0 });
