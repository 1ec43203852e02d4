import type { LinkAttributes } from './attributes/attributes.js';
import type { NewLinkSettings } from './attributes/settings.js';
import type { LinkKindAttributes } from './kinds/index.js';

/** The kinds of links with attributes of their own. */
export type LinkKindName = keyof LinkKindAttributes;

/** A link of one kind: what all links have and what the kind has. */
export type LinkOf<K extends LinkKindName> = LinkAttributes & LinkKindAttributes[K] & { readonly type: K };

/**
 * A link as the kernel tells of it. `type` says of which kind it is, and TypeScript narrows by it:
 *
 * ```ts
 * if (link.type === 'vlan') console.log(link.vlanId);
 * ```
 */
export type Link = { [K in LinkKindName]: LinkOf<K> }[LinkKindName];

/** A link of one kind that is to be made. */
export type LinkSpecOf<K extends LinkKindName> = NewLinkSettings & LinkKindAttributes[K] & { type: K };

/** A link that is to be made; `type` says of which kind. */
export type LinkSpec = { [K in LinkKindName]: LinkSpecOf<K> }[LinkKindName];
