import { InvalidOptionError } from 'netns-core';
import { changeOperation } from '../operation/change-operation.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { ask, type Operation } from '../operation/operation.js';
import { RTM_NEWLINK } from '../uapi/rtnetlink.js';
import { isAsRead } from './as-read.js';
import { needsAddressLength } from './attributes/addresses.js';
import type { LinkSettings } from './attributes/settings.js';
import { checkLink, linkKind } from './check.js';
import { differences, wholeSettings } from './differences.js';
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

/** A change of which all is known. */
interface ResolvedChange extends ResolvedLink {
  readonly settings: ChangedSettings;
}

/**
 * Makes the operation that changes a link; a link that is not there is a LinkNotFoundError.
 *
 * @param verb what it does with the link, for errors: `'set the alias of'`
 */
export function changeLink(name: string, link: LinkReference, verb: string, asked: ChangedSettings): Operation<void> {
  const reference = checkLinkReference(link);
  checkLink(asked, name);
  const kind = linkKind(asked.type);
  const asRead = isAsRead(asked);
  const changes = asRead ? wholeSettings(asked, kind) : asked;
  if (kind?.create !== undefined && !asRead)
    throw new InvalidOptionError('type', `a link of type '${changes.type}' cannot be changed in what its kind has`);
  const related = references(changes);
  const target = describeLink(link);
  // A message without an index that names a group means all links of the group to older kernels, and one that names
  // a link cannot rename it: for these the index is needed.
  const needsIndex = changes.name !== undefined || changes.group !== undefined;
  const needsCurrent = asRead || needsAddressLength(changes) || kind?.changesReplace === true;
  const isKnown = isResolved(related) && !needsCurrent && (typeof reference === 'number' || !needsIndex);
  const make = (settings: ChangedSettings): Operation<void> =>
    changeOperation<ResolvedChange>(
      { name, verb, type: RTM_NEWLINK },
      {
        description: target,
        target,
        link: reference,
        known: isKnown ? { settings, subject: reference, related } : undefined,
        *resolve(identity) {
          if (!needsCurrent) {
            const subject = needsIndex ? yield* resolveLinkIndex(identity, reference) : reference;
            return { settings, subject, related: yield* resolveRelated(identity, related) };
          }
          const current = yield* ask(linkRequest(reference));
          const resolved = yield* resolveRelated(identity, related);
          const change = asRead
            ? differences(asked, settings, resolved, current)
            : { settings, related: resolved, kindOf: settings };
          const { kindOf } = change;
          const repeated = kind?.changesReplace === true && kindOf.type !== undefined && current.type === kindOf.type;
          const whole = asRead ? settings : current;
          return {
            ...change,
            subject: current.index,
            kindOf: repeated ? { ...whole, ...kind.withoutStale?.(whole, kindOf), ...kindOf } : kindOf,
            addressLength: needsAddressLength(change.settings)
              ? yield* ask(addressLengthRequest(current.index))
              : undefined,
          };
        },
        write: (writer, resolved) => writeLink(writer, resolved.settings, resolved, false),
      },
    );
  return resolvingNamespaces({ name, description: `${verb} ${target}`, target, link: reference }, changes, make);
}
