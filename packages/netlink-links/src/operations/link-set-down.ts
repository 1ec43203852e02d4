import { changeLink } from '../links/change-link.js';
import type { LinkReference } from '../links/link-reference.js';
import type { Operation } from '../operation.js';

/**
 * Sets a link down.
 *
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function linkSetDown(link: LinkReference): Operation<void> {
  return changeLink('linkSetDown', link, 'set down link', { up: false });
}
