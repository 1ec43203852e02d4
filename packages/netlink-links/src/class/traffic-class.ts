import type { UnknownAttribute } from '../message/unknown-attribute.js';
import type { QdiscStatistics } from '../qdisc/qdisc.js';
import type { ClassKindAttributes } from './kinds/index.js';

/** What classes of every kind have. */
export interface TrafficClassAttributes {
  readonly ifindex: number;
  /** `'1:10'`, as `tc` writes it. */
  readonly classid: string;
  /** `'root'` for a class directly below its queueing discipline, or the class that it is below: `'1:1'`. */
  readonly parent: string;
  /** Told: the handle of the queueing discipline in it, where it has one: `'20:'`. */
  readonly leaf?: string;
  readonly statistics?: QdiscStatistics;
  /** Settings of its kind that this package does not know, those of newer kernels. They are written as they were read. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
  /** The same of what classes of every kind have. */
  readonly unknownCommon?: readonly UnknownAttribute[] | undefined;
}

/** Kinds of classes: the name of their queueing discipline; `'generic'` stands for all others. */
export type TrafficClassKindName = keyof ClassKindAttributes;

/** A class of one kind. */
export type TrafficClassOf<K extends TrafficClassKindName> = TrafficClassAttributes & {
  readonly kind: K;
} & ClassKindAttributes[K];

/** A traffic class; `kind` tells which fields it has of its own. */
export type TrafficClass = { [K in TrafficClassKindName]: TrafficClassOf<K> }[TrafficClassKindName];
