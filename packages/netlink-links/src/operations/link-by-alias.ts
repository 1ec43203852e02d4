import { NetnsError } from 'netns-core';
import { LinkNotFoundError } from '../errors.js';
import type { Link } from '../links/link-union.js';
import { Operation } from '../operation.js';
import { linkList } from './link-list.js';

/**
 * Finds a link by its alias (`linkSetAlias`). Of several with the same alias it is the one with the lowest index.
 *
 * @throws LinkNotFoundError when it runs and there is none
 */
export function linkByAlias(alias: string): Operation<Link> {
  if (typeof alias !== 'string' || alias === '')
    throw new NetnsError('an alias to look for can not be empty', { code: 'ERR_INVALID_ARGUMENT' });
  const identity = {
    name: 'linkByAlias',
    description: `find the link with alias ${JSON.stringify(alias)}`,
    target: alias,
  };
  // The kernel has no index of aliases: its own tools read all links, too.
  const list = linkList();
  return new Operation(identity, function* () {
    let found: Link | undefined;
    for (const link of yield* list.start())
      if (link.alias === alias && (found === undefined || link.index < found.index)) found = link;
    if (found === undefined) throw LinkNotFoundError.of(identity, alias);
    return found;
  });
}
