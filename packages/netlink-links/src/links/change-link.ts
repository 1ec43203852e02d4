import { NetnsError } from 'netns-core';
import { MessageWriter } from '../codec/message-writer.js';
import type { OperationIdentity } from '../errors.js';
import type { LinkKindAttributes } from '../link-kinds/index.js';
import { ask, Operation, type Program, prepared } from '../operation.js';
import { type AckRequest, acknowledged } from '../request.js';
import { IFLA_INFO_DATA, IFLA_INFO_KIND, IFLA_LINKINFO } from '../uapi/if-link.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTM_NEWLINK } from '../uapi/rtnetlink.js';
import { addressLengthRequest, linkRequest } from './get-link.js';
import { needsAddressLength } from './link-addresses.js';
import { checkLinkName } from './link-name.js';
import { resolvingNamespaces } from './link-namespace.js';
import { checkLinkProperties, linkKind } from './link-properties.js';
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
  const kind = linkKind(type);
  if (kind === undefined || type === 'device') return;
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
  addressLength?: number,
): Uint8Array {
  const writer = new MessageWriter(RTM_NEWLINK, NLM_F_ACK | flags);
  const { flags: set, change } = flagChanges(link);
  writeLinkHeader(writer, typeof target === 'number' ? target : 0, set, change);
  writeCommonAttributes(writer, link, related, addressLength);
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
  checkLinkProperties(changes, name);
  checkSettings(changes);
  const resolving = resolvingNamespaces(changes, (resolved) => changeLink(name, link, what, resolved));
  if (resolving !== undefined) return resolving;
  if (changes.name !== undefined) checkLinkName(changes.name);
  const related = references(changes);
  // A message without an index that names a group means all links of the group to older kernels, and one that names
  // a link can not rename it: for these the index is needed.
  const needsIndex = changes.name !== undefined || changes.group !== undefined;
  const build = (
    subject: string | number,
    numbers: Related,
    kindOf: { type?: string | undefined } = changes,
    addressLength?: number,
  ): AckRequest => acknowledged(linkMessage(0, subject, changes, numbers, kindOf, addressLength));
  const kind = linkKind(changes.type);
  const unknownAddress = needsAddressLength(changes);
  if (unknownAddress || kind?.changesReplace === true) {
    // Built now, so that what is wrong with the arguments comes out at once.
    const { hardwareAddr: _, broadcast: __, ...rest } = changes;
    linkMessage(0, reference, rest, isResolved(related) ? related : {});
    return prepared(identity, function* () {
      const current = yield* ask(linkRequest(reference));
      const kindOf =
        kind?.changesReplace === true && current.type === changes.type
          ? { ...current, ...kind.withoutStale?.(current, changes), ...changes }
          : changes;
      const length = unknownAddress ? yield* ask(addressLengthRequest(current.index)) : undefined;
      return build(current.index, yield* resolveRelated(identity, related), kindOf, length);
    });
  }
  // Built now, so that what is wrong with the arguments comes out at once.
  const request = build(reference, isResolved(related) ? related : {});
  if (isResolved(related) && (typeof reference === 'number' || !needsIndex)) return new Operation(identity, request);
  return prepared(identity, function* () {
    const subject = needsIndex ? yield* resolveLinkIndex(identity, reference) : reference;
    return build(subject, yield* resolveRelated(identity, related));
  });
}
