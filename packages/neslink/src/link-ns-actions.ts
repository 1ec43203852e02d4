import { type Link, type LinkProvider, ProviderError, provideLink } from 'netlink-links';
import { InvalidOptionError } from 'netns-core';
import { escaped } from 'netns-core/checks';
import type { Action } from './action.js';
import { checkNsProvider, describeProvider, type NsProvider, openProvided } from './ns-provider.js';

/** Gives all links of the namespace. */
export function NALinks(): Action<Link[]> {
  return { name: 'NALinks', do: ({ netlink }) => netlink.linkList() };
}

/** Gives one link of the namespace, or makes it, depending on the provider. */
export function NAGetLink(provider: LinkProvider): Action<Link> {
  return { name: 'NAGetLink', do: (context) => provideLink(provider, context, 'NAGetLink') };
}

/**
 * Moves a link into another namespace; gives its index over there, which may be another one. `NPHome()` is the
 * namespace that the process started in. `NPNow()` would be the one that the actions, and so the link, are in already.
 *
 * @throws InvalidOptionError (of the action) if the link is in that namespace already
 */
export function NASetLinkNs(linkProvider: LinkProvider, nsProvider: NsProvider): Action<number> {
  return {
    name: 'NASetLinkNs',
    do: async (context) => {
      const { index, name } = await provideLink(linkProvider, context, 'NASetLinkNs');
      checkNsProvider(nsProvider, 'NASetLinkNs');
      const handle = await openProvided(nsProvider, context).catch((cause: unknown) => {
        throw new ProviderError('namespace', nsProvider.name, cause);
      });
      try {
        if (handle.equals(context.namespace))
          throw new InvalidOptionError(
            'nsProvider',
            `the link "${escaped(name)}" is in ${describeProvider(nsProvider, handle)} already: NPNow() is the namespace that the actions are in, NPHome() the one that the process started in`,
          );
        return await context.netlink.linkSetNsFd(index, handle.fd);
      } finally {
        handle.close();
      }
    },
  };
}
