import { type GenericQdiscAttributes, generic } from '../../qdisc/kinds/generic.js';
import { type DrrClassAttributes, drr } from './drr.js';
import { type HfscClassAttributes, type HfscCurve, hfsc } from './hfsc.js';
import { type HtbClassAttributes, htb } from './htb.js';
import type { ClassKind } from './kind.js';
import { type QfqClassAttributes, qfq } from './qfq.js';

/** What each kind of class adds to what all have. */
export interface ClassKindAttributes {
  drr: DrrClassAttributes;
  /** The classes of other queueing disciplines: mq, prio, fq_codel, … */
  generic: GenericQdiscAttributes;
  hfsc: HfscClassAttributes;
  htb: HtbClassAttributes;
  qfq: QfqClassAttributes;
}

/** All kinds that have a name here: one line above and one here. */
export const CLASS_KINDS: { readonly [K in keyof ClassKindAttributes]: ClassKind<ClassKindAttributes[K]> } = {
  drr,
  generic,
  hfsc,
  htb,
  qfq,
};

export type { DrrClassAttributes, HfscClassAttributes, HfscCurve, HtbClassAttributes, QfqClassAttributes };
