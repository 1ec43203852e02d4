import { checkProperties, propertiesOf } from '../message/checks.js';
import { MessageWriter } from '../message/message-writer.js';
import type { OperationIdentity } from '../operation/errors.js';
import { checkOptionalLink, type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { DumpOperation } from '../operation/operation.js';
import { type DumpRequest, dump } from '../operation/request.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { NHA_ID, NHA_OIF, NHA_RES_BUCKET, NHA_RES_BUCKET_NH_ID } from '../uapi/nexthop.js';
import { RTM_GETNEXTHOPBUCKET } from '../uapi/rtnetlink.js';
import { checkNexthopId } from './check.js';
import type { NexthopBucket } from './nexthop.js';
import { readBucket } from './read.js';
import { writeNexthopHeader } from './write.js';

/** Which buckets to list; what is left out does not matter. */
export interface NexthopBucketFilter {
  /** Of the group. */
  id?: number | undefined;
  /** Of the member that a bucket belongs to. */
  nexthopId?: number | undefined;
  /** The link that packets of the bucket leave by. */
  link?: LinkReference | undefined;
}

const FILTER = propertiesOf<NexthopBucketFilter>(
  { id: 'set', nexthopId: 'set', link: 'set' },
  { nhid: 'nexthopId', group: 'id', dev: 'link', oif: 'link', interface: 'link' },
);

/**
 * Lists the buckets of resilient groups: which member each belongs to, and for how long no packet has come. The kernel
 * filters.
 *
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `ENOENT` where there is no nexthop object with the id, `EINVAL` where it is not a
 * resilient group
 */
export function nexthopBucketList(filter: NexthopBucketFilter = {}): DumpOperation<NexthopBucket> {
  checkProperties(filter, 'nexthopBucketList', FILTER);
  const { id, nexthopId } = filter;
  if (id !== undefined) checkNexthopId(id);
  if (nexthopId !== undefined) checkNexthopId(nexthopId, 'nexthopId');
  const link = checkOptionalLink(filter.link, 'link');
  const identity: OperationIdentity = {
    name: 'nexthopBucketList',
    description: id === undefined ? 'list the buckets of nexthop groups' : `list the buckets of nexthop group ${id}`,
    target: id === undefined ? 'buckets' : String(id),
  };
  const request = (index: number | undefined): DumpRequest<NexthopBucket> => {
    const message = new MessageWriter(RTM_GETNEXTHOPBUCKET, NLM_F_DUMP);
    writeNexthopHeader(message);
    if (id !== undefined) message.u32(NHA_ID, id);
    if (index !== undefined) message.u32(NHA_OIF, index);
    if (nexthopId !== undefined)
      message.nest(NHA_RES_BUCKET, (nested) => void nested.u32(NHA_RES_BUCKET_NH_ID, nexthopId), true);
    return dump(message.finish(), readBucket);
  };
  if (typeof link !== 'string') return new DumpOperation(identity, request(link));
  return new DumpOperation(identity, function* () {
    return request(yield* resolveLinkIndex(identity, link));
  });
}
