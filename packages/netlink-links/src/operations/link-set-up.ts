import { changeLink } from '../links/change-link.js';
import type { LinkReference } from '../links/link-reference.js';
import type { Operation } from '../operation.js';

/**
 * Sets a link up.
 *
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function linkSetUp(link: LinkReference): Operation<void> {
  return changeLink('linkSetUp', link, 'set up link', { up: true });
}
