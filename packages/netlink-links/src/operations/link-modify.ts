import { changeLink, type LinkChanges } from '../links/change-link.js';
import type { LinkReference } from '../links/link-reference.js';
import type { Operation } from '../operation.js';

/**
 * Changes a link: what is given is set, the rest stays. With its `type`, what its kind has can be changed, too, as
 * far as the kernel allows it after creation.
 *
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function linkModify(link: LinkReference, changes: LinkChanges): Operation<void> {
  return changeLink('linkModify', link, 'change link', changes);
}
