import { getLink } from '../links/get-link.js';
import { checkLookupName } from '../links/link-name.js';
import type { Link } from '../links/link-union.js';
import type { Operation } from '../operation.js';

/**
 * Finds a link by its name or one of its alternative names.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is none
 */
export function linkByName(name: string): Operation<Link> {
  return getLink('linkByName', checkLookupName(name));
}
