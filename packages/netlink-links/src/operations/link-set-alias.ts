import { changeLink } from '../links/change-link.js';
import type { LinkReference } from '../links/link-reference.js';
import type { Operation } from '../operation.js';

/**
 * Sets the alias of a link, a text of up to 255 bytes; '' removes it.
 *
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function linkSetAlias(link: LinkReference, alias: string): Operation<void> {
  return changeLink('linkSetAlias', link, 'set the alias of link', { alias });
}
