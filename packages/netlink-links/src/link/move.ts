import { shown } from 'netns-core/checks';
import { mustBe } from '../message/checks.js';
import { MessageWriter } from '../message/message-writer.js';
import { nsidRequest } from '../nsid/request.js';
import { NetlinkError } from '../operation/errors.js';
import {
  checkLinkReference,
  describeLink,
  type LinkReference,
  writeLinkHeader,
  writeLookupName,
} from '../operation/link-reference.js';
import { ask, Operation } from '../operation/operation.js';
import { acknowledged, one } from '../operation/request.js';
import { IFLA_EXT_MASK, IFLA_IF_NETNSID } from '../uapi/if-link.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTEXT_FILTER_SKIP_STATS, RTM_GETLINK, RTM_NEWLINK } from '../uapi/rtnetlink.js';
import { checkSettings, type NetnsSpec } from './attributes/settings.js';
import { linkRequest } from './get.js';
import { writeLink } from './write.js';

/**
 * Makes the operation that moves a link; its result is the index over there.
 *
 * The kernel does not say the index. But a move gives the namespace an identifier here (unless it has one), by which
 * the link can be asked for over there without going there.
 */
function moveLink(
  name: string,
  link: LinkReference,
  property: 'netnsFd' | 'netnsPid',
  value: number,
  where: string,
): Operation<number> {
  // Settings may be left out, the namespace of a move may not.
  if (value === undefined) throw mustBe(property, 'an integer', value);
  const to: NetnsSpec = { [property]: value };
  const reference = checkLinkReference(link);
  checkSettings(to);
  const target = describeLink(link);
  const identity = { name, description: `move link ${target} to the namespace of ${where}`, target, link: reference };
  const lookup = linkRequest(reference);
  return new Operation(identity, function* () {
    const before = yield* ask(lookup);
    const move = new MessageWriter(RTM_NEWLINK, NLM_F_ACK);
    writeLink(move, to, { subject: before.index, related: {} }, false);
    yield* ask(acknowledged(move.finish()));
    const identifier = yield* ask(nsidRequest(to));
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
        `it was moved, but over there it cannot be found any more (${error.code}): it has been renamed, moved or deleted since`,
        error,
      );
    }
  });
}

/**
 * Moves a link into a namespace, given by a file descriptor of it (`NetnsHandle.fd`).
 *
 * @returns the link's index over there: it keeps its own if that is free
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkSetNsFd(link: LinkReference, fd: number): Operation<number> {
  return moveLink('linkSetNsFd', link, 'netnsFd', fd, `file descriptor ${shown(fd)}`);
}

/**
 * Moves a link into the namespace of a process.
 *
 * @returns the link's index over there: it keeps its own if that is free
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkSetNsPid(link: LinkReference, pid: number): Operation<number> {
  return moveLink('linkSetNsPid', link, 'netnsPid', pid, `process ${shown(pid)}`);
}
