import { checkArray, filterOf, mustBe, propertiesOf } from '../message/checks.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { MessageWriter } from '../message/message-writer.js';
import { LinkNotFoundError, type OperationIdentity } from '../operation/errors.js';
import { checkOptionalLink, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { ask, Operation } from '../operation/operation.js';
import { dump, one } from '../operation/request.js';
import {
  IF_STATS_MSG_FILTER_MASK,
  IF_STATS_MSG_IFINDEX,
  IF_STATS_MSG_SIZE,
  IFLA_STATS_AF_SPEC,
  IFLA_STATS_LINK_64,
  IFLA_STATS_LINK_OFFLOAD_XSTATS,
  IFLA_STATS_LINK_XSTATS,
  IFLA_STATS_LINK_XSTATS_SLAVE,
} from '../uapi/if-stats.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETSTATS } from '../uapi/rtnetlink.js';
import type { LinkStats } from './link-stats.js';
import { joinLinkStats, readLinkStats } from './read.js';

/** Counters that belong together. */
export type LinkStatsGroup = 'link' | 'bridge' | 'bond' | 'offload' | 'mpls';

/** Whose counters to list, and which. */
export interface LinkStatsFilter {
  link?: LinkReference | undefined;
  /** All by default. */
  groups?: readonly LinkStatsGroup[] | undefined;
}

const FILTER = propertiesOf<LinkStatsFilter>({ link: 'set', groups: 'set' }, { dev: 'link', group: 'groups' });

/** `IFLA_STATS_FILTER_BIT` */
const bit = (attribute: number): number => 1 << (attribute - 1);
const EXTENDED = bit(IFLA_STATS_LINK_XSTATS) | bit(IFLA_STATS_LINK_XSTATS_SLAVE);

/** What each has to be asked for. */
const MASKS: Readonly<Record<LinkStatsGroup, number>> = {
  link: bit(IFLA_STATS_LINK_64),
  bridge: EXTENDED,
  bond: EXTENDED,
  offload: bit(IFLA_STATS_LINK_OFFLOAD_XSTATS),
  mpls: bit(IFLA_STATS_AF_SPEC),
};
const GROUPS = Object.keys(MASKS) as LinkStatsGroup[];

function message(mask: number, ifindex: number, flags: number): Uint8Array {
  return new MessageWriter(RTM_GETSTATS, flags)
    .header(IF_STATS_MSG_SIZE, (view, at) => {
      view.setUint32(at + IF_STATS_MSG_IFINDEX, ifindex, LITTLE_ENDIAN);
      view.setUint32(at + IF_STATS_MSG_FILTER_MASK, mask, LITTLE_ENDIAN);
    })
    .finish();
}

/** Without the group that the kernel tells of along with another one. */
function only(stats: LinkStats, groups: readonly LinkStatsGroup[]): LinkStats {
  const { bridge, bridgePort, bond, bondPort, ...rest } = stats;
  return {
    ...rest,
    ...(groups.includes('bridge') && {
      ...(bridge !== undefined && { bridge }),
      ...(bridgePort !== undefined && { bridgePort }),
    }),
    ...(groups.includes('bond') && {
      ...(bond !== undefined && { bond }),
      ...(bondPort !== undefined && { bondPort }),
    }),
  };
}

/**
 * Lists what links count: packets and bytes as in `Link.statistics`; of bridges and their ports VLANs and multicast; of bonds and
 * their ports LACP; what hardware forwards; MPLS. `ip stats`.
 *
 * ```ts
 * const [{ bridge }] = await netlink.linkStatsList({ link: 'br0', groups: ['bridge'] });
 * ```
 *
 * @param filter a filter, or the link alone
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function linkStatsList(filter: LinkStatsFilter | LinkReference = {}): Operation<LinkStats[]> {
  const { link, groups = GROUPS } = filterOf<LinkStatsFilter>(filter, 'linkStatsList', FILTER);
  checkArray('groups', groups, 'groups of counters');
  const wanted = [...groups];
  if (wanted.length === 0) throw mustBe('groups', 'an array of at least one group', groups);
  for (const [index, group] of wanted.entries())
    if (!GROUPS.includes(group)) throw mustBe(`groups[${index}]`, `one of ${GROUPS.join(', ')}`, group);
  const mask = wanted.reduce((bits, group) => bits | MASKS[group], 0);
  const reference = checkOptionalLink(link, 'link');
  const target = link === undefined ? 'statistics' : describeLink(link);
  const identity: OperationIdentity = {
    name: 'linkStatsList',
    description: `list the statistics${link === undefined ? '' : ` of link ${target}`}`,
    target,
    link: reference,
  };
  // The VLANs of a bridge may be more than fit into one message, which a list only makes several of.
  const listed = (mask & EXTENDED) !== 0;
  return new Operation<LinkStats[]>(identity, function* () {
    const ifindex = reference === undefined ? 0 : yield* resolveLinkIndex(identity, reference);
    if (ifindex !== 0 && !listed) return [only(yield* ask(one(message(mask, ifindex, 0), readLinkStats)), wanted)];
    const parts = yield* ask(dump(message(mask, 0, NLM_F_DUMP), readLinkStats));
    const all = joinLinkStats(parts).map((stats) => only(stats, wanted));
    if (reference === undefined) return all;
    const own = all.filter((stats) => stats.ifindex === ifindex);
    if (own.length === 0) throw LinkNotFoundError.of(identity, reference);
    return own;
  });
}
