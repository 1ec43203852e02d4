import { checkBoolean } from 'netns-core/checks';
import { filterOf, propertiesOf } from '../message/checks.js';
import { LITTLE_ENDIAN } from '../message/endianness.js';
import { familyNumber, formatIp, parseIpAddress } from '../message/ip-address.js';
import { MessageWriter } from '../message/message-writer.js';
import type { OperationIdentity } from '../operation/errors.js';
import { checkLinkReference, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { DumpOperation } from '../operation/operation.js';
import { type DumpRequest, dump } from '../operation/request.js';
import { AF_BRIDGE, NDA_IFINDEX, NDA_MASTER, NDMSG_SIZE, NTF_PROXY } from '../uapi/neighbour.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETNEIGH } from '../uapi/rtnetlink.js';
import { checkNeighbourFamily } from './check.js';
import type { Neighbour, NeighbourFamily, NeighbourState } from './neighbour.js';
import { neighbourStates } from './numbers.js';
import { readNeighbour } from './read.js';

/** Which neighbours to list; what is left out does not matter. */
export interface NeighbourFilter {
  /** IPv4 and IPv6 if left out; `'bridge'` lists the forwarding databases of bridges and VXLANs. */
  family?: NeighbourFamily | undefined;
  link?: LinkReference | undefined;
  /** Of links that belong to this bridge (or VRF). */
  master?: LinkReference | undefined;
  dst?: string | undefined;
  state?: NeighbourState | number | undefined;
  /** The addresses that are answered for, instead of the neighbours. */
  proxy?: boolean | undefined;
}

const FILTER = propertiesOf<NeighbourFilter>(
  { family: 'set', link: 'set', master: 'set', dst: 'set', state: 'set', proxy: 'set' },
  {
    to: 'dst',
    address: 'dst',
    dev: 'link',
    interface: 'link',
    ifindex: 'link',
    nud: 'state',
    bridge: 'master',
    vrf: 'master',
  },
);

/**
 * Lists neighbours. The kernel filters by family, link and master.
 *
 * @param filter a filter, or the link alone
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function neighList(filter: NeighbourFilter | LinkReference = {}): DumpOperation<Neighbour> {
  const wanted = filterOf<NeighbourFilter>(filter, 'neighList', FILTER);
  checkNeighbourFamily(wanted.family);
  checkBoolean('proxy', wanted.proxy);
  const about = wanted.link ?? wanted.master;
  const identity: OperationIdentity = {
    name: 'neighList',
    description: about === undefined ? 'list the neighbours' : `list the neighbours on ${describeLink(about)}`,
    target: about === undefined ? 'neighbours' : describeLink(about),
  };
  const link = wanted.link === undefined ? 0 : checkLinkReference(wanted.link);
  const master = wanted.master === undefined ? 0 : checkLinkReference(wanted.master, 'master');
  const dst = wanted.dst === undefined ? undefined : formatIp(parseIpAddress(wanted.dst, 'dst'));
  const state = wanted.state === undefined ? undefined : neighbourStates.name(neighbourStates.number(wanted.state));
  const request = (linkIndex: number, masterIndex: number): DumpRequest<Neighbour> => {
    const writer = new MessageWriter(RTM_GETNEIGH, NLM_F_DUMP);
    const bridge = wanted.family === 'bridge';
    writer.header(NDMSG_SIZE, (view, at) => {
      view.setUint8(
        at,
        wanted.family === 'bridge' ? AF_BRIDGE : wanted.family === undefined ? 0 : familyNumber(wanted.family),
      );
      // A forwarding database is asked for one port in the header, neighbours for one link in an attribute.
      if (bridge) view.setInt32(at + 4, linkIndex, LITTLE_ENDIAN);
      if (wanted.proxy === true) view.setUint8(at + 10, NTF_PROXY);
    });
    if (!bridge && linkIndex !== 0) writer.u32(NDA_IFINDEX, linkIndex);
    if (masterIndex !== 0) writer.u32(NDA_MASTER, masterIndex);
    return dump(writer.finish(), (bytes, start, end) => {
      const neighbour = readNeighbour(bytes, start, end);
      if (neighbour === undefined) return undefined;
      if (linkIndex !== 0 && neighbour.ifindex !== linkIndex) return undefined;
      if (dst !== undefined && neighbour.dst !== dst) return undefined;
      return state === undefined || neighbour.state === state ? neighbour : undefined;
    });
  };
  if (typeof link === 'number' && typeof master === 'number') return new DumpOperation(identity, request(link, master));
  return new DumpOperation(identity, function* () {
    return request(yield* resolveLinkIndex(identity, link), yield* resolveLinkIndex(identity, master));
  });
}
