import type { FilterPlace } from '../filter/filter.js';
import type { UnknownAttribute } from '../message/unknown-attribute.js';

/** What the filters of a chain have to look at: all of the same kind, and the same keys. */
export interface ChainTemplate {
  /** The kernel's name of the kind of filters, `'flower'`. */
  readonly kernelKind: string;
  /** The keys and masks as the kernel has them: what is inside `TCA_OPTIONS`. */
  readonly options?: Uint8Array | undefined;
}

/** A chain of filters. Packets begin with chain 0, and an action `{ goto: 5 }` goes on with chain 5. */
export interface Chain {
  /** The link; absent of a chain in a block that is shared. */
  readonly ifindex?: number;
  /** The block that is shared; absent of a chain at a link. */
  readonly block?: number;
  /** `'ingress'`, `'egress'`, or the handle of a queueing discipline; absent of a chain in a block. */
  readonly parent?: string;
  readonly chain: number;
  readonly template?: ChainTemplate;
  /** What this package does not know of it. It is written as it was read. */
  readonly unknownCommon?: readonly UnknownAttribute[] | undefined;
}

/** Where a chain is, or is to be. */
export interface ChainPlace extends Pick<FilterPlace, 'ifindex' | 'link' | 'block' | 'parent'> {
  /** Its number, 0 to 268435455. */
  readonly chain: number;
}

/** A chain to be made; one that was read will do. */
export interface ChainSpec extends ChainPlace {
  readonly template?: ChainTemplate | undefined;
  /** As read. */
  readonly unknownCommon?: readonly UnknownAttribute[] | undefined;
}
