import type { LinkReference } from '../links/link-reference.js';
import { moveLink } from '../links/move-link.js';
import type { Operation } from '../operation.js';

/**
 * Moves a link into the namespace of a process.
 *
 * @returns the link's index over there: it keeps its own if that is free
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function linkSetNsPid(link: LinkReference, pid: number): Operation<number> {
  return moveLink('linkSetNsPid', link, { netnsPid: pid }, `process ${pid}`);
}
