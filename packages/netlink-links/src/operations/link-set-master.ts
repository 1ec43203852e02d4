import { changeLink } from '../links/change-link.js';
import type { LinkReference } from '../links/link-reference.js';
import { describeLink } from '../links/link-reference.js';
import type { Operation } from '../operation.js';

/**
 * Makes a link a port of a bridge, bond or VRF.
 *
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function linkSetMaster(link: LinkReference, master: LinkReference): Operation<void> {
  return changeLink('linkSetMaster', link, `set the master ${describeLink(master)} of link`, { master });
}
