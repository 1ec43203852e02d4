import { InvalidOptionError } from 'netns-core';
import { changeOperation } from '../operation/change-operation.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { ask, type Operation } from '../operation/operation.js';
import { RTM_NEWLINK } from '../uapi/rtnetlink.js';
import { settingsOf } from './as-read.js';
import { needsAddressLength } from './attributes/addresses.js';
import type { LinkSettings } from './attributes/settings.js';
import { checkLink, linkKind } from './check.js';
import { addressLengthRequest, linkRequest } from './get.js';
import type { LinkKindAttributes } from './kinds/index.js';
import type { LinkKindName } from './link.js';
import { resolvingNamespaces } from './namespace.js';
import { isResolved, references, resolveRelated } from './related.js';
import { type ResolvedLink, writeLink } from './write.js';

/** What can be changed of a link of one kind. */
export type LinkChangesOf<K extends LinkKindName> = LinkSettings & { name?: string } & (
    | ({ type: K } & Partial<LinkKindAttributes[K]>)
    | { type?: undefined }
  );

/** What can be changed of a link: what all have, and with its `type` what its kind has. */
export type LinkChanges = { [K in LinkKindName]: LinkChangesOf<K> }[LinkKindName];

/** Settings of a link that is there. */
export type ChangedSettings = LinkSettings & { readonly name?: string | undefined; readonly type?: string | undefined };

/**
 * Makes the operation that changes a link; a link that is not there is a LinkNotFoundError.
 *
 * @param verb what it does with the link, for errors: `'set the alias of'`
 */
export function changeLink(name: string, link: LinkReference, verb: string, asked: ChangedSettings): Operation<void> {
  const reference = checkLinkReference(link);
  checkLink(asked, name);
  const kind = linkKind(asked.type);
  const changes = settingsOf(asked, kind);
  if (kind?.create !== undefined)
    throw new InvalidOptionError('type', `a link of type '${changes.type}' cannot be changed in what its kind has`);
  const related = references(changes);
  const target = describeLink(link);
  // A message without an index that names a group means all links of the group to older kernels, and one that names
  // a link cannot rename it: for these the index is needed.
  const needsIndex = changes.name !== undefined || changes.group !== undefined;
  const needsLength = needsAddressLength(changes);
  const needsCurrent = needsLength || kind?.changesReplace === true;
  const isKnown = isResolved(related) && !needsCurrent && (typeof reference === 'number' || !needsIndex);
  const make = (settings: ChangedSettings): Operation<void> =>
    changeOperation<ResolvedLink>(
      { name, verb, type: RTM_NEWLINK },
      {
        description: target,
        target,
        link: reference,
        known: isKnown ? { subject: reference, related } : undefined,
        *resolve(identity) {
          if (!needsCurrent) {
            const subject = needsIndex ? yield* resolveLinkIndex(identity, reference) : reference;
            return { subject, related: yield* resolveRelated(identity, related) };
          }
          const current = yield* ask(linkRequest(reference));
          const repeated = kind?.changesReplace === true && current.type === settings.type;
          return {
            subject: current.index,
            kindOf: repeated ? { ...current, ...kind.withoutStale?.(current, settings), ...settings } : settings,
            addressLength: needsLength ? yield* ask(addressLengthRequest(current.index)) : undefined,
            related: yield* resolveRelated(identity, related),
          };
        },
        write: (writer, resolved) => writeLink(writer, settings, resolved, false),
      },
    );
  return resolvingNamespaces({ name, description: `${verb} ${target}`, target, link: reference }, changes, make);
}
