import { MessageWriter } from '../codec/message-writer.js';
import {
  checkLinkReference,
  describeLink,
  type LinkReference,
  writeLinkHeader,
  writeLookupName,
} from '../links/link-reference.js';
import { Operation } from '../operation.js';
import { acknowledged } from '../request.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTM_DELLINK } from '../uapi/rtnetlink.js';

/**
 * Deletes a link. Of a veth pair it takes the other end along.
 *
 * @throws LinkNotFoundError when it runs and there is no such link
 */
export function linkDel(link: LinkReference): Operation<void> {
  const reference = checkLinkReference(link);
  const target = describeLink(link);
  const writer = new MessageWriter(RTM_DELLINK, NLM_F_ACK);
  writeLinkHeader(writer, typeof reference === 'number' ? reference : 0);
  if (typeof reference === 'string') writeLookupName(writer, reference);
  return new Operation(
    { name: 'linkDel', description: `delete link ${target}`, target, link: reference },
    acknowledged(writer.finish()),
  );
}
