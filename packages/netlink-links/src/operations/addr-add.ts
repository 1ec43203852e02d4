import type { AddressSpec } from '../addresses/address-spec.js';
import { changeAddress } from '../addresses/write-address.js';
import type { LinkReference } from '../links/link-reference.js';
import type { Operation } from '../operation.js';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.js';
import { RTM_NEWADDR } from '../uapi/rtnetlink.js';

/**
 * Gives a link an address. That it has it already is an error (EEXIST).
 *
 * @param address `'192.0.2.1/24'`, or with more to say an object
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function addrAdd(link: LinkReference, address: string | AddressSpec): Operation<void> {
  return changeAddress('addrAdd', 'add', RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, link, address);
}
