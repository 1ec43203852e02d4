import { MessageWriter } from '../message/message-writer.js';
import { writeLinkHeader } from '../operation/link-reference.js';
import { ask, type Program } from '../operation/operation.js';
import { dump } from '../operation/request.js';
import { IFLA_EXT_MASK } from '../uapi/if-link.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTEXT_FILTER_SKIP_STATS, RTM_GETLINK } from '../uapi/rtnetlink.js';

/** The indexes of all links: the kernel lists classes and filters of one link only. */
export function* linkIndexes(): Program<number[]> {
  const writer = new MessageWriter(RTM_GETLINK, NLM_F_DUMP);
  writeLinkHeader(writer, 0);
  writer.u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  return yield* ask(dump(writer.finish(), (bytes, start) => bytes.i32[(start + 4) >> 2] ?? 0));
}
