import { changeLink } from '../links/change-link.js';
import type { LinkReference } from '../links/link-reference.js';
import type { Operation } from '../operation.js';

/**
 * Sets the MTU of a link, in bytes.
 *
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function linkSetMTU(link: LinkReference, mtu: number): Operation<void> {
  return changeLink('linkSetMTU', link, `set the MTU ${mtu} of link`, { mtu });
}
