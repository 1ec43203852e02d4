import type { LinkReference } from '../links/link-reference.js';
import { moveLink } from '../links/move-link.js';
import type { Operation } from '../operation.js';

/**
 * Moves a link into a namespace, given by a file descriptor of it (`NetnsHandle.fd`).
 *
 * @returns the link's index over there: it keeps its own if that is free
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function linkSetNsFd(link: LinkReference, fd: number): Operation<number> {
  return moveLink('linkSetNsFd', link, { netnsFd: fd }, `file descriptor ${fd}`);
}
