import { checkBoolean } from 'netns-core/checks';
import { checkProperties, propertiesOf } from '../message/checks.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { MessageWriter } from '../message/message-writer.js';
import { checkLinkReference, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { DumpOperation } from '../operation/operation.js';
import { type DumpRequest, dump } from '../operation/request.js';
import { IFLA_EXT_MASK, IFLA_INFO_KIND, IFLA_LINKINFO, IFLA_MASTER } from '../uapi/if-link.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import {
  IFINFOMSG_SIZE,
  RTEXT_FILTER_MRP,
  RTEXT_FILTER_SKIP_STATS,
  RTEXT_FILTER_VF,
  RTM_GETLINK,
} from '../uapi/rtnetlink.js';
import { linkKind } from './check.js';
import type { Link, LinkKindName } from './link.js';
import { readLink } from './read.js';

/** Which links to list; what is left out does not matter. */
export interface LinkFilter {
  type?: LinkKindName | undefined;
  /** Those that belong to this bridge, bond or VRF. */
  master?: LinkReference | undefined;
  up?: boolean | undefined;
  /** `false` leaves out the counters. */
  statistics?: boolean | undefined;
  /**
   * The virtual functions of devices too (SR-IOV), of which there may be many. The kernel leaves out what they count without
   * `statistics`.
   *
   * @default false
   */
  vfs?: boolean | undefined;
}

/**
 * Lists the links of the namespace.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the master does not exist
 */
export function linkList(filter: LinkFilter = {}): DumpOperation<Link> {
  checkProperties(filter, 'linkList', FILTER);
  linkKind(filter.type);
  checkBoolean('up', filter.up);
  checkBoolean('statistics', filter.statistics);
  checkBoolean('vfs', filter.vfs);
  if (filter.master === undefined) return new DumpOperation(IDENTITY, linkDump(filter, 0));
  const master = checkLinkReference(filter.master, 'master');
  return new DumpOperation(IDENTITY, function* () {
    return linkDump(filter, yield* resolveLinkIndex(IDENTITY, master));
  });
}

const FILTER = propertiesOf<LinkFilter>(
  { type: 'set', master: 'set', up: 'set', statistics: 'set', vfs: 'set' },
  { vf: 'vfs', kind: 'type', bridge: 'master', vrf: 'master', stats: 'statistics' },
);

const IDENTITY = { name: 'linkList', description: 'list the links', target: 'links' };

/**
 * Without a filter the kernel makes parts of one page or two, and ends the list in silence at a link that does not fit,
 * one with many alternative names; with any, it measures all links first (`rtnl_calcit` in net/core/rtnetlink.c). This
 * one adds nothing to the links of this family.
 */
const MAKE_ROOM = RTEXT_FILTER_MRP;

function linkDump({ type, up, statistics, vfs }: LinkFilter, master: number): DumpRequest<Link> {
  const writer = new MessageWriter(RTM_GETLINK, NLM_F_DUMP);
  writer.header(IFINFOMSG_SIZE, (view, at) => view.setInt32(at + 4, 0, LITTLE_ENDIAN));
  const mask = statistics === false ? RTEXT_FILTER_SKIP_STATS : MAKE_ROOM;
  writer.u32(IFLA_EXT_MASK, vfs === true ? mask | RTEXT_FILTER_VF : mask);
  if (master !== 0) writer.u32(IFLA_MASTER, master);
  const kernelName = linkKind(type)?.kernelName ?? '';
  if (kernelName !== '') writer.nest(IFLA_LINKINFO, (info) => info.string(IFLA_INFO_KIND, kernelName));
  const message = writer.finish();
  if (type === undefined && up === undefined && master === 0 && statistics !== false) return dump(message, readLink);
  // The kernel may leave the filtering to us: it does so for kinds whose module is not loaded, and knows no other filters.
  return dump(message, (bytes, start, end) => {
    const link = readLink(bytes, start, end);
    if (link === undefined) return undefined;
    if (type !== undefined && link.type !== type) return undefined;
    if (master !== 0 && link.masterIndex !== master) return undefined;
    if (up !== undefined && link.flags.includes('up') !== up) return undefined;
    return statistics === false ? withoutStatistics(link) : link;
  });
}

/** The kernel sends them in any case. */
function withoutStatistics(link: Link): Link {
  const { statistics: _, ...rest } = link;
  // The cast: the compiler forgets the kind of a link whose rest is taken.
  return rest as Link;
}
