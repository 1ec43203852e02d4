import type { LinkReference } from '../links/link-reference.js';
import type { QdiscKindAttributes } from '../qdisc-kinds/index.js';
import type { QdiscAttributes } from './qdisc.js';
import type { QdiscHandle } from './qdisc-handle.js';

/** Kinds of queueing disciplines: the name that `tc` has for them; `'generic'` stands for all others. */
export type QdiscKindName = keyof QdiscKindAttributes;

/** A queueing discipline of one kind. */
export type QdiscOf<K extends QdiscKindName> = QdiscAttributes & { kind: K } & QdiscKindAttributes[K];

/** A queueing discipline; `kind` tells which fields it has of its own. */
export type Qdisc = { [K in QdiscKindName]: QdiscOf<K> }[QdiscKindName];

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
