import { MessageWriter } from '../message/message-writer.js';
import { DumpOperation } from '../operation/operation.js';
import { dump } from '../operation/request.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTGENMSG_SIZE, RTM_GETNSID } from '../uapi/rtnetlink.js';
import { readNsid } from './request.js';

/** Lists the identifiers by which the namespace of the connection knows others: what `ip netns list-id` shows. */
export function nsidList(): DumpOperation<number> {
  const writer = new MessageWriter(RTM_GETNSID, NLM_F_DUMP);
  writer.header(RTGENMSG_SIZE, () => {});
  return new DumpOperation(
    { name: 'nsidList', description: 'list the identifiers of namespaces', target: 'namespaces' },
    dump(writer.finish(), readNsid),
  );
}
