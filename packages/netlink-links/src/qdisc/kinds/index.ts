import { type CakeAttributes, cake } from './cake.js';
import type { CakeStatistics, CakeTinStatistics } from './cake-statistics.js';
import { type CbsAttributes, cbs } from './cbs.js';
import { type ChokeAttributes, type ChokeStatistics, choke } from './choke.js';
import { type CodelAttributes, type CodelStatistics, codel } from './codel.js';
import { drr } from './drr.js';
import { type EtfAttributes, etf } from './etf.js';
import { type EtsAttributes, ets } from './ets.js';
import { bfifo, type FifoAttributes, pfifo, pfifoHeadDrop, skbprio } from './fifo.js';
import { type FqAttributes, type FqStatistics, fq } from './fq.js';
import { type FqCodelAttributes, type FqCodelStatistics, fqCodel } from './fq-codel.js';
import { type FqPieAttributes, type FqPieStatistics, fqPie } from './fq-pie.js';
import { type GenericQdiscAttributes, generic } from './generic.js';
import { type HfscAttributes, hfsc } from './hfsc.js';
import { type HhfAttributes, type HhfStatistics, hhf } from './hhf.js';
import { type HtbAttributes, htb } from './htb.js';
import type { QdiscKind } from './kind.js';
import { type MqprioAttributes, mqprio } from './mqprio.js';
import { type MultiqAttributes, multiq } from './multiq.js';
import { type NetemAttributes, type NetemLossModel, type NetemSlot, netem } from './netem.js';
import type { NetemDistribution } from './netem-distribution.js';
import { type PieAttributes, type PieStatistics, pie } from './pie.js';
import { type PlugAttributes, plug } from './plug.js';
import { type PrioAttributes, pfifoFast, prio } from './prio.js';
import { qfq } from './qfq.js';
import type { QueueMap, QueueRange } from './queue-map.js';
import { type RedAttributes, type RedStatistics, red } from './red.js';
import type { RedParameters } from './red-parameters.js';
import { type SfbAttributes, type SfbStatistics, sfb } from './sfb.js';
import { type SfqAttributes, type SfqRed, sfq } from './sfq.js';
import { type TaprioAttributes, type TaprioClass, type TaprioEntry, type TaprioSchedule, taprio } from './taprio.js';
import { type TbfAttributes, tbf } from './tbf.js';
import type { ClockName } from './time-fields.js';
import { clsact, ingress, mq, noqueue, type WithoutOptions } from './without-options.js';

/** What each kind of queueing discipline adds to what all have. */
export interface QdiscKindAttributes {
  bfifo: FifoAttributes;
  cake: CakeAttributes;
  cbs: CbsAttributes;
  choke: ChokeAttributes;
  clsact: WithoutOptions;
  codel: CodelAttributes;
  drr: WithoutOptions;
  etf: EtfAttributes;
  ets: EtsAttributes;
  fq: FqAttributes;
  fq_codel: FqCodelAttributes;
  fq_pie: FqPieAttributes;
  generic: GenericQdiscAttributes;
  hfsc: HfscAttributes;
  hhf: HhfAttributes;
  htb: HtbAttributes;
  ingress: WithoutOptions;
  mq: WithoutOptions;
  mqprio: MqprioAttributes;
  multiq: MultiqAttributes;
  netem: NetemAttributes;
  noqueue: WithoutOptions;
  pfifo: FifoAttributes;
  pfifo_fast: PrioAttributes;
  pfifo_head_drop: FifoAttributes;
  pie: PieAttributes;
  plug: PlugAttributes;
  prio: PrioAttributes;
  qfq: WithoutOptions;
  red: RedAttributes;
  sfb: SfbAttributes;
  sfq: SfqAttributes;
  skbprio: FifoAttributes;
  taprio: TaprioAttributes;
  tbf: TbfAttributes;
}

/** What each kind of queueing discipline counts beside what all count. */
export interface QdiscKindStatistics {
  cake: CakeStatistics;
  choke: ChokeStatistics;
  codel: CodelStatistics;
  fq: FqStatistics;
  fq_codel: FqCodelStatistics;
  fq_pie: FqPieStatistics;
  hhf: HhfStatistics;
  pie: PieStatistics;
  red: RedStatistics;
  sfb: SfbStatistics;
}

/** All kinds that have a name here: one line above and one here. */
export const QDISC_KINDS: { readonly [K in keyof QdiscKindAttributes]: QdiscKind<QdiscKindAttributes[K]> } = {
  bfifo,
  cake,
  cbs,
  choke,
  clsact,
  codel,
  drr,
  etf,
  ets,
  fq,
  fq_codel: fqCodel,
  fq_pie: fqPie,
  generic,
  hfsc,
  hhf,
  htb,
  ingress,
  mq,
  mqprio,
  multiq,
  netem,
  noqueue,
  pfifo,
  pfifo_fast: pfifoFast,
  pfifo_head_drop: pfifoHeadDrop,
  pie,
  plug,
  prio,
  qfq,
  red,
  sfb,
  sfq,
  skbprio,
  taprio,
  tbf,
};

export type {
  CakeAttributes,
  CakeStatistics,
  CakeTinStatistics,
  CbsAttributes,
  ChokeAttributes,
  ChokeStatistics,
  ClockName,
  CodelAttributes,
  CodelStatistics,
  EtfAttributes,
  EtsAttributes,
  FifoAttributes,
  FqAttributes,
  FqCodelAttributes,
  FqCodelStatistics,
  FqPieAttributes,
  FqPieStatistics,
  FqStatistics,
  GenericQdiscAttributes,
  HfscAttributes,
  HhfAttributes,
  HhfStatistics,
  HtbAttributes,
  MqprioAttributes,
  MultiqAttributes,
  NetemAttributes,
  NetemDistribution,
  NetemLossModel,
  NetemSlot,
  PieAttributes,
  PieStatistics,
  PlugAttributes,
  PrioAttributes,
  QueueMap,
  QueueRange,
  RedAttributes,
  RedParameters,
  RedStatistics,
  SfbAttributes,
  SfbStatistics,
  SfqAttributes,
  SfqRed,
  TaprioAttributes,
  TaprioClass,
  TaprioEntry,
  TaprioSchedule,
  TbfAttributes,
  WithoutOptions,
};
