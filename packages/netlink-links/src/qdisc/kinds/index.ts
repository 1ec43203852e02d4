import { type CodelAttributes, codel } from './codel.js';
import { bfifo, type FifoAttributes, pfifo, pfifoHeadDrop } from './fifo.js';
import { type FqAttributes, fq } from './fq.js';
import { type FqCodelAttributes, fqCodel } from './fq-codel.js';
import { type GenericQdiscAttributes, generic } from './generic.js';
import { type HtbAttributes, htb } from './htb.js';
import type { QdiscKind } from './kind.js';
import { type MultiqAttributes, multiq } from './multiq.js';
import { type NetemAttributes, type NetemLossModel, type NetemSlot, netem } from './netem.js';
import type { NetemDistribution } from './netem-distribution.js';
import { type PrioAttributes, pfifoFast, prio } from './prio.js';
import { type SfqAttributes, type SfqRed, sfq } from './sfq.js';
import { type TbfAttributes, tbf } from './tbf.js';
import { clsact, ingress, mq, noqueue, type WithoutOptions } from './without-options.js';

/** What each kind of queueing discipline adds to what all have. */
export interface QdiscKindAttributes {
  bfifo: FifoAttributes;
  clsact: WithoutOptions;
  codel: CodelAttributes;
  fq: FqAttributes;
  fq_codel: FqCodelAttributes;
  generic: GenericQdiscAttributes;
  htb: HtbAttributes;
  ingress: WithoutOptions;
  mq: WithoutOptions;
  multiq: MultiqAttributes;
  netem: NetemAttributes;
  noqueue: WithoutOptions;
  pfifo: FifoAttributes;
  pfifo_fast: PrioAttributes;
  pfifo_head_drop: FifoAttributes;
  prio: PrioAttributes;
  sfq: SfqAttributes;
  tbf: TbfAttributes;
}

/** All kinds that have a name here: one line above and one here. */
export const QDISC_KINDS: { readonly [K in keyof QdiscKindAttributes]: QdiscKind<QdiscKindAttributes[K]> } = {
  bfifo,
  clsact,
  codel,
  fq,
  fq_codel: fqCodel,
  generic,
  htb,
  ingress,
  mq,
  multiq,
  netem,
  noqueue,
  pfifo,
  pfifo_fast: pfifoFast,
  pfifo_head_drop: pfifoHeadDrop,
  prio,
  sfq,
  tbf,
};

export type {
  CodelAttributes,
  FifoAttributes,
  FqAttributes,
  FqCodelAttributes,
  GenericQdiscAttributes,
  HtbAttributes,
  MultiqAttributes,
  NetemAttributes,
  NetemDistribution,
  NetemLossModel,
  NetemSlot,
  PrioAttributes,
  SfqAttributes,
  SfqRed,
  TbfAttributes,
  WithoutOptions,
};
