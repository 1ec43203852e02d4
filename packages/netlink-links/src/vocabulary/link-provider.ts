import { NetnsError } from 'netns-core';
import type { Link } from '../link/link.js';
import type { Netlink } from '../netlink/netlink.js';
import type { LinkReference } from '../operation/link-reference.js';
import { noLinkProvider } from './misplaced.js';
import { ProviderError } from './provider-error.js';

/** What link providers and link actions work with. */
export interface LinkContext {
  /** A connection to the namespace's netlink. */
  readonly netlink: Netlink;
  /** The link of `LinkDo`; `undefined` in `Do`. */
  readonly link?: Link | undefined;
}

/** A way to a link. It is lazy and reusable, and looks in the namespace that it is asked in. */
export interface LinkProvider {
  /** What errors call it. */
  readonly name: string;
  /** Tells it from a provider of namespaces. */
  readonly provides?: 'link';
  /** The name or index that the link has anyway: link actions take it as it is, which saves looking the link up. */
  readonly reference?: string | number;
  /** Finds the link, or makes it. */
  provide(context: LinkContext): Link | Promise<Link>;
}

/** Tells a link provider from other arguments. */
export function isLinkProvider(value: unknown): value is LinkProvider {
  return (
    typeof value === 'object' &&
    value !== null &&
    'provide' in value &&
    typeof value.provide === 'function' &&
    !('provides' in value && value.provides === 'namespace')
  );
}

/**
 * The link of a provider.
 *
 * @param callee the function whose argument the provider is, for the error if it is not one
 * @throws ProviderError naming the provider; InvalidOptionError
 */
export async function provideLink(provider: LinkProvider, context: LinkContext, callee = 'provideLink'): Promise<Link> {
  if (!isLinkProvider(provider)) throw noLinkProvider(callee, provider);
  try {
    return await provider.provide(context);
  } catch (cause) {
    throw new ProviderError('link', provider.name, cause);
  }
}

/**
 * The link that an action is about: its own provider's, or the one of `LinkDo`.
 *
 * @throws NetnsError `ERR_NO_LINK` where there is neither
 */
export async function linkOf(provider: LinkProvider | undefined, context: LinkContext): Promise<Link> {
  if (provider !== undefined) return provideLink(provider, context);
  if (context.link !== undefined) return context.link;
  throw new NetnsError('no link is given: put a link provider first, or use LinkDo', { code: 'ERR_NO_LINK' });
}

/** By what operations know a provider's link. */
export async function referTo(provider: LinkProvider, context: LinkContext): Promise<LinkReference> {
  return provider.reference ?? (await provideLink(provider, context)).index;
}

/** By what operations know the link that an action is about. */
export async function referenceOf(provider: LinkProvider | undefined, context: LinkContext): Promise<LinkReference> {
  return provider === undefined ? (await linkOf(undefined, context)).index : referTo(provider, context);
}
