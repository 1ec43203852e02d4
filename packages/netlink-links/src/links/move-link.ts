import { AttributeReader } from '../codec/attribute-reader.js';
import { MessageWriter } from '../codec/message-writer.js';
import { NetlinkError } from '../errors.js';
import { ask, Operation } from '../operation.js';
import { acknowledged, one } from '../request.js';
import { IFLA_EXT_MASK, IFLA_IF_NETNSID } from '../uapi/if-link.js';
import {
  NETNSA_FD,
  NETNSA_NSID,
  NETNSA_PID,
  RTEXT_FILTER_SKIP_STATS,
  RTM_GETLINK,
  RTM_GETNSID,
} from '../uapi/rtnetlink.js';
import { linkMessage } from './change-link.js';
import { linkRequest } from './get-link.js';
import {
  checkLinkReference,
  describeLink,
  type LinkReference,
  writeLinkHeader,
  writeLookupName,
} from './link-reference.js';
import { checkSettings, type NetnsSpec } from './link-spec.js';

/** Size of `struct rtgenmsg`, padded. */
const RTGENMSG_SIZE = 4;

/**
 * Makes the operation that moves a link and answers with its index over there.
 *
 * The kernel does not say the index. But a move gives the namespace an identifier here (unless it has one), by which
 * the link can be asked for over there without going there.
 */
export function moveLink(name: string, link: LinkReference, to: NetnsSpec, where: string): Operation<number> {
  const reference = checkLinkReference(link);
  checkSettings(to);
  const target = describeLink(link);
  const identity = { name, description: `move link ${target} to the namespace of ${where}`, target, link: reference };
  const lookup = linkRequest(reference);
  const namespace = new MessageWriter(RTM_GETNSID, 0);
  namespace.header(RTGENMSG_SIZE, () => {});
  if (to.netnsFd !== undefined) namespace.u32(NETNSA_FD, to.netnsFd);
  if (to.netnsPid !== undefined) namespace.u32(NETNSA_PID, to.netnsPid);
  const getNamespace = one(namespace.finish(), (bytes, start, end) => {
    const attributes = new AttributeReader(bytes, start + RTGENMSG_SIZE, end);
    while (attributes.next()) if (attributes.type === NETNSA_NSID) return attributes.i32();
    return -1;
  });
  return new Operation(identity, function* () {
    const before = yield* ask(lookup);
    yield* ask(acknowledged(linkMessage(0, before.index, to, {})));
    const identifier = yield* ask(getNamespace);
    const writer = new MessageWriter(RTM_GETLINK, 0);
    writeLinkHeader(writer, 0);
    writeLookupName(writer, before.name);
    writer.u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    // Without an identifier it is this very namespace, in which the link has stayed.
    if (identifier >= 0) writer.i32(IFLA_IF_NETNSID, identifier);
    try {
      return yield* ask(one(writer.finish(), (bytes, start) => bytes.i32[(start + 4) >> 2] ?? 0));
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      throw NetlinkError.failed(
        identity,
        'ERR_LINK_MOVED_ON',
        `it was moved, but over there it can not be found any more (${error.code}): somebody has renamed, moved or deleted it since`,
        error,
      );
    }
  });
}
