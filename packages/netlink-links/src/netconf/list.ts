import { filterOf, mustBe, propertiesOf } from '../message/checks.js';
import { MessageWriter } from '../message/message-writer.js';
import type { OperationIdentity } from '../operation/errors.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { DumpOperation } from '../operation/operation.js';
import { type DumpRequest, dump } from '../operation/request.js';
import { NETCONFMSG_SIZE } from '../uapi/netconf.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETNETCONF } from '../uapi/rtnetlink.js';
import type { Netconf, NetconfFamily } from './netconf.js';
import { netconfFamilies } from './numbers.js';
import { readNetconf } from './read.js';

/** Which settings to list; what is left out does not matter. */
export interface NetconfFilter {
  family?: NetconfFamily | undefined;
  /** A link: those of all links, and those that links begin with, are left out then. */
  link?: LinkReference | undefined;
}

const FILTER = propertiesOf<NetconfFilter>(
  { family: 'set', link: 'set' },
  { dev: 'link', interface: 'link', ifindex: 'link' },
);

/**
 * Lists the settings that links have for IPv4, IPv6 and MPLS, those of all links (`'all'`) and those that links begin with
 * (`'default'`) included: what `ip netconf` shows. The kernel filters by family only.
 *
 * @param filter a filter, or the link alone
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function netconfList(filter: NetconfFilter | LinkReference = {}): DumpOperation<Netconf> {
  const { family, link } = filterOf<NetconfFilter>(filter, 'netconfList', FILTER);
  if (typeof family === 'number') throw mustBe('family', 'ipv4, ipv6 or mpls', family);
  const familyNumber = family === undefined ? 0 : netconfFamilies.number(family);
  const request = (ifindex: number): DumpRequest<Netconf> => {
    const message = new MessageWriter(RTM_GETNETCONF, NLM_F_DUMP);
    message.header(NETCONFMSG_SIZE, (view, at) => view.setUint8(at, familyNumber));
    return dump(message.finish(), (bytes, start, end) => {
      const read = readNetconf(bytes, start, end);
      // Without a family's module the kernel lists those of the other families.
      if (read === undefined || (family !== undefined && read.family !== family)) return undefined;
      return ifindex === 0 || read.ifindex === ifindex ? read : undefined;
    });
  };
  const description = 'list the settings of links for IPv4, IPv6 and MPLS';
  if (link === undefined)
    return new DumpOperation({ name: 'netconfList', description, target: 'settings' }, request(0));
  const target = describeLink(link);
  const identity: OperationIdentity = { name: 'netconfList', description: `list the settings of ${target}`, target };
  const reference = checkLinkReference(link);
  if (typeof reference === 'number') return new DumpOperation(identity, request(reference));
  return new DumpOperation(identity, function* () {
    return request(yield* resolveLinkIndex(identity, reference));
  });
}
