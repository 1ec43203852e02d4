import { AttributeReader } from '../message/attribute-reader.js';
import { MessageWriter } from '../message/message-writer.js';
import { type OneRequest, one } from '../operation/request.js';
import { NETNSA_FD, NETNSA_NSID, NETNSA_PID, RTGENMSG_SIZE, RTM_GETNSID } from '../uapi/rtnetlink.js';

/**
 * The request for the identifier by which the namespace of the connection knows another one, given by a descriptor or
 * by a process in it; the answer is -1 where it has none.
 */
export function nsidRequest(of: {
  readonly netnsFd?: number | undefined;
  readonly netnsPid?: number | undefined;
}): OneRequest<number> {
  const writer = new MessageWriter(RTM_GETNSID, 0);
  writer.header(RTGENMSG_SIZE, () => {});
  if (of.netnsFd !== undefined) writer.u32(NETNSA_FD, of.netnsFd);
  if (of.netnsPid !== undefined) writer.u32(NETNSA_PID, of.netnsPid);
  return one(writer.finish(), (bytes, start, end) => {
    const attributes = new AttributeReader(bytes, start + RTGENMSG_SIZE, end);
    while (attributes.next()) if (attributes.type === NETNSA_NSID) return attributes.i32();
    return -1;
  });
}
