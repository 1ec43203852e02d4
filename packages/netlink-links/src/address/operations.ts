import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../uapi/netlink.js';
import { RTM_DELADDR, RTM_NEWADDR } from '../uapi/rtnetlink.js';
import { checkAddress } from './check.js';
import type { AddressSpec } from './spec.js';
import { writeAddress } from './write.js';

const ADD: ChangeAction = { name: 'addrAdd', verb: 'add', type: RTM_NEWADDR, flags: NLM_F_CREATE | NLM_F_EXCL };
const REPLACE: ChangeAction = {
  name: 'addrReplace',
  verb: 'replace',
  type: RTM_NEWADDR,
  flags: NLM_F_CREATE | NLM_F_REPLACE,
};
const DELETE: ChangeAction = { name: 'addrDel', verb: 'delete', type: RTM_DELADDR, removing: true };

function changeAddress(action: ChangeAction, link: LinkReference, address: string | AddressSpec): Operation<void> {
  const checked = checkAddress(action.name, address);
  const reference = checkLinkReference(link);
  const target = typeof address === 'string' ? address : address.address;
  return changeOperation<number>(action, {
    description: `address ${target} ${action.removing === true ? 'from' : 'on'} link ${describeLink(link)}`,
    target,
    link: reference,
    known: typeof reference === 'number' ? reference : undefined,
    resolve: (identity) => resolveLinkIndex(identity, reference),
    write: (writer, ifindex) => writeAddress(writer, checked, ifindex),
  });
}

/**
 * Gives a link an address. That it has it already is an error (EEXIST).
 *
 * @param address `'192.0.2.1/24'`, or with more to say an object
 * @throws InvalidOptionError for an address that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function addrAdd(link: LinkReference, address: string | AddressSpec): Operation<void> {
  return changeAddress(ADD, link, address);
}

/**
 * Takes an address from a link. The length of the prefix belongs to it. That it is not there is an error (EADDRNOTAVAIL).
 *
 * @param address `'192.0.2.1/24'`, or with more to say an object
 * @throws InvalidOptionError for an address that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function addrDel(link: LinkReference, address: string | AddressSpec): Operation<void> {
  return changeAddress(DELETE, link, address);
}

/**
 * Gives a link an address, or changes the lifetimes and flags of one that it has.
 *
 * @param address `'192.0.2.1/24'`, or with more to say an object
 * @throws InvalidOptionError for an address that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function addrReplace(link: LinkReference, address: string | AddressSpec): Operation<void> {
  return changeAddress(REPLACE, link, address);
}
