import type { Link } from 'netlink-links';
import { NetnsError } from 'netns-core';
import type { ActionContext } from './action-context.js';
import { ProviderError } from './do-error.js';

/** A way to a link: `LPName` and the rest. It looks in the namespace that it is asked in. */
export interface LinkProvider {
  /** What errors call it. */
  readonly name: string;
  /** Finds the link, or makes it. */
  provide(context: ActionContext): Link | Promise<Link>;
}

/** @internal The link of a provider. */
export async function provideLink(provider: LinkProvider, context: ActionContext): Promise<Link> {
  try {
    return await provider.provide(context);
  } catch (cause) {
    throw new ProviderError('link', provider.name, cause);
  }
}

/** @internal The link that an action is about: its own provider's, or the one of `LinkDo`. */
export async function linkOf(provider: LinkProvider | undefined, context: ActionContext): Promise<Link> {
  if (provider !== undefined) return provideLink(provider, context);
  if (context.link !== undefined) return context.link;
  throw new NetnsError('no link is given: put a link provider first, or use LinkDo', { code: 'ERR_NO_LINK' });
}
