import { filterOf, propertiesOf } from '../message/checks.js';
import { MessageWriter } from '../message/message-writer.js';
import { checkOptionalLink, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { ask, Operation } from '../operation/operation.js';
import { dump } from '../operation/request.js';
import { TUNNEL_MSG_SIZE } from '../uapi/if-link.js';
import { AF_BRIDGE } from '../uapi/neighbour.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETTUNNEL } from '../uapi/rtnetlink.js';
import type { BridgeVni } from './bridge-vni.js';
import { readBridgeVnis } from './read.js';

/** Which identifiers to list; what is left out does not matter. */
export interface BridgeVniFilter {
  /** The VXLAN. */
  link?: LinkReference | undefined;
}

const FILTER = propertiesOf<BridgeVniFilter>({ link: 'set' }, { dev: 'link', ifindex: 'link' });

/**
 * Lists the identifiers of VXLANs with `vniFilter`. Linux 5.18 and later.
 *
 * @param filter a filter, or the link alone
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function bridgeVniList(filter: BridgeVniFilter | LinkReference = {}): Operation<BridgeVni[]> {
  const { link } = filterOf<BridgeVniFilter>(filter, 'bridgeVniList', FILTER);
  const reference = checkOptionalLink(link, 'link') ?? 0;
  const identity = {
    name: 'bridgeVniList',
    description: link === undefined ? 'list the VNIs of VXLANs' : `list the VNIs of ${describeLink(link)}`,
    target: link === undefined ? 'VNIs' : describeLink(link),
  };
  const writer = new MessageWriter(RTM_GETTUNNEL, NLM_F_DUMP);
  writer.header(TUNNEL_MSG_SIZE, (view, at) => view.setUint8(at, AF_BRIDGE));
  const request = dump(writer.finish(), readBridgeVnis);
  return new Operation(identity, function* () {
    const ifindex = yield* resolveLinkIndex(identity, reference);
    const vnis = (yield* ask(request)).flat();
    return ifindex === 0 ? vnis : vnis.filter((vni) => vni.ifindex === ifindex);
  });
}
