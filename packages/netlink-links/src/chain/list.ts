import { checkInteger } from 'netns-core/checks';
import { checkWhere, MAX_CHAIN } from '../filter/check.js';
import { parentsOf } from '../filter/parents.js';
import { writeFilterHeader } from '../filter/write.js';
import { filterOf, propertiesOf } from '../message/checks.js';
import { MessageWriter } from '../message/message-writer.js';
import type { OperationIdentity } from '../operation/errors.js';
import { type LinkReference, resolveLinkIndex } from '../operation/link-reference.js';
import { ask, Operation, type Program } from '../operation/operation.js';
import { dump } from '../operation/request.js';
import type { QdiscHandle } from '../qdisc/handle.js';
import { NLM_F_DUMP } from '../uapi/netlink.js';
import { RTM_GETCHAIN } from '../uapi/rtnetlink.js';
import type { Chain } from './chain.js';
import { readChain } from './read.js';

/** Which chains to list: of a link or a block, and further what does not matter if left out. */
export interface ChainFilter {
  link?: LinkReference | undefined;
  block?: number | undefined;
  /** As of a filter; all queueing disciplines of the link if left out. */
  parent?: QdiscHandle | undefined;
  chain?: number | undefined;
}

const FILTER = propertiesOf<ChainFilter>(
  { link: 'set', block: 'set', parent: 'set', chain: 'set' },
  { dev: 'link', interface: 'link', ifindex: 'link' },
);

/**
 * Lists the chains of a link or of a block: those that were added, and those that have filters. Of a link they are asked for
 * one queueing discipline after the other, unless a `parent` is given.
 *
 * @param filter a filter, or the link alone
 * @throws InvalidOptionError
 * @throws LinkNotFoundError when it runs and the link does not exist
 */
export function chainList(filter: ChainFilter | LinkReference): Operation<Chain[]> {
  const wanted = filterOf<ChainFilter>(filter, 'chainList', FILTER);
  const { block, parent, chain } = wanted;
  const { link, target, parent: at } = checkWhere('a chain', wanted);
  checkInteger('chain', chain, 0, MAX_CHAIN);
  const chainsAt = (ifindex: number, place: number): Program<Chain[]> => {
    const message = new MessageWriter(RTM_GETCHAIN, NLM_F_DUMP);
    writeFilterHeader(message, { ifindex, block, parent: place });
    return ask(
      dump(message.finish(), (bytes, start, end) => {
        const read = readChain(bytes, start, end, place);
        return chain === undefined || read?.chain === chain ? read : undefined;
      }),
    );
  };
  const identity: OperationIdentity = { name: 'chainList', description: `list the chains of ${target}`, target };
  if (link === undefined) return new Operation<Chain[]>(identity, () => chainsAt(0, 0));
  return new Operation(identity, function* () {
    const ifindex = yield* resolveLinkIndex(identity, link);
    if (parent !== undefined) return yield* chainsAt(ifindex, at);
    const found: Chain[] = [];
    for (const place of yield* parentsOf(ifindex)) found.push(...(yield* chainsAt(ifindex, place)));
    return found;
  });
}
