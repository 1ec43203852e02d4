import { MessageWriter } from '../message/message-writer.js';
import { DumpOperation } from '../operation/operation.js';
import { dump } from '../operation/request.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETROUTE } from '../uapi/rtnetlink.js';
import type { MplsRoute } from './mpls-route.js';
import { readMplsRoute } from './read.js';
import { writeMplsHeader } from './write.js';

/** Lists the routes of MPLS, by their labels. There are none where the kernel lacks it (module `mpls_router`). */
export function mplsRouteList(): DumpOperation<MplsRoute> {
  const message = new MessageWriter(RTM_GETROUTE, NLM_F_DUMP);
  writeMplsHeader(message, undefined);
  return new DumpOperation(
    { name: 'mplsRouteList', description: 'list the MPLS routes', target: 'MPLS routes' },
    dump(message.finish(), readMplsRoute),
  );
}
