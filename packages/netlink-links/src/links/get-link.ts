import { AttributeReader } from '../codec/attribute-reader.js';
import { MessageWriter } from '../codec/message-writer.js';
import { Operation } from '../operation.js';
import { type OneRequest, one } from '../request.js';
import { IFLA_ADDRESS } from '../uapi/if-link.js';
import { IFINFOMSG_SIZE, RTM_GETLINK } from '../uapi/rtnetlink.js';
import { writeLinkHeader, writeLookupName } from './link-reference.js';
import type { Link } from './link-union.js';
import { readLink } from './read-link.js';

/** The request for one link, by index or by name. */
export function linkRequest(link: string | number): OneRequest<Link> {
  const writer = new MessageWriter(RTM_GETLINK, 0);
  writeLinkHeader(writer, typeof link === 'number' ? link : 0);
  if (typeof link === 'string') writeLookupName(writer, link);
  return one(writer.finish(), readLink);
}

/** The request for the number of bytes that a link's hardware address has. */
export function addressLengthRequest(index: number): OneRequest<number> {
  const writer = new MessageWriter(RTM_GETLINK, 0);
  writeLinkHeader(writer, index);
  return one(writer.finish(), (bytes, start, end) => {
    const attributes = new AttributeReader(bytes, start + IFINFOMSG_SIZE, end);
    while (attributes.next()) if (attributes.type === IFLA_ADDRESS) return attributes.length;
    return 0;
  });
}

/** The operation that gets one link; that there is none is a LinkNotFoundError. */
export function getLink(name: string, link: string | number): Operation<Link> {
  const target = typeof link === 'number' ? `#${link}` : link;
  return new Operation({ name, description: `find link ${target}`, target, link }, linkRequest(link));
}
