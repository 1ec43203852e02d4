import { filterOf, propertiesOf } from '../message/checks.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { type AddressFamily, familyNumber } from '../message/ip-address.js';
import { MessageWriter } from '../message/message-writer.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { DumpOperation } from '../operation/operation.js';
import { type DumpRequest, dump } from '../operation/request.js';
import { IFADDRMSG_SIZE } from '../uapi/if-addr.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETADDR } from '../uapi/rtnetlink.js';
import type { Address } from './address.js';
import { readAddress } from './read.js';

/** Which addresses to list; what is left out does not matter. */
export interface AddressFilter {
  link?: LinkReference | undefined;
  family?: AddressFamily | undefined;
}

/**
 * Lists addresses, of all links or of one. The kernel filters.
 *
 * @param filter a filter, or the link alone
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function addrList(filter: AddressFilter | LinkReference = {}): DumpOperation<Address> {
  const { link, family } = filterOf<AddressFilter>(filter, 'addrList', FILTER);
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
