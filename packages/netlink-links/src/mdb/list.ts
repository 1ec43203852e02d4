import { checkProperties, propertiesOf } from '../message/checks.js';
import { formatHardwareAddress } from '../message/hardware-address.js';
import { formatIp } from '../message/ip-address.js';
import { MessageWriter } from '../message/message-writer.js';
import { checkOptionalLink, describeLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { ask, Operation } from '../operation/operation.js';
import { dump } from '../operation/request.js';
import { BR_PORT_MSG_SIZE } from '../uapi/if-bridge.js';
import { AF_BRIDGE } from '../uapi/neighbour.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETMDB } from '../uapi/rtnetlink.js';
import { parseGroup } from './check.js';
import type { MdbEntry } from './mdb-entry.js';
import { readMdb } from './read.js';

/** Which groups to list; what is left out does not matter. */
export interface MdbFilter {
  /** The bridge or VXLAN. */
  bridge?: LinkReference | undefined;
  port?: LinkReference | undefined;
  group?: string | undefined;
}

const FILTER = propertiesOf<MdbFilter>(
  { bridge: 'set', port: 'set', group: 'set' },
  { dev: 'bridge', link: 'bridge', ifindex: 'bridge', portindex: 'port', grp: 'group' },
);

/**
 * Lists the multicast groups of bridges and VXLANs.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the bridge or the port does not exist
 */
export function mdbList(filter: MdbFilter = {}): Operation<MdbEntry[]> {
  checkProperties(filter, 'mdbList', FILTER);
  const bridge = checkOptionalLink(filter.bridge, 'bridge') ?? 0;
  const port = checkOptionalLink(filter.port, 'port') ?? 0;
  const bytes = filter.group === undefined ? undefined : parseGroup(filter.group);
  const group = bytes === undefined ? '' : bytes.length === 6 ? formatHardwareAddress(bytes, 0, 6) : formatIp(bytes);
  const about = filter.bridge ?? filter.port;
  const identity = {
    name: 'mdbList',
    description:
      about === undefined ? 'list the multicast groups' : `list the multicast groups of ${describeLink(about)}`,
    target: about === undefined ? 'groups' : describeLink(about),
  };
  const writer = new MessageWriter(RTM_GETMDB, NLM_F_DUMP);
  writer.header(BR_PORT_MSG_SIZE, (view, at) => view.setUint8(at, AF_BRIDGE));
  const request = dump(writer.finish(), readMdb);
  return new Operation(identity, function* () {
    const bridgeIndex = yield* resolveLinkIndex(identity, bridge);
    const portIndex = yield* resolveLinkIndex(identity, port);
    return (yield* ask(request))
      .flat()
      .filter(
        (entry) =>
          (bridgeIndex === 0 || entry.ifindex === bridgeIndex) &&
          (portIndex === 0 || entry.portIndex === portIndex) &&
          (group === '' || entry.group === group),
      );
  });
}
