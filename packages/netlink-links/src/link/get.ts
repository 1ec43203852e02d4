import { AttributeReader } from '../message/attribute-reader.js';
import { MessageWriter } from '../message/message-writer.js';
import { writeLinkHeader, writeLookupName } from '../operation/link-reference.js';
import { type OneRequest, one } from '../operation/request.js';
import { IFLA_ADDRESS, IFLA_EXT_MASK } from '../uapi/if-link.js';
import { IFINFOMSG_SIZE, RTEXT_FILTER_VF, RTM_GETLINK } from '../uapi/rtnetlink.js';
import type { Link } from './link.js';
import { readLink } from './read.js';

/** The request for one link, by index or by name. @param more `vfs` for the virtual functions of a device */
export function linkRequest(link: string | number, { vfs = false } = {}): OneRequest<Link> {
  const writer = new MessageWriter(RTM_GETLINK, 0);
  writeLinkHeader(writer, typeof link === 'number' ? link : 0);
  if (typeof link === 'string') writeLookupName(writer, link);
  if (vfs) writer.u32(IFLA_EXT_MASK, RTEXT_FILTER_VF);
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
