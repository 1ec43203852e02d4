import { NetnsError } from 'netns-core';
import { MessageWriter } from '../codec/message-writer.js';
import type { OperationIdentity } from '../errors.js';
import { LINK_KINDS, type LinkKindAttributes } from '../link-kinds/index.js';
import type { LinkKind } from '../link-kinds/kind.js';
import { ask, Operation, type Program, prepared } from '../operation.js';
import { type AckRequest, acknowledged } from '../request.js';
import { IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINKINFO } from '../uapi/if-link.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTM_NEWLINK } from '../uapi/rtnetlink.js';
import { linkRequest } from './get-link.js';
import { checkLinkName } from './link-name.js';
import {
  checkLinkReference,
  describeLink,
  type LinkReference,
  resolveLinkIndex,
  writeLinkHeader,
  writeLookupName,
} from './link-reference.js';
import { checkSettings, type LinkSettings, type NewLinkSettings } from './link-spec.js';
import type { LinkKindName } from './link-union.js';
import { flagChanges, type Related, writeCommonAttributes } from './write-link.js';

/** What can be changed of a link of one kind. */
export type LinkChangesOf<K extends LinkKindName> = LinkSettings & { name?: string } & (
    | ({ type: K } & Partial<LinkKindAttributes[K]>)
    | { type?: undefined }
  );

/** What can be changed of a link: what all have, and with its `type` what its kind has. */
export type LinkChanges = { [K in LinkKindName]: LinkChangesOf<K> }[LinkKindName];

/** The references in the settings, checked; `null` (no master) becomes 0. */
export function references({ master, parent }: LinkSettings): {
  master?: string | number;
  parent?: string | number;
} {
  return {
    ...(master !== undefined && { master: master === null ? 0 : checkLinkReference(master) }),
    ...(parent !== undefined && { parent: checkLinkReference(parent) }),
  };
}

/** Whether nothing has to be looked up. */
export function isResolved(related: ReturnType<typeof references>): related is Related {
  return typeof related.master !== 'string' && typeof related.parent !== 'string';
}

/** Looks up what is given by name. */
export function* resolveRelated(
  identity: OperationIdentity,
  { master, parent }: ReturnType<typeof references>,
): Program<Related> {
  const numbers: Related = {};
  if (master !== undefined) numbers.master = master === 0 ? 0 : yield* resolveLinkIndex(identity, master);
  if (parent !== undefined) numbers.parent = yield* resolveLinkIndex(identity, parent);
  return numbers;
}

/** Writes the kind of a link with its data. */
export function writeKind(writer: MessageWriter, link: { type?: string | undefined }, whole: boolean): void {
  const { type } = link;
  if (type === undefined || type === 'device') return;
  const kind = LINK_KINDS[type as LinkKindName] as LinkKind<object> | undefined;
  if (kind === undefined)
    throw new NetnsError(
      `there is no kind of link called '${type}' here: ${Object.keys(LINK_KINDS).join(', ')} are known; others can be made as 'generic' with their 'kind'`,
      { code: 'ERR_INVALID_ARGUMENT' },
    );
  const kernelName = type === 'generic' ? (link as { kind?: string }).kind : kind.kernelName;
  if (kernelName === undefined || kernelName === '')
    throw new NetnsError(`a generic link needs the name of its 'kind'`, { code: 'ERR_INVALID_ARGUMENT' });
  writer.nest(IFLA_LINKINFO, (info) => {
    // iproute2 sends the name without a NUL at its end.
    info.bareString(IFLA_INFO_KIND, kernelName);
    info.nest(IFLA_INFO_DATA, (data) => kind.encode(data, link), false, whole && kind.alwaysData === true);
  });
}

/**
 * Builds the `RTM_NEWLINK` message that makes or changes a link.
 *
 * @param kindOf has what is particular to the kind, where that is more than `link` says
 */
export function linkMessage(
  flags: number,
  target: string | number,
  link: NewLinkSettings & { type?: string | undefined },
  related: Related,
  kindOf: { type?: string | undefined } = link,
): Uint8Array {
  const writer = new MessageWriter(RTM_NEWLINK, NLM_F_ACK | flags);
  const { flags: set, change } = flagChanges(link);
  writeLinkHeader(writer, typeof target === 'number' ? target : 0, set, change);
  writeCommonAttributes(writer, link, related);
  if (typeof target === 'string') writeLookupName(writer, target);
  writeKind(writer, kindOf, flags !== 0);
  return writer.finish();
}

/** Makes the operation that changes a link; a link that is not there is a LinkNotFoundError. */
export function changeLink(
  name: string,
  link: LinkReference,
  what: string,
  changes: LinkSettings & { name?: string; type?: string | undefined },
): Operation<void> {
  const target = describeLink(link);
  const reference = checkLinkReference(link);
  const identity = { name, description: `${what} ${target}`, target, link: reference };
  checkSettings(changes);
  if (changes.name !== undefined) checkLinkName(changes.name);
  const related = references(changes);
  // A message without an index that names a group means all links of the group to older kernels, and one that names
  // a link can not rename it: for these the index is needed.
  const needsIndex = changes.name !== undefined || changes.group !== undefined;
  const build = (
    subject: string | number,
    numbers: Related,
    kindOf: { type?: string | undefined } = changes,
  ): AckRequest => acknowledged(linkMessage(0, subject, changes, numbers, kindOf));
  // Built now, so that what is wrong with the arguments comes out at once.
  const request = build(reference, isResolved(related) ? related : {});
  if (changes.type !== undefined && LINK_KINDS[changes.type as LinkKindName].changesReplace === true)
    return prepared(identity, function* () {
      const current = yield* ask(linkRequest(reference));
      const kindOf = current.type === changes.type ? { ...current, ...changes } : changes;
      return build(current.index, yield* resolveRelated(identity, related), kindOf);
    });
  if (isResolved(related) && (typeof reference === 'number' || !needsIndex)) return new Operation(identity, request);
  return prepared(identity, function* () {
    const subject = needsIndex ? yield* resolveLinkIndex(identity, reference) : reference;
    return build(subject, yield* resolveRelated(identity, related));
  });
}
