import { changeLink } from '../links/change-link.js';
import type { LinkReference } from '../links/link-reference.js';
import type { Operation } from '../operation.js';

/**
 * Switches promiscuous mode off.
 *
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function setPromiscOff(link: LinkReference): Operation<void> {
  return changeLink('setPromiscOff', link, 'switch off promiscuous mode of link', { promisc: false });
}
