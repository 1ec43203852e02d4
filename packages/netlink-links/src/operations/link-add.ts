import { NetnsError } from 'netns-core';
import { LINK_KINDS } from '../link-kinds/index.js';
import type { LinkKind } from '../link-kinds/kind.js';
import { changeLink, isResolved, linkMessage, references, resolveRelated } from '../links/change-link.js';
import { checkLinkName } from '../links/link-name.js';
import { checkSettings, type LinkSettings } from '../links/link-spec.js';
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
  const { type, name } = link;
  const kind = LINK_KINDS[type] as LinkKind<object> | undefined;
  if (kind === undefined)
    throw new NetnsError(
      `there is no kind of link called '${String(type)}': ${Object.keys(LINK_KINDS).join(', ')} are known`,
      {
        code: 'ERR_INVALID_ARGUMENT',
      },
    );
  if (type === 'device')
    throw new NetnsError(`links of type 'device' are hardware: they can be changed, but not made`, {
      code: 'ERR_INVALID_ARGUMENT',
    });
  if (name !== undefined) checkLinkName(name);
  checkSettings(link);
  const target = name ?? `of type ${type}`;
  const identity = { name: 'linkAdd', description: `add link ${target}`, target };

  if (kind.create !== undefined) {
    if (name === undefined)
      throw new NetnsError(`a link of type '${type}' needs a name`, { code: 'ERR_INVALID_ARGUMENT' });
    const create = calling(kind.create(name, link));
    const { type: _, name: __, index: ___, ...settings } = link;
    const adjust = Object.values(settings).some((value) => value !== undefined)
      ? changeLink('linkAdd', name, 'add link', settings)
      : undefined;
    return new Operation(identity, function* () {
      yield* ask(create);
      if (adjust !== undefined) yield* orUndo(name, adjust);
    });
  }

  const late: Record<string, unknown> = {};
  const early: Record<string, unknown> = { ...link };
  for (const key of LATE)
    if (link[key] !== undefined) {
      late[key] = link[key];
      delete early[key];
    }
  const related = references(link);
  const build = (numbers: Related): AckRequest =>
    acknowledged(linkMessage(NLM_F_CREATE | NLM_F_EXCL, link.index ?? 0, early, numbers));
  const request = build(isResolved(related) ? related : {});

  if (Object.keys(late).length > 0) {
    if (name === undefined || link.netnsFd !== undefined || link.netnsPid !== undefined)
      throw new NetnsError(
        `${Object.keys(late).join(', ')} can be given to a new link only if it has a name and stays in this namespace: the kernel wants it done on the finished link`,
        { code: 'ERR_INVALID_ARGUMENT' },
      );
    const adjust = changeLink('linkAdd', name, 'add link', late);
    return new Operation(identity, function* () {
      yield* ask(isResolved(related) ? request : build(yield* resolveRelated(identity, related)));
      yield* orUndo(name, adjust);
    });
  }
  if (isResolved(related)) return new Operation(identity, request);
  return prepared(identity, function* () {
    return build(yield* resolveRelated(identity, related));
  });
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
