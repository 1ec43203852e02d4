import type { ErspanOptions, GeneveOption, TunnelOptions } from '../../message/tunnel-options.js';
import type { GenericQdiscAttributes } from '../../qdisc/kinds/generic.js';
import { type BpfActionAttributes, bpf } from './bpf.js';
import { type ConnmarkAttributes, connmark } from './connmark.js';
import { type CsumAttributes, type CsumHeader, csum } from './csum.js';
import { type CtAttributes, type CtNat, ct } from './ct.js';
import { type CtinfoAttributes, type CtinfoCounters, ctinfo } from './ctinfo.js';
import { type GactAttributes, gact } from './gact.js';
import { type GateAttributes, type GateEntry, gate } from './gate.js';
import { generic } from './generic.js';
import type { ActionKind } from './kind.js';
import { type MirredAttributes, mirred } from './mirred.js';
import { type MplsActionAttributes, mpls } from './mpls.js';
import { type NatAttributes, nat } from './nat.js';
import { type PeditAttributes, type PeditHeader, type PeditKey, pedit } from './pedit.js';
import { type PoliceAttributes, police } from './police.js';
import { type SampleAttributes, sample } from './sample.js';
import { type SimpleAttributes, simple } from './simple.js';
import { type SkbeditAttributes, skbedit } from './skbedit.js';
import { type SkbmodAttributes, skbmod } from './skbmod.js';
import { type TunnelKeyAttributes, tunnelKey } from './tunnel-key.js';
import { type VlanActionAttributes, vlan } from './vlan.js';

/** What each kind of action adds to what all have. */
export interface ActionKindAttributes {
  bpf: BpfActionAttributes;
  connmark: ConnmarkAttributes;
  csum: CsumAttributes;
  ct: CtAttributes;
  ctinfo: CtinfoAttributes;
  gact: GactAttributes;
  gate: GateAttributes;
  generic: GenericQdiscAttributes;
  mirred: MirredAttributes;
  mpls: MplsActionAttributes;
  nat: NatAttributes;
  pedit: PeditAttributes;
  police: PoliceAttributes;
  sample: SampleAttributes;
  simple: SimpleAttributes;
  skbedit: SkbeditAttributes;
  skbmod: SkbmodAttributes;
  tunnel_key: TunnelKeyAttributes;
  vlan: VlanActionAttributes;
}

/** All kinds that have a name here: one line above and one here. */
export const ACTION_KINDS: { readonly [K in keyof ActionKindAttributes]: ActionKind<ActionKindAttributes[K]> } = {
  bpf,
  connmark,
  csum,
  ct,
  ctinfo,
  gact,
  gate,
  generic,
  mirred,
  mpls,
  nat,
  pedit,
  police,
  sample,
  simple,
  skbedit,
  skbmod,
  tunnel_key: tunnelKey,
  vlan,
};

export type {
  BpfActionAttributes,
  ConnmarkAttributes,
  CsumAttributes,
  CsumHeader,
  CtAttributes,
  CtinfoAttributes,
  CtinfoCounters,
  CtNat,
  ErspanOptions,
  GactAttributes,
  GateAttributes,
  GateEntry,
  GeneveOption,
  MirredAttributes,
  MplsActionAttributes,
  NatAttributes,
  PeditAttributes,
  PeditHeader,
  PeditKey,
  PoliceAttributes,
  SampleAttributes,
  SimpleAttributes,
  SkbeditAttributes,
  SkbmodAttributes,
  TunnelKeyAttributes,
  TunnelOptions,
  VlanActionAttributes,
};
