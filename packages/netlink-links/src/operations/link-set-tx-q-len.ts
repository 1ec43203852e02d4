import { changeLink } from '../links/change-link.js';
import type { LinkReference } from '../links/link-reference.js';
import type { Operation } from '../operation.js';

/**
 * Sets the length of the queue for sending, in packets.
 *
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function linkSetTxQLen(link: LinkReference, txQLen: number): Operation<void> {
  return changeLink('linkSetTxQLen', link, `set the queue length ${txQLen} of link`, { txQLen });
}
