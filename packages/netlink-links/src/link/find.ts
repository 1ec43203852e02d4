import { checkBoolean } from 'netns-core/checks';
import { checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { LinkNotFoundError } from '../operation/errors.js';
import { checkLookupName } from '../operation/link-name.js';
import { checkLinkReference } from '../operation/link-reference.js';
import { Operation } from '../operation/operation.js';
import { linkRequest } from './get.js';
import type { Link } from './link.js';
import { linkList } from './list.js';

/** The operation that gets one link; that there is none is a LinkNotFoundError. */
function getLink(name: string, link: string | number, options: LinkQuery = {}): Operation<Link> {
  const target = typeof link === 'number' ? `#${link}` : link;
  checkProperties(options, name, QUERY);
  checkBoolean('vfs', options.vfs);
  return new Operation({ name, description: `find link ${target}`, target, link }, linkRequest(link, options));
}

/** What to read of a link. */
export interface LinkQuery {
  /**
   * Its virtual functions too (SR-IOV), of which there may be many.
   *
   * @default false
   */
  vfs?: boolean | undefined;
}

const QUERY = propertiesOf<LinkQuery>({ vfs: 'set' }, { vf: 'vfs' });

/**
 * Finds a link by its name or one of its alternative names.
 *
 * @param options `{ vfs: true }` for its virtual functions
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and there is none
 */
export function linkByName(name: string, options?: LinkQuery): Operation<Link> {
  return getLink('linkByName', checkLookupName(name), options);
}

/**
 * Finds a link by its index.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and there is none
 */
export function linkByIndex(index: number): Operation<Link> {
  if (typeof index !== 'number') throw mustBe('index', 'the index of a link', index);
  return getLink('linkByIndex', checkLinkReference(index, 'index'));
}

/**
 * Finds a link by its alias (`linkSetAlias`). Of several with the same alias it is the one with the lowest index.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and there is none
 */
export function linkByAlias(alias: string): Operation<Link> {
  if (typeof alias !== 'string' || alias === '') throw mustBe('alias', 'a string that is not empty', alias);
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
