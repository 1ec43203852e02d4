import { writeFilterHeader } from '../filter/write.js';
import { writeUnknown } from '../message/unknown-attribute.js';
import { type ChangeAction, changeOperation } from '../operation/change-operation.js';
import { resolveLinkIndex } from '../operation/link-reference.js';
import type { Operation } from '../operation/operation.js';
import { NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.js';
import { TCA_CHAIN, TCA_KIND, TCA_OPTIONS } from '../uapi/pkt-sched.js';
import { RTM_DELCHAIN, RTM_NEWCHAIN } from '../uapi/rtnetlink.js';
import type { ChainSpec } from './chain.js';
import { checkChain } from './check.js';

const ADD: ChangeAction = { name: 'chainAdd', verb: 'add', type: RTM_NEWCHAIN, flags: NLM_F_CREATE | NLM_F_EXCL };
const DELETE: ChangeAction = { name: 'chainDel', verb: 'remove', type: RTM_DELCHAIN, removing: true };

function changeChain(action: ChangeAction, spec: ChainSpec): Operation<void> {
  const { link, block, parent, chain, description, target } = checkChain(action.name, spec);
  const { template, unknownCommon } = spec;
  return changeOperation<number>(action, {
    description,
    target,
    module: template === undefined ? undefined : `cls_${template.kernelKind}`,
    known: typeof link === 'string' ? undefined : (link ?? 0),
    resolve: (identity) => resolveLinkIndex(identity, link ?? 0),
    write(writer, ifindex) {
      writeFilterHeader(writer, { ifindex, block, parent });
      writer.u32(TCA_CHAIN, chain);
      if (action.removing === true) return;
      if (template !== undefined) {
        writer.string(TCA_KIND, template.kernelKind);
        if (template.options !== undefined) writer.bytes(TCA_OPTIONS, template.options);
      }
      if (unknownCommon !== undefined) writeUnknown(writer, unknownCommon);
    },
  });
}

/**
 * Adds a chain of filters. Filters make the chains that they are in by themselves, which go with their last filter; one that
 * was added stays until it is removed. That there is one is an error, `EEXIST`.
 *
 * @throws InvalidOptionError for a chain that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function chainAdd(chain: ChainSpec): Operation<void> {
  return changeChain(ADD, chain);
}

/**
 * Removes a chain with its filters. While an action goes to it, the kernel keeps the chain, without filters.
 *
 * @throws InvalidOptionError for a chain that cannot be
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function chainDel(chain: ChainSpec): Operation<void> {
  return changeChain(DELETE, chain);
}
