import { changeLink } from '../links/change-link.js';
import type { LinkReference } from '../links/link-reference.js';
import type { Operation } from '../operation.js';

/**
 * Takes a link out of its bridge, bond or VRF.
 *
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function linkSetNoMaster(link: LinkReference): Operation<void> {
  return changeLink('linkSetNoMaster', link, 'take away the master of link', { master: null });
}
