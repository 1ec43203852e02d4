import { Errno } from 'netns-core/sys';
import { MessageWriter } from '../message/message-writer.js';
import { NetlinkError, type OperationIdentity } from '../operation/errors.js';
import {
  checkLinkReference,
  describeLink,
  type LinkReference,
  resolveLinkIndex,
  writeLinkHeader,
} from '../operation/link-reference.js';
import { ask, Operation, type Program } from '../operation/operation.js';
import { acknowledged } from '../operation/request.js';
import { NLM_F_ACK } from '../uapi/netlink.js';
import { RTM_NEWLINK } from '../uapi/rtnetlink.js';
import { linkRequest } from './get.js';
import { type CheckedVf, checkVf } from './vf/check.js';
import { MEGABIT } from './vf/numbers.js';
import type { VfSettings } from './vf/vf.js';
import { writeVf } from './vf/write.js';

/** The kernel takes both rates in one structure: the one that is left out stays as it is. */
function* withBothRates(identity: OperationIdentity, index: number, vf: CheckedVf): Program<CheckedVf> {
  const { minTxRate, maxTxRate } = vf;
  if ((minTxRate === undefined) === (maxTxRate === undefined)) return vf;
  const { vfs = [] } = yield* ask(linkRequest(index, { vfs: true }));
  const now = vfs.find((each) => each.vf === vf.vf);
  if (now === undefined)
    throw new NetlinkError(
      `cannot ${identity.description}: link ${identity.target} has ${vfs.length} virtual functions (EINVAL)`,
      { code: 'EINVAL', errno: Errno.EINVAL, operation: identity.name, target: identity.target },
    );
  return {
    ...vf,
    minTxRate: minTxRate ?? (now.minTxRate ?? 0) / MEGABIT,
    maxTxRate: maxTxRate ?? (now.maxTxRate ?? 0) / MEGABIT,
  };
}

/**
 * Sets what a virtual function of a device (SR-IOV) is and may do; what is left out stays as it is. A function that was read
 * (`Link.vfs`) can be given: `linkSetVf(link, vf.vf, vf)`. `ip link set … vf`.
 *
 * ```ts
 * linkSetVf('eth0', 3, { hardwareAddr: '02:00:00:00:00:03', vlan: { id: 10 }, maxTxRate: 100_000_000 });
 * ```
 *
 * @param vf its number, from 0 on
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 * @throws NetlinkError when it runs: `EOPNOTSUPP` where the driver has no such setting, `EINVAL` where it has no such function
 */
export function linkSetVf(link: LinkReference, vf: number, settings: VfSettings): Operation<void> {
  const reference = checkLinkReference(link);
  const checked = checkVf(vf, settings);
  const target = describeLink(link);
  const identity: OperationIdentity = {
    name: 'linkSetVf',
    description: `set virtual function ${vf} of link ${target}`,
    target,
    link: reference,
  };
  return new Operation<void>(identity, function* () {
    const index = yield* resolveLinkIndex(identity, reference);
    const complete = yield* withBothRates(identity, index, checked);
    const writer = new MessageWriter(RTM_NEWLINK, NLM_F_ACK);
    writeLinkHeader(writer, index);
    writeVf(writer, complete);
    yield* ask(acknowledged(writer.finish()));
  });
}
