import type { UnknownAttribute } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { QdiscHandle } from './handle.js';
import type { QdiscKindAttributes } from './kinds/index.js';
import type { QdiscKindName } from './qdisc.js';
import type { QdiscRateEstimator } from './rate-estimator.js';
import type { QdiscSizeTable } from './size-table.js';

/** Where a queueing discipline is, or is to be. */
export interface QdiscPlace {
  /** The link: by index, or (as `link`) by any reference. */
  readonly ifindex?: number | undefined;
  readonly link?: LinkReference | undefined;
  /** `'root'` if left out, `'ingress'` for the kinds that belong there. */
  readonly parent?: QdiscHandle | undefined;
  /** If left out the kernel chooses one for a new queueing discipline. */
  readonly handle?: QdiscHandle | undefined;
}

/** What can be said of a queueing discipline of any kind. */
export interface QdiscSettings extends QdiscPlace {
  /** How long packets are, where the line below counts them otherwise. */
  readonly sizeTable?: QdiscSizeTable | undefined;
  /** Number of a block of filters that ingress or clsact is to share with others, for what comes in. */
  readonly ingressBlock?: number | undefined;
  /** The same of clsact, for what goes out. */
  readonly egressBlock?: number | undefined;
  /** As read: settings of the kind that this package does not know. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
  /** As read: settings of all kinds that this package does not know. */
  readonly unknownCommon?: readonly UnknownAttribute[] | undefined;
  /** How the kernel is to measure the rate. */
  readonly rateEstimator?: QdiscRateEstimator | undefined;
}

/** A queueing discipline of one kind to be made; one that was read will do. */
export type QdiscSpecOf<K extends QdiscKindName> = QdiscSettings & { readonly kind: K } & {
  readonly [P in keyof QdiscKindAttributes[K]]?: QdiscKindAttributes[K][P] | undefined;
};

/** A queueing discipline to be made. */
export type QdiscSpec = { [K in QdiscKindName]: QdiscSpecOf<K> }[QdiscKindName];

/** What is asked to be removed: the place is enough, and the kind must be right where it is given. */
export type QdiscRemoval = QdiscPlace & {
  readonly kind?: string | undefined;
  readonly kernelKind?: string | undefined;
};
