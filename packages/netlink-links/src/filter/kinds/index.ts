import type { MaskedNumber } from '../../message/masked-number.js';
import type { GenericQdiscAttributes } from '../../qdisc/kinds/generic.js';
import { type BasicAttributes, basic } from './basic.js';
import { type BpfFilterAttributes, bpf } from './bpf.js';
import { type FlowerAttributes, type FlowerIpProtocol, flower } from './flower.js';
import type { FlowerArp } from './flower-arp.js';
import type { FlowerConntrack, FlowerConntrackState } from './flower-conntrack.js';
import type { FlowerMpls } from './flower-mpls.js';
import type { FlowerTunnel } from './flower-tunnel.js';
import { type FwAttributes, fw } from './fw.js';
import { generic } from './generic.js';
import type { FilterKind } from './kind.js';
import { type MatchallAttributes, matchall } from './matchall.js';
import { type U32Attributes, type U32Key, type U32Offset, u32 } from './u32.js';

/** What each kind of filter adds to what all have. */
export interface FilterKindAttributes {
  basic: BasicAttributes;
  bpf: BpfFilterAttributes;
  flower: FlowerAttributes;
  fw: FwAttributes;
  generic: GenericQdiscAttributes;
  matchall: MatchallAttributes;
  u32: U32Attributes;
}

/** All kinds that have a name here: one line above and one here. */
export const FILTER_KINDS: { readonly [K in keyof FilterKindAttributes]: FilterKind<FilterKindAttributes[K]> } = {
  basic,
  bpf,
  flower,
  fw,
  generic,
  matchall,
  u32,
};

export type {
  BasicAttributes,
  BpfFilterAttributes,
  FlowerArp,
  FlowerAttributes,
  FlowerConntrack,
  FlowerConntrackState,
  FlowerIpProtocol,
  FlowerMpls,
  FlowerTunnel,
  FwAttributes,
  MaskedNumber,
  MatchallAttributes,
  U32Attributes,
  U32Key,
  U32Offset,
};
