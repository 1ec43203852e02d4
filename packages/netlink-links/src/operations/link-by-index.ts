import { getLink } from '../links/get-link.js';
import { checkLinkReference } from '../links/link-reference.js';
import type { Link } from '../links/link-union.js';
import type { Operation } from '../operation.js';

/**
 * Finds a link by its index.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is none
 */
export function linkByIndex(index: number): Operation<Link> {
  return getLink('linkByIndex', checkLinkReference(index));
}
