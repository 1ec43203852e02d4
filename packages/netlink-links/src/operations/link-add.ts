import { InvalidOptionError, NetnsError } from 'netns-core';
import { shown } from 'netns-core/checks';
import { hardwareAddressLength } from '../codec/hardware-address.js';
import { LINK_KINDS } from '../link-kinds/index.js';
import type { LinkKind } from '../link-kinds/kind.js';
import { changeLink, isResolved, linkMessage, references, resolveRelated } from '../links/change-link.js';
import { checkLinkName } from '../links/link-name.js';
import { resolvingNamespaces } from '../links/link-namespace.js';
import { checkLinkProperties, linkKind } from '../links/link-properties.js';
import { checkSettings, type LinkPeerSpec, type LinkSettings } from '../links/link-spec.js';
import type { LinkSpec } from '../links/link-union.js';
import type { Related } from '../links/write-link.js';
import { ask, Operation, prepared } from '../operation.js';
import { type AckRequest, acknowledged, calling } from '../request.js';
import { NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.js';
import { linkDel } from './link-del.js';

/** What the kernel takes no notice of when a link is made: it has to be set on the finished link. */
const LATE = ['alias', 'ipv6AddrGenMode', 'protoDown', 'carrier'] as const satisfies readonly (keyof LinkSettings)[];

/**
 * Makes a link. `type` says of which kind; `name` may be left out, the kernel then chooses one.
 *
 * ```ts
 * linkAdd({ type: 'veth', name: 'v0', up: true, peer: { name: 'eth0', netnsFd: container.fd } });
 * ```
 *
 * A link that can not be given everything that was asked for is not left behind.
 *
 * @throws NetnsError when a name, an address or a number can not be, before anything is sent
 * @throws LinkNotFoundError when it runs and there is no such `master` or `parent`
 */
export function linkAdd(link: LinkSpec): Operation<void> {
  if (typeof link !== 'object' || link === null)
    throw new InvalidOptionError('link', `linkAdd needs an object that describes the link, got ${shown(link)}`);
  const { type, name } = link;
  const kind = linkKind(type);
  if (kind === undefined)
    throw new InvalidOptionError('type', `linkAdd needs the \`type\` of the link: ${LINK_TYPES.join(', ')}`);
  if (type === 'device')
    throw new NetnsError(`links of type 'device' are hardware: they can be changed, but not made`, {
      code: 'ERR_INVALID_ARGUMENT',
    });
  if (name !== undefined) checkLinkName(name);
  checkLinkProperties(link, 'linkAdd');
  checkSettings(link);
  checkPeer(link);
  const resolving = resolvingNamespaces<LinkSpec>(link, linkAdd);
  if (resolving !== undefined) return resolving;
  const target = name ?? `of type ${type}`;
  const identity = { name: 'linkAdd', description: `add link ${target}`, target };

  if (kind.create !== undefined) {
    if (name === undefined)
      throw new NetnsError(`a link of type '${type}' needs a name`, { code: 'ERR_INVALID_ARGUMENT' });
    const create = calling(kind.create(name, link));
    const settings = Object.fromEntries(
      Object.entries(link).filter(([key]) => !['type', 'name', 'index', ...kind.properties].includes(key)),
    );
    const adjust = Object.values(settings).some((value) => value !== undefined)
      ? changeLink('linkAdd', name, 'add link', settings)
      : undefined;
    return new Operation(identity, function* () {
      yield* ask(create);
      if (adjust !== undefined) yield* orUndo(name, adjust);
    });
  }

  const [early, late] = separateLate(link);
  const { peer } = link as { readonly peer?: LinkPeerSpec | undefined };
  // An end of a pair cannot be brought up before both are joined.
  const [earlyPeer, latePeer] = separateLate(peer ?? {}, [...LATE, 'up']);
  if (peer !== undefined) early.peer = earlyPeer;
  const related = references(link);
  const build = (numbers: Related): AckRequest =>
    acknowledged(
      linkMessage(NLM_F_CREATE | NLM_F_EXCL, link.index ?? 0, early, numbers, early, addressLengthOf(kind, link)),
    );
  const request = build(isResolved(related) ? related : {});

  const adjustments = [
    ...laterChanges(link, late, ''),
    ...(peer === undefined ? [] : laterChanges(peer, latePeer, 'peer.')),
  ];
  if (adjustments.length > 0) {
    const made = name ?? peer?.name ?? '';
    return new Operation(identity, function* () {
      yield* ask(isResolved(related) ? request : build(yield* resolveRelated(identity, related)));
      for (const adjust of adjustments) yield* orUndo(made, adjust);
    });
  }
  if (isResolved(related)) return new Operation(identity, request);
  return prepared(identity, function* () {
    return build(yield* resolveRelated(identity, related));
  });
}

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
  // A link that was read has its carrier, which is no setting then.
  if ('rawFlags' in link) delete late.carrier;
  // No new link has it, and most cannot even be told so.
  if (late.protoDown === false) delete late.protoDown;
  return [early, late];
}

/** The operations that complete a new link, or the other end of a new pair. */
function laterChanges(
  { name, netnsFd, netnsPid }: LinkPeerSpec,
  late: Record<string, unknown>,
  what: 'peer.' | '',
): Operation<void>[] {
  const properties = Object.keys(late);
  const [first = ''] = properties;
  if (properties.length === 0) return [];
  if (name === undefined || name.includes('%') || netnsFd !== undefined || netnsPid !== undefined)
    throw new InvalidOptionError(
      first,
      `${properties.map((property) => `${what}${property}`).join(', ')} can be given to a new link only if it has a name of its own and stays in this namespace: the kernel wants it set on the finished link`,
    );
  return [changeLink('linkAdd', name, 'add link', late)];
}

/** Checks the other end of a pair; its names of properties have been checked. */
function checkPeer(link: LinkSpec): void {
  const { peer } = link as { readonly peer?: LinkPeerSpec | undefined };
  if (peer === undefined) return;
  if (peer.name !== undefined) checkLinkName(peer.name);
  checkSettings(peer, 'peer.');
  // `veth_newlink` and `netkit_new_link` take the one only together with the other.
  if (peer.index !== undefined && link.index === undefined)
    throw new InvalidOptionError(
      'index',
      'peer.index needs the `index` of the link itself as well: the kernel ignores it otherwise',
    );
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
      // Somebody was faster. What went wrong first is what counts.
    }
    throw error;
  }
}
