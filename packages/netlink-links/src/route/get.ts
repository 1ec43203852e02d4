import { InvalidOptionError } from 'netns-core';
import { checkBoolean, checkInteger } from 'netns-core/checks';
import { checkProperties, mustBe, propertiesOf } from '../message/checks.js';
import { familyNumber, parseIpAddress, parseIpNetwork } from '../message/ip-address.js';
import { MessageWriter } from '../message/message-writer.js';
import type { OperationIdentity } from '../operation/errors.js';
import { checkOptionalLink, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { ask, Operation } from '../operation/operation.js';
import { type OneRequest, one } from '../operation/request.js';
import {
  RTA_DPORT,
  RTA_DST,
  RTA_IIF,
  RTA_IP_PROTO,
  RTA_MARK,
  RTA_OIF,
  RTA_SPORT,
  RTA_SRC,
  RTA_UID,
  RTM_F_FIB_MATCH,
  RTM_F_LOOKUP_TABLE,
} from '../uapi/route.js';
import { RTM_GETROUTE } from '../uapi/rtnetlink.js';
import { readRoute } from './read.js';
import type { Route } from './route.js';
import { writeRouteHeader } from './write.js';

/** What the packet that a route is looked up for is like, apart from its destination. */
export interface RouteQuery {
  /** Source address. */
  from?: string | undefined;
  /** The link that it came in by: it is being forwarded then. */
  iif?: LinkReference | undefined;
  /** The link that it must leave by; a VRF device looks up in its table. */
  oif?: LinkReference | undefined;
  mark?: number | undefined;
  tos?: number | undefined;
  uid?: number | undefined;
  /** IP protocol number, 6 or 17, where rules look at ports. */
  ipProtocol?: number | undefined;
  sourcePort?: number | undefined;
  destinationPort?: number | undefined;
  /** Answer with the route as it stands in its table, instead of what it means for this packet. */
  fibMatch?: boolean | undefined;
}

const QUERY = propertiesOf<RouteQuery>(
  {
    from: 'set',
    iif: 'set',
    oif: 'set',
    mark: 'set',
    tos: 'set',
    uid: 'set',
    ipProtocol: 'set',
    sourcePort: 'set',
    destinationPort: 'set',
    fibMatch: 'set',
  },
  {
    src: 'from',
    source: 'from',
    dev: 'oif',
    link: 'oif',
    interface: 'oif',
    vrf: 'oif',
    fwmark: 'mark',
    ipproto: 'ipProtocol',
    sport: 'sourcePort',
    dport: 'destinationPort',
  },
);

/**
 * Asks the kernel which way a packet to an address would take.
 *
 * @param destination one address
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and `iif` or `oif` does not exist
 * @throws NetlinkError when it runs and there is no way: `ENETUNREACH`, `EHOSTUNREACH`, `EACCES`
 */
export function routeGet(destination: string, query: RouteQuery = {}): Operation<Route> {
  checkProperties(query, 'routeGet', QUERY);
  checkBoolean('fibMatch', query.fibMatch);
  const { family, bytes } = parseIpNetwork(destination, 'destination');
  if (destination.includes('/'))
    throw mustBe('destination', 'one address, without the length of a prefix', destination);
  const source = query.from === undefined ? undefined : parseIpAddress(query.from, 'from');
  if (source !== undefined && source.length !== bytes.length)
    throw new InvalidOptionError('from', `from '${query.from}' cannot be the source of a packet to '${destination}'`);
  checkInteger('mark', query.mark, 0, 0xffffffff);
  checkInteger('tos', query.tos, 0, 0xff);
  checkInteger('uid', query.uid, 0, 0xffffffff);
  checkInteger('ipProtocol', query.ipProtocol, 1, 0xff);
  checkInteger('sourcePort', query.sourcePort, 0, 0xffff);
  checkInteger('destinationPort', query.destinationPort, 0, 0xffff);
  const iif = checkOptionalLink(query.iif, 'iif');
  const oif = checkOptionalLink(query.oif, 'oif');
  const words = [destination];
  if (query.from !== undefined) words.push(`from ${query.from}`);
  if (query.iif !== undefined) words.push(`iif ${describeLink(query.iif)}`);
  if (query.oif !== undefined) words.push(`oif ${describeLink(query.oif)}`);
  const identity: OperationIdentity = {
    name: 'routeGet',
    description: `find a route to ${words.join(' ')}`,
    target: destination,
  };

  const request = (iifIndex: number | undefined, oifIndex: number | undefined): OneRequest<Route> => {
    const message = new MessageWriter(RTM_GETROUTE, 0);
    const bits = bytes.length * 8;
    writeRouteHeader(message, {
      family: familyNumber(family),
      dstLength: bits,
      srcLength: source === undefined ? 0 : bits,
      tos: query.tos ?? 0,
      // IPv6 always tells the table, and refuses to be asked.
      flags: (family === 'ipv4' ? RTM_F_LOOKUP_TABLE : 0) | (query.fibMatch === true ? RTM_F_FIB_MATCH : 0),
    });
    message.bytes(RTA_DST, bytes);
    if (source !== undefined) message.bytes(RTA_SRC, source);
    if (iifIndex !== undefined) message.u32(RTA_IIF, iifIndex);
    if (oifIndex !== undefined) message.u32(RTA_OIF, oifIndex);
    if (query.mark !== undefined) message.u32(RTA_MARK, query.mark);
    if (query.uid !== undefined) message.u32(RTA_UID, query.uid);
    if (query.ipProtocol !== undefined) message.u8(RTA_IP_PROTO, query.ipProtocol);
    if (query.sourcePort !== undefined) message.u16be(RTA_SPORT, query.sourcePort);
    if (query.destinationPort !== undefined) message.u16be(RTA_DPORT, query.destinationPort);
    return one(message.finish(), (data, start, end) => {
      const route = readRoute(data, start, end);
      if (route === undefined) data.fail('the answer is not a route of IPv4 or IPv6');
      return route;
    });
  };
  if (typeof iif !== 'string' && typeof oif !== 'string') return new Operation(identity, request(iif, oif));
  return new Operation(identity, function* () {
    const iifIndex = iif === undefined ? undefined : yield* resolveLinkIndex(identity, iif);
    const oifIndex = oif === undefined ? undefined : yield* resolveLinkIndex(identity, oif);
    return yield* ask(request(iifIndex, oifIndex));
  });
}
