import type { UnknownAttribute } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { QdiscHandle } from '../qdisc/handle.js';
import type { QdiscRateEstimator } from '../qdisc/rate-estimator.js';
import type { ClassKindAttributes } from './kinds/index.js';
import type { TrafficClassKindName } from './traffic-class.js';

/** Where a traffic class is, or is to be. */
export interface TrafficClassPlace {
  /** The link: by index, or (as `link`) by any reference. */
  readonly ifindex?: number | undefined;
  readonly link?: LinkReference | undefined;
  /** Its number, `'1:10'`: that of its queueing discipline, and its own. */
  readonly classid: QdiscHandle;
  /** The class that it is below, `'1:1'`, or `'root'`; its queueing discipline if left out. */
  readonly parent?: QdiscHandle | undefined;
}

/** What can be said of a class of any kind. */
export interface TrafficClassSettings extends TrafficClassPlace {
  /** How the kernel is to measure the rate. */
  readonly rateEstimator?: QdiscRateEstimator | undefined;
  /** As read: settings of the kind that this package does not know. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
  /** As read: settings of all kinds that this package does not know. */
  readonly unknownCommon?: readonly UnknownAttribute[] | undefined;
}

/** A class of one kind to be made; one that was read will do. */
export type TrafficClassSpecOf<K extends TrafficClassKindName> = TrafficClassSettings & { readonly kind: K } & {
  readonly [P in keyof ClassKindAttributes[K]]?: ClassKindAttributes[K][P] | undefined;
};

/** A traffic class to be made. */
export type TrafficClassSpec = { [K in TrafficClassKindName]: TrafficClassSpecOf<K> }[TrafficClassKindName];

/** What is asked to be removed: the place is enough, and the kind must be right where it is given. */
export type TrafficClassRemoval = TrafficClassPlace & {
  readonly kind?: string | undefined;
  readonly kernelKind?: string | undefined;
};
