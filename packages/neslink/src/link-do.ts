import { isLinkProvider, type LinkProvider, noLinkProvider, provideLink } from 'netlink-links';
import type { HopOptions } from 'netns-core';
import type { Action, Results } from './action.js';
import { attempt, type DoResult } from './do.js';
import type { NsProvider } from './ns-provider.js';

/**
 * Does a list of link actions, one after the other, to one link in a namespace. Never throws. The link is found, or
 * made, before the first action; actions with a link provider of their own act on theirs.
 */
export function LinkDo<A extends readonly Action[]>(
  nsProvider: NsProvider,
  linkProvider: LinkProvider,
  ...actions: A
): Promise<DoResult<Results<A>>> {
  return attemptWithLink(nsProvider, linkProvider, actions, { onRestoreFailure: 'throw' });
}

/** {@link LinkDo} that stops the process if a thread could not return to its namespace. */
export function MustLinkDo<A extends readonly Action[]>(
  nsProvider: NsProvider,
  linkProvider: LinkProvider,
  ...actions: A
): Promise<DoResult<Results<A>>> {
  return attemptWithLink(nsProvider, linkProvider, actions, { onRestoreFailure: 'abort' });
}

function attemptWithLink<A extends readonly Action[]>(
  nsProvider: NsProvider,
  linkProvider: LinkProvider,
  actions: A,
  hop: HopOptions,
): Promise<DoResult<Results<A>>> {
  return attempt(nsProvider, actions, hop, {
    check: () => {
      if (!isLinkProvider(linkProvider)) throw noLinkProvider('LinkDo', linkProvider);
    },
    prepare: async (context) => {
      context.link = await provideLink(linkProvider, context);
    },
  });
}
