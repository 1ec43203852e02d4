import { MessageWriter } from '../message/message-writer.js';
import { ask, type Program } from '../operation/operation.js';
import { dump } from '../operation/request.js';
import { parseHandle } from '../qdisc/handle.js';
import { readQdisc } from '../qdisc/read.js';
import { writeQdiscHeader } from '../qdisc/write.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { CLSACT_EGRESS, CLSACT_INGRESS } from '../uapi/pkt-cls.js';
import { RTM_GETQDISC } from '../uapi/rtnetlink.js';

/** Where filters can be at a link: its queueing disciplines, ingress and clsact by their sides. */
export function* parentsOf(ifindex: number): Program<number[]> {
  const message = new MessageWriter(RTM_GETQDISC, NLM_F_DUMP);
  writeQdiscHeader(message, ifindex, 0, 0);
  const parents = yield* ask(
    dump(message.finish(), (bytes, start, end) => {
      if (bytes.i32[(start + 4) >> 2] !== ifindex) return undefined;
      const qdisc = readQdisc(bytes, start, end);
      if (qdisc?.kind === 'ingress') return [CLSACT_INGRESS];
      if (qdisc?.kind === 'clsact') return [CLSACT_INGRESS, CLSACT_EGRESS];
      return qdisc === undefined ? undefined : [parseHandle(qdisc.handle)];
    }),
  );
  return [...new Set(parents.flat())];
}
