import { type NamespaceRef, resolveNamespace } from 'netns-core';
import { describeNamespace, shown } from 'netns-core/checks';
import { mustBe } from '../message/checks.js';
import { MessageWriter } from '../message/message-writer.js';
import { nsidRequest } from '../nsid/request.js';
import { NetlinkError, type OperationIdentity } from '../operation/errors.js';
import {
  checkLinkReference,
  describeLink,
  type LinkReference,
  writeLinkHeader,
  writeLookupName,
} from '../operation/link-reference.js';
import { ask, Operation, type Program } from '../operation/operation.js';
import { acknowledged, one } from '../operation/request.js';
import { IFLA_EXT_MASK, IFLA_IF_NETNSID } from '../uapi/if-link.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTEXT_FILTER_SKIP_STATS, RTM_GETLINK, RTM_NEWLINK } from '../uapi/rtnetlink.js';
import { checkNamespace, checkSettings, type NetnsSpec } from './attributes/settings.js';
import { linkRequest } from './get.js';
import { writeLink } from './write.js';

/**
 * The program that moves a link; its result is the index over there.
 *
 * The kernel does not say the index. But a move gives the namespace an identifier here (unless it has one), by which
 * the link can be asked for over there without going there.
 */
function* move(identity: OperationIdentity, reference: string | number, to: NetnsSpec): Program<number> {
  const before = yield* ask(linkRequest(reference));
  const writer = new MessageWriter(RTM_NEWLINK, NLM_F_ACK);
  writeLink(writer, to, { subject: before.index, related: {} }, false);
  yield* ask(acknowledged(writer.finish()));
  const identifier = yield* ask(nsidRequest(to));
  const question = new MessageWriter(RTM_GETLINK, 0);
  writeLinkHeader(question, 0);
  writeLookupName(question, before.name);
  question.u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  // Without an identifier it is this very namespace, in which the link has stayed.
  if (identifier >= 0) question.i32(IFLA_IF_NETNSID, identifier);
  try {
    return yield* ask(one(question.finish(), (bytes, start) => bytes.i32[(start + 4) >> 2] ?? 0));
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    throw NetlinkError.failed(
      identity,
      'ERR_LINK_MOVED_ON',
      `it was moved, but over there it cannot be found any more (${error.code}): it has been renamed, moved or deleted since`,
      error,
    );
  }
}

/** What an operation that moves a link is about. @throws InvalidOptionError */
function moving(name: string, link: LinkReference, where: string): OperationIdentity & { link: string | number } {
  const reference = checkLinkReference(link);
  const target = describeLink(link);
  return { name, description: `move link ${target} to ${where}`, target, link: reference };
}

/** Makes the operation that moves a link to the namespace of a descriptor or of a process. */
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
  const identity = moving(name, link, `the namespace of ${where}`);
  checkSettings(to);
  return new Operation<number>(identity, () => move(identity, identity.link, to));
}

/**
 * Moves a link into a namespace, given by any reference to it.
 *
 * @param namespace resolved when the operation runs, and held open until the kernel has answered
 * @returns the link's index over there: it keeps its own if that is free
 * @throws InvalidOptionError
 * @throws NamespaceNotFoundError when it runs and the namespace does not exist
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkSetNetns(link: LinkReference, namespace: NamespaceRef): Operation<number> {
  checkNamespace('namespace', namespace);
  const identity = moving('linkSetNetns', link, describeNamespace(namespace));
  return new Operation(identity, function* () {
    const handle = resolveNamespace(namespace);
    try {
      return yield* move(identity, identity.link, { netnsFd: handle.fd });
    } finally {
      handle.close();
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
