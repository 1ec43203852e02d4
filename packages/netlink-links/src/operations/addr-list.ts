import type { Address } from '../addresses/address.js';
import { readAddress } from '../addresses/read-address.js';
import { LITTLE_ENDIAN } from '../codec/endianness.js';
import { type AddressFamily, familyNumber } from '../codec/ip-address.js';
import { MessageWriter } from '../codec/message-writer.js';
import { checkProperties, propertiesOf } from '../codec/properties.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../links/link-reference.js';
import { DumpOperation } from '../operation.js';
import { type DumpRequest, dump } from '../request.js';
import { IFADDRMSG_SIZE } from '../uapi/if-addr.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETADDR } from '../uapi/rtnetlink.js';

/** Which addresses to list; what is left out does not matter. */
export interface AddressFilter {
  link?: LinkReference | undefined;
  family?: AddressFamily | undefined;
}

/**
 * Lists addresses, of all links or of one. The kernel filters.
 *
 * @param filter a filter, or the link alone
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function addrList(filter: AddressFilter | LinkReference = {}): DumpOperation<Address> {
  const wanted: AddressFilter =
    typeof filter === 'object' && filter !== null && !('index' in filter) ? filter : { link: filter as LinkReference };
  checkProperties(wanted, 'addrList', FILTER);
  const { link, family } = wanted;
  if (link === undefined) return new DumpOperation(ALL, addressDump(0, family));
  const target = describeLink(link);
  const identity = { name: 'addrList', description: `list the addresses of ${target}`, target };
  const reference = checkLinkReference(link);
  if (typeof reference === 'number') return new DumpOperation(identity, addressDump(reference, family));
  return new DumpOperation(identity, function* () {
    return addressDump(yield* resolveLinkIndex(identity, reference), family);
  });
}

const FILTER = propertiesOf<AddressFilter>(
  { link: 'set', family: 'set' },
  { dev: 'link', interface: 'link', ifindex: 'link' },
);

const ALL = { name: 'addrList', description: 'list the addresses', target: 'addresses' };

function addressDump(ifindex: number, family: AddressFamily | undefined): DumpRequest<Address> {
  const writer = new MessageWriter(RTM_GETADDR, NLM_F_DUMP);
  writer.header(IFADDRMSG_SIZE, (view, at) => {
    view.setUint8(at, family === undefined ? 0 : familyNumber(family));
    view.setInt32(at + 4, ifindex, LITTLE_ENDIAN);
  });
  // A kernel without strict checking ignores the index: what it sends too much is left out here.
  return dump(writer.finish(), (bytes, start, end) =>
    ifindex !== 0 && bytes.i32[(start + 4) >> 2] !== ifindex ? undefined : readAddress(bytes, start, end),
  );
}
