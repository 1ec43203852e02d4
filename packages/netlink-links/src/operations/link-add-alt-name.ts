import { changeAltNames } from '../links/alt-names.js';
import type { LinkReference } from '../links/link-reference.js';
import type { Operation } from '../operation.js';
import { NLM_F_ACK, NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.js';
import { RTM_NEWLINKPROP } from '../uapi/rtnetlink.js';

/**
 * Gives a link further names, under which it can be looked up like under its own. They may have up to 127 bytes.
 *
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function linkAddAltName(link: LinkReference, ...names: readonly string[]): Operation<void> {
  return changeAltNames(
    'linkAddAltName',
    'add',
    RTM_NEWLINKPROP,
    NLM_F_ACK | NLM_F_EXCL | NLM_F_CREATE | NLM_F_APPEND,
    link,
    names,
  );
}
