import { AttributeReader } from '../message/attribute-reader.js';
import { MessageWriter } from '../message/message-writer.js';
import { writeLinkHeader, writeLookupName } from '../operation/link-reference.js';
import { type OneRequest, one } from '../operation/request.js';
import { IFLA_ADDRESS } from '../uapi/if-link.js';
import { IFINFOMSG_SIZE, RTM_GETLINK } from '../uapi/rtnetlink.js';
import type { Link } from './link.js';
import { readLink } from './read.js';

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
