import type { AddressSpec } from '../addresses/address-spec.js';
import { changeAddress } from '../addresses/write-address.js';
import type { LinkReference } from '../links/link-reference.js';
import type { Operation } from '../operation.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTM_DELADDR } from '../uapi/rtnetlink.js';

/**
 * Takes an address from a link. The length of the prefix belongs to it. That it is not there is an error (EADDRNOTAVAIL).
 *
 * @param address `'192.0.2.1/24'`, or with more to say an object
 * @throws NetnsError `ERR_INVALID_ARGUMENT`
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function addrDel(link: LinkReference, address: string | AddressSpec): Operation<void> {
  return changeAddress('addrDel', 'delete', RTM_DELADDR, NLM_F_ACK, link, address);
}
