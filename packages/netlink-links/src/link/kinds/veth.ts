import { VETH_INFO_PEER } from '../../uapi/veth.js';
import type { LinkKind } from './kind.js';
import { type PairAttributes, pairKind } from './pair.js';

/** One end of a pair of virtual Ethernet devices: what is sent into one comes out of the other. */
export interface VethAttributes extends PairAttributes {}

export const veth: LinkKind<VethAttributes> = pairKind('veth', VETH_INFO_PEER);
