import { mustBe } from '../message/checks.js';
import { parseHardwareAddress } from '../message/hardware-address.js';
import { MessageWriter } from '../message/message-writer.js';
import { checkLinkReference, describeLink, type LinkReference, writeLinkHeader } from '../operation/link-reference.js';
import { ask, Operation } from '../operation/operation.js';
import { acknowledged } from '../operation/request.js';
import { IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINKINFO } from '../uapi/if-link.js';
import {
  IFLA_MACVLAN_MACADDR,
  IFLA_MACVLAN_MACADDR_MODE,
  MACVLAN_MACADDR_ADD,
  MACVLAN_MACADDR_DEL,
} from '../uapi/if-link-kinds.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTM_NEWLINK } from '../uapi/rtnetlink.js';
import { linkRequest } from './get.js';

function changeAddresses(
  name: string,
  verb: string,
  mode: number,
  link: LinkReference,
  addresses: string | readonly string[],
): Operation<void> {
  const reference = checkLinkReference(link);
  const list: readonly string[] = typeof addresses === 'string' ? [addresses] : addresses;
  if (!Array.isArray(list) || list.length === 0)
    throw mustBe('addresses', 'a hardware address, or an array of them', addresses);
  const parsed = Array.from(list, (address, index) =>
    parseHardwareAddress(address, undefined, typeof addresses === 'string' ? 'addresses' : `addresses[${index}]`),
  );
  const target = describeLink(link);
  const identity = {
    name,
    description: `${verb} source address ${list.join(', ')} of link ${target}`,
    target,
    link: reference,
    module: 'macvlan',
  };
  return new Operation(identity, function* () {
    const { index, type } = yield* ask(linkRequest(reference));
    // The kernel takes one address in a message.
    for (const address of parsed) {
      const writer = new MessageWriter(RTM_NEWLINK, NLM_F_ACK);
      writeLinkHeader(writer, index);
      writer.nest(IFLA_LINKINFO, (info) => {
        // It refuses the kind where it is not the link's.
        info.bareString(IFLA_INFO_KIND, type === 'macvtap' ? 'macvtap' : 'macvlan');
        info.nest(IFLA_INFO_DATA, (data) => {
          data.u32(IFLA_MACVLAN_MACADDR_MODE, mode);
          data.bytes(IFLA_MACVLAN_MACADDR, address);
        });
      });
      yield* ask(acknowledged(writer.finish()));
    }
  });
}

/**
 * Adds to the addresses whose frames a macvlan in source mode takes. The property `sourceAddresses` sets all of them.
 * Of several addresses each is a message of its own: those before one that is refused stay.
 *
 * @param addresses hardware addresses: `'02:00:00:00:00:01'`
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function macvlanAddressAdd(link: LinkReference, addresses: string | readonly string[]): Operation<void> {
  return changeAddresses('macvlanAddressAdd', 'add', MACVLAN_MACADDR_ADD, link, addresses);
}

/**
 * Takes addresses away from those whose frames a macvlan in source mode takes. Addresses that it does not have are passed over.
 *
 * @param addresses hardware addresses: `'02:00:00:00:00:01'`
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function macvlanAddressDel(link: LinkReference, addresses: string | readonly string[]): Operation<void> {
  return changeAddresses('macvlanAddressDel', 'remove', MACVLAN_MACADDR_DEL, link, addresses);
}
