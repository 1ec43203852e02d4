import { changeAltNames } from '../links/alt-names.js';
import type { LinkReference } from '../links/link-reference.js';
import type { Operation } from '../operation.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTM_DELLINKPROP } from '../uapi/rtnetlink.js';

/**
 * Takes names away from a link that `linkAddAltName` gave it.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function linkDelAltName(link: LinkReference, ...names: readonly string[]): Operation<void> {
  return changeAltNames('linkDelAltName', 'remove', RTM_DELLINKPROP, NLM_F_ACK, link, names);
}
