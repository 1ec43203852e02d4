import { InvalidOptionError } from 'netns-core';
import { MessageWriter } from '../message/message-writer.js';
import { changeOperation } from '../operation/change-operation.js';
import type { OperationIdentity } from '../operation/errors.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { ask, Operation } from '../operation/operation.js';
import { acknowledged } from '../operation/request.js';
import { NLM_F_ACK, NLMSG_HDRLEN } from '../uapi/netlink.js';
import { IFINFOMSG_SIZE, RTM_NEWLINK } from '../uapi/rtnetlink.js';
import { isAsRead } from './as-read.js';
import { needsAddressLength } from './attributes/addresses.js';
import type { LinkSettings } from './attributes/settings.js';
import { checkLink, linkKind } from './check.js';
import { checkPort } from './check-port.js';
import { differences, wholeSettings } from './differences.js';
import { addressLengthRequest, linkRequest } from './get.js';
import type { LinkKindAttributes } from './kinds/index.js';
import type { LinkKind } from './kinds/kind.js';
import type { Link, LinkKindName } from './link.js';
import { resolvingNamespaces } from './namespace.js';
import { isResolved, references, resolveRelated } from './related.js';
import { giveBackPort, setPort } from './set-port.js';
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
export function changeLink(name: string, link: LinkReference, verb: string, changes: ChangedSettings): Operation<void> {
  const reference = checkLinkReference(link);
  checkLink(changes, name);
  const kind = linkKind(changes.type);
  const target = describeLink(link);
  const identity = { name, description: `${verb} ${target}`, target, link: reference };
  if (isAsRead(changes)) return changeToRead(identity, reference, changes, kind);
  if (changes.masterPort !== undefined) return changeWithPort(identity, reference, verb, changes);
  if (kind?.create !== undefined)
    throw new InvalidOptionError('type', `a link of type '${changes.type}' cannot be changed in what its kind has`);
  const [ofKind, common] = partsOf(changes, kind);
  if (ofKind !== undefined && kind?.mtuApart === true && changes.mtu !== undefined) {
    const inTurn = [ofKind, common].map((part) => changeLink(name, link, verb, part));
    return new Operation(identity, function* () {
      for (const operation of inTurn) yield* operation.start();
    });
  }
  // Kinds refuse to be changed where nothing is said of what they have.
  const asked = ofKind === undefined ? common : changes;
  const related = references(asked);
  // A message without an index that names a group means all links of the group to older kernels, and one that names
  // a link cannot rename it: for these the index is needed.
  const needsIndex = asked.name !== undefined || asked.group !== undefined;
  const needsCurrent = needsAddressLength(asked) || (ofKind !== undefined && kind?.changesReplace === true);
  const isKnown = isResolved(related) && !needsCurrent && (typeof reference === 'number' || !needsIndex);
  const make = (settings: ChangedSettings): Operation<void> =>
    changeOperation<ResolvedChange>(
      { name, verb, type: RTM_NEWLINK },
      {
        description: target,
        target,
        link: reference,
        taken: asked.name === undefined ? undefined : `a link named ${asked.name}`,
        ofKind: ofKind === undefined ? undefined : changes.type,
        known: isKnown ? { settings, subject: reference, related } : undefined,
        *resolve(asking) {
          if (!needsCurrent) {
            const subject = needsIndex ? yield* resolveLinkIndex(asking, reference) : reference;
            return { settings, subject, related: yield* resolveRelated(asking, related) };
          }
          const current = yield* ask(linkRequest(reference));
          const resolved = yield* resolveRelated(asking, related);
          return {
            settings,
            related: resolved,
            subject: current.index,
            kindOf: wholeKind(kind, current, settings, current),
            addressLength: needsAddressLength(settings) ? yield* ask(addressLengthRequest(current.index)) : undefined,
          };
        },
        write: (writer, resolved) => writeLink(writer, resolved.settings, resolved, false),
      },
    );
  return resolvingNamespaces(identity, asked, make);
}

/** Changes a link, and then what it is as a port: the kernel refuses that in the message that gives the master. */
function changeWithPort(
  identity: OperationIdentity,
  reference: string | number,
  verb: string,
  { masterPort: given = {}, ...changes }: ChangedSettings,
): Operation<void> {
  const port = checkPort(given, identity.name, 'masterPort.');
  const { type: _, ...settings } = changes;
  const says = Object.values(settings).some((value) => value !== undefined);
  return new Operation(identity, function* () {
    const before = yield* ask(linkRequest(reference));
    if (says) yield* changeLink(identity.name, before, verb, changes).start();
    const isPort = changes.master === undefined && changes.name === undefined;
    yield* setPort(identity, port, isPort ? before : yield* ask(linkRequest(before.index)));
  });
}

/** What a change says of what the kind has, with its `type`, and the rest. */
function partsOf(
  asked: ChangedSettings,
  kind: LinkKind<object> | undefined,
): [ofKind: ChangedSettings | undefined, common: ChangedSettings] {
  if (kind === undefined) return [undefined, asked];
  const isOfKind = (property: string): boolean => property === 'unknown' || kind.properties.includes(property);
  const given = Object.entries(asked).filter(([property, value]) => value !== undefined && property !== 'type');
  const ofKind = given.filter(([property]) => isOfKind(property));
  const common = Object.fromEntries(given.filter(([property]) => !isOfKind(property)));
  return ofKind.length === 0 ? [undefined, common] : [{ ...Object.fromEntries(ofKind), type: asked.type }, common];
}

/** What a change says of the kind: with the rest of it, where the kernel takes what is left out for zero. */
function wholeKind(
  kind: LinkKind<object> | undefined,
  current: Link,
  changes: ChangedSettings,
  whole: object,
): ChangedSettings {
  if (kind?.changesReplace !== true || changes.type === undefined || current.type !== changes.type) return changes;
  return { ...whole, ...kind.withoutStale?.(whole, changes), ...changes };
}

/** Makes a link what it was when it was read: sends what differs, and nothing where nothing does. */
function changeToRead(
  identity: OperationIdentity,
  reference: string | number,
  asked: ChangedSettings,
  kind: LinkKind<object> | undefined,
): Operation<void> {
  const wanted = wholeSettings(asked, kind);
  const related = references(wanted);
  const port =
    asked.masterPort === undefined ? undefined : checkPort(asked.masterPort, identity.name, 'masterPort.', true);
  return resolvingNamespaces(
    identity,
    wanted,
    (settings) =>
      new Operation(identity, function* () {
        const current = yield* ask(linkRequest(reference));
        const change = differences(asked, settings, yield* resolveRelated(identity, related), current);
        const { index: subject } = current;
        const addressLength = needsAddressLength(change.settings)
          ? yield* ask(addressLengthRequest(subject))
          : undefined;
        const kindOf = wholeKind(kind, current, change.kindOf, settings);
        const apart = kind?.mtuApart === true && change.settings.mtu !== undefined && kindOf.type !== undefined;
        const parts: ResolvedChange[] = apart
          ? [
              { settings: {}, related: {}, subject, kindOf },
              { ...change, subject, kindOf: {}, addressLength },
            ]
          : [{ ...change, subject, kindOf, addressLength }];
        for (const part of parts) {
          const writer = new MessageWriter(RTM_NEWLINK, NLM_F_ACK);
          writeLink(writer, part.settings, part, false);
          const message = writer.finish();
          if (!saysNothing(message)) yield* ask(acknowledged(message));
        }
        const isElsewhere = settings.netnsFd !== undefined || settings.netnsPid !== undefined;
        if (port !== undefined && !isElsewhere)
          yield* giveBackPort(
            identity,
            port,
            asked as Partial<Link>,
            change.related.master === undefined ? current : yield* ask(linkRequest(subject)),
          );
      }),
  );
}

/** Whether a message has no attribute and changes no flag. */
function saysNothing(message: Uint8Array): boolean {
  const end = NLMSG_HDRLEN + IFINFOMSG_SIZE;
  // `ifi_change` comes last.
  return message.length === end && message.subarray(end - 4).every((byte) => byte === 0);
}
