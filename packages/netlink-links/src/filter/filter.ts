import type { Action, ActionSpec } from '../action/action.js';
import type { UnknownAttribute } from '../message/unknown-attribute.js';
import type { LinkReference } from '../operation/link-reference.js';
import type { QdiscHandle } from '../qdisc/handle.js';
import type { FilterKindAttributes } from './kinds/index.js';
import type { FilterProtocol } from './kinds/protocol.js';

/** Where a filter is, or is to be. */
export interface FilterPlace {
  /** The link: by index, or (as `link`) by any reference. */
  readonly ifindex?: number | undefined;
  readonly link?: LinkReference | undefined;
  /** The block of filters that queueing disciplines share, in the place of a link. */
  readonly block?: number | undefined;
  /**
   * The queueing discipline: `'ingress'` or `'egress'` of ingress and clsact, `'root'`, or the handle, `'1:'`; or a class of
   * it, `'1:10'`. `'root'` if left out.
   */
  readonly parent?: QdiscHandle | undefined;
  /** The chain; 0 if left out, which packets begin with. */
  readonly chain?: number | undefined;
  /** Filters with lower numbers come first, 1 to 65535; the kernel chooses one if left out. */
  readonly priority?: number | undefined;
  /** The protocol of the packets; `'all'` if left out. All filters of one priority have the same. */
  readonly protocol?: FilterProtocol | undefined;
  /** Its number within the priority; the kernel chooses one if left out. One of u32 is a text, `'800::800'`. */
  readonly handle?: string | number | undefined;
}

/** What filters of every kind can be told. */
export interface FilterSettings extends FilterPlace {
  /** The class that matching packets belong to: `'1:10'`. */
  readonly classid?: QdiscHandle | undefined;
  /** What is done with matching packets, in order; at most 32. */
  readonly actions?: readonly ActionSpec[] | undefined;
  /** Whether it is not offered to the hardware; not of fw. */
  readonly skipHw?: boolean | undefined;
  /** Whether only the hardware has it; not of fw. */
  readonly skipSw?: boolean | undefined;
  /** As read: settings of the kind that this package does not know. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
  /** As read: settings of all kinds that this package does not know. */
  readonly unknownCommon?: readonly UnknownAttribute[] | undefined;
}

/** What filters of every kind have. */
export interface FilterAttributes {
  /** The link; absent of a filter in a block that is shared. */
  readonly ifindex?: number;
  /** The block that is shared; absent of a filter at a link. */
  readonly block?: number;
  /** `'ingress'`, `'egress'`, or the handle of a queueing discipline or class; absent of a filter in a block. */
  readonly parent?: string;
  readonly chain: number;
  readonly priority: number;
  readonly protocol: FilterProtocol;
  readonly handle: string | number;
  readonly classid?: string;
  readonly actions?: readonly Action[];
  readonly skipHw?: boolean;
  readonly skipSw?: boolean;
  /** Told: whether the hardware has it. */
  readonly inHw?: boolean;
  /** Settings of its kind that this package does not know, those of newer kernels. They are written as they were read. */
  readonly unknown?: readonly UnknownAttribute[] | undefined;
  /** The same of what filters of every kind have. */
  readonly unknownCommon?: readonly UnknownAttribute[] | undefined;
}

/** Kinds of filters: the name that `tc` has for them; `'generic'` stands for all others. */
export type FilterKindName = keyof FilterKindAttributes;

/** A filter of one kind. */
export type FilterOf<K extends FilterKindName> = FilterAttributes & { readonly kind: K } & FilterKindAttributes[K];

/** A filter; `kind` tells which fields it has of its own. */
export type Filter = { [K in FilterKindName]: FilterOf<K> }[FilterKindName];

/** A filter of one kind to be made; one that was read will do. */
export type FilterSpecOf<K extends FilterKindName> = FilterSettings & { readonly kind: K } & {
  readonly [P in keyof FilterKindAttributes[K]]?: FilterKindAttributes[K][P] | undefined;
};

/** A filter to be made. */
export type FilterSpec = { [K in FilterKindName]: FilterSpecOf<K> }[FilterKindName];

/** What is asked to be removed: the place is enough, and the kind must be right where it is given. */
export type FilterRemoval = FilterPlace & {
  readonly kind?: string | undefined;
  readonly kernelKind?: string | undefined;
};
