import type { LinkReference } from '../operation/link-reference.js';
import { isLinkProvider, type LinkContext, type LinkProvider, referenceOf } from './link-provider.js';
import { noLinkProvider } from './misplaced.js';

/** Something to do to a link: its own provider's in a `Do`, otherwise that of `LinkDo`. */
export interface LinkAction<T = void> {
  /** What errors call it. */
  readonly name: string;
  do(context: LinkContext): Promise<T>;
}

/** What a link action may be preceded by: its link. */
export type WithProvider<A extends unknown[]> = [provider: LinkProvider, ...args: A] | A;

/**
 * @internal An action whose arguments may be preceded by a link provider.
 *
 * @param maxArgs how many arguments of its own it takes: if there are more, the first must be the provider
 */
export function linkAction<A extends unknown[], T = void>(
  name: string,
  args: WithProvider<A>,
  maxArgs: number,
  act: (context: LinkContext, link: LinkReference, ...args: A) => Promise<T>,
): LinkAction<T> {
  const [first, ...rest] = args;
  const provider = isLinkProvider(first) ? first : undefined;
  const own = (provider === undefined ? args : rest) as A;
  return {
    name,
    do: async (context) => {
      if (own.length > maxArgs) throw noLinkProvider(name, first);
      return act(context, await referenceOf(provider, context), ...own);
    },
  };
}
