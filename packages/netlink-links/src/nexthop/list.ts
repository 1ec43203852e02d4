import { checkBoolean } from 'netns-core/checks';
import { checkProperties, propertiesOf } from '../message/checks.js';
import { MessageWriter } from '../message/message-writer.js';
import type { OperationIdentity } from '../operation/errors.js';
import { checkOptionalLink, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { DumpOperation, Operation } from '../operation/operation.js';
import { type DumpRequest, dump, one } from '../operation/request.js';
import { type RouteProtocol, routeProtocols } from '../route/numbers.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { NHA_GROUPS, NHA_ID, NHA_MASTER, NHA_OIF } from '../uapi/nexthop.js';
import { RTM_GETNEXTHOP } from '../uapi/rtnetlink.js';
import { checkNexthopId } from './check.js';
import type { NexthopObject } from './nexthop.js';
import { readNexthop } from './read.js';
import { writeNexthopHeader } from './write.js';

/** Which nexthop objects to list; what is left out does not matter. */
export interface NexthopFilter {
  id?: number | undefined;
  /** The link that packets leave by. */
  link?: LinkReference | undefined;
  /** The bridge, bond or VRF that the link belongs to. */
  master?: LinkReference | undefined;
  /** `true` for groups alone. */
  groups?: boolean | undefined;
  /** `true` for those of forwarding databases alone. */
  fdb?: boolean | undefined;
  protocol?: RouteProtocol | number | undefined;
}

const FILTER = propertiesOf<NexthopFilter>(
  { id: 'set', link: 'set', master: 'set', groups: 'set', fdb: 'set', protocol: 'set' },
  { nhid: 'id', dev: 'link', oif: 'link', interface: 'link', vrf: 'master', proto: 'protocol', group: 'groups' },
);

/**
 * Lists nexthop objects. The kernel filters by link, master and groups; the rest is sorted out here.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and a link does not exist
 */
export function nexthopList(filter: NexthopFilter = {}): DumpOperation<NexthopObject> {
  checkProperties(filter, 'nexthopList', FILTER);
  const { id, groups, fdb } = filter;
  if (id !== undefined) checkNexthopId(id);
  checkBoolean('groups', groups);
  checkBoolean('fdb', fdb);
  const protocol =
    filter.protocol === undefined ? undefined : routeProtocols.name(routeProtocols.number(filter.protocol));
  const of = filter.link ?? filter.master;
  const identity: OperationIdentity = {
    name: 'nexthopList',
    description: of === undefined ? 'list the nexthops' : `list the nexthops over ${describeLink(of)}`,
    target: of === undefined ? 'nexthops' : describeLink(of),
  };
  const link = checkOptionalLink(filter.link, 'link');
  const master = checkOptionalLink(filter.master, 'master');
  const request = (linkIndex: number | undefined, masterIndex: number | undefined): DumpRequest<NexthopObject> => {
    const message = new MessageWriter(RTM_GETNEXTHOP, NLM_F_DUMP);
    writeNexthopHeader(message);
    if (linkIndex !== undefined) message.u32(NHA_OIF, linkIndex);
    if (groups === true) message.flag(NHA_GROUPS);
    if (masterIndex !== undefined) message.u32(NHA_MASTER, masterIndex);
    return dump(message.finish(), (bytes, start, end) => {
      const nexthop = readNexthop(bytes, start, end);
      if (nexthop === undefined || (id !== undefined && nexthop.id !== id)) return undefined;
      if (groups === false && nexthop.type === 'group') return undefined;
      if (fdb !== undefined && 'fdb' in nexthop !== fdb) return undefined;
      return protocol === undefined || nexthop.protocol === protocol ? nexthop : undefined;
    });
  };
  if (typeof link !== 'string' && typeof master !== 'string') return new DumpOperation(identity, request(link, master));
  return new DumpOperation(identity, function* () {
    const linkIndex = link === undefined ? undefined : yield* resolveLinkIndex(identity, link);
    const masterIndex = master === undefined ? undefined : yield* resolveLinkIndex(identity, master);
    return request(linkIndex, masterIndex);
  });
}

/**
 * Gives the nexthop object with an id.
 *
 * @throws InvalidOptionError
 * @throws NetlinkError when it runs: `ENOENT` where there is none
 */
export function nexthopGet(id: number): Operation<NexthopObject> {
  const message = new MessageWriter(RTM_GETNEXTHOP, 0);
  writeNexthopHeader(message);
  message.u32(NHA_ID, checkNexthopId(id));
  return new Operation(
    { name: 'nexthopGet', description: `find nexthop ${id}`, target: String(id) },
    one(message.finish(), readNexthop),
  );
}
