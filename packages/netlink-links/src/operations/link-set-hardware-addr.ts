import { changeLink } from '../links/change-link.js';
import type { LinkReference } from '../links/link-reference.js';
import type { Operation } from '../operation.js';

/**
 * Sets the link layer address of a link, `'02:00:00:00:00:01'`.
 *
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function linkSetHardwareAddr(link: LinkReference, hardwareAddr: string): Operation<void> {
  return changeLink('linkSetHardwareAddr', link, `set the address ${hardwareAddr} of link`, { hardwareAddr });
}
