import { InvalidOptionError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { hardwareAddressLength } from '../message/hardware-address.js';
import { MessageWriter } from '../message/message-writer.js';
import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import type { OperationIdentity } from '../operation/errors.js';
import { ask, Operation } from '../operation/operation.js';
import { calling } from '../operation/request.js';
import { IFLA_AF_SPEC, IFLA_PROP_LIST, IFLA_PROTO_DOWN_REASON } from '../uapi/if-link.js';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.js';
import { RTM_NEWLINK } from '../uapi/rtnetlink.js';
import { addAltNamesAsRead } from './alt-names.js';
import { isAsRead, settingsOf } from './as-read.js';
import { linkAddresses } from './attributes/addresses.js';
import type { LinkPeerSpec, NewLinkSettings } from './attributes/settings.js';
import { OTHER_FLAGS, type WithOtherFlags } from './attributes/write.js';
import { changeLink } from './change.js';
import { checkLink, isProperty, linkKind } from './check.js';
import { checkPort } from './check-port.js';
import { linkRequest } from './get.js';
import { LINK_KINDS } from './kinds/index.js';
import type { LinkKind } from './kinds/kind.js';
import type { Link, LinkSpec } from './link.js';
import { resolvingNamespaces } from './namespace.js';
import { offerUnknown } from './offer-unknown.js';
import { linkDel } from './operations.js';
import { isResolved, references, resolveRelated } from './related.js';
import { giveBackPort, setPort } from './set-port.js';
import { type ResolvedLink, writeLink } from './write.js';

/** What the kernel takes no notice of when a link is made: it has to be set on the finished link. */
const LATE = [
  'alias',
  'altNames',
  'ipv6AddrGenMode',
  'ipv6Token',
  'protoDown',
  'protoDownReason',
  'carrier',
] as const satisfies readonly (keyof NewLinkSettings)[];
/** Attributes that have what is not known here inside them, and are set on the finished link. */
const INSIDE_LATE: readonly number[] = [IFLA_AF_SPEC, IFLA_PROTO_DOWN_REASON, IFLA_PROP_LIST];
/** An end of a pair cannot be brought up before both are joined. */
const LATE_OF_PEERS = [...LATE, 'up'] as const;

/**
 * Makes a link. `type` says of which kind; `name` may be left out, the kernel then chooses one.
 *
 * ```ts
 * linkAdd({ type: 'veth', name: 'v0', up: true, peer: { name: 'eth0', netnsFd: container.fd } });
 * ```
 *
 * A link that cannot be given everything that was asked for is not left behind.
 *
 * A link as it was read is made again with its index, its names and its settings, as the port of its master that it
 * was, on top of the link below, and up if it was. What belongs to other objects is not a part of it: addresses,
 * queueing disciplines, and the other end of a pair, which `peer` describes. One with an XDP program is refused.
 *
 * @throws InvalidOptionError for a link that cannot be
 * @throws LinkNotFoundError when it runs and `master` or `parent` does not exist
 */
export function linkAdd(link: LinkSpec): Operation<void> {
  const kind = checkNewLink(link);
  const settings = settingsOf(link, kind);
  const target = link.name ?? `of type ${link.type}`;
  const module = MODULES[kind.kernelName] ?? (link.type === 'generic' ? link.kind : kind.kernelName);
  const names = [link.name, (link as { readonly peer?: LinkPeerSpec }).peer?.name].filter((name) => name !== undefined);
  const taken = names.length === 2 ? `a link named ${names.join(' or ')}` : undefined;
  const identity = { name: 'linkAdd', description: `add link ${target}`, target, module, taken };
  return resolvingNamespaces(identity, settings, (resolved) =>
    kind.create === undefined ? addLink(identity, link, resolved, kind) : createLink(identity, link, resolved, kind),
  );
}

/** Checks a new link: all that can be said against it is said here. @throws InvalidOptionError */
function checkNewLink(link: LinkSpec): LinkKind<object> {
  if (typeof link !== 'object' || link === null)
    throw new InvalidOptionError('link', `linkAdd needs an object that describes the link, got ${shown(link)}`);
  const { type, name } = link;
  const kind = linkKind(type);
  if (kind === undefined)
    throw new InvalidOptionError('type', `linkAdd needs the \`type\` of the link: ${LINK_TYPES.join(', ')}`);
  const { xdp } = link as Partial<Link>;
  if (xdp !== undefined && isAsRead(link))
    throw new InvalidOptionError(
      'xdp',
      `link ${name} was read with an XDP program, which cannot be given back: leave out \`xdp\`, and attach it again`,
    );
  if (type === 'device')
    throw new InvalidOptionError('type', `links of type 'device' are hardware: they can be changed, but not made`);
  checkLink(link, 'linkAdd');
  const settings = settingsOf(link, kind);
  references(settings);
  if (kind.create !== undefined && name === undefined)
    throw new InvalidOptionError('name', `a link of type '${type}' needs a name`);
  if (kind.create !== undefined && !('rawFlags' in link))
    for (const property of ['numTxQueues', 'numRxQueues', 'linkNetns'] as const)
      if (link[property] !== undefined)
        throw new InvalidOptionError(property, `${property} cannot be given for a link of type '${type}'`);
  linkAddresses(link, addressLengthOf(kind, link));
  const { peer } = link as { readonly peer?: LinkPeerSpec | undefined };
  // `veth_newlink` and `netkit_new_link` take the one only together with the other.
  if (peer?.index !== undefined && link.index === undefined)
    throw new InvalidOptionError(
      'index',
      'peer.index needs the `index` of the link itself as well: the kernel ignores it otherwise',
    );
  if (peer !== undefined) linkAddresses(peer);
  if (kind.create === undefined) {
    const late = separateLate(withoutDefaults(settings, isAsRead(link)))[1];
    checkLater(
      link,
      link.masterPort === undefined || isAsRead(link) ? late : { ...late, masterPort: link.masterPort },
      '',
    );
    if (peer !== undefined) checkLater(peer, separateLate(peer, LATE_OF_PEERS)[1], 'peer.');
  }
  return kind;
}

/** Makes a link of a kind that netlink cannot make, and then sets what else was asked for. */
function createLink(
  identity: OperationIdentity,
  asked: LinkSpec,
  link: LinkSpec,
  kind: LinkKind<object>,
): Operation<void> {
  const { name = '' } = link;
  const create = calling(() => kind.create?.(name, link));
  const made = [
    'type',
    'name',
    'index',
    'numTxQueues',
    'numRxQueues',
    'unknownCommon',
    'masterPort',
    ...kind.properties,
  ];
  const settings = Object.entries(link).filter(([key, value]) => value !== undefined && !made.includes(key));
  const properties = link.unknownCommon?.filter(isProperty) ?? [];
  const unknownCommon = link.unknownCommon?.filter((unknown) => !properties.includes(unknown)) ?? [];
  const adjustments = laterChanges(link, { ...Object.fromEntries(settings), unknownCommon: properties });
  const other = { [OTHER_FLAGS]: (link as WithOtherFlags)[OTHER_FLAGS] };
  if (unknownCommon.length > 0 || other[OTHER_FLAGS] !== undefined)
    adjustments.push(
      new Operation<void>(identity, () =>
        offerUnknown(unknownCommon, (left) => {
          const writer = new MessageWriter(RTM_NEWLINK, NLM_F_ACK);
          writeLink(writer, { ...other, unknownCommon: left }, { subject: name, related: {} }, false);
          return writer.finish();
        }),
      ),
    );
  adjustments.push(...portOf(identity, asked, link));
  return new Operation(identity, function* () {
    yield* ask(create);
    for (const adjust of adjustments) yield* orUndo(name, adjust);
  });
}

const ADD: ChangeAction = { name: 'linkAdd', verb: 'add', type: RTM_NEWLINK, flags: NLM_F_CREATE | NLM_F_EXCL };

/**
 * Makes a link, and then sets what the kernel takes on a finished link only.
 *
 * @param asked what was asked for: the link as it was read, maybe
 * @param link the settings of it
 */
function addLink(
  identity: OperationIdentity,
  asked: LinkSpec,
  link: LinkSpec,
  kind: LinkKind<object>,
): Operation<void> {
  const [early, late] = separateLate(withoutDefaults(link, isAsRead(asked)));
  const { peer } = link as { readonly peer?: LinkPeerSpec | undefined };
  const [earlyPeer, latePeer] = separateLate(peer ?? {}, LATE_OF_PEERS);
  if (peer !== undefined) early.peer = earlyPeer;
  const related = references(link);
  const known = { subject: link.index ?? 0, addressLength: addressLengthOf(kind, link) };
  const add = changeOperation<ResolvedLink>(ADD, {
    description: `link ${identity.target}`,
    target: identity.target,
    module: identity.module,
    taken: identity.taken,
    known: isResolved(related) ? { ...known, related } : undefined,
    resolve: function* (asking) {
      return { ...known, related: yield* resolveRelated(asking, related) };
    },
    write: (writer, resolved) => writeLink(writer, early, resolved, true),
  });
  const { unknownCommon = [] } = early as NewLinkSettings;
  const offer = new Operation(identity, function* () {
    const resolved = { ...known, related: yield* resolveRelated(identity, related) };
    yield* offerUnknown(unknownCommon, (left) => {
      const writer = new MessageWriter(ADD.type, NLM_F_ACK | (ADD.flags ?? 0));
      writeLink(writer, { ...early, unknownCommon: left }, resolved, true);
      return writer.finish();
    });
  });
  const first = unknownCommon.length > 0 && isAsRead(asked) ? offer : add;
  const adjustments = [...laterChanges(link, late), ...(peer === undefined ? [] : laterChanges(peer, latePeer))];
  adjustments.push(...portOf(identity, asked, link));
  if (adjustments.length === 0) return first;
  const made = link.name ?? peer?.name ?? '';
  return new Operation(identity, function* () {
    yield* first.start();
    for (const adjust of adjustments) yield* orUndo(made, adjust);
  });
}

/** Modules of the kernel that are not called as the kinds of links that they have. */
const MODULES: Readonly<Record<string, string>> = {
  bond: 'bonding',
  gre: 'ip_gre',
  gretap: 'ip_gre',
  ip6gretap: 'ip6_gre',
  vlan: '8021q',
  xfrm: 'xfrm_interface',
};

const LINK_TYPES = Object.keys(LINK_KINDS);

/** Parts what goes into the message that makes a link from what has to be set on the finished link. */
function separateLate(
  link: object,
  keys: readonly string[] = LATE,
): [early: Record<string, unknown>, late: Record<string, unknown>] {
  const late: Record<string, unknown> = {};
  const early: Record<string, unknown> = { ...link };
  for (const key of keys)
    if (early[key] !== undefined) {
      late[key] = early[key];
      delete early[key];
    }
  // No new link has it, and most cannot even be told so.
  if (late.protoDown === false) delete late.protoDown;
  if (late.ipv6Token === '::') delete late.ipv6Token;
  const { unknownCommon } = link as NewLinkSettings;
  const inside = unknownCommon?.filter(({ attribute }) => INSIDE_LATE.includes(attribute)) ?? [];
  if (inside.length > 0) {
    late.unknownCommon = inside;
    early.unknownCommon = unknownCommon?.filter((unknown) => !inside.includes(unknown));
  }
  if (Array.isArray(late.altNames) && late.altNames.length === 0) delete late.altNames;
  return [early, late];
}

/**
 * Every link that was read says how its IPv6 addresses are made. One that is made elsewhere cannot be told so; where it says
 * what new links have anyway, nothing is lost.
 */
function withoutDefaults<L extends NewLinkSettings>(link: L, isRead: boolean): L {
  const { netns, netnsFd, netnsPid, ipv6AddrGenMode } = link;
  const isElsewhere = netns !== undefined || netnsFd !== undefined || netnsPid !== undefined;
  return isRead && isElsewhere && ipv6AddrGenMode === 'eui64' ? { ...link, ipv6AddrGenMode: undefined } : link;
}

/** Refuses what has to be set on the finished link where that cannot be found again. */
function checkLater(
  { name, netns, netnsFd, netnsPid }: LinkPeerSpec,
  late: Record<string, unknown>,
  what: 'peer.' | '',
): void {
  const properties = Object.keys(late);
  const [first] = properties;
  if (first === undefined) return;
  if (name === undefined || name.includes('%') || [netns, netnsFd, netnsPid].some((place) => place !== undefined))
    throw new InvalidOptionError(
      first,
      `${properties.map((property) => `${what}${property}`).join(', ')} can be given to a new link only if it has a name of its own and stays in this namespace: the kernel wants it set on the finished link`,
    );
}

/** The operations that complete a new link, or the other end of a new pair. */
function laterChanges({ name }: LinkPeerSpec, late: NewLinkSettings): Operation<void>[] {
  if (name === undefined) return [];
  const { altNames = [], unknownCommon, ...others } = late;
  // They have a message of their own.
  const properties = unknownCommon?.filter(isProperty) ?? [];
  const common = unknownCommon?.filter((unknown) => !properties.includes(unknown)) ?? [];
  const settings = { ...others, ...(common.length > 0 && { unknownCommon: common }) };
  return [
    ...(Object.keys(settings).length === 0 ? [] : [changeLink('linkAdd', name, 'add link', settings)]),
    ...(altNames.length === 0 && properties.length === 0 ? [] : [addAltNamesAsRead(name, altNames, properties)]),
  ];
}

/** What sets what a new link is as a port of its master, or gives it back to one that was read. */
function portOf(identity: OperationIdentity, asked: LinkSpec, link: LinkSpec): Operation<void>[] {
  const { name, netnsFd, netnsPid } = link;
  const isRead = isAsRead(asked);
  const elsewhere = netnsFd !== undefined || netnsPid !== undefined;
  if (name === undefined || elsewhere || asked.masterPort === undefined) return [];
  const port = checkPort(asked.masterPort, identity.name, 'masterPort.', isRead);
  return [
    new Operation(identity, function* () {
      const now = yield* ask(linkRequest(name));
      yield* isRead ? giveBackPort(identity, port, asked as Partial<Link>, now) : setPort(identity, port, now);
    }),
  ];
}

/** How long the addresses of a new link are; of kinds that are not known here, as long as they are given. */
function addressLengthOf(kind: LinkKind<object>, { type, hardwareAddr }: LinkSpec): number | undefined {
  if (type === 'generic' && hardwareAddr !== undefined) return hardwareAddressLength(hardwareAddr);
  return kind.addressLength;
}

/** Runs what completes a new link; the link goes when that fails. */
function* orUndo(name: string, adjust: Operation<void>): ReturnType<typeof adjust.start> {
  try {
    yield* adjust.start();
  } catch (error) {
    try {
      yield* linkDel(name).start();
    } catch {
      // It is gone already. What went wrong first is what counts.
    }
    throw error;
  }
}
