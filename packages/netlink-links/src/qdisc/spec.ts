import type { LinkReference } from '../operation/link-reference.js';
import type { QdiscHandle } from './handle.js';
import type { QdiscKindAttributes } from './kinds/index.js';
import type { QdiscKindName } from './qdisc.js';

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

/** A queueing discipline of one kind to be made; one that was read will do. */
export type QdiscSpecOf<K extends QdiscKindName> = QdiscPlace & { readonly kind: K } & {
  readonly [P in keyof QdiscKindAttributes[K]]?: QdiscKindAttributes[K][P] | undefined;
};

/** A queueing discipline to be made. */
export type QdiscSpec = { [K in QdiscKindName]: QdiscSpecOf<K> }[QdiscKindName];

/** What is asked to be removed: the place is enough, and the kind must be right where it is given. */
export type QdiscRemoval = QdiscPlace & {
  readonly kind?: string | undefined;
  readonly kernelKind?: string | undefined;
};
