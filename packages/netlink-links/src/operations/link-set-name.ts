import { changeLink } from '../links/change-link.js';
import type { LinkReference } from '../links/link-reference.js';
import type { Operation } from '../operation.js';

/**
 * Renames a link. Before Linux 6.2 it must be down.
 *
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function linkSetName(link: LinkReference, name: string): Operation<void> {
  return changeLink('linkSetName', link, `set the name ${name} of link`, { name });
}
