import { changeLink } from '../links/change-link.js';
import type { LinkReference } from '../links/link-reference.js';
import type { Operation } from '../operation.js';

/**
 * Switches promiscuous mode on.
 *
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function setPromiscOn(link: LinkReference): Operation<void> {
  return changeLink('setPromiscOn', link, 'switch on promiscuous mode of link', { promisc: true });
}
