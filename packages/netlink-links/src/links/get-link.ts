import { MessageWriter } from '../codec/message-writer.js';
import { LinkNotFoundError, NetlinkError, type OperationIdentity } from '../errors.js';
import { ask, Operation, type Program } from '../operation.js';
import { type OneRequest, one } from '../request.js';
import { RTM_GETLINK } from '../uapi/rtnetlink.js';
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

/** The operation that gets one link; that there is none is a LinkNotFoundError. */
export function getLink(name: string, link: string | number): Operation<Link> {
  const target = typeof link === 'number' ? `#${link}` : link;
  const identity = { name, description: `find link ${target}`, target };
  const request = linkRequest(link);
  return new Operation(identity, () => orNotFound(identity, link, request));
}

/** Asks for a link as a part of another operation's program. */
export function* orNotFound(
  identity: OperationIdentity,
  link: string | number,
  request: OneRequest<Link> = linkRequest(link),
): Program<Link> {
  try {
    return yield* ask(request);
  } catch (error) {
    if (error instanceof NetlinkError && error.code === 'ENODEV')
      throw LinkNotFoundError.of(identity, typeof link === 'number' ? `with index ${link}` : `"${link}"`, error);
    throw error;
  }
}
