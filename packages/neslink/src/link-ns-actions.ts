import { type Link, type LinkProvider, ProviderError, provideLink } from 'netlink-links';
import type { Action } from './action.js';
import { type NsProvider, openProvided } from './ns-provider.js';

/** Gives all links of the namespace. */
export function NALinks(): Action<Link[]> {
  return { name: 'get-ns-links', do: ({ netlink }) => netlink.linkList() };
}

/** Gives one link of the namespace, or makes it, depending on the provider. */
export function NAGetLink(provider: LinkProvider): Action<Link> {
  return { name: 'get-ns-link', do: (context) => provideLink(provider, context) };
}

/**
 * Moves a link into another namespace; gives its index over there, which may be another one. `NPNow()` means the
 * namespace that the actions are in by then.
 */
export function NASetLinkNs(linkProvider: LinkProvider, nsProvider: NsProvider): Action<number> {
  return {
    name: 'set-link-ns',
    do: async (context) => {
      const { index } = await provideLink(linkProvider, context);
      const handle = await openProvided(nsProvider, context).catch((cause: unknown) => {
        throw new ProviderError('namespace', nsProvider.name, cause);
      });
      try {
        return await context.netlink.linkSetNsFd(index, handle.fd);
      } finally {
        handle.close();
      }
    },
  };
}
